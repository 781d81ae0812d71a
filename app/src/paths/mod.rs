//! The functions that build paths, so that no page writes an address by hand.

mod installation;
mod parts;
mod resyncs;

use domain::{
    alert::Message,
    id::{DeliveryId, DirectoryUserId, GroupId, OrganizationId, ProposalId, SeatRequestId},
};
use views::{
    OverviewQuery, PeopleQuery,
    alerts::AlertsQuery,
    audit::AuditQuery,
    deliveries::DeliveriesQuery,
    groups::{GroupQuery, GroupsQuery},
    history::HistoryQuery,
    members::AccountsQuery,
    messages::MessagesQuery,
    past::{AsOfQuery, TrueUpQuery},
    person::HistoryCursor,
    policy::PolicyQuery,
    reclaim::ReclaimQuery,
    requests::RequestsQuery,
    roles::RolesQuery,
    settings::NewOrganizationQuery,
    waitlist::{DecisionQuery, WaitlistQuery},
};

pub use self::{
    installation::{
        API_KEYS, INSTALLATION_SETTINGS, MADE_API_KEY, STAFF_ACCOUNTS, WEBHOOK_ENDPOINTS, api_keys,
        staff_accounts, webhook_delivery, webhook_endpoint, webhook_secret,
    },
    parts::{local_path, with_parameters, with_query},
    resyncs::{import, imports, resync, resyncs},
};
use crate::query::Parameters;
pub use crate::{
    asked::{
        asked_delivery, asked_endpoint, asked_event, asked_group, asked_organization, asked_person,
        asked_proposal, asked_request, asked_run, asked_token,
    },
    percent::{decoded, encoded},
};

pub const HOME: &str = "/";
/// What needs a decision; for staff.
pub const START: &str = "/start";
pub const ORGANIZATIONS: &str = "/organizations";
/// The form that adds an organization.
pub const NEW_ORGANIZATION: &str = "/organizations/new";
pub const DELIVERIES: &str = "/deliveries";
pub const ACTIVITY: &str = "/activity";
pub const ALERTS: &str = "/alerts";
/// The queue of seat requests.
pub const REQUESTS: &str = "/requests";
/// What the reader is told by e-mail.
pub const PREFERENCES: &str = "/preferences";
pub const MESSAGES: &str = "/messages";
/// Every e-mail with invented facts.
pub const PREVIEWS: &str = "/messages/previews";
/// Invitations are accepted below it.
pub const INVITATIONS: &str = "/invitations";
/// The document of the API, and the page that shows it.
pub const API_DOCUMENT: &str = "/api/openapi.json";
pub const API_REFERENCE: &str = "/api/docs";
pub const SYSTEM: &str = "/system";
pub const DEAD_LETTERS: &str = "/deliveries?show=dead";

pub const SIGN_IN: &str = "/sign-in";
/// Where a person shows again who they are.
pub const CONFIRM_IDENTITY: &str = "/confirm-identity";
/// Where single sign-on begins.
pub const SIGN_ON: &str = "/sign-in/sso";
/// The reader's own account.
pub const ACCOUNT: &str = "/account";
/// The factors of the reader's own account.
pub const FACTORS: &str = "/account/factors";
/// An authenticator app that the reader sets up.
pub const NEW_APP: &str = "/account/factors/app";
/// The form that sends a link to a person who forgot their password.
pub const RESET_PASSWORD: &str = "/reset-password";

/// Where the reader shows again who they are; `next` is the address to open after it.
pub fn confirm_identity(next: &str) -> String {
    with_query(CONFIRM_IDENTITY, &[("next", next)])
}

/// Recovery codes that were made a moment ago; `next` is the address to open after them.
pub fn recovery_codes(next: &str) -> String {
    with_query("/account/recovery-codes", &[("next", next)])
}

/// The second step of a sign-in; `next` is the address to open after it.
pub fn second_step(next: &str) -> String {
    with_query("/sign-in/code", &[("next", next)])
}

/// Where staff who need a factor set up their first one.
pub fn first_factor(next: &str) -> String {
    with_query("/sign-in/set-up", &[("next", next)])
}

/// The reader's own account, with what became of a form.
pub fn account(told: &[(&str, &str)]) -> String {
    with_query(ACCOUNT, told)
}

/// The form for a new password, from the link in an e-mail.
pub fn reset_link(token: &str) -> String {
    format!("{RESET_PASSWORD}/{}", encoded(token))
}

/// The confirmation of a new address, from the link in an e-mail.
pub fn address_link(token: &str) -> String {
    format!("/confirm-address/{}", encoded(token))
}

