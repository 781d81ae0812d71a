//! The users that a resync has listed, and its plan for them.

use sqlx::FromRow;

use super::{
    columns::{Run, Tie},
    rows::Text,
};
use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        directory::{Change, ListedUser, PlannedChange},
        directory_user::{DirectoryUser, Profile, SeatState},
        id::{DirectoryId, DirectoryUserId, OrganizationId},
        resync::PlanRow,
        text::ExternalText,
        time::Timestamp,
    },
    views::resyncs::Part,
};

/// Stores a page of users. Returns how many of them are new; a user of an earlier page gets the
/// newer data.
pub async fn add_people(
    tx: &mut Tx,
    run: Run<'_>,
    directory: &DirectoryId,
    pass: i64,
    rows: &[ListedUser],
) -> sqlx::Result<u64> {
    macro_rules! people {
        ($conflict:literal) => {
            bulk!(
                tx,
                rows,
                64,
                "insert into resync_people (organization_id, resync_id, user_id, directory_id, pass, active, email, name, external_id, roles, groups, \
                 asked_at, blocked) ",
                |row| [
                    run.organization.as_str(),
                    run.id.as_str(),
                    row.user.as_str(),
                    directory.as_str(),
                    pass,
                    row.active,
                    row.profile.as_ref().and_then(|profile| profile.email.as_deref()),
                    row.profile.as_ref().and_then(|profile| profile.name.as_deref()),
                    row.profile.as_ref().and_then(|profile| profile.external_id.as_deref()),
                    row.roles.as_ref().and_then(|roles| serde_json::to_string(roles).ok()),
                    row.groups.as_ref().and_then(|groups| serde_json::to_string(groups).ok()),
                    row.asked_at.nanos(),
                    false,
                ],
                $conflict
            )
        };
    }
    let new = people!(" on conflict (organization_id, resync_id, user_id) do nothing");
    if new < rows.len() as u64 {
        people!(
            " on conflict (organization_id, resync_id, user_id) do update set directory_id = excluded.directory_id, pass = excluded.pass, active = excluded.active, \
             email = excluded.email, name = excluded.name, external_id = excluded.external_id, roles = excluded.roles, \
             groups = excluded.groups, asked_at = excluded.asked_at where excluded.asked_at > resync_people.asked_at"
        );
    }
    Ok(new)
}

/// The number of users of a directory that this resync has found.
pub async fn count_of_directory(tx: &mut Tx, run: Run<'_>, directory: &str) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        "select count(*) from resync_people where organization_id = $1 and resync_id = $2 and directory_id = $3",
        run.organization.as_str(),
        run.id.as_str(),
        directory,
    )
}

#[derive(FromRow)]
struct PersonRow {
    user_id: String,
    active: Option<bool>,
    email: Option<String>,
    name: Option<String>,
    external_id: Option<String>,
    roles: Option<String>,
    groups: Option<String>,
    asked_at: i64,
    change: Option<String>,
    placeholder_id: Option<String>,
}

impl From<PersonRow> for ListedUser {
    fn from(row: PersonRow) -> Self {
        let profile = Profile { email: row.email, name: row.name, external_id: row.external_id };
        Self {
            user: DirectoryUserId::new(row.user_id),
            active: row.active,
            profile: (profile != Profile::default()).then_some(profile),
            groups: row.groups.and_then(|groups| serde_json::from_str(&groups).ok()),
            roles: row.roles.and_then(|roles| serde_json::from_str(&roles).ok()),
            asked_at: Timestamp::from_nanos(row.asked_at),
        }
    }
}

