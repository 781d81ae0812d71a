//! Seat requests: the queue of staff, those of an organization, and one with its conversation.

use serde::Serialize;
use utoipa::ToSchema;

use super::{api::schemas, history, limit_preview, proposals};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Viewer},
        directory_user::DirectoryUser,
        history::HistoryRange,
        id::{OrganizationId, SeatRequestId},
        organization::{SeatLimit, Usage},
        seat_request::{RequestEntry, RequestState, SeatRequest},
        text::{ExternalText, called},
        time::Timestamp,
    },
    state::AppState,
    store::{
        directory_users, organizations,
        seat_requests::{
            self, Wanted,
            listing::{self, Listed, Place},
        },
    },
    views::{
        pagination::KeysetPage,
        requests::{
            Approval, AskPage, Asking, EntryRow, RequestCursor, RequestList, RequestPage,
            RequestRow, RequestsPage, RequestsQuery, WantedPerson,
        },
    },
};

/// `Missing` for a tenant who does not ask for one of their own organizations.
pub async fn requests(
    state: &AppState,
    viewer: &Viewer,
    query: &RequestsQuery,
) -> Result<RequestsPage, Error> {
    let scope = query.organization.as_ref().map(|id| viewer.scope(id).ok_or(Error::Missing));
    let scope = scope.transpose()?;
    if scope.is_none() && !viewer.role.is_staff() {
        return Err(Error::Missing);
    }
    let mut tx = state.db.read_for_page(Reach::of(scope.as_ref())).await?;
    let organization = match &scope {
        Some(scope) => Some(asking(&mut tx, scope).await?),
        None => None,
    };
    let asked = (scope.as_ref(), query.list);
    let (rows, page) = part(&mut tx, asked, query.before.clone(), RequestsPage::ROWS).await?;
    let now = state.clock.now();
    let is_queue = scope.is_none() && query.list == RequestList::Open && query.before.is_none();
    let proposals = if is_queue {
        proposals::waiting(&mut tx, (&viewer.account, now)).await?
    } else {
        Vec::new()
    };
    let waiting = match scope {
        Some(_) => 0,
        None => listing::count_open(&mut tx, RequestsPage::COUNTED).await?,
    };
    Ok(RequestsPage {
        rows: rows.into_iter().map(row).collect(),
        page,
        proposals,
        waiting,
        organization,
        now,
    })
}

/// Some requests of a list.
pub(super) async fn part(
    tx: &mut Tx,
    (scope, list): (Option<&OrganizationScope>, RequestList),
    before: Option<RequestCursor>,
    most: i64,
) -> sqlx::Result<(Vec<Listed>, KeysetPage<RequestCursor>)> {
    let place: Option<Place> = before.clone().map(|cursor| (cursor.at, cursor.id));
    let mut rows = match (scope, list) {
        (Some(scope), _) => listing::of_organization(tx, scope, place.as_ref(), most + 1).await?,
        (None, RequestList::Open) => listing::queue(tx, place.as_ref(), most + 1).await?,
        (None, RequestList::Over) => listing::over(tx, place.as_ref(), most + 1).await?,
    };
    let is_by_change = scope.is_none() && list == RequestList::Over;
    let cursor = |row: &Listed| RequestCursor {
        at: if is_by_change { row.request.changed_at } else { row.request.asked_at },
        id: row.request.id.clone(),
    };
    let page = KeysetPage::cut(before, &mut rows, most, cursor);
    Ok((rows, page))
}

fn row(listed: Listed) -> RequestRow {
    let Listed { request, organization_name, usage } = listed;
    let name = ExternalText::or_id(&organization_name, request.organization.as_str());
    row_of(request, name, usage)
}

fn row_of(request: SeatRequest, organization: ExternalText, usage: Usage) -> RequestRow {
    RequestRow {
        id: request.id,
        organization: (request.organization, organization),
        state: request.state,
        seats: request.seats,
        reason: ExternalText::sentence(&request.reason),
        asked_by: ExternalText::new(&request.asked_by),
        asked_at: request.asked_at,
        changed_at: request.changed_at,
        usage,
    }
}

async fn asking(tx: &mut Tx, scope: &OrganizationScope) -> Result<Asking, Error> {
    let card = organizations::card(tx, scope).await?.ok_or(Error::Missing)?;
    let open = seat_requests::open_of(tx, scope).await?;
    Ok(Asking {
        id: scope.id().clone(),
        name: card.called(scope),
        revision: card.revision,
        usage: card.usage,
        archived: card.archived,
        open: open.map(|request| request.id),
    })
}

/// The form that asks for seats.
pub async fn ask_page(state: &AppState, scope: &OrganizationScope) -> Result<AskPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let organization = asking(&mut tx, scope).await?;
    let waiting = directory_users::waiting(&mut tx, scope, AskPage::PEOPLE).await?;
    let person = |user: DirectoryUser| WantedPerson {
        called: called(
            user.profile.name.as_deref(),
            user.profile.email.as_deref(),
            user.id.as_str(),
        ),
        state: user.state,
        user: user.id,
    };
    Ok(AskPage { organization, waiting: waiting.into_iter().map(person).collect() })
}