/// The end of digests, from the link in one of them.
pub fn unsubscribe(token: &str) -> String {
    format!("/unsubscribe/{}", encoded(token))
}

/// The sign-in page; `next` is the address to open after it.
pub fn sign_in(next: Option<&str>) -> String {
    with_query(SIGN_IN, &[("next", next.filter(|path| *path != HOME).unwrap_or_default())])
}

pub fn overview(query: &OverviewQuery) -> String {
    with_parameters(ORGANIZATIONS, query)
}

pub fn organization(id: &OrganizationId) -> String {
    format!("{ORGANIZATIONS}/{}", encoded(id.as_str()))
}

/// The form that adds an organization, with what was typed into it.
pub fn new_organization(query: &NewOrganizationQuery) -> String {
    with_parameters(NEW_ORGANIZATION, query)
}

pub fn settings(id: &OrganizationId) -> String {
    format!("{}/settings", organization(id))
}

/// The single sign-on of an organization.
pub fn sign_on_of(id: &OrganizationId) -> String {
    format!("{}/single-sign-on", organization(id))
}

/// The members of an organization, and the invitations to it.
pub fn members(id: &OrganizationId, query: &AccountsQuery) -> String {
    with_parameters(&format!("{}/members", organization(id)), query)
}

/// The page of an invitation, from the link in its e-mail.
pub fn invitation(token: &str) -> String {
    format!("{INVITATIONS}/{}", encoded(token))
}

/// The preview of the end of an organization, and the form that archives it.
pub fn archive(id: &OrganizationId) -> String {
    format!("{}/archive", organization(id))
}

pub fn people(id: &OrganizationId, query: &PeopleQuery) -> String {
    with_parameters(&format!("{}/people", organization(id)), query)
}

pub fn person(id: &OrganizationId, user: &DirectoryUserId) -> String {
    person_before(id, user, None)
}

/// The page of a person, with the history before the given entry.
pub fn person_before(
    id: &OrganizationId,
    user: &DirectoryUserId,
    before: Option<&HistoryCursor>,
) -> String {
    let path = format!("{}/people/{}", organization(id), encoded(user.as_str()));
    with_parameters(&path, &before.cloned())
}

/// Who seems not to use the seat.
pub fn reclaim(id: &OrganizationId, query: &ReclaimQuery) -> String {
    reclaim_again(id, query, "")
}

/// The page, with what was done just now.
pub fn reclaim_again(id: &OrganizationId, query: &ReclaimQuery, done: &str) -> String {
    let fields = query.written();
    let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
    let fields: Vec<_> = fields.chain([("done", done)]).collect();
    with_query(&format!("{}/reclaim", organization(id)), &fields)
}

pub fn groups(id: &OrganizationId, query: &GroupsQuery) -> String {
    with_parameters(&format!("{}/groups", organization(id)), query)
}

pub fn group(id: &OrganizationId, group: &GroupId, query: &GroupQuery) -> String {
    let path = format!("{}/groups/{}", organization(id), encoded(group.as_str()));
    with_parameters(&path, query)
}

/// The roles of an organization's groups.
pub fn roles(id: &OrganizationId, query: &RolesQuery) -> String {
    roles_again(id, query, &[])
}

/// The page, with what became of a form.
pub fn roles_again(id: &OrganizationId, query: &RolesQuery, told: &[(&str, &str)]) -> String {
    let fields = query.written();
    let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
    let fields: Vec<_> = fields.chain(told.iter().copied()).collect();
    with_query(&format!("{}/roles", organization(id)), &fields)
}

/// The people that an admin decides about by hand.
pub fn waitlist(id: &OrganizationId, query: &WaitlistQuery) -> String {
    with_parameters(&format!("{}/waitlist", organization(id)), query)
}

/// The preview of a manual decision.
pub fn decision(id: &OrganizationId, query: &DecisionQuery) -> String {
    decision_again(id, query, &[])
}

/// The preview, with what was typed into its form.
pub fn decision_again(
    id: &OrganizationId,
    query: &DecisionQuery,
    typed: &[(&str, &str)],
) -> String {
    let fields = query.written();
    let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
    let fields: Vec<_> = fields.chain(typed.iter().copied()).collect();
    with_query(&decision_form(id), &fields)
}

/// Where a form asks for the preview of a decision.
pub fn decision_form(id: &OrganizationId) -> String {
    format!("{}/waitlist/decision", organization(id))
}

/// The form for the admission policy.
pub fn policy(id: &OrganizationId) -> String {
    format!("{}/policy", organization(id))
}

