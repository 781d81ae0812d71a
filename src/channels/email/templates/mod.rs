//! The e-mails of Seatkeeper: one folder for each, with its subject, its text and its HTML. An
//! e-mail holds its facts, so that it can be rendered long after the event.

mod address_changed;
mod address_confirm;
mod address_taken;
mod asked;
mod channel_failing;
mod dead_letters;
mod digest;
mod directory_disabled;
mod drift;
mod endpoint_disabled;
mod enforcement_silent;
mod factor_changed;
pub mod invitation;
mod limit_changed;
mod limit_not_set;
mod limit_proposed;
mod over_limit;
mod password_changed;
mod password_reset;
mod picture;
mod proposal_answered;
mod resync_failed;
mod resync_needs_confirmation;
mod samples;
mod seat_limit_reached;
mod seat_request_answered;
mod seat_request_received;
mod seat_request_reminder;
mod seat_usage_high;
mod seats_free;
mod test_email;
mod words;

use askama::Template;
use serde::{Deserialize, Serialize};

pub use self::{
    address_changed::AddressChanged,
    address_confirm::AddressConfirm,
    address_taken::AddressTaken,
    asked::SeatsAskedFor,
    channel_failing::{ChannelFailing, FailingReceiver},
    dead_letters::DeadLetters,
    digest::{Digest, DigestSection},
    directory_disabled::DirectoryDisabled,
    drift::Drift,
    endpoint_disabled::EndpointDisabled,
    enforcement_silent::EnforcementSilent,
    factor_changed::FactorChanged,
    invitation::Invitation,
    limit_changed::LimitChanged,
    limit_not_set::LimitNotSet,
    limit_proposed::{LimitProposed, ProposedLimit},
    over_limit::OverLimit,
    password_changed::PasswordChanged,
    password_reset::PasswordReset,
    proposal_answered::ProposalAnswered,
    resync_failed::ResyncFailed,
    resync_needs_confirmation::ResyncNeedsConfirmation,
    samples::sample,
    seat_limit_reached::SeatLimitReached,
    seat_request_answered::SeatRequestAnswered,
    seat_request_received::SeatRequestReceived,
    seat_request_reminder::SeatRequestReminder,
    seat_usage_high::SeatUsageHigh,
    seats_free::SeatsFree,
    test_email::TestEmail,
};
use crate::domain::id::DirectoryUserId;

/// An e-mail that is ready to send; it is the same for each recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    pub subject: String,
    pub text: String,
    pub html: String,
    /// What a channel with one paragraph says; `None`: the first paragraph of the text.
    pub brief: Option<String>,
    /// The address of the main action.
    pub link: String,
    /// Where the reader ends such e-mails with one click; `None` if they are not regular.
    pub unsubscribe: Option<String>,
}

/// For which readers an e-mail is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    TenantAdmins,
    /// Addresses that an organization's admins entered.
    ExtraRecipients,
    Staff,
}

/// A user who waits, as the directory describes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingPerson {
    pub id: DirectoryUserId,
    pub name: Option<String>,
    pub email: Option<String>,
}

/// Renders a template that calls nothing that can fail.
#[expect(
    clippy::expect_used,
    reason = "writing to a String cannot fail, and no template calls a filter of ours"
)]
fn written(template: &impl Template) -> String {
    template.render().expect("a template without fallible filters")
}
