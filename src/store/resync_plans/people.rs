//! The listed users, and the known users beside them.

use sqlx::FromRow;

use super::super::{
    attributes,
    columns::{Run, Tie},
    rows::Text,
};
use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        directory::ListedUser,
        directory_user::{DirectoryUser, Profile, SeatState},
        id::{DirectoryId, DirectoryUserId, OrganizationId},
        time::Timestamp,
    },
};

/// Users written in one statement.
const USERS_AT_ONCE: usize = 64;
/// Users looked up in one statement.
const KEYS_AT_ONCE: usize = 1_024;

/// Stores a page of users. Returns how many of them are new; a user of an earlier page gets the
/// newer data.
pub async fn add_people(
    tx: &mut Tx,
    run: Run<'_>,
    directory: &DirectoryId,
    pass: i64,
    rows: &[ListedUser],
) -> sqlx::Result<u64> {
    let known: Vec<(String,)> = listed!(
        tx,
        rows,
        KEYS_AT_ONCE,
        r"
        select user_id
        from resync_people
        where (organization_id, resync_id, user_id) in ({keys})
        order by user_id
        ",
        |row| [run.organization.as_str(), run.id.as_str(), row.user.as_str()],
    );
    bulk!(
        tx,
        rows,
        USERS_AT_ONCE,
        r"
        insert into resync_people (organization_id, resync_id, user_id, directory_id, pass, active,
            email, name, external_id, roles, groups, attributes, asked_at, blocked)
        {rows}
        on conflict (organization_id, resync_id, user_id) do update
        set directory_id = excluded.directory_id, pass = excluded.pass, active = excluded.active,
            email = excluded.email, name = excluded.name, external_id = excluded.external_id,
            roles = excluded.roles, groups = excluded.groups,
            attributes = excluded.attributes, asked_at = excluded.asked_at
        where excluded.asked_at > resync_people.asked_at
        ",
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
            row.attributes.as_ref().map(attributes::json),
            row.asked_at.nanos(),
            false,
        ],
    );
    Ok((rows.len() - known.len()) as u64)
}

/// The number of users of a directory that this resync has found.
pub async fn count_of_directory(tx: &mut Tx, run: Run<'_>, directory: &str) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from resync_people
        where organization_id = $1 and resync_id = $2 and directory_id = $3
        ",
        run.organization.as_str(),
        run.id.as_str(),
        directory,
    )
}

#[derive(FromRow)]
pub(super) struct PersonRow {
    user_id: String,
    active: Option<bool>,
    email: Option<String>,
    name: Option<String>,
    external_id: Option<String>,
    roles: Option<String>,
    groups: Option<String>,
    attributes: Option<String>,
    asked_at: i64,
    pub change: Option<String>,
    pub placeholder_id: Option<String>,
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
            attributes: row.attributes.and_then(|text| serde_json::from_str(&text).ok()),
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
        r"
        select user_id, active, email, name, external_id, roles, groups, attributes, asked_at,
            change,
            placeholder_id
        from resync_people
        where organization_id = $1 and resync_id = $2 and user_id > $3 and directory_id is not null
        order by user_id
        limit $4
        ",
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
        r"
        select u.id, u.state, u.email, u.name, u.external_id, u.activity_at, u.activity_tie
        from directory_users u
        where u.organization_id = $1 and u.id > $3 and u.state <> 'removed'
          and not exists (
            select 1
            from resync_people p
            where p.organization_id = $1 and p.resync_id = $2 and p.user_id = u.id
              and p.directory_id is not null
          )
          and not exists (
            select 1
            from resync_people p
            where p.organization_id = $1 and p.resync_id = $2 and p.placeholder_id = u.id
          )
        order by u.id
        limit $4
        ",
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

/// The number of directory users that a plan could remove: all that are not removed yet, or only
/// those that no directory has named by id.
pub async fn live(
    tx: &mut Tx,
    organization: &OrganizationId,
    only_placeholders: bool,
) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from directory_users
        where organization_id = $1 and state <> 'removed'
          and (not $2 or substr(id, 1, 6) = 'email:')
        ",
        organization.as_str(),
        only_placeholders,
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
        KEYS_AT_ONCE,
        r"
        select user_id, group_id
        from memberships
        where (organization_id, user_id) in ({keys})
        order by user_id, group_id
        ",
        |key| [key.0.as_str(), key.1.as_str()],
    ))
}
