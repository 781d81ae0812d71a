//! What the API says, as records that become JSON: texts exactly as they are stored.

mod access;
mod organization;
pub mod schemas;

use domain::organization::SeatLimit;
use serde::{Serialize, Serializer};

pub use self::{
    access::{Access, AccessReads, AccessState, access, access_together},
    organization::{OrganizationFacts, PolicyFacts, organization_facts},
};
use crate::domain;

/// A seat limit: a number, `"unlimited"`, or `null` while none is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitFact(pub SeatLimit);

impl Serialize for LimitFact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            SeatLimit::NotSet => serializer.serialize_none(),
            SeatLimit::Seats(seats) => serializer.serialize_i64(seats),
            SeatLimit::Unlimited => serializer.serialize_str("unlimited"),
        }
    }
}
