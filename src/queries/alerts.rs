//! Alerts and who was notified: all of them for staff, and an organization's own for its tenants.

use std::collections::HashSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::{api::schemas, organization};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Viewer},
        alert::{Channel, Message, SlackRecipient},
        directory_user::email_key,
        id::{AlertId, OrganizationId},
        text::ExternalText,
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts::{self, AddressOwner},
        alerts::{
            listing::{self, Filter, Listed, Place},
            reads::{self, Unread},
        },
        organizations, outbox,
    },
    views::{
        alerts::{AlertCursor, AlertList, AlertRow, AlertsPage, AlertsQuery, Fate, MessageFate},
        pagination::KeysetPage,
        system::Trouble,
    },
};

/// `Missing` for a tenant who does not ask for one of their own organizations.
pub async fn alerts(
    state: &AppState,
    viewer: &Viewer,
    query: &AlertsQuery,
) -> Result<AlertsPage, Error> {
    let scope = query.organization.as_ref().map(|id| viewer.scope(id).ok_or(Error::Missing));
    let scope = scope.transpose()?;
    let is_staff = viewer.role.is_staff();
    if scope.is_none() && !is_staff {
        return Err(Error::Missing);
    }
    let mut tx = state.db.read_for_page(Reach::of(scope.as_ref())).await?;
    let organization = match &scope {
        Some(scope) => {
            let revision = organizations::revision(&mut tx, scope).await?.ok_or(Error::Missing)?;
            Some((organization::name(&mut tx, scope).await?, revision))
        }
        None => None,
    };
    let mut lists = Vec::new();
    for list in AlertList::ALL {
        lists.push(if query.list.is_none_or(|only| only == list) {
            Some(self::list(&mut tx, scope.as_ref(), (list, query), is_staff).await?)
        } else {
            None
        });
    }
    let (resolved, open) = (lists.pop().flatten(), lists.pop().flatten());
    let open_count =
        listing::count_open(&mut tx, scope.as_ref(), is_staff, AlertsPage::COUNTED).await?;
    let most = AlertsPage::COUNTED;
    let unread = reads::unread(&mut tx, scope.as_ref(), &viewer.account, is_staff, most).await?;
    Ok(AlertsPage {
        open: open.map(|(rows, page)| (marked(rows, &unread), page)),
        resolved,
        open_count,
        has_unread: !unread.is_empty(),
        organization,
        now: state.clock.now(),
    })
}

/// The rows, with those marked that the viewer has not read.
fn marked(rows: Vec<AlertRow>, unread: &[Unread]) -> Vec<AlertRow> {
    let unread: HashSet<&AlertId> = unread.iter().map(|unread| &unread.id).collect();
    rows.into_iter().map(|row| AlertRow { is_unread: unread.contains(&row.id), ..row }).collect()
}

async fn list(
    tx: &mut Tx,
    scope: Option<&OrganizationScope>,
    (list, query): (AlertList, &AlertsQuery),
    for_staff: bool,
) -> Result<(Vec<AlertRow>, KeysetPage<AlertCursor>), Error> {
    let before = query.before.clone().filter(|_| query.list.is_some());
    let place: Option<Place> = before.clone().map(|cursor| (cursor.at, cursor.id));
    let kind = query.kind;
    let filter = Filter { kind, for_staff, before: place.as_ref(), most: AlertsPage::ROWS + 1 };
    let mut rows = part(tx, scope, list, filter).await?;
    let cursor = |row: &Listed| AlertCursor { at: row.opened_at, id: row.id.clone() };
    let page = KeysetPage::cut(before, &mut rows, AlertsPage::ROWS, cursor);
    Ok((with_messages(tx, rows, for_staff).await?, page))
}

/// The rows of one list.
pub(super) async fn part(
    tx: &mut Tx,
    scope: Option<&OrganizationScope>,
    list: AlertList,
    filter: Filter<'_>,
) -> sqlx::Result<Vec<Listed>> {
    match (scope, list) {
        (Some(scope), AlertList::Open) => listing::open_of_organization(tx, scope, filter).await,
        (Some(scope), AlertList::Resolved) => {
            listing::resolved_of_organization(tx, scope, filter).await
        }
        (None, AlertList::Open) => listing::all_open(tx, filter).await,
        (None, AlertList::Resolved) => listing::all_resolved(tx, filter).await,
    }
}

/// The alerts with their messages. A tenant reads no address of our staff.
async fn with_messages(
    tx: &mut Tx,
    rows: Vec<Listed>,
    for_staff: bool,
) -> Result<Vec<AlertRow>, Error> {
    let keys: Vec<(Option<&OrganizationId>, &AlertId)> =
        rows.iter().map(|row| (row.organization.as_ref().map(|(id, _)| id), &row.id)).collect();
    let messages = outbox::listing::of_alerts(tx, &keys).await?;
    let key = |message: &outbox::listing::Listed| {
        (message.organization.clone(), email_key(&message.recipient))
    };
    let by_email = messages.iter().filter(|message| message.channel == Channel::Email);
    let recipients: Vec<_> = by_email.map(key).collect();
    let address_owners = accounts::address_owners(tx, &recipients).await?;
    let owner = |message: &outbox::listing::Listed| {
        address_owners.get(&key(message)).copied().unwrap_or(AddressOwner::Unknown)
    };
    let most = usize::try_from(AlertsPage::MESSAGES).unwrap_or(usize::MAX);
    Ok(rows
        .into_iter()
        .map(|row| {
            let of_alert =
                messages.iter().filter(|message| message.about.as_str() == row.id.as_str());
            let mut messages: Vec<MessageFate> =
                of_alert.map(|message| fate(message, owner(message), for_staff)).collect();
            let has_more = messages.len() > most;
            messages.truncate(most);
            AlertRow {
                title: row.kind.title(&row.target),
                organization: row.organization.map(|(id, name)| {
                    let name = ExternalText::or_id(&name, id.as_str());
                    (id, name)
                }),
                id: row.id,
                kind: row.kind,
                opened_at: row.opened_at,
                resolved_at: row.resolved_at,
                notice: row.notice,
                messages,
                has_more,
                is_unread: false,
            }
        })
        .collect())
}

