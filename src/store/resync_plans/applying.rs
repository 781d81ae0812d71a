//! The plan as it is applied, in order.

use sqlx::FromRow;

use super::{super::columns::Run, people::PersonRow};
use crate::{
    db::{Tx, bulk, sql},
    domain::{
        directory::{Change, ListedUser},
        id::DirectoryUserId,
    },
};

/// Outcomes written in one statement.
const OUTCOMES_AT_ONCE: usize = 512;

/// A position in the order in which a plan is applied: users that release a seat first, then by id;
/// those of an import in the order of its file.
#[derive(Clone, Debug, Default, FromRow)]
pub struct Place {
    pub(super) apply_order: i64,
    #[sqlx(rename = "user_id")]
    pub(super) user: String,
}

/// A planned change that is not applied yet.
#[derive(Clone, Debug)]
pub struct ToDo {
    pub listed: ListedUser,
    pub change: Change,
    /// The placeholder that is merged into the user.
    pub placeholder: Option<DirectoryUserId>,
    pub place: Place,
}

pub(super) fn apply_order(change: Change) -> i64 {
    i64::from(!change.is_release())
}

/// The changes after a position that are not applied yet. Without the position, Postgres would read
/// all finished rows again each time.
pub async fn to_do(tx: &mut Tx, run: Run<'_>, after: &Place, most: i64) -> sqlx::Result<Vec<ToDo>> {
    #[derive(FromRow)]
    struct Row {
        apply_order: i64,
        #[sqlx(flatten)]
        person: PersonRow,
    }
    let rows: Vec<Row> = sql!(
        all(tx),
        r"
        select user_id, active, email, name, external_id, roles, groups, attributes, asked_at,
            change,
            placeholder_id, apply_order
        from resync_people
        where organization_id = $1 and resync_id = $2 and outcome is null and change is not null
          and (apply_order, user_id) > ($3, $4)
        order by apply_order, user_id
        limit $5
        ",
        run.organization.as_str(),
        run.id.as_str(),
        after.apply_order,
        after.user.as_str(),
        most,
    )?;
    let row = |Row { apply_order, mut person }: Row| {
        let change = person.change.as_deref().and_then(Change::parse).unwrap_or(Change::Updated);
        let placeholder = person.placeholder_id.take().map(DirectoryUserId::new);
        let listed: ListedUser = person.into();
        let place = Place { apply_order, user: listed.user.to_string() };
        ToDo { listed, change, placeholder, place }
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Stores the outcomes of users.
pub async fn note_outcomes(
    tx: &mut Tx,
    run: Run<'_>,
    rows: &[(DirectoryUserId, &'static str)],
) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        OUTCOMES_AT_ONCE,
        r"
        with came (organization_id, resync_id, user_id, outcome) as (
          {rows}
        )
        update resync_people
        set outcome = came.outcome, attributes = null
        from came
        where resync_people.organization_id = came.organization_id
          and resync_people.resync_id = came.resync_id and resync_people.user_id = came.user_id
        ",
        |row| [run.organization.as_str(), run.id.as_str(), row.0.as_str(), row.1],
    );
    Ok(())
}
