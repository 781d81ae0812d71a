//! The deliveries page: the inbox in parts, and one delivery in full. It is for staff only.

use std::time::Duration;

use super::organization::decision_row;
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::Staff,
        body::{self, HIDDEN, Personal},
        decision::Outcome,
        delivery::ReplayState,
        id::{DeliveryId, DirectoryUserId, EventId, OrganizationId, ReplayId, WebhookId},
        text::ExternalText,
        time::Timestamp,
    },
    state::AppState,
    store::{
        bulk_replays,
        dead_letters::{self, Which},
        decisions, delivery_history,
        inspector::{self, Filter, Part, Position, Whole},
        organizations,
    },
    views::{
        DecisionRow,
        deliveries::{
            Body, Cursor, Deliveries, DeliveriesQuery, DeliveryPage, DeliveryRow, HistoryRow,
            ReplayRow, Show,
        },
        pagination::KeysetPage,
    },
};

/// How long the personal data of a delivery stays visible for the member of staff who revealed it.
const SHOWN: Duration = Duration::from_mins(10);
/// How long the page shows a replay that has ended, counted from its start.
const TOLD: Duration = Duration::from_hours(24);

pub async fn deliveries(
    state: &AppState,
    _staff: &Staff,
    query: &DeliveriesQuery,
) -> Result<Deliveries, Error> {
    let now = state.clock.now();
    let organization = query.organization.as_ref();
    let which =
        Which { organization: organization.map_or("", OrganizationId::as_str), kind: &query.kind };
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let part = listed(&mut tx, query, Deliveries::ROWS).await?;
    let names = match organization {
        Some(id) => organizations::names(&mut tx, std::slice::from_ref(id)).await?,
        None => Vec::new(),
    };
    let counted = Deliveries::COUNTED + 1;
    let replay = bulk_replays::latest(&mut tx).await?;
    Ok(Deliveries {
        rows: part.rows.into_iter().map(row).collect(),
        page: KeysetPage { before: query.before.clone(), older: part.older.map(Cursor::from) },
        looked_through: part.looked_through,
        organization_name: names
            .into_iter()
            .next()
            .map(|(id, name)| ExternalText::or_id(&name, id.as_str())),
        dead: inspector::dead(&mut tx, counted).await?,
        suspicious: inspector::suspicious(&mut tx, counted).await?,
        replayable: dead_letters::count(&mut tx, which, now, counted).await?,
        replay: replay
            .filter(|replay| {
                replay.state == ReplayState::Running || now.since(replay.started_at) < TOLD
            })
            .map(replay_row),
        now,
    })
}

fn filter(query: &DeliveriesQuery) -> Filter<'_> {
    Filter {
        organization: query.organization.as_ref().map_or("", OrganizationId::as_str),
        kind: &query.kind,
        outcome: if let Show::Of(outcome) = query.show { Some(outcome) } else { None },
        suspicious: query.show == Show::Suspicious,
    }
}

impl From<Position> for Cursor {
    fn from(Position { received_at, id }: Position) -> Self {
        Self { received_at, id }
    }
}

/// At most `most` deliveries of the list that is asked for. A search has one part.
pub(super) async fn listed(tx: &mut Tx, query: &DeliveriesQuery, most: i64) -> sqlx::Result<Part> {
    if !query.search.is_empty() {
        return found(tx, query).await;
    }
    let before =
        query.before.clone().map(|Cursor { received_at, id }| Position { received_at, id });
    inspector::part(tx, filter(query), before.as_ref(), (most, Deliveries::LOOKED_THROUGH)).await
}

/// A row of the list.
pub(super) fn row(listed: inspector::Listed) -> DeliveryRow {
    impersonal(delivery_row(listed))
}

/// The deliveries that have the searched id and pass the filters.
async fn found(tx: &mut Tx, query: &DeliveriesQuery) -> sqlx::Result<Part> {
    let mut rows = inspector::called(tx, &query.search, &query.search, Deliveries::ROWS).await?;
    if let Some(organization) = query.organization.as_ref().filter(|_| rows.is_empty()) {
        rows = inspector::about(tx, organization.as_str(), &query.search, Deliveries::ROWS).await?;
    }
    let filter = filter(query);
    let fits = |row: &inspector::Listed| {
        let organization = row.organization.as_ref().map_or("", |(id, _)| id.as_str());
        (filter.organization.is_empty() || filter.organization == organization)
            && (filter.kind.is_empty() || row.kind == filter.kind)
            && filter.outcome.is_none_or(|outcome| outcome == row.outcome)
            && (row.suspicious || !filter.suspicious)
    };
    rows.retain(fits);
    Ok(Part { rows, older: None, looked_through: false })
}

