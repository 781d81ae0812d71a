//! One file for each thing that changes something. A command opens its transaction, asks the domain
//! for the decision, writes it, and commits.

mod account_log;
mod actor;
mod add_account;
mod add_organization;
mod alerts;
mod api_keys;
mod archive_organization;
mod backfill;
mod bulk_replay;
mod change_account;
mod change_member;
mod change_setting;
mod change_staff_account;
mod cut_attributes;
mod dead_letters;
mod decide_by_hand;
mod end_limits;
mod factors;
mod ignore_suggestion;
mod import_people;
mod ingest_deliveries;
mod invitations;
mod limit_proposals;
mod link_token;
pub mod login_throttle;
mod note_findings;
mod note_visit;
mod number_events;
mod once;
mod own_account;
mod pace;
mod password;
mod preferences;
mod purge_bodies;
mod read_alerts;
mod record_usage;
mod refold;
mod refresh_usage_alerts;
mod replay;
pub mod resync;
mod reveal_personal_data;
mod seat_requests;
mod seat_transaction;
mod send_again;
mod set_details;
mod set_extra_recipients;
mod set_group_roles;
mod set_notes;
mod set_policy;
mod set_seat_limit;
mod set_slack;
mod set_thresholds;
pub mod sign_in;
mod single_sign_on;
mod tell_role_changes;
mod update_roles;
mod view_as;
pub mod webhook_endpoints;

pub use actor::{Actor, Origin};
pub use add_account::{NewAccount, add_account};
pub use add_organization::{NewOrganization, add_organization};
pub use alerts::{
    Composed, Notify, Try, compose, forget_unset, is_still_covered, note_try, notify_owed,
    write_digests,
};
pub use api_keys::{
    KeyError, NewApiKey, authenticate, create_api_key, note_key_use, revoke_api_key, rotate_api_key,
};
pub use archive_organization::{NewArchive, archive_organization, restore_organization};
pub use backfill::{Gap, Look, backfill};
pub use bulk_replay::{
    BulkReplay, Step, cancel_replay, claim_replay, release_replay, replay_next, start_replay,
};
pub use change_account::{
    disable_account, enable_account, end_sessions, grant_membership, reset_factors,
    revoke_membership, set_password,
};
pub use change_member::{MemberChange, NewMemberChange, change_member};
pub use change_setting::{NewSetting, change_setting};
pub use change_staff_account::{NewStaffChange, StaffChange, change_staff_account};
pub use cut_attributes::{CutSoFar, cut_attributes};
pub use dead_letters::resolve_dead_letters;
pub use decide_by_hand::{
    ByHand, Chosen, Decided, DecidedByHand, carry_out, decide_by_hand, in_waitlist_order, mark,
};
pub use end_limits::end_limits;
pub use factors::{
    Asked, FirstFactor, FirstPasskey, NewApp, NewPasskey, PasskeyProof, PasskeySignIn, SecondStep,
    Signed, add_app, add_passkey, begin_app, begin_first_passkey, begin_identity_by_passkey,
    begin_passkey, begin_sign_in_by_passkey, confirm_identity_by_passkey, make_recovery_codes,
    remove_app, remove_passkey, rename_passkey, second_step, set_first_factor, set_first_passkey,
    sign_in_by_passkey,
};
pub use ignore_suggestion::{ignore_suggestion, restore_suggestion};
pub use import_people::{NewImport, Upload, remove_import_rows};
pub use ingest_deliveries::{Delivery, ingest_deliveries, store_as_dead_letter};
pub use invitations::{
    Acceptance, Accepted, Invited, InvitedTo, NewInvitation, accept_invitation, compose_invitation,
    invite, offer_first_account, resend_invitation, revoke_invitation, token_hash,
};
pub use limit_proposals::{
    NewProposalAnswer, approve_proposal, expire_proposals, reject_proposal, withdraw_proposal,
};
pub use note_findings::note_findings;
pub use note_visit::note_visit;
pub use number_events::{EVENTS_KEPT, number_events, remove_old_events};
pub use once::{KeptAnswer, Once, begin_once, end_once};
pub use own_account::{
    IdentityForm, NewAddress, NewPassword, Renewed, ask_for_address, ask_for_reset,
    change_password, compose_account_message, confirm_address, confirm_identity,
    end_other_sessions, end_session, reset_password, send_test_email, set_name,
};
pub use preferences::{set_preferences, unsubscribe};
pub use purge_bodies::{purge_bodies, remove_old_messages};
pub use read_alerts::read_alerts;
pub use record_usage::{RecordedUsage, SignalLine, record_usage};
pub use refold::{Refolded, refold_part};
pub use refresh_usage_alerts::refresh_usage_alerts;
pub use replay::{ReplayContext, replay};
pub use reveal_personal_data::reveal_personal_data;
pub use seat_requests::{
    NewApproval, NewEntry, NewRequest, add_to_request, approve_request, ask_for_seats,
    remind_of_requests,
};
pub use seat_transaction::{Cause, SeatTransaction};
pub use send_again::{Again, send_again};
pub use set_details::{NewDetails, set_details};
pub use set_extra_recipients::{parse_recipients, set_extra_recipients};
pub use set_group_roles::{NewGroupRoles, set_group_roles};
pub use set_notes::{NewNotes, discard_draft, keep_draft, set_notes};
pub use set_policy::{NewPolicy, set_policy};
pub use set_seat_limit::{LimitOutcome, NewLimit, parse_reason, set_seat_limit};
pub use set_slack::set_slack;
pub use set_thresholds::set_thresholds;
pub use single_sign_on::{
    Begun, Callback, Finished, NewSignOn, SignOnBy, SignOnStart, begin_sign_on,
    disconnect_identity, finish_sign_on, redirect_uri, remove_sign_on, require_sign_on,
    set_sign_on, set_sign_on_domains, try_sign_on,
};
pub use tell_role_changes::tell_role_changes;
pub use view_as::{NewView, begin_view, end_view, end_views};

use crate::{
    domain::refusal::Refusal,
    store::lease::{LeaseError, LeaseLost},
};

/// Why a command failed. The command changed nothing; a refusal may be recorded in the audit log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A refusal that is shown to the user.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The object does not exist, or it belongs to another organization.
    #[error("not found")]
    Missing,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The worker does not hold its work any more: its turn ends, and another worker goes on.
    #[error(transparent)]
    LeaseLost(#[from] LeaseLost),
    /// The seat rules did not get enough of the waitlist to decide; this is a bug.
    #[error("the roster of {0} was loaded too sparsely")]
    ShortRoster(String),
    /// An operation that should never fail has failed: no randomness, or a thread that panicked.
    #[error("{0}")]
    Internal(String),
}

impl From<LeaseError> for Error {
    fn from(error: LeaseError) -> Self {
        match error {
            LeaseError::Lost(lost) => Self::LeaseLost(lost),
            LeaseError::Database(error) => Self::Database(error),
        }
    }
}

/// Whether two transactions only conflicted (a deadlock, or both were the first to write the same
/// delivery), so that an immediate retry makes sense.
pub fn is_worth_repeating(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return false;
    };
    error.is_unique_violation() || error.code().is_some_and(|code| code.starts_with("40"))
}
