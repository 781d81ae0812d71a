//! Imports: how far one has come, and what became of each row.

use crate::{
    commands::Error,
    db::Reach,
    domain::{access::OrganizationScope, id::ImportId, resync::Resync},
    state::AppState,
    store::{
        imports::{self, Import},
        resyncs,
    },
};

/// An import, and the run that plans and applies it.
#[derive(Clone, Debug)]
pub struct ImportRecord {
    pub import: Import,
    pub run: Resync,
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
