//! The pages: one file per page.

mod activity;
mod as_of;
mod deliveries;
mod delivery;
mod home;
mod organization;
mod overview;
mod people;
pub(crate) mod refused;
mod resync;
mod resyncs;
mod seat_limit;
mod sign_in;
mod system;
mod true_up;

pub use activity::Activity;
pub use as_of::AsOf;
pub use deliveries::Deliveries;
pub use delivery::Delivery;
pub use home::Home;
pub use organization::Organization;
pub use overview::Overview;
pub use people::People;
pub use refused::Missing;
pub use resync::Resync;
pub use resyncs::Resyncs;
pub use seat_limit::SeatLimit;
pub use sign_in::SignIn;
pub use system::System;
pub use true_up::TrueUp;
