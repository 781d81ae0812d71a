//! Imports: how far one has come, and what became of each row.

use super::resyncs::seen_by;
use crate::{
    commands::Error,
    db::Reach,
    domain::{
        access::{OrganizationScope, Viewer},
        id::ImportId,
        resync::Resync,
    },
    state::AppState,
    store::{
        imports::{self, Import},
        organizations, resyncs,
    },
    views::imports::ImportForm,
};

/// An import, and the run that plans and applies it.
#[derive(Clone, Debug)]
pub struct ImportRecord {
    pub import: Import,
    pub run: Resync,
}

/// The form that takes a file, as the viewer may see it. `Missing` if there is no such
/// organization.
pub async fn import_form(
    state: &AppState,
    scope: &OrganizationScope,
    viewer: &Viewer,
) -> Result<ImportForm, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let newest = resyncs::before(&mut tx, scope, None, 1).await?.pop();
    Ok(ImportForm {
        organization: scope.id().clone(),
        name: card.called(scope),
        revision: card.revision,
        archived: card.archived,
        open: newest.filter(|run| run.state.is_open()).map(|run| seen_by(viewer, run)),
    })
}

/// `Missing` if the organization has no such import.
pub async fn import(
    state: &AppState,
    scope: &OrganizationScope,
    id: &ImportId,
) -> Result<ImportRecord, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let import = imports::one(&mut tx, scope, id).await?.ok_or(Error::Missing)?;
    let run = resyncs::one(&mut tx, scope, &import.resync).await?.ok_or(Error::Missing)?;
    Ok(ImportRecord { import, run })
}