const NOT_SENT: &str = "Nothing was left to say, or the recipient may not get it.";
const NOT_TAKEN: &str = "Slack did not take the post.";

/// What became of a message, for staff or for a tenant.
pub(super) fn fate(
    message: &outbox::listing::Listed,
    owner: AddressOwner,
    for_staff: bool,
) -> MessageFate {
    // an admin must not learn from the list whether an address that they enter has an account
    let is_ours = matches!(owner, AddressOwner::Admin | AddressOwner::Extra);
    let is_readable = match message.channel {
        // the channel of staff has a name, that of the organization needs none
        Channel::Slack => message.recipient == SlackRecipient::Staff.as_str(),
        Channel::Email => for_staff || is_ours,
    };
    let is_former = for_staff
        && message.channel == Channel::Email
        && matches!(owner, AddressOwner::Former | AddressOwner::Unknown);
    let recipient = Some(&message.recipient).filter(|_| is_readable);
    let error = message.last_error.as_deref();
    // A mail server's own words may quote an address.
    let why = |text: &str| {
        let is_told = owner == AddressOwner::Admin || message.channel == Channel::Slack;
        if for_staff || (message.dropped_at.is_some() && is_told) {
            ExternalText::sentence(text)
        } else if message.dropped_at.is_some() {
            ExternalText::new(NOT_SENT)
        } else if message.channel == Channel::Slack {
            ExternalText::new(NOT_TAKEN)
        } else {
            ExternalText::new(&Trouble::of(text).sentence())
        }
    };
    let fate = match (message.sent_at, message.failed_at, message.dropped_at) {
        (Some(at), _, _) => Fate::Sent(at),
        (None, Some(at), _) => Fate::Failed(at, why(error.unwrap_or_default())),
        (None, None, Some(at)) => Fate::Dropped(at, why(error.unwrap_or_default())),
        (None, None, None) => Fate::Waits(error.map(why)),
    };
    MessageFate {
        message: message.message,
        channel: message.channel,
        recipient: recipient.map(|text| ExternalText::new(text)),
        is_former,
        fate,
    }
}

/// One alert for scripts.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Alert)]
pub struct AlertRecord {
    #[schema(value_type = String)]
    pub id: AlertId,
    /// `null`: about the installation.
    #[schema(value_type = Option<String>)]
    pub organization_id: Option<OrganizationId>,
    #[schema(value_type = schemas::AlertKind)]
    pub kind: Message,
    /// A threshold of usage (`80%`, `1-left`); `null` for other kinds.
    pub target: Option<String>,
    /// RFC 3339.
    #[schema(format = DateTime)]
    pub opened_at: String,
    /// `null`: it is open.
    #[schema(format = DateTime)]
    pub resolved_at: Option<String>,
    /// `sent`, `suppressed` (by a replay without messages), `owed` (no recipient yet) or `covered`
    /// (an alert that counts more notified instead).
    #[schema(value_type = schemas::AlertNotice)]
    pub notice: &'static str,
}

impl AlertRecord {
    pub(super) fn of(row: Listed) -> Self {
        Self {
            id: row.id,
            organization_id: row.organization.map(|(id, _)| id),
            kind: row.kind,
            target: Some(row.target).filter(|target| !target.is_empty()),
            opened_at: row.opened_at.rfc3339(),
            resolved_at: row.resolved_at.map(Timestamp::rfc3339),
            notice: row.notice.as_str(),
        }
    }
}

/// Some alerts for the command line, the newest first, and where the next ones begin. Without a
/// scope those of all organizations and of the installation.
pub async fn alert_records(
    state: &AppState,
    scope: Option<&OrganizationScope>,
    list: AlertList,
    before: Option<AlertCursor>,
) -> Result<(Vec<AlertRecord>, Option<AlertCursor>), Error> {
    const PART: i64 = 1_000;
    let mut tx = state.db.read().await?;
    if let Some(scope) = scope {
        organization::name(&mut tx, scope).await?;
    }
    let place: Option<Place> = before.clone().map(|cursor| (cursor.at, cursor.id));
    let filter = Filter { kind: None, for_staff: true, before: place.as_ref(), most: PART + 1 };
    let mut rows = part(&mut tx, scope, list, filter).await?;
    let cursor = |row: &Listed| AlertCursor { at: row.opened_at, id: row.id.clone() };
    let page = KeysetPage::cut(before, &mut rows, PART, cursor);
    Ok((rows.into_iter().map(AlertRecord::of).collect(), page.older))
}
