//! What each page or report shows. A page reads its data in one consistent view.

mod accounts;
mod alerts;
pub mod api;
mod api_keys;
mod as_of;
mod audit;
mod decision_preview;
mod deliveries;
mod endpoint_pages;
mod events;
pub mod export;
mod factors;
mod groups;
mod history;
mod imports;
mod installation_settings;
pub mod invariants;
mod invitations;
mod limit_preview;
mod measures;
mod members;
mod messages;
mod organization;
mod organization_choices;
mod overview;
mod own_account;
mod people;
mod person;
mod policy_preview;
mod preferences;
mod proposals;
mod ready;
mod reclaim;
mod requests;
mod resyncs;
mod roles;
mod room;
mod settings;
mod single_sign_on;
mod staff_accounts;
mod start;
mod status;
mod switcher;
mod system;
mod true_up;
mod viewer;
mod waitlist;
mod webhook_endpoints;

pub use accounts::{AccountOrganization, AccountRow, account_of, accounts};
pub use alerts::{AlertRecord, alert_records, alerts};
pub use api_keys::{ApiKeyRecord, api_key_records, api_keys_page, made_key};
pub use as_of::{AsOfRow, Past, as_of, as_of_page};
pub use audit::{AuditEntry, audit, audit_entries};
pub use decision_preview::{chosen, decision_preview};
pub use deliveries::{deliveries, delivery, replay_progress};
pub use endpoint_pages::{endpoint_page, endpoints_page, event_delivery, made_secret};
pub use events::{Events, EventsQuery, events_after, events_within, newest_event};
pub use factors::{first_factor, identity, new_app, offers_passkeys, own_factors, second_step};
pub use groups::{ChangeRecord, GroupRecord, group_page, group_record, groups};
pub use history::{
    DayRecord, ForecastRecord, SeatHistory, SeatHistoryRecord, forecast, history, history_page,
};
pub use imports::{ImportRecord, import, import_form};
pub use installation_settings::{installation_settings, setting_rows};
pub use invitations::{
    InvitationRecord, invitation_page, invitation_records, organization_of_invitation,
};
pub use limit_preview::{last_limit_change, limit_preview};
pub use measures::measures;
pub use members::{MemberRecord, members_page};
pub use messages::{MessageRecord, message_records, messages, previews};
pub use organization::{organization, revision};
pub use overview::overview;
pub use own_account::{address_link, can_send_links, own_account, reset_link};
pub use people::people;
pub use person::{
    HistoryRecord, PersonFacts, PersonRecord, RoleRecord, person_facts, person_page, person_record,
};
pub use policy_preview::policy_form;
pub use preferences::{digest_of_token, preferences};
pub use proposals::{ProposalRecord, proposal_page, proposal_records};
pub use ready::ready;
pub use reclaim::{UnusedRecord, reclaim_page, unused_records};
pub use requests::{
    RequestRecord, ask_page, organization_of_request, request_page, request_records, requests,
};
pub use resyncs::{event_log, resync, resync_page, resync_plan, resyncs, resyncs_page};
pub use roles::{GroupRolesRecord, role_records, roles_page};
pub use settings::{archive_page, new_organization, notes, settings};
pub use single_sign_on::{has_staff_provider, single_sign_on};
pub use staff_accounts::{StaffRecord, staff_accounts};
pub use start::start;
pub use status::{Check, Inbox, StatusRow, check, inbox, status};
pub use switcher::switcher;
pub use system::system;
pub use true_up::{TrueUpRow, TrueUpYear, true_up, true_up_page};
pub use viewer::{person, viewer};
pub use waitlist::{WaitlistEntry, waitlist, waitlist_entries};
pub use webhook_endpoints::{
    DeliveryCursor, DeliveryKey, DeliveryRecord, EndpointRecord, delivery_part, delivery_records,
    endpoint_record, endpoint_records,
};

use crate::store::search_pattern as pattern;
