//! Directory users: their profiles, their seat states and their positions in the waitlist.

pub mod by_time;
mod called;
mod chosen;
pub mod listing;
mod named;
mod people;
mod search_keys;

use sqlx::FromRow;

use self::search_keys::search_key;
pub use self::{
    called::{Called, called},
    chosen::{Filter, chosen, count_chosen, in_state_after, name_key, waiting_after},
    listing::{rows, states_matching},
    named::{Found, Named, named_by_email, named_by_external_id, named_by_id, with_email_anywhere},
    people::{Listed, duplicate_emails, position, positions, states},
    search_keys::{SearchKey, search_keys_after, set_search_key},
};
use super::{
    KEYS_AT_ONCE, ROWS_AT_ONCE,
    columns::{self, Roles, Tie},
    exactly,
    groups::{self, MergedGroups},
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        access::OrganizationScope,
        directory_user::{DirectoryUser, Profile, ProfileVersions, SeatState},
        id::{DirectoryUserId, OrganizationId},
        time::Timestamp,
        waitlist::Place,
    },
};

#[derive(FromRow)]
struct Row {
    organization_id: String,
    id: String,
    state: Text<SeatState>,
    email: Option<String>,
    name: Option<String>,
    external_id: Option<String>,
    roles: Text<Roles>,
    waitlist_rank: Option<i64>,
    waitlist_position: Option<i64>,
    waitlist_by_hand: bool,
    since: i64,
    known_since: i64,
    activity_at: i64,
    activity_tie: Tie,
    email_at: i64,
    email_tie: Tie,
    name_at: i64,
    name_tie: Tie,
    external_id_at: i64,
    external_id_tie: Tie,
    groups_at: i64,
    groups_tie: Tie,
    roles_at: i64,
    roles_tie: Tie,
}

