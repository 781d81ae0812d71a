//! The outbox: which messages wait, left, were given up, or had nothing to say. Staff only.

use std::collections::BTreeMap;

use serde::Serialize;

use super::alerts::fate;
use crate::{
    channels::email::templates::sample,
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::Staff,
        alert::{Channel, Message},
        id::{AboutId, MessageId, OrganizationId},
        text::ExternalText,
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts::AddressOwner,
        organizations,
        outbox::{
            self,
            listing::{self, Fates, Listed, Place},
        },
    },
    views::{
        messages::{MessageCursor, MessageRow, MessagesPage, MessagesQuery, Preview, ShowMessages},
        pagination::KeysetPage,
    },
};

pub async fn messages(
    state: &AppState,
    _staff: &Staff,
    query: &MessagesQuery,
) -> Result<MessagesPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let (rows, page) =
        part(&mut tx, fates(query.show), query.before.clone(), MessagesPage::ROWS).await?;
    let ids: Vec<OrganizationId> = rows.iter().filter_map(|row| row.organization.clone()).collect();
    let names: BTreeMap<OrganizationId, String> =
        organizations::names(&mut tx, &ids).await?.into_iter().collect();
    let now = state.clock.now();
    Ok(MessagesPage {
        rows: rows.into_iter().map(|row| message_row(row, &names)).collect(),
        page,
        waiting: outbox::backlog(&mut tx, now).await?.waiting,
        failed: outbox::given_up(&mut tx).await?,
        has_mail_server: state.settings.operations.mail_server.is_some(),
        now,
    })
}

/// Every e-mail with invented facts.
pub fn previews(state: &AppState, _staff: &Staff) -> Vec<Preview> {
    let preview = |message| {
        let email = sample(message, &state.settings.public_url);
        Preview { message, subject: email.subject, text: email.text }
    };
    Message::all().map(preview).collect()
}

fn message_row(row: Listed, names: &BTreeMap<OrganizationId, String>) -> MessageRow {
    let organization = row.organization.as_ref().map(|id| {
        let name = names.get(id).map(String::as_str).unwrap_or_default();
        (id.clone(), ExternalText::or_id(name, id.as_str()))
    });
    let title = if row.subject.is_empty() { row.message.name() } else { row.subject.as_str() };
    MessageRow {
        title: ExternalText::sentence(title),
        organization,
        created_at: row.created_at,
        due_at: row.due_at,
        attempts: row.attempts,
        // the page does not say who the recipients are now
        fate: fate(&row, AddressOwner::Admin, true),
        id: row.id,
    }
}

fn fates(show: ShowMessages) -> Fates {
    match show {
        ShowMessages::All => Fates::All,
        ShowMessages::Failed => Fates::Failed,
        ShowMessages::Waiting => Fates::Waiting,
        ShowMessages::Sent => Fates::Sent,
        ShowMessages::Dropped => Fates::Dropped,
    }
}

async fn part(
    tx: &mut Tx,
    fates: Fates,
    before: Option<MessageCursor>,
    most: i64,
) -> sqlx::Result<(Vec<Listed>, KeysetPage<MessageCursor>)> {
    let place: Option<Place> = before.clone().map(|cursor| (cursor.at, cursor.id));
    let mut rows = listing::before(tx, fates, place.as_ref(), most + 1).await?;
    let cursor = |row: &Listed| MessageCursor { at: row.created_at, id: row.id.clone() };
    let page = KeysetPage::cut(before, &mut rows, most, cursor);
    Ok((rows, page))
}

/// One message for scripts.
#[derive(Clone, Debug, Serialize)]
pub struct MessageRecord {
    pub id: MessageId,
    /// `null`: about the installation.
    pub organization_id: Option<OrganizationId>,
    /// An alert, an entry of a seat request, a digest, or a version of the seat limit.
    pub about_id: AboutId,
    pub message: Message,
    pub channel: Channel,
    pub recipient: String,
    /// `waiting`, `sent`, `failed` (given up) or `dropped` (nothing was left to say, or the
    /// recipient may not receive it any more).
    pub state: &'static str,
    /// RFC 3339, as all times.
    pub created_at: String,
    /// When it is tried next; `null` unless it waits.
    pub due_at: Option<String>,
    pub sent_at: Option<String>,
    pub attempts: i64,
    /// Why the last attempt failed, or why it was dropped.
    pub error: Option<String>,
}

impl MessageRecord {
    fn of(row: Listed) -> Self {
        let state = match (row.sent_at, row.failed_at, row.dropped_at) {
            (Some(_), _, _) => "sent",
            (None, Some(_), _) => "failed",
            (None, None, Some(_)) => "dropped",
            (None, None, None) => "waiting",
        };
        Self {
            id: row.id,
            organization_id: row.organization,
            about_id: row.about,
            message: row.message,
            channel: row.channel,
            recipient: row.recipient,
            state,
            created_at: row.created_at.rfc3339(),
            due_at: (state == "waiting").then(|| row.due_at.rfc3339()),
            sent_at: row.sent_at.map(Timestamp::rfc3339),
            attempts: row.attempts,
            error: row.last_error,
        }
    }
}

/// Some messages for the command line, the newest first, and where the next ones begin.
pub async fn message_records(
    state: &AppState,
    show: ShowMessages,
    before: Option<MessageCursor>,
) -> Result<(Vec<MessageRecord>, Option<MessageCursor>), Error> {
    const PART: i64 = 1_000;
    let mut tx = state.db.read().await?;
    let (rows, page) = part(&mut tx, fates(show), before, PART).await?;
    Ok((rows.into_iter().map(MessageRecord::of).collect(), page.older))
}