/// The form, with what was typed into it.
pub fn policy_again(id: &OrganizationId, query: &PolicyQuery, typed: &[(&str, &str)]) -> String {
    let fields = query.written();
    let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
    let fields: Vec<_> = fields.chain(typed.iter().copied()).collect();
    with_query(&policy(id), &fields)
}

/// The seat history: chart, table and forecast.
pub fn history(id: &OrganizationId, query: &HistoryQuery) -> String {
    with_parameters(&format!("{}/history", organization(id)), query)
}

/// The organization as it was at a moment.
pub fn as_of(id: &OrganizationId, query: &AsOfQuery) -> String {
    with_parameters(&format!("{}/as-of", organization(id)), query)
}

pub fn true_up(id: &OrganizationId, query: TrueUpQuery) -> String {
    with_parameters(&format!("{}/true-up", organization(id)), &query)
}

/// The form with which staff see the organization as its admin does.
pub fn view_as(id: &OrganizationId) -> String {
    format!("{}/view-as", organization(id))
}

pub fn seat_limit(id: &OrganizationId) -> String {
    format!("{}/limit", organization(id))
}

pub fn deliveries(query: &DeliveriesQuery) -> String {
    with_parameters(DELIVERIES, query)
}

/// The deliveries of one organization.
pub fn deliveries_of(id: &OrganizationId) -> String {
    deliveries(&DeliveriesQuery { organization: Some(id.clone()), ..DeliveriesQuery::default() })
}

pub fn delivery(id: &DeliveryId) -> String {
    format!("{DELIVERIES}/{}", encoded(id.as_str()))
}

/// The audit log, or an organization's part of it.
pub fn activity(query: &AuditQuery) -> String {
    let path = query
        .organization
        .as_ref()
        .map_or_else(|| ACTIVITY.to_owned(), |id| format!("{}/activity", organization(id)));
    with_parameters(&path, query)
}

/// All alerts, or those of an organization.
pub fn alerts(query: &AlertsQuery) -> String {
    let path = query
        .organization
        .as_ref()
        .map_or_else(|| ALERTS.to_owned(), |id| format!("{}/alerts", organization(id)));
    with_parameters(&path, query)
}

pub fn alerts_of(id: &OrganizationId) -> String {
    alerts(&AlertsQuery { organization: Some(id.clone()), ..AlertsQuery::default() })
}

/// All seat requests, or those of an organization.
pub fn requests(query: &RequestsQuery) -> String {
    let path = query
        .organization
        .as_ref()
        .map_or_else(|| REQUESTS.to_owned(), |id| format!("{}/requests", organization(id)));
    with_parameters(&path, query)
}

pub fn requests_of(id: &OrganizationId) -> String {
    requests(&RequestsQuery { organization: Some(id.clone()), ..RequestsQuery::default() })
}

pub fn request(id: &OrganizationId, request: &SeatRequestId) -> String {
    format!("{}/{}", requests_of(id), encoded(request.as_str()))
}

/// A change of the limit that waits for a second staff member.
pub fn proposal(id: &OrganizationId, proposal: &ProposalId) -> String {
    format!("{}/proposals/{}", organization(id), encoded(proposal.as_str()))
}

/// The form that asks for seats.
pub fn ask_for_seats(id: &OrganizationId) -> String {
    format!("{}/requests/new", organization(id))
}

/// The HTML of an e-mail with invented facts.
pub fn preview(message: Message) -> String {
    format!("{PREVIEWS}/{}", message.as_str())
}

pub fn messages(query: &MessagesQuery) -> String {
    with_parameters(MESSAGES, query)
}

/// All that was done in one organization.
pub fn activity_of(id: &OrganizationId) -> String {
    activity(&AuditQuery { organization: Some(id.clone()), ..AuditQuery::default() })
}

/// The address of the live stream: for one organization, or for the list of all.
pub fn live(organization: Option<&OrganizationId>) -> String {
    organization.map_or_else(
        || "/live?all=yes".to_owned(),
        |id| with_query("/live", &[("organization", id.as_str())]),
    )
}

/// The live stream that only reports the end of the session.
pub const LIVE_SESSION: &str = "/live?only=session";

/// The organization that a path is about.
pub fn organization_in(path: &str) -> Option<OrganizationId> {
    if path == NEW_ORGANIZATION {
        return None;
    }
    let id = path.strip_prefix(ORGANIZATIONS)?.strip_prefix('/')?.split('/').next()?;
    OrganizationId::parse(&decoded(id))
}

#[cfg(test)]
mod tests;