impl Stored for Row {
    const TABLE: &'static str = "directory_users";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

impl From<Row> for (OrganizationId, DirectoryUser) {
    fn from(row: Row) -> Self {
        let by_hand = row.waitlist_by_hand;
        let place = |(rank, position)| Place { rank, position, by_hand };
        let user = DirectoryUser {
            id: DirectoryUserId::new(row.id),
            state: row.state.0,
            profile: Profile { email: row.email, name: row.name, external_id: row.external_id },
            roles: row.roles.0.0,
            groups: None,
            waitlist_place: row.waitlist_rank.zip(row.waitlist_position).map(place),
            since: Timestamp::from_nanos(row.since),
            known_since: Timestamp::from_nanos(row.known_since),
            activity_version: row.activity_tie.at(row.activity_at),
            profile_versions: ProfileVersions {
                email: row.email_tie.at(row.email_at),
                name: row.name_tie.at(row.name_at),
                external_id: row.external_id_tie.at(row.external_id_at),
            },
            groups_version: row.groups_tie.at(row.groups_at),
            roles_version: row.roles_tie.at(row.roles_at),
        };
        (OrganizationId::new(row.organization_id), user)
    }
}

fn users(rows: Vec<Keyed<Row>>) -> Vec<DirectoryUser> {
    rows.into_iter().map(|Keyed(row)| <(OrganizationId, DirectoryUser)>::from(row).1).collect()
}

/// The directory users with these ids, of several organizations; removed ones too.
pub async fn with_ids(
    tx: &mut Tx,
    keys: &[(OrganizationId, DirectoryUserId)],
) -> sqlx::Result<Vec<(OrganizationId, DirectoryUser)>> {
    let rows: Vec<Keyed<Row>> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select organization_id, id, state, email, name, external_id, roles, waitlist_rank,
          waitlist_position, waitlist_by_hand, since, known_since, activity_at, activity_tie,
          email_at, email_tie, name_at, name_tie, external_id_at, external_id_tie, groups_at,
          groups_tie, roles_at, roles_tie
        from directory_users
        where (organization_id, id) in ({keys})
        ",
        |key| [key.0.as_str(), key.1.as_str()],
    );
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The directory users with these addresses (`email_key`), of several organizations, without
/// removed ones.
pub async fn with_emails(
    tx: &mut Tx,
    keys: &[(OrganizationId, String)],
) -> sqlx::Result<Vec<(OrganizationId, DirectoryUser)>> {
    let rows: Vec<Keyed<Row>> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select organization_id, id, state, email, name, external_id, roles, waitlist_rank,
          waitlist_position, waitlist_by_hand, since, known_since, activity_at, activity_tie,
          email_at, email_tie, name_at, name_tie, external_id_at, external_id_tie, groups_at,
          groups_tie, roles_at, roles_tie
        from directory_users
        where state <> 'removed' and (organization_id, email_key) in ({keys})
        ",
        |key| [key.0.as_str(), key.1.as_str()],
    );
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The directory users with these external ids, of several organizations; removed ones too.
pub async fn with_external_ids(
    tx: &mut Tx,
    keys: &[(OrganizationId, String)],
) -> sqlx::Result<Vec<(OrganizationId, DirectoryUser)>> {
    let rows: Vec<Keyed<Row>> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select organization_id, id, state, email, name, external_id, roles, waitlist_rank,
          waitlist_position, waitlist_by_hand, since, known_since, activity_at, activity_tie,
          email_at, email_tie, name_at, name_tie, external_id_at, external_id_tie, groups_at,
          groups_tie, roles_at, roles_tie
        from directory_users
        where external_id is not null and (organization_id, external_id) in ({keys})
        ",
        |key| [key.0.as_str(), key.1.as_str()],
    );
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The directory users with these addresses (`email_key`), removed ones too.
pub async fn ever_with_emails(
    tx: &mut Tx,
    keys: &[(OrganizationId, String)],
) -> sqlx::Result<Vec<(OrganizationId, DirectoryUser)>> {
    let rows: Vec<Keyed<Row>> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select organization_id, id, state, email, name, external_id, roles, waitlist_rank,
          waitlist_position, waitlist_by_hand, since, known_since, activity_at, activity_tie,
          email_at, email_tie, name_at, name_tie, external_id_at, external_id_tie, groups_at,
          groups_tie, roles_at, roles_tie
        from directory_users
        where (organization_id, email_key) in ({keys})
        ",
        |key| [key.0.as_str(), key.1.as_str()],
    );
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The first `most` directory users of the waitlist, in its order.
pub async fn waiting(
    tx: &mut Tx,
    organization: &OrganizationScope,
    most: i64,
) -> sqlx::Result<Vec<DirectoryUser>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, id, state, email, name, external_id, roles, waitlist_rank,
          waitlist_position, waitlist_by_hand, since, known_since, activity_at, activity_tie,
          email_at, email_tie, name_at, name_tie, external_id_at, external_id_tie, groups_at,
          groups_tie, roles_at, roles_tie
        from directory_users
        where organization_id = $1 and waitlist_position is not null
        order by waitlist_rank, waitlist_position, id
        limit $2
        ",
        organization.id().as_str(),
        most,
    )?;
    Ok(users(rows))
}

/// All directory users, removed ones too; only for the deletion of an organization.
pub async fn all_users(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Vec<DirectoryUser>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, id, state, email, name, external_id, roles, waitlist_rank,
          waitlist_position, waitlist_by_hand, since, known_since, activity_at, activity_tie,
          email_at, email_tie, name_at, name_tie, external_id_at, external_id_tie, groups_at,
          groups_tie, roles_at, roles_tie
        from directory_users
        where organization_id = $1
        order by id
        ",
        organization.id().as_str(),
    )?;
    Ok(users(rows))
}

/// The removed directory users that the directory still has, as far as it said: the organization
/// did not exist at that time, or is archived. Only for the restoration of an organization.
pub async fn removed_but_in_directory(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Vec<DirectoryUser>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, id, state, email, name, external_id, roles, waitlist_rank,
          waitlist_position, waitlist_by_hand, since, known_since, activity_at, activity_tie,
          email_at, email_tie, name_at, name_tie, external_id_at, external_id_tie, groups_at,
          groups_tie, roles_at, roles_tie
        from directory_users
        where organization_id = $1 and state = 'removed' and activity_tie < $2
        order by id
        ",
        organization.id().as_str(),
        columns::FIRST_DELETED_TIE,
    )?;
    Ok(users(rows))
}

