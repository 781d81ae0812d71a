//! What an address says about a form that was sent.

use domain::organization::SeatLimit;

use super::Query;
use crate::server_fns::NamedRefusal;

/// A form that was sent, with what was typed into it, and why it was refused.
#[derive(Clone, Debug)]
pub struct Sent {
    refused: Option<NamedRefusal>,
    query: Query,
}

impl Sent {
    pub fn of(query: &Query) -> Self {
        Self { refused: query.refusal(SeatLimit::NotSet), query: query.clone() }
    }

    /// The form as it was typed, if it was this one.
    pub fn typed(&self, form: &str) -> Option<&Query> {
        (self.query.text("form") == form).then_some(&self.query)
    }

    /// The sentence beside a field of this form.
    pub fn beside(&self, form: &str, field: &str) -> Option<String> {
        let refused = self.refused.as_ref().filter(|_| self.query.text("form") == form)?;
        (field_of(refused) == Some(field)).then(|| refused.to_string())
    }

    /// The sentence of a refusal that stands beside no field.
    pub fn above(&self) -> Option<String> {
        let refused = self.refused.as_ref().filter(|refused| field_of(refused).is_none());
        refused.map(ToString::to_string)
    }
}

fn field_of(refused: &NamedRefusal) -> Option<&'static str> {
    match refused {
        NamedRefusal::Known(refusal) => refusal.field(),
        NamedRefusal::Other => None,
    }
}
