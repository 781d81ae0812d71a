//! The server functions: who is it, parse, one act or read. Each is a public endpoint and checks rights itself.
#![cfg_attr(feature = "ssr", expect(clippy::unused_async, reason = "until the store is there"))]

pub mod answer;
mod failure;
#[cfg(feature = "ssr")]
mod fixtures;
mod organizations;
mod person;
mod seat_limit;
mod theme;

pub use failure::{Failure, Refused};
pub use organizations::{load_organization, load_overview, load_people};
pub use person::{SignIn, SignOut, load_person};
pub use seat_limit::{LimitForm, SetSeatLimit, load_limit_form, preview_seat_limit};
pub use theme::SetTheme;

#[cfg(feature = "ssr")]
pub(crate) use server::{scope, staff};

#[cfg(feature = "ssr")]
mod server {
    use seatkeeper::domain::{
        access::{OrganizationScope, Staff, Viewer},
        id::OrganizationId,
    };

    use super::{Failure, fixtures};

    /// Who is asking.
    pub(crate) async fn viewer() -> Result<Viewer, Failure> {
        fixtures::viewer().ok_or_else(Failure::sign_in)
    }

    /// Who is asking, if they are staff; for others there is nothing here.
    pub(crate) async fn staff() -> Result<Staff, Failure> {
        viewer().await?.staff().ok_or_else(Failure::missing)
    }

    /// The right to this organization's data; somebody else's is as missing as one that does not exist.
    pub(crate) async fn scope(id: &OrganizationId) -> Result<OrganizationScope, Failure> {
        viewer().await?.scope(id).ok_or_else(Failure::missing)
    }
}