/// The listed users in order of id, after `after`.
pub async fn people_after(
    tx: &mut Tx,
    run: Run<'_>,
    after: &str,
    most: i64,
) -> sqlx::Result<Vec<ListedUser>> {
    let rows: Vec<PersonRow> = sql!(
        all(tx),
        "select user_id, active, email, name, external_id, roles, groups, asked_at, change, placeholder_id from resync_people \
         where organization_id = $1 and resync_id = $2 and user_id > $3 and directory_id is not null order by user_id limit $4",
        run.organization.as_str(),
        run.id.as_str(),
        after,
        most,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The directory users that no page has, without removed ones, in order of id. A placeholder that
/// is merged into a listed user is left out.
pub async fn unlisted_after(
    tx: &mut Tx,
    run: Run<'_>,
    after: &str,
    most: i64,
) -> sqlx::Result<Vec<(DirectoryUser, Profile)>> {
    #[derive(FromRow)]
    struct Row {
        id: String,
        state: Text<SeatState>,
        email: Option<String>,
        name: Option<String>,
        external_id: Option<String>,
        activity_at: i64,
        activity_tie: Tie,
    }
    let rows: Vec<Row> = sql!(
        all(tx),
        "select u.id, u.state, u.email, u.name, u.external_id, u.activity_at, u.activity_tie from directory_users u \
         where u.organization_id = $1 and u.id > $3 and u.state <> 'removed' \
         and not exists (select 1 from resync_people p where p.organization_id = $1 and p.resync_id = $2 and p.user_id = u.id \
         and p.directory_id is not null) \
         and not exists (select 1 from resync_people p where p.organization_id = $1 and p.resync_id = $2 and p.placeholder_id = u.id) \
         order by u.id limit $4",
        run.organization.as_str(),
        run.id.as_str(),
        after,
        most,
    )?;
    let person = |row: Row| {
        let profile = Profile { email: row.email, name: row.name, external_id: row.external_id };
        let activity_version = row.activity_tie.at(row.activity_at);
        let state = row.state.0;
        (
            DirectoryUser {
                state,
                activity_version,
                ..DirectoryUser::unknown(DirectoryUserId::new(row.id))
            },
            profile,
        )
    };
    Ok(rows.into_iter().map(person).collect())
}

/// The number of directory users that a plan could remove: all that are not removed yet.
pub async fn live(tx: &mut Tx, organization: &OrganizationId) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        "select count(*) from directory_users where organization_id = $1 and state <> 'removed'",
        organization.as_str()
    )
}

/// The groups of these users, as (user, group), in order.
pub async fn memberships(
    tx: &mut Tx,
    keys: &[(OrganizationId, DirectoryUserId)],
) -> sqlx::Result<Vec<(String, String)>> {
    Ok(listed!(
        tx,
        keys,
        1_024,
        "select user_id, group_id from memberships where (organization_id, user_id) in",
        |key| [key.0.as_str(), key.1.as_str()],
        "order by user_id, group_id"
    ))
}

/// Writes the planned changes of listed users.
pub async fn plan(tx: &mut Tx, run: Run<'_>, rows: &[PlannedChange]) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        512,
        "with plan (organization_id, resync_id, user_id, change, apply_order, from_state, placeholder_id) as (",
        |row| [
            run.organization.as_str(),
            run.id.as_str(),
            row.user.as_str(),
            row.change.as_str(),
            apply_order(row.change),
            row.from.map(SeatState::as_str),
            row.placeholder.as_ref().map(DirectoryUserId::as_str),
        ],
        ") update resync_people set change = plan.change, apply_order = plan.apply_order, from_state = plan.from_state, placeholder_id = plan.placeholder_id, \
         blocked = false from plan where resync_people.organization_id = plan.organization_id and resync_people.resync_id = plan.resync_id \
         and resync_people.user_id = plan.user_id"
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
        512,
        "insert into resync_people (organization_id, resync_id, user_id, pass, email, name, external_id, asked_at, change, apply_order, from_state, \
         blocked) ",
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
        " on conflict (organization_id, resync_id, user_id) do nothing"
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
        "delete from resync_people where organization_id = $1 and resync_id = $2 and user_id > $3 and user_id <= $4 and directory_id is null",
        run.organization.as_str(),
        run.id.as_str(),
        after,
        until,
    )?;
    sql!(
        execute(tx),
        "update resync_people set change = null, apply_order = null, from_state = null, placeholder_id = null, blocked = false where organization_id = $1 \
         and resync_id = $2 and user_id > $3 and user_id <= $4 and change is not null",
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
        "select change, from_state, count(*) from resync_people where organization_id = $1 and resync_id = $2 and change is not null \
         group by change, from_state order by change, from_state",
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
pub async fn last_with_room(tx: &mut Tx, run: Run<'_>, room: i64) -> sqlx::Result<Option<String>> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        "select user_id from resync_people where organization_id = $1 and resync_id = $2 and change in ('created', 'reactivated') \
         and (active is null or active) order by user_id limit 1 offset $3",
        run.organization.as_str(),
        run.id.as_str(),
        room - 1,
    )?;
    Ok(row.map(|(id,)| id))
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
        "select max(part.user_id) from (select user_id from resync_people where organization_id = $1 and resync_id = $2 and user_id > $3 \
         order by user_id limit $4) part",
        run.organization.as_str(),
        run.id.as_str(),
        after,
        most,
    )
}

