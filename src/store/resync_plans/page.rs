//! The plan as a page shows it.

use sqlx::FromRow;

use super::super::{columns::Run, rows::Text};
use crate::{
    db::{Tx, sql},
    domain::{
        directory::Change, directory_user::SeatState, id::DirectoryUserId, resync::PlanRow,
        text::ExternalText,
    },
    views::resyncs::Part,
};

/// A page of the plan or of a part of it, in order of id; skips `skipped` rows and returns at most
/// `most`.
pub async fn page(
    tx: &mut Tx,
    run: Run<'_>,
    part: Option<Part>,
    (skipped, most): (i64, i64),
) -> sqlx::Result<Vec<PlanRow>> {
    #[derive(FromRow)]
    struct Row {
        user_id: String,
        name: Option<String>,
        email: Option<String>,
        change: String,
        from_state: Option<Text<SeatState>>,
        active: Option<bool>,
        blocked: bool,
        outcome: Option<String>,
    }
    let rows: Vec<Row> = sql!(
        all(tx),
        r"
        select user_id, name, email, change, from_state, active, blocked, outcome
        from resync_people
        where organization_id = $1 and resync_id = $2 and change is not null
          and ($3 = '' or change = $3
            or ($3 = 'blocked' and (outcome = 'blocked' or (outcome is null and blocked)))
            or ($3 = 'left-alone' and outcome in ('stale', 'duplicate')))
        order by user_id
        limit $5 offset $4
        ",
        run.organization.as_str(),
        run.id.as_str(),
        part.map_or("", Part::as_str),
        skipped,
        most,
    )?;
    let row = |row: Row| {
        let seen = |text: Option<String>| text.as_deref().and_then(ExternalText::seen);
        let Row { active, blocked, outcome, .. } = row;
        let (name, email) = (seen(row.name), seen(row.email));
        let change = Change::parse(&row.change)?;
        let from = row.from_state.map(|Text(state)| state);
        Some(PlanRow {
            user: DirectoryUserId::new(row.user_id),
            name,
            email,
            change,
            from,
            active,
            blocked,
            outcome,
        })
    };
    Ok(rows.into_iter().filter_map(row).collect())
}

/// The number of users in a part of the plan.
pub async fn count(tx: &mut Tx, run: Run<'_>, part: Part) -> sqlx::Result<i64> {
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
