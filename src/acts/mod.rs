//! One file for each thing that can happen. An act opens the one transaction, asks the domain what should happen,
//! writes it, and commits.

mod account_log;
mod add_account;
mod add_organization;
mod change_account;
mod close_gap;
mod dead_letters;
mod house_alert;
pub mod login_throttle;
mod merge_placeholder;
mod note_findings;
mod password;
mod refold;
mod remove_bodies;
mod replay;
mod replay_many;
pub mod resync;
mod set_seat_limit;
mod settle;
mod show_personal_data;
mod shut_out;
pub mod sign_in;
mod take_deliveries;

pub use add_account::{NewAccount, add_account};
pub use add_organization::{NewOrganization, add_organization};
pub use change_account::{disable_account, enable_account, end_sessions, grant_membership, revoke_membership, set_password};
pub use close_gap::{Gap, Look, close_gap};
pub use dead_letters::end_dead_letters;
pub use note_findings::note_findings;
pub use refold::{Refolded, refold_part};
pub use remove_bodies::{remove_bodies, remove_old_emails};
pub use replay::{Replaying, replay};
pub use replay_many::{Many, Step, cancel_replay, claim_replay, release_replay, replay_next, start_replay};
pub use set_seat_limit::{NewLimit, set_seat_limit};
pub use settle::Letters;
pub use show_personal_data::show_personal_data;
pub use take_deliveries::{Delivery, bury, take_deliveries};

use crate::domain::{access::Staff, id::AccountId, refusal::Refusal};

/// Why an act did not happen. It changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A "no" that a person can be told.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such thing, or it is somebody else's.
    #[error("not found")]
    Missing,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The seat rules were handed too little to decide on; a mistake of ours.
    #[error("the roster of {0} was loaded too sparsely")]
    ShortRoster(String),
    /// Something that never fails, failed: no randomness, a thread that panicked.
    #[error("{0}")]
    Internal(String),
}

/// Whether two transactions merely stood in each other's way (a deadlock, or both were the first to write the same delivery),
/// so that trying again at once makes sense.
pub fn is_worth_repeating(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return false;
    };
    error.is_unique_violation() || error.code().is_some_and(|code| code.starts_with("40"))
}

/// Who did it, for the audit log and the decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    Staff(Staff),
    /// The command line, under this user of the machine; empty: nobody knows who.
    CommandLine(String),
    /// A tenant's own admin.
    TenantAdmin {
        account: AccountId,
        name: String,
    },
}

impl Actor {
    /// `Kim Park`, or `command line (root)`.
    pub fn name(&self) -> String {
        match self {
            Self::Staff(staff) => staff.name.clone(),
            Self::TenantAdmin { name, .. } => name.clone(),
            Self::CommandLine(user) if user.is_empty() => "command line".to_owned(),
            Self::CommandLine(user) => format!("command line ({user})"),
        }
    }

    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Staff(staff) => Some(&staff.account),
            Self::TenantAdmin { account, .. } => Some(account),
            Self::CommandLine(_) => None,
        }
    }
}
