//! The plan as a page shows it.

use sqlx::FromRow;

use super::super::{
    columns::Run,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, sql},
    domain::{
        decision::Outcome,
        directory::{Change, PlanPart},
        directory_user::SeatState,
        id::DirectoryUserId,
    },
};

/// One user of a plan.
#[derive(Clone, Debug)]
pub struct Listed {
    pub user: DirectoryUserId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub change: Change,
    pub from: Option<SeatState>,
    pub active: Option<bool>,
    pub blocked: bool,
    pub outcome: Option<Outcome>,
}

#[derive(FromRow)]
struct Row {
    user_id: String,
    name: Option<String>,
    email: Option<String>,
    change: Text<Change>,
    from_state: Option<Text<SeatState>>,
    active: Option<bool>,
    blocked: bool,
    outcome: Option<Text<Outcome>>,
}

impl Stored for Row {
    const TABLE: &'static str = "resync_people";
    const KEY: &'static [&'static str] = &["organization_id", "resync_id", "user_id"];
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        Self {
            user: DirectoryUserId::new(row.user_id),
            name: row.name,
            email: row.email,
            change: row.change.0,
            from: row.from_state.map(|Text(state)| state),
            active: row.active,
            blocked: row.blocked,
            outcome: row.outcome.map(|Text(outcome)| outcome),
        }
    }
}

/// The users of the plan or of a part of it behind one, in order of id.
pub async fn page(
    tx: &mut Tx,
    run: Run<'_>,
    part: Option<PlanPart>,
    (behind, most): (Option<&DirectoryUserId>, i64),
) -> sqlx::Result<Vec<Listed>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, resync_id, user_id, name, email, change, from_state, active,
          blocked, outcome
        from resync_people
        where organization_id = $1 and resync_id = $2 and change is not null
          and ($3 = '' or change = $3
            or ($3 = 'blocked' and (outcome = 'blocked' or (outcome is null and blocked)))
            or ($3 = 'left-alone' and outcome in ('stale', 'duplicate')))
          and user_id > $4
        order by user_id
        limit $5
        ",
        run.organization.as_str(),
        run.id.as_str(),
        part.map_or("", PlanPart::as_str),
        behind.map_or("", DirectoryUserId::as_str),
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The number of users in a part of the plan.
pub async fn count(tx: &mut Tx, run: Run<'_>, part: PlanPart) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from resync_people
        where organization_id = $1 and resync_id = $2 and change is not null
          and ($3 = '' or change = $3
            or ($3 = 'blocked' and (outcome = 'blocked' or (outcome is null and blocked)))
            or ($3 = 'left-alone' and outcome in ('stale', 'duplicate')))
        ",
        run.organization.as_str(),
        run.id.as_str(),
        part.as_str(),
    )
}
