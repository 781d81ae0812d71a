//! The addresses of resyncs and imports.

use domain::id::{OrganizationId, ResyncId};
use views::resyncs::ResyncQuery;

use super::{encoded, organization, with_parameters};

/// The history of resyncs; `before` is the resync before which the page starts.
pub fn resyncs(id: &OrganizationId, before: Option<&ResyncId>) -> String {
    with_parameters(&format!("{}/resyncs", organization(id)), &before.cloned())
}

pub fn resync(id: &OrganizationId, run: &ResyncId, query: &ResyncQuery) -> String {
    let path = format!("{}/{}", resyncs(id, None), encoded(run.as_str()));
    with_parameters(&path, query)
}

/// The form that takes a file of people.
pub fn import(id: &OrganizationId) -> String {
    format!("{}/import", organization(id))
}

/// Where that form is sent.
pub fn imports(id: &OrganizationId) -> String {
    format!("{}/imports", organization(id))
}
