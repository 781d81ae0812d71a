//! The plan: which users change, and how.

use super::{
    super::{columns::Run, rows::Text},
    applying::{Place, apply_order},
};
use crate::{
    db::{Tx, bulk, sql},
    domain::{
        directory::{Change, PlannedChange},
        directory_user::{Profile, SeatState},
        id::DirectoryUserId,
        time::Timestamp,
    },
};

/// Changes written in one statement.
const CHANGES_AT_ONCE: usize = 512;

/// Writes the planned changes of listed users.
pub async fn plan(tx: &mut Tx, run: Run<'_>, rows: &[PlannedChange]) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        CHANGES_AT_ONCE,
        r"
        with plan (organization_id, resync_id, user_id, change, apply_order, from_state,
            placeholder_id) as (
          {rows}
        )
        update resync_people
        set change = plan.change, apply_order = plan.apply_order, from_state = plan.from_state,
            placeholder_id = plan.placeholder_id, blocked = false
        from plan
        where resync_people.organization_id = plan.organization_id
          and resync_people.resync_id = plan.resync_id and resync_people.user_id = plan.user_id
        ",
        |row| [
            run.organization.as_str(),
            run.id.as_str(),
            row.user.as_str(),
            row.change.as_str(),
            apply_order(row.change),
            row.from.map(SeatState::as_str),
            row.placeholder.as_ref().map(DirectoryUserId::as_str),
        ],
    );
    Ok(())
}

/// Adds the users that are missing in the directory, with the profile they had.
pub async fn plan_removals(
    tx: &mut Tx,
    run: Run<'_>,
    since: Timestamp,
    rows: &[(PlannedChange, Profile)],
) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        CHANGES_AT_ONCE,
        r"
        insert into resync_people (organization_id, resync_id, user_id, pass, email, name,
            external_id, asked_at, change, apply_order, from_state, blocked)
        {rows}
        on conflict (organization_id, resync_id, user_id) do nothing
        ",
        |row| [
            run.organization.as_str(),
            run.id.as_str(),
            row.0.user.as_str(),
            0_i64,
            row.1.email.as_deref(),
            row.1.name.as_deref(),
            row.1.external_id.as_deref(),
            since.nanos(),
            row.0.change.as_str(),
            apply_order(row.0.change),
            row.0.from.map(SeatState::as_str),
            false,
        ],
    );
    Ok(())
}

/// Discards the plan for a range of ids; listed users stay.
pub async fn discard_plan(
    tx: &mut Tx,
    run: Run<'_>,
    (after, until): (&str, &str),
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        delete from resync_people
        where organization_id = $1 and resync_id = $2 and user_id > $3 and user_id <= $4
          and directory_id is null
        ",
        run.organization.as_str(),
        run.id.as_str(),
        after,
        until,
    )?;
    sql!(
        execute(tx),
        r"
        update resync_people
        set change = null, apply_order = null, from_state = null, placeholder_id = null,
            blocked = false
        where organization_id = $1 and resync_id = $2 and user_id > $3 and user_id <= $4
          and change is not null
        ",
        run.organization.as_str(),
        run.id.as_str(),
        after,
        until,
    )?;
    Ok(())
}

/// The number of users for each change and earlier state, as (change, from, number).
pub async fn counts(
    tx: &mut Tx,
    run: Run<'_>,
) -> sqlx::Result<Vec<(Change, Option<SeatState>, i64)>> {
    let rows: Vec<(Text<Change>, Option<Text<SeatState>>, i64)> = sql!(
        all(tx),
        r"
        select change, from_state, count(*)
        from resync_people
        where organization_id = $1 and resync_id = $2 and change is not null
        group by change, from_state
        order by change, from_state
        ",
        run.organization.as_str(),
        run.id.as_str(),
    )?;
    Ok(rows
        .into_iter()
        .map(|(Text(change), from, n)| (change, from.map(|Text(state)| state), n))
        .collect())
}

/// The last user who gets one of the `room` free seats: later users are blocked. `None` if fewer
/// than `room` users claim a seat.
pub async fn last_with_room(tx: &mut Tx, run: Run<'_>, room: i64) -> sqlx::Result<Option<Place>> {
    sql!(
        optional(tx),
        r"
        select apply_order, user_id
        from resync_people
        where organization_id = $1 and resync_id = $2 and change in ('created', 'reactivated')
          and (active is null or active)
        order by apply_order, user_id
        limit 1 offset $3
        ",
        run.organization.as_str(),
        run.id.as_str(),
        room - 1,
    )
}

/// The last id of the part of at most `most` users after `after`. `None` if no user is left. Work
/// in parts handles each user once, whatever became of earlier users.
pub async fn part_after(
    tx: &mut Tx,
    run: Run<'_>,
    after: &str,
    most: i64,
) -> sqlx::Result<Option<String>> {
    sql!(
        value(tx),
        r"
        select max(part.user_id)
        from (
            select user_id
            from resync_people
            where organization_id = $1 and resync_id = $2 and user_id > $3
            order by user_id
            limit $4
          ) part
        ",
        run.organization.as_str(),
        run.id.as_str(),
        after,
        most,
    )
}

/// Marks the users of a range that claim a seat after a position as blocked. Returns how many.
pub async fn mark_blocked(
    tx: &mut Tx,
    run: Run<'_>,
    last_with_seat: &Place,
    (after, until): (&str, &str),
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        update resync_people
        set blocked = true
        where organization_id = $1 and resync_id = $2 and user_id > $3 and user_id <= $4
          and change in ('created', 'reactivated') and (active is null or active)
          and (apply_order, user_id) > ($5, $6)
        ",
        run.organization.as_str(),
        run.id.as_str(),
        after,
        until,
        last_with_seat.apply_order,
        last_with_seat.user.as_str(),
    )
}

/// Deletes the users of a range that do not change. Returns how many.
pub async fn forget_unchanged(
    tx: &mut Tx,
    run: Run<'_>,
    (after, until): (&str, &str),
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from resync_people
        where organization_id = $1 and resync_id = $2 and user_id > $3 and user_id <= $4
          and change is null
        ",
        run.organization.as_str(),
        run.id.as_str(),
        after,
        until,
    )
}
