//! What became of each row.

use sqlx::FromRow;

use super::ImportKey;
use crate::{
    db::{Tx, sql},
    domain::{decision::Outcome, directory::Change, id::ResyncId},
    store::rows::{Keyed, Stored, Text},
};

/// One row of the file, and the change that it makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultRow {
    pub line: i64,
    /// `read`, `matched`, `of_directory` or `refused`.
    pub state: String,
    pub external_id: Option<String>,
    pub email: Option<String>,
    pub user: Option<String>,
    pub wrong_column: Option<String>,
    pub why: Option<String>,
    /// The planned change; `None`: nothing changes, or there is no plan yet.
    pub change: Option<Change>,
    /// No seat is free, as far as the plan knows.
    pub blocked: bool,
    /// `None` while the change is not applied.
    pub outcome: Option<Outcome>,
}

#[derive(FromRow)]
struct Row {
    line: i64,
    state: String,
    external_id: Option<String>,
    email: Option<String>,
    user_id: Option<String>,
    wrong_column: Option<String>,
    why: Option<String>,
    change: Option<Text<Change>>,
    blocked: bool,
    outcome: Option<Text<Outcome>>,
}

impl Stored for Row {
    const TABLE: &'static str = "import_rows";
    const KEY: &'static [&'static str] = &["organization_id", "import_id"];
}

impl From<Keyed<Row>> for ResultRow {
    fn from(Keyed(row): Keyed<Row>) -> Self {
        Self {
            line: row.line,
            state: row.state,
            external_id: row.external_id,
            email: row.email,
            user: row.user_id,
            wrong_column: row.wrong_column,
            why: row.why,
            change: row.change.map(|Text(change)| change),
            blocked: row.blocked,
            outcome: row.outcome.map(|Text(outcome)| outcome),
        }
    }
}

/// The rows after a line, in order.
pub async fn results(
    tx: &mut Tx,
    (key, run): (ImportKey<'_>, &ResyncId),
    after: i64,
    most: i64,
) -> sqlx::Result<Vec<ResultRow>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select r.organization_id, r.import_id, r.line, r.state, r.external_id, r.email, r.user_id,
            r.wrong_column, r.why, p.change, coalesce(p.blocked, false) as blocked, p.outcome
        from import_rows r
        left join resync_people p on p.organization_id = r.organization_id
          and p.resync_id = $3 and p.user_id = r.user_id
        where r.organization_id = $1 and r.import_id = $2 and r.line > $4
        order by r.line
        limit $5
        ",
        key.organization.as_str(),
        key.id.as_str(),
        run.as_str(),
        after,
        most,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}