/// `Missing` if there is no such delivery.
pub async fn delivery(
    state: &AppState,
    staff: &Staff,
    id: &DeliveryId,
) -> Result<DeliveryPage, Error> {
    let now = state.clock.now();
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let whole = inspector::whole(&mut tx, id).await?.ok_or(Error::Missing)?;
    let shown_until = delivery_history::shown_to(&mut tx, &whole.key, &staff.account)
        .await?
        .map(|at| at.plus(SHOWN))
        .filter(|until| *until > now);
    let caused = match &whole.row.organization {
        Some((organization, _)) if whole.original => {
            decisions::caused_by(&mut tx, organization, &whole.row.event, DeliveryPage::MOST)
                .await?
                .into_iter()
                .map(decision_row)
                .collect()
        }
        _ => Vec::new(),
    };
    let mut repeats = inspector::called(
        &mut tx,
        whole.webhook_id.as_str(),
        whole.row.event.as_str(),
        DeliveryPage::MOST,
    )
    .await?;
    repeats.retain(|row| row.id != *id);
    repeats.reverse();
    let history = delivery_history::of_delivery(&mut tx, &whole.key, DeliveryPage::MOST).await?;
    let page = DeliveryPage {
        body: body_of(&whole, shown_until),
        shown_until,
        webhook_id: whole.webhook_id,
        occurred_at: whole.occurred_at,
        original: whole.original,
        why: whole.why.as_deref().map(ExternalText::sentence),
        decisions: caused,
        repeats: repeats.into_iter().map(delivery_row).collect(),
        history: history.iter().map(history_row).collect(),
        row: delivery_row(whole.row),
        now,
    };
    Ok(if shown_until.is_some() { page } else { without_personal_data(page) })
}

fn delivery_row(row: inspector::Listed) -> DeliveryRow {
    let named = |(id, name): (OrganizationId, String)| {
        let name = ExternalText::or_id(&name, id.as_str());
        (id, name)
    };
    DeliveryRow {
        id: row.id,
        kind: (!row.kind.is_empty()).then(|| ExternalText::new(&row.kind)),
        organization: row.organization.map(named),
        event: row.event,
        outcome: row.outcome,
        suspicious: row.suspicious,
        received_at: row.received_at,
    }
}

fn history_row(entry: &delivery_history::Listed) -> HistoryRow {
    HistoryRow {
        done: entry.done,
        actor: ExternalText::new(&entry.actor),
        why: entry.why.as_deref().map(ExternalText::sentence),
        at: entry.at,
    }
}

fn replay_row(replay: bulk_replays::Listed) -> ReplayRow {
    ReplayRow {
        id: replay.id,
        state: replay.state,
        organization: replay.organization,
        kind: replay.kind,
        with_emails: replay.sends_emails,
        started_by: ExternalText::new(&replay.started_by),
        started_at: replay.started_at,
        total: replay.total,
        succeeded: replay.succeeded,
        still_dead: replay.still_dead,
        ended_at: replay.ended_at,
        ended_by: replay.ended_by.as_deref().map(ExternalText::new),
    }
}

/// The page before the personal data is revealed: it contains nothing about a person except ids
/// that Scalekit made.
fn without_personal_data(mut page: DeliveryPage) -> DeliveryPage {
    page.row = impersonal(page.row);
    if !body::is_made_id(page.webhook_id.as_str()) {
        page.webhook_id = WebhookId::new(HIDDEN);
    }
    page.repeats = page.repeats.into_iter().map(impersonal).collect();
    for decision in &mut page.decisions {
        nameless(decision);
    }
    page
}

/// The row without personal data. A type or an id may contain any text, even an address.
fn impersonal(mut row: DeliveryRow) -> DeliveryRow {
    row.kind = row
        .kind
        .map(|kind| if body::is_kind(kind.as_str()) { kind } else { ExternalText::new(HIDDEN) });
    if !body::is_made_id(row.event.as_str()) {
        row.event = EventId::new(HIDDEN);
    }
    row.organization = row.organization.filter(|(id, _)| !id.as_str().contains('@'));
    row
}

fn nameless(decision: &mut DecisionRow) {
    (decision.name, decision.email) = (None, None);
    if !body::is_made_id(decision.user.as_str()) {
        decision.user = DirectoryUserId::new(HIDDEN);
    }
}

fn body_of(whole: &Whole, shown_until: Option<Timestamp>) -> Body {
    let Some(bytes) = &whole.body else {
        let is_copy = whole.row.outcome == Outcome::Duplicate && !whole.row.suspicious;
        return if is_copy { Body::KeptWithTheFirst } else { Body::Removed };
    };
    let personal = if shown_until.is_some() { Personal::Shown } else { Personal::Hidden };
    let printed = body::printed(bytes, personal);
    let is_json = printed.is_some();
    let plain = || {
        if personal == Personal::Shown { body::plain(bytes) } else { String::new() }
    };
    Body::Kept {
        text: printed.unwrap_or_else(plain),
        is_json,
        bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
    }
}

/// The progress of a bulk replay; `Missing` if there is no such replay.
pub async fn replay_progress(state: &AppState, id: &ReplayId) -> Result<ReplayRow, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    bulk_replays::by_id(&mut tx, id).await?.map(replay_row).ok_or(Error::Missing)
}
