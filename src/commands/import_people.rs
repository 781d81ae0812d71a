//! A file of people arrives, part by part, and its rows are kept. When it is complete, a resync
//! plans and applies them (`resync/imported.rs`). A file that does not arrive to its end changes
//! nothing.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{Actor, Error, resync};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::OrganizationScope,
        audit::AuditAction,
        id::{AuditEntryId, ImportId, OrganizationId, ResyncId},
        import::{ImportFormat, ImportReader, ImportRow},
        organization::grouped,
        refusal::Refusal,
        resync::ResyncCause,
    },
    state::AppState,
    store::{
        audit_log::{self, Entry},
        imports::{self, ImportKey},
        organizations::{self, Locked},
        resyncs,
    },
};

/// Rows written in one transaction.
const PART: usize = 1_000;
/// How long a file may take to arrive.
const LONGEST: Duration = Duration::from_hours(1);
/// So many files of an organization may begin in an hour: the rows of each of them are kept, also
/// of one that does not arrive to its end.
const MOST_IN_AN_HOUR: i64 = 60;

/// What is said about a file before it arrives.
#[derive(Clone, Debug)]
pub struct NewImport {
    pub organization: OrganizationId,
    pub format: ImportFormat,
    /// People who are not in the file are removed.
    pub is_whole: bool,
    /// Only make the plan.
    pub dry_run: bool,
}

/// A file that arrives.
pub struct Upload {
    state: AppState,
    actor: Actor,
    new: NewImport,
    id: ImportId,
    reader: ImportReader,
    digest: Sha256,
    pending: Vec<ImportRow>,
    rows: i64,
    refused: i64,
}

impl Upload {
    pub async fn begin(state: &AppState, actor: &Actor, new: NewImport) -> Result<Self, Error> {
        let mut tx = state.db.write().await?;
        let now = state.clock.now();
        lock(&mut tx, &new.organization).await?;
        let hour_ago = now.minus(Duration::from_hours(1));
        if imports::begun_since(&mut tx, &new.organization, hour_ago).await? >= MOST_IN_AN_HOUR {
            return Err(Refusal::TooOften.into());
        }
        let id = ImportId::generate(&state.clock);
        let key = ImportKey { organization: &new.organization, id: &id };
        let by = actor.name();
        let row = imports::New { format: new.format, is_whole: new.is_whole, by: &by };
        imports::add(&mut tx, key, &row, now).await?;
        tx.commit().await?;
        Ok(Self {
            state: state.clone(),
            actor: actor.clone(),
            reader: ImportReader::new(new.format),
            digest: Sha256::new(),
            new,
            id,
            pending: Vec::new(),
            rows: 0,
            refused: 0,
        })
    }

    /// Takes the next bytes of the file.
    pub async fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.digest.update(bytes);
        let rows = self.reader.push(bytes).map_err(Refusal::from)?;
        self.pending.extend(rows);
        if self.pending.len() >= PART { self.keep().await } else { Ok(()) }
    }

    /// Of the bytes so far: two files with the same digest are the same file.
    pub fn digest(&self) -> Vec<u8> {
        self.digest.clone().finalize().to_vec()
    }

    /// The file is complete: adds the run that applies it to the queue. Gives the ids of both.
    /// While another run of the organization is open, the import is refused.
    pub async fn finish(mut self) -> Result<(ImportId, ResyncId), Error> {
        let reader = std::mem::replace(&mut self.reader, ImportReader::new(self.new.format));
        self.pending.extend(reader.finish().map_err(Refusal::from)?);
        self.keep().await?;
        let mut tx = self.state.db.write().await?;
        let now = self.state.clock.now();
        let scope = lock(&mut tx, &self.new.organization).await?.scope;
        let newest = resyncs::before(&mut tx, &scope, None, 1).await?.pop();
        if newest.is_some_and(|run| run.state.is_open()) {
            return Err(Refusal::ResyncUnderWay.into());
        }
        let (organization, run) = (&self.new.organization, ResyncId::generate(&self.state.clock));
        let by = self.actor.name();
        let row = resyncs::New {
            organization,
            id: &run,
            dry_run: self.new.dry_run,
            cause: ResyncCause::Import,
            by: Some(&by),
        };
        resyncs::add(&mut tx, &row, now).await?;
        imports::is_sent(&mut tx, self.key(), &run, (self.rows, self.refused)).await?;
        self.note(&mut tx, &scope).await?;
        organizations::touch(&mut tx, organization, now).await?;
        tx.commit().await?;
        Ok((self.id, run))
    }

    fn key(&self) -> ImportKey<'_> {
        ImportKey { organization: &self.new.organization, id: &self.id }
    }

    /// Writes the rows that have arrived.
    async fn keep(&mut self) -> Result<(), Error> {
        let rows = std::mem::take(&mut self.pending);
        for part in rows.chunks(PART) {
            let mut tx = self.state.db.write().await?;
            imports::add_rows(&mut tx, self.key(), part).await?;
            tx.commit().await?;
        }
        let refused = rows.iter().filter(|row| row.person.is_err()).count();
        self.rows += i64::try_from(rows.len()).unwrap_or(i64::MAX);
        self.refused += i64::try_from(refused).unwrap_or(i64::MAX);
        Ok(())
    }

    async fn note(&self, tx: &mut Tx, scope: &OrganizationScope) -> Result<(), Error> {
        let NewImport { format, is_whole, dry_run, .. } = &self.new;
        let mut says = format!("{} rows of {}", grouped(self.rows), format.as_str());
        for (is_so, words) in [(*is_whole, ", the whole list"), (*dry_run, ", dry run")] {
            says.push_str(if is_so { words } else { "" });
        }
        let entry = Entry {
            target_id: Some(self.id.as_str()),
            after: Some(&says),
            ..self.actor.entry(AuditAction::ImportPeople)
        };
        let id = AuditEntryId::generate(&self.state.clock);
        audit_log::add(tx, scope, &id, &entry, self.state.clock.now()).await?;
        Ok(())
    }
}

async fn lock(tx: &mut Tx, organization: &OrganizationId) -> Result<Locked, Error> {
    let locked = organizations::lock(tx, organization).await?.ok_or(Error::Missing)?;
    if locked.roster.archived { Err(Refusal::Archived.into()) } else { Ok(locked) }
}

/// Removes a part of the rows of an import that is over or did not arrive. False: none is left.
pub async fn remove_import_rows(state: &AppState) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    let begun_before = state.clock.now().minus(LONGEST);
    let Some((organization, id)) = imports::with_old_rows(&mut tx, begun_before).await? else {
        return Ok(false);
    };
    let key = ImportKey { organization: &organization, id: &id };
    if imports::remove_rows(&mut tx, key, resync::PART).await? == 0 {
        imports::rows_are_gone(&mut tx, key).await?;
    }
    tx.commit().await?;
    Ok(true)
}