/// Writes directory users as the seat rules left them.
pub async fn save(tx: &mut Tx, rows: &[(&OrganizationId, &DirectoryUser)]) -> sqlx::Result<()> {
    let hit = bulk!(
        tx,
        rows,
        ROWS_AT_ONCE,
        r"
        insert into directory_users (
          organization_id, id, state, email, email_key, name, search_key, external_id, roles,
          waitlist_rank, waitlist_position, waitlist_by_hand, since, known_since, activity_at,
          activity_tie, email_at, email_tie, name_at, name_tie, external_id_at, external_id_tie,
          groups_at, groups_tie, roles_at, roles_tie
        )
        {rows}
        on conflict (organization_id, id) do update
        set state = excluded.state, email = excluded.email, email_key = excluded.email_key,
          name = excluded.name, search_key = excluded.search_key,
          external_id = excluded.external_id, roles = excluded.roles,
          waitlist_rank = excluded.waitlist_rank, waitlist_position = excluded.waitlist_position,
          waitlist_by_hand = excluded.waitlist_by_hand, since = excluded.since,
          known_since = excluded.known_since, activity_at = excluded.activity_at,
          activity_tie = excluded.activity_tie, email_at = excluded.email_at,
          email_tie = excluded.email_tie, name_at = excluded.name_at,
          name_tie = excluded.name_tie, external_id_at = excluded.external_id_at,
          external_id_tie = excluded.external_id_tie, groups_at = excluded.groups_at,
          groups_tie = excluded.groups_tie, roles_at = excluded.roles_at,
          roles_tie = excluded.roles_tie
        ",
        |row| [
            row.0.as_str(),
            row.1.id.as_str(),
            row.1.state.as_str(),
            row.1.profile.email.as_deref(),
            row.1.email_key(),
            row.1.profile.name.as_deref(),
            search_key(
                row.1.profile.name.as_deref(),
                row.1.profile.email.as_deref(),
                row.1.id.as_str()
            ),
            row.1.profile.external_id.as_deref(),
            columns::from_roles(&row.1.roles),
            row.1.waitlist_place.map(|place| place.rank),
            row.1.waitlist_place.map(|place| place.position),
            row.1.waitlist_place.is_some_and(|place| place.by_hand),
            row.1.since.nanos(),
            row.1.known_since.nanos(),
            row.1.activity_version.at.nanos(),
            columns::tie(row.1.activity_version),
            row.1.profile_versions.email.at.nanos(),
            columns::tie(row.1.profile_versions.email),
            row.1.profile_versions.name.at.nanos(),
            columns::tie(row.1.profile_versions.name),
            row.1.profile_versions.external_id.at.nanos(),
            columns::tie(row.1.profile_versions.external_id),
            row.1.groups_version.at.nanos(),
            columns::tie(row.1.groups_version),
            row.1.roles_version.at.nanos(),
            columns::tie(row.1.roles_version),
        ],
    );
    exactly(rows.len() as u64, hit)
}

/// A directory user takes over the row of a placeholder. If the user already has a row, the
/// placeholder's row is deleted. Without a row of the placeholder nothing happens.
///
/// A membership refers to its user, and no foreign key follows a changed id: before the row gets
/// the new id, its memberships are taken out, and they are added again afterwards. Returns whether
/// the row got the new id, and what changes about the user's groups if it did not.
pub async fn merge_placeholder(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
) -> sqlx::Result<(bool, MergedGroups)> {
    let left = groups::leave_before_rename(tx, organization, placeholder, id).await?;
    let renamed = sql!(
        execute(tx),
        r"
        update directory_users
        set id = $3
        where organization_id = $1 and id = $2
          and not exists (
            select 1
            from directory_users own
            where own.organization_id = $1 and own.id = $3
          )
        ",
        organization.id().as_str(),
        placeholder.as_str(),
        id.as_str(),
    )?;
    groups::join_again(tx, organization, id, &left).await?;
    let merged = groups::merge_placeholder(tx, organization, placeholder, id).await?;
    sql!(
        execute(tx),
        r"
        delete from directory_users
        where organization_id = $1 and id = $2
        ",
        organization.id().as_str(),
        placeholder.as_str(),
    )?;
    Ok((renamed > 0, merged))
}
