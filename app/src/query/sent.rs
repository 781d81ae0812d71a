//! What an address says about a form that was sent.

use domain::organization::SeatLimit;

use super::Query;
use crate::{components::reach::Chosen, server_fns::NamedRefusal};

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

    /// What was typed into a field of this form; in a new form, `new`.
    pub fn text<'a>(&'a self, form: &str, field: &str, new: &'a str) -> &'a str {
        self.typed(form).map_or(new, |typed| typed.text(field))
    }

    /// The choice between all organizations and one of them; in a new form, `new`.
    pub fn reach(self, form: &str, new: &str) -> Chosen {
        Chosen {
            reach: self.text(form, "reach", new).to_owned(),
            reach_refusal: self.beside(form, "reach"),
            organization: self.text(form, "organization", "").to_owned(),
            organization_refusal: self.beside(form, "organization"),
        }
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