/// One request. `limit` is what staff typed for the approval; empty: as many seats more as are
/// wanted.
pub async fn request_page(
    state: &AppState,
    (scope, viewer): (&OrganizationScope, &Viewer),
    id: &SeatRequestId,
    limit: &str,
) -> Result<RequestPage, Error> {
    let is_staff = viewer.role.is_staff();
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let request = seat_requests::find(&mut tx, scope, id).await?.ok_or(Error::Missing)?;
    let entries = seat_requests::entries(&mut tx, scope, id).await?;
    let people = seat_requests::people(&mut tx, scope, id).await?;
    let now = state.clock.now();
    let proposal = if is_staff {
        let asked = (&viewer.account, now);
        let open = proposals::open_of(&mut tx, scope, card.called(scope), asked).await?;
        open.filter(|open| open.request.as_ref() == Some(id))
    } else {
        None
    };
    let history = if request.state.is_over() {
        None
    } else {
        Some(history::chart(&mut tx, scope, &card, HistoryRange::Days90, now).await?)
    };
    drop(tx);
    let may_act = is_staff && !request.state.is_over() && !card.archived;
    let asks = may_act && proposal.is_none();
    let approval = if asks {
        let wanted = request.wanted_limit(card.usage.limit).unwrap_or(card.usage.limit);
        let limit = if limit.trim().is_empty() { wanted.typed() } else { limit.to_owned() };
        let preview = match SeatLimit::parse(&limit) {
            Ok(parsed) => Some(limit_preview(state, scope, parsed).await?),
            Err(_) => None,
        };
        Some(Approval { limit, preview, limit_version: card.limit_version })
    } else {
        None
    };
    let version = request.version;
    Ok(RequestPage {
        row: row_of(request, card.called(scope), card.usage),
        entries: entries.iter().map(|entry| entry_row(entry, is_staff)).collect(),
        people: people.into_iter().map(wanted).collect(),
        version,
        revision: card.revision,
        archived: card.archived,
        approval,
        proposal,
        history,
        now,
    })
}

/// Who of the staff wrote an entry is for staff.
fn entry_row(entry: &RequestEntry, is_staff: bool) -> EntryRow {
    let is_named = !entry.by.is_empty() && (is_staff || !entry.kind.is_by_staff());
    EntryRow {
        kind: entry.kind,
        by: is_named.then(|| ExternalText::new(&entry.by)),
        lines: entry.text.lines().map(ExternalText::paragraph).collect(),
        limit: entry.limit,
        at: entry.at,
    }
}

fn wanted(person: Wanted) -> WantedPerson {
    WantedPerson {
        called: called(person.name.as_deref(), person.email.as_deref(), person.user.as_str()),
        user: person.user,
        state: person.state,
    }
}

/// A request for scripts.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SeatRequest)]
pub struct RequestRecord {
    #[schema(value_type = String)]
    pub id: SeatRequestId,
    #[schema(value_type = String)]
    pub organization_id: OrganizationId,
    #[schema(value_type = schemas::RequestState)]
    pub state: RequestState,
    /// How many more seats are wanted.
    pub seats: i64,
    pub reason: String,
    pub asked_by: String,
    /// RFC 3339, as all times.
    #[schema(format = DateTime)]
    pub asked_at: String,
    #[schema(format = DateTime)]
    pub changed_at: String,
}

impl RequestRecord {
    pub(super) fn of(row: Listed) -> Self {
        let request = row.request;
        Self {
            id: request.id,
            organization_id: request.organization,
            state: request.state,
            seats: request.seats,
            reason: request.reason,
            asked_by: request.asked_by,
            asked_at: request.asked_at.rfc3339(),
            changed_at: Timestamp::rfc3339(request.changed_at),
        }
    }
}

/// Some requests for the command line, and where the next ones begin.
pub async fn request_records(
    state: &AppState,
    scope: Option<&OrganizationScope>,
    list: RequestList,
    before: Option<RequestCursor>,
) -> Result<(Vec<RequestRecord>, Option<RequestCursor>), Error> {
    const PART: i64 = 1_000;
    let mut tx = state.db.read().await?;
    if let Some(scope) = scope {
        super::organization::name(&mut tx, scope).await?;
    }
    let (rows, page) = part(&mut tx, (scope, list), before, PART).await?;
    Ok((rows.into_iter().map(RequestRecord::of).collect(), page.older))
}

/// The organization of a request, for the command line.
pub async fn organization_of_request(
    state: &AppState,
    id: &SeatRequestId,
) -> Result<Option<OrganizationId>, Error> {
    Ok(seat_requests::organization_of(&mut state.db.read().await?, id).await?)
}
