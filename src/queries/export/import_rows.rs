//! What became of each row of an import.

use super::{List, Part, next};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::OrganizationScope,
        decision::Outcome,
        directory::Change,
        id::ImportId,
        refusal::{ImportRefusal, Refusal},
    },
    store::{
        imports::{self, ImportKey, ResultRow},
        resyncs,
    },
};

/// The rows of a file, in order.
#[derive(Debug)]
pub struct ImportRows {
    scope: OrganizationScope,
    id: ImportId,
}

/// The cells of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportCells {
    pub line: i64,
    pub external_id: Option<String>,
    pub email: Option<String>,
    pub user: Option<String>,
    /// `created` and so on, `unchanged`, `left_to_directory` or `refused`; `None`: not compared
    /// yet.
    pub change: Option<&'static str>,
    /// No seat is free for this person.
    pub blocked: bool,
    /// `None` while the change is not applied.
    pub outcome: Option<Outcome>,
    /// Of a refused row.
    pub column: Option<String>,
    pub why: Option<String>,
}

impl ImportRows {
    pub fn new(scope: OrganizationScope, id: ImportId) -> Self {
        Self { scope, id }
    }
}

impl List for ImportRows {
    type Row = ImportCells;
    type Key = i64;

    fn reach(&self) -> Reach<'_> {
        Reach::Organization(&self.scope)
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<i64>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        let import = imports::one(tx, &self.scope, &self.id).await?.ok_or(Error::Missing)?;
        let run = resyncs::one(tx, &self.scope, &import.resync).await?.ok_or(Error::Missing)?;
        if import.are_rows_removed || run.is_plan_gone {
            return Err(Refusal::from(ImportRefusal::RowsRemoved).into());
        }
        let key = ImportKey { organization: self.scope.id(), id: &self.id };
        let after = behind.unwrap_or(0);
        let found = imports::results(tx, (key, &import.resync), after, most).await?;
        let next = next(&found, most, |row| row.line);
        let is_planned = run.planned_at.is_some();
        Ok((found.into_iter().map(|row| cells(row, is_planned)).collect(), next))
    }
}

fn cells(row: ResultRow, is_planned: bool) -> ImportCells {
    let change = match row.state.as_str() {
        "refused" => Some("refused"),
        "of_directory" => Some("left_to_directory"),
        _ => row.change.map(Change::as_str).or(is_planned.then_some("unchanged")),
    };
    ImportCells {
        line: row.line,
        external_id: row.external_id,
        email: row.email,
        user: row.user,
        change,
        blocked: row.blocked,
        outcome: row.outcome,
        column: row.wrong_column,
        why: row.why,
    }
}
