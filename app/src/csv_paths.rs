//! The addresses of lists as CSV: with the filters of a page, and from its first row on.

use domain::{
    directory::PlanPart,
    id::{GroupId, ImportId, OrganizationId, ResyncId},
};
use views::{
    OverviewQuery, PeopleQuery,
    alerts::AlertsQuery,
    audit::AuditQuery,
    deliveries::DeliveriesQuery,
    groups::{GroupList, GroupQuery, GroupsQuery},
    history::HistoryQuery,
    members::AccountsQuery,
    reclaim::{ReclaimList, ReclaimQuery},
    requests::RequestsQuery,
    resyncs::ResyncQuery,
    waitlist::WaitlistFilter,
};

use crate::{
    paths::{self, encoded, organization, with_parameters},
    query::Parameters,
};

pub fn organizations(query: &OverviewQuery) -> String {
    csv(paths::ORGANIZATIONS, &OverviewQuery { before: None, ..query.clone() })
}

pub fn people(id: &OrganizationId, query: &PeopleQuery) -> String {
    let path = format!("{}/people", organization(id));
    csv(&path, &PeopleQuery { before: None, ..query.clone() })
}

pub fn groups(id: &OrganizationId, query: &GroupsQuery) -> String {
    let path = format!("{}/groups", organization(id));
    csv(&path, &GroupsQuery { before: None, ..query.clone() })
}

pub fn members(id: &OrganizationId, query: &AccountsQuery) -> String {
    let path = format!("{}/members", organization(id));
    csv(&path, &AccountsQuery { before: None, ..query.clone() })
}

pub fn staff_accounts(query: &AccountsQuery) -> String {
    csv(paths::STAFF_ACCOUNTS, &AccountsQuery { before: None, ..query.clone() })
}

pub fn api_keys() -> String {
    format!("{}.csv", paths::API_KEYS)
}

pub fn webhook_endpoints() -> String {
    format!("{}.csv", paths::WEBHOOK_ENDPOINTS)
}

/// Who joined a group and who left it.
pub fn changes(id: &OrganizationId, group: &GroupId, query: &GroupQuery) -> String {
    let path = format!("{}/changes", paths::group(id, group, &GroupQuery::default()));
    csv(&path, &GroupQuery { list: GroupList::Changes, change: None, ..query.clone() })
}

pub fn waitlist(id: &OrganizationId, filter: &WaitlistFilter) -> String {
    csv(&format!("{}/waitlist", organization(id)), filter)
}

/// The seat history by day.
pub fn history(id: &OrganizationId, query: &HistoryQuery) -> String {
    let path = format!("{}/history", organization(id));
    csv(&path, &HistoryQuery { before: None, ..query.clone() })
}

pub fn reclaim(id: &OrganizationId, list: ReclaimList) -> String {
    csv(&format!("{}/reclaim", organization(id)), &ReclaimQuery { list, before: None })
}

/// The history of resyncs.
pub fn resyncs(id: &OrganizationId) -> String {
    format!("{}.csv", paths::resyncs(id, None))
}

/// What became of each row of an imported file.
pub fn import(id: &OrganizationId, import: &ImportId) -> String {
    format!("{}/{}/rows.csv", paths::imports(id), encoded(import.as_str()))
}

/// The people of a plan, or of a part of it.
pub fn plan(id: &OrganizationId, run: &ResyncId, only: Option<PlanPart>) -> String {
    let path = format!("{}/plan", paths::resync(id, run, &ResyncQuery::default()));
    csv(&path, &ResyncQuery { only, before: None })
}

pub fn alerts(query: &AlertsQuery) -> String {
    let of = query.organization.as_ref();
    let path =
        of.map_or_else(|| paths::ALERTS.to_owned(), |id| format!("{}/alerts", organization(id)));
    csv(&path, &AlertsQuery { before: None, ..query.clone() })
}

pub fn requests(query: &RequestsQuery) -> String {
    let of = query.organization.as_ref();
    let path = of
        .map_or_else(|| paths::REQUESTS.to_owned(), |id| format!("{}/requests", organization(id)));
    csv(&path, &RequestsQuery { before: None, ..query.clone() })
}

pub fn activity(query: &AuditQuery) -> String {
    let of = query.organization.as_ref();
    let path = of
        .map_or_else(|| paths::ACTIVITY.to_owned(), |id| format!("{}/activity", organization(id)));
    csv(&path, &AuditQuery { before: None, ..query.clone() })
}

pub fn deliveries(query: &DeliveriesQuery) -> String {
    csv(paths::DELIVERIES, &DeliveriesQuery { before: None, ..query.clone() })
}

fn csv(path: &str, parameters: &impl Parameters) -> String {
    with_parameters(&format!("{path}.csv"), parameters)
}