/// Marks the users of a range that claim a seat as blocked. Returns how many.
pub async fn mark_blocked(
    tx: &mut Tx,
    run: Run<'_>,
    (after, until): (&str, &str),
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        "update resync_people set blocked = true where organization_id = $1 and resync_id = $2 and user_id > $3 and user_id <= $4 \
         and change in ('created', 'reactivated') and (active is null or active)",
        run.organization.as_str(),
        run.id.as_str(),
        after,
        until,
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
        "delete from resync_people where organization_id = $1 and resync_id = $2 and user_id > $3 and user_id <= $4 and change is null",
        run.organization.as_str(),
        run.id.as_str(),
        after,
        until,
    )
}

/// A position in the order in which a plan is applied: users that release a seat first, then by id.
#[derive(Clone, Debug, Default)]
pub struct Place {
    apply_order: i64,
    user: String,
}

impl Place {
    pub fn of(change: Change, user: &DirectoryUserId) -> Self {
        Self { apply_order: apply_order(change), user: user.to_string() }
    }
}

fn apply_order(change: Change) -> i64 {
    i64::from(!change.is_release())
}

/// The changes after a position that are not applied yet, as (listed user, change, placeholder to
/// merge). Without the position, Postgres would read all finished rows again each time.
pub async fn to_do(
    tx: &mut Tx,
    run: Run<'_>,
    after: &Place,
    most: i64,
) -> sqlx::Result<Vec<(ListedUser, Change, Option<DirectoryUserId>)>> {
    let rows: Vec<PersonRow> = sql!(
        all(tx),
        "select user_id, active, email, name, external_id, roles, groups, asked_at, change, placeholder_id from resync_people \
         where organization_id = $1 and resync_id = $2 and outcome is null and change is not null and (apply_order, user_id) > ($3, $4) \
         order by apply_order, user_id limit $5",
        run.organization.as_str(),
        run.id.as_str(),
        after.apply_order,
        after.user.as_str(),
        most,
    )?;
    let row = |mut row: PersonRow| {
        let change = row.change.as_deref().and_then(Change::parse).unwrap_or(Change::Updated);
        let placeholder = row.placeholder_id.take().map(DirectoryUserId::new);
        (row.into(), change, placeholder)
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
        512,
        "with came (organization_id, resync_id, user_id, outcome) as (",
        |row| [run.organization.as_str(), run.id.as_str(), row.0.as_str(), row.1],
        ") update resync_people set outcome = came.outcome from came where resync_people.organization_id = came.organization_id \
         and resync_people.resync_id = came.resync_id and resync_people.user_id = came.user_id"
    );
    Ok(())
}

/// The rows of a part of the plan; `$3` is the part's name, empty for all.
macro_rules! of_part {
    () => {
        " from resync_people where organization_id = $1 and resync_id = $2 and change is not null and ($3 = '' or change = $3 \
         or ($3 = 'blocked' and (outcome = 'blocked' or (outcome is null and blocked))) \
         or ($3 = 'left-alone' and outcome in ('stale', 'duplicate')))"
    };
}

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
        concat!(
            "select user_id, name, email, change, from_state, active, blocked, outcome",
            of_part!(),
            " order by user_id limit $5 offset $4"
        ),
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
        concat!("select count(*)", of_part!()),
        run.organization.as_str(),
        run.id.as_str(),
        part.as_str()
    )
}
