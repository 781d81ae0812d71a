//! The rules of the product and the types that they use. The code is pure: no I/O, no async, no
//! clock and no logging. It compiles to WebAssembly.
//!
//! The third person in a plan of two seats waits, and gets in when a seat becomes free:
//!
//! ```
//! use domain::{
//!     admission::AdmissionPolicy,
//!     directory_user::SeatState,
//!     event::Change,
//!     id::DirectoryUserId,
//!     organization::SeatLimit,
//!     roster::{Counts, Roster},
//!     seats::{Command, UserUpdate, decide},
//!     time::Timestamp,
//! };
//!
//! let update = |name: &str, change, seconds| {
//!     Command::UserUpdate(UserUpdate {
//!         user: DirectoryUserId::new(name),
//!         change,
//!         active: Some(change == Change::Created),
//!         profile: None,
//!         groups: None,
//!         roles: None,
//!         at: Timestamp::from_seconds(seconds),
//!         event: 0,
//!     })
//! };
//! let mut roster =
//!     Roster::new(SeatLimit::Seats(2), AdmissionPolicy::FirstCome, Counts::default());
//! for (seconds, name) in [(1, "ada"), (2, "grace"), (3, "linus")] {
//!     let now = Timestamp::from_seconds(seconds);
//!     decide(&mut roster, &update(name, Change::Created, seconds), now)?;
//! }
//! let state = |roster: &Roster, name: &str| {
//!     roster.person(&DirectoryUserId::new(name)).map(|user| user.state)
//! };
//! assert_eq!(state(&roster, "linus"), Some(SeatState::Blocked));
//!
//! let now = Timestamp::from_seconds(4);
//! decide(&mut roster, &update("ada", Change::Deleted, 4), now)?;
//!
//! assert_eq!(state(&roster, "ada"), Some(SeatState::Removed));
//! assert_eq!(state(&roster, "linus"), Some(SeatState::Provisioned));
//! # Ok::<(), domain::refusal::Refusal>(())
//! ```

pub mod access;
pub mod account;
pub mod admission;
pub mod alert;
pub mod api_key;
pub mod as_of;
pub mod attribute;
pub mod audit;
pub mod body;
pub mod condition;
pub mod decision;
pub mod delivery;
pub mod details;
pub mod device;
pub mod directory;
pub mod directory_user;
pub mod event;
pub mod factor;
pub mod forecast;
pub mod group;
pub mod history;
pub mod id;
pub mod import;
pub mod invariant;
pub mod invitation;
pub mod limit_end;
pub mod limit_proposal;
pub mod manual_decision;
pub mod membership_changes;
pub mod memberships;
pub mod moment;
pub mod organization;
pub mod outgoing_event;
pub mod passkey;
pub mod preference;
#[cfg(test)]
#[path = "../tests/support/property.rs"]
mod property;
pub mod reclaim;
pub mod refusal;
pub mod resync;
pub mod role;
pub mod roster;
pub mod seat_reason;
pub mod seat_request;
pub mod seats;
pub mod session;
pub mod setting;
pub mod single_sign_on;
pub mod text;
pub mod time;
pub mod true_up;
pub mod usage_signal;
pub mod view_as;
pub mod waitlist;
pub mod webhook_endpoint;
