//! The staff's overview of all organizations.

use std::collections::HashMap;

use super::{history, pattern};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::Staff,
        alert::AlertKind,
        condition::Condition,
        directory_user::email_key,
        id::{DirectoryUserId, OrganizationId, ResyncId},
        text::ExternalText,
    },
    state::AppState,
    store::{
        alerts,
        directory_users::{Found, with_email_anywhere},
        organizations::AccountManager,
        overview::{self, Behind, Filter, Placed, Sort},
        resyncs, seat_requests, system_alerts,
    },
    views::{
        ConditionCounts, FoundPerson, OrganizationKey, OrganizationRow, Overview, OverviewQuery,
        OverviewSort,
        pagination::{KeysetPage, SortKey},
    },
};

pub async fn overview(
    state: &AppState,
    staff: &Staff,
    query: &OverviewQuery,
) -> Result<Overview, Error> {
    let pattern = pattern(&query.search);
    let filter = filter(staff, query, &pattern);
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let counts = overview::count(&mut tx, filter).await?;
    let counts = ConditionCounts {
        all: counts.organizations,
        people_waiting: counts.people_waiting,
        of: Condition::ALL.map(|condition| (condition, counts.of(condition))).into(),
    };
    let before = SortKey::of(query.before.as_ref(), query.sort, query.descending);
    let mut placed = find(&mut tx, filter, query, before, Overview::ROWS + 1).await?;
    let page = KeysetPage::cut(before.cloned(), &mut placed, Overview::ROWS, |row| key(query, row));
    let listed: Vec<overview::Listed> = placed.into_iter().map(|row| row.listed).collect();
    let ids: Vec<&OrganizationId> = listed.iter().map(|row| &row.id).collect();
    let mut waiting: HashMap<_, _> =
        resyncs::waiting_of(&mut tx, &ids).await?.into_iter().collect();
    let mut trouble = trouble(&mut tx, &ids).await?;
    let mut requests: HashMap<_, _> =
        seat_requests::listing::open_of_each(&mut tx, &ids).await?.into_iter().collect();
    let now = state.clock.now();
    let mut used_lately = history::used_lately(&mut tx, &ids, now).await?;
    let row = |listed: overview::Listed| OrganizationRow {
        name: ExternalText::or_id(&listed.name, listed.id.as_str()),
        usage: listed.usage,
        archived: listed.archived,
        account_manager: listed.account_manager.as_ref().map(AccountManager::called),
        to_confirm: waiting.remove(&listed.id),
        trouble: trouble.remove(&listed.id).unwrap_or_default(),
        request: requests.remove(&listed.id),
        used_lately: used_lately.remove(&listed.id).unwrap_or_default(),
        id: listed.id,
    };
    let rows = listed.into_iter().map(row).collect();
    let to_confirm = resyncs::all_waiting(&mut tx, Overview::PLANS).await?;
    let plan = |(id, name, run): (String, String, String)| {
        let name = ExternalText::or_id(&name, &id);
        (OrganizationId::new(id), name, ResyncId::new(run))
    };
    let to_confirm = to_confirm.into_iter().map(plan).collect();
    let mut failing = system_alerts::open_kinds(&mut tx).await?;
    failing.retain(|alert| alert.is_about_a_channel());
    let people = people(&mut tx, staff, &query.search).await?;
    Ok(Overview { rows, page, counts, to_confirm, failing, people, now })
}

/// The people whose address the search is; no one if it is none.
async fn people(tx: &mut Tx, staff: &Staff, search: &str) -> Result<Vec<FoundPerson>, Error> {
    if !search.contains('@') {
        return Ok(Vec::new());
    }
    let found = with_email_anywhere(tx, staff, &email_key(search), Overview::PEOPLE).await?;
    let person = |found: Found| FoundPerson {
        organization_name: ExternalText::or_id(&found.organization_name, &found.organization_id),
        organization: OrganizationId::new(found.organization_id),
        name: ExternalText::or_id(
            found.name.as_deref().or(found.email.as_deref()).unwrap_or_default(),
            &found.id,
        ),
        id: DirectoryUserId::new(found.id),
        state: found.state.0,
    };
    Ok(found.into_iter().map(person).collect())
}

/// What does not work, the most urgent first. A plan to confirm has a link of its own.
async fn trouble(
    tx: &mut Tx,
    ids: &[&OrganizationId],
) -> sqlx::Result<HashMap<OrganizationId, Vec<AlertKind>>> {
    let mut trouble: HashMap<OrganizationId, Vec<AlertKind>> = HashMap::new();
    for alert in alerts::open(tx, ids).await? {
        if alert.kind.is_trouble() && alert.kind != AlertKind::ResyncNeedsConfirmation {
            trouble.entry(alert.organization).or_default().push(alert.kind);
        }
    }
    for kinds in trouble.values_mut() {
        kinds.sort_unstable_by_key(|kind| AlertKind::ALL.iter().position(|known| known == kind));
        kinds.dedup();
    }
    Ok(trouble)
}

pub(super) fn filter<'a>(staff: &'a Staff, query: &OverviewQuery, pattern: &'a str) -> Filter<'a> {
    Filter {
        pattern,
        condition: query.condition,
        account_manager: if query.mine { staff.account.as_str() } else { "" },
    }
}

/// The organizations behind one, in the order that is asked for.
pub(super) async fn find(
    tx: &mut Tx,
    filter: Filter<'_>,
    query: &OverviewQuery,
    behind: Option<&OrganizationKey>,
    most: i64,
) -> sqlx::Result<Vec<Placed>> {
    let behind = behind.map(|key| {
        let OrganizationKey { numbers: [archived, major, minor], text, id, .. } = key;
        Behind { archived: *archived != 0, numbers: [*major, *minor], search_key: text, id }
    });
    overview::part(tx, filter, (sort(query.sort), query.descending), behind, most).await
}

/// What the organization is sorted by.
pub(super) fn key(query: &OverviewQuery, row: &Placed) -> OrganizationKey {
    let [major, minor] = row.numbers;
    OrganizationKey {
        sort: query.sort,
        descending: query.descending,
        numbers: [i64::from(row.listed.archived), major, minor],
        text: row.search_key.clone(),
        id: row.listed.id.as_str().to_owned(),
    }
}

fn sort(sort: OverviewSort) -> Sort {
    match sort {
        OverviewSort::Urgency => Sort::Urgency,
        OverviewSort::Name => Sort::Name,
        OverviewSort::Limit => Sort::Limit,
        OverviewSort::Used => Sort::Used,
        OverviewSort::Waiting => Sort::Waiting,
    }
}
