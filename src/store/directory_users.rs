//! Directory users: their profiles, their seat states and their positions in the waitlist.

use sqlx::FromRow;

use super::{columns, groups};
use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        access::OrganizationScope,
        directory_user::{DirectoryUser, Profile, ProfileVersions, SeatState},
        id::{DirectoryUserId, OrganizationId},
        text::folded,
        time::Timestamp,
    },
};

#[derive(FromRow)]
struct Row {
    organization_id: String,
    id: String,
    state: String,
    email: Option<String>,
    name: Option<String>,
    external_id: Option<String>,
    #[sqlx(try_from = "String")]
    roles: Roles,
    waitlist_position: Option<i64>,
    since: i64,
    known_since: i64,
    activity_at: i64,
    activity_tie: i64,
    email_at: i64,
    email_tie: i64,
    name_at: i64,
    name_tie: i64,
    external_id_at: i64,
    external_id_tie: i64,
    groups_at: i64,
    groups_tie: i64,
    roles_at: i64,
    roles_tie: i64,
}

/// A directory user's roles, stored as JSON. Roles that cannot be read are an error, not an empty
/// list.
#[derive(Clone, Debug)]
struct Roles(Vec<String>);

impl TryFrom<String> for Roles {
    type Error = serde_json::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        serde_json::from_str(&text).map(Self)
    }
}

impl From<Row> for (OrganizationId, DirectoryUser) {
    fn from(row: Row) -> Self {
        let user = DirectoryUser {
            id: DirectoryUserId::new(row.id),
            state: columns::state(&row.state),
            profile: Profile { email: row.email, name: row.name, external_id: row.external_id },
            roles: row.roles.0,
            groups: None,
            waitlist_position: row.waitlist_position,
            since: Timestamp::from_nanos(row.since),
            known_since: Timestamp::from_nanos(row.known_since),
            activity_version: columns::stamp(row.activity_at, row.activity_tie),
            profile_versions: ProfileVersions {
                email: columns::stamp(row.email_at, row.email_tie),
                name: columns::stamp(row.name_at, row.name_tie),
                external_id: columns::stamp(row.external_id_at, row.external_id_tie),
            },
            groups_version: columns::stamp(row.groups_at, row.groups_tie),
            roles_version: columns::stamp(row.roles_at, row.roles_tie),
        };
        (OrganizationId::new(row.organization_id), user)
    }
}

macro_rules! select {
    ($where:literal) => {
        concat!(
            "select organization_id, id, state, email, name, external_id, roles, waitlist_position, since, known_since, activity_at, activity_tie, \
             email_at, email_tie, name_at, name_tie, external_id_at, external_id_tie, groups_at, groups_tie, roles_at, roles_tie \
             from directory_users where ",
            $where
        )
    };
}

/// The directory users with these ids, of several organizations; removed ones too.
pub async fn with_ids(
    tx: &mut Tx,
    keys: &[(OrganizationId, DirectoryUserId)],
) -> sqlx::Result<Vec<(OrganizationId, DirectoryUser)>> {
    let rows: Vec<Row> = listed!(
        tx,
        keys,
        1_024,
        select!("(organization_id, id) in"),
        |key| [key.0.as_str(), key.1.as_str()],
        ""
    );
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The directory users with these addresses (`email_key`), of several organizations, without
/// removed ones.
pub async fn with_emails(
    tx: &mut Tx,
    keys: &[(OrganizationId, String)],
) -> sqlx::Result<Vec<(OrganizationId, DirectoryUser)>> {
    let rows: Vec<Row> = listed!(
        tx,
        keys,
        1_024,
        select!("state <> 'removed' and (organization_id, email_key) in"),
        |key| [key.0.as_str(), key.1.as_str()],
        ""
    );
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The directory users with these addresses (`email_key`), removed ones too.
pub async fn ever_with_emails(
    tx: &mut Tx,
    keys: &[(OrganizationId, String)],
) -> sqlx::Result<Vec<(OrganizationId, DirectoryUser)>> {
    let rows: Vec<Row> = listed!(
        tx,
        keys,
        1_024,
        select!("(organization_id, email_key) in"),
        |key| [key.0.as_str(), key.1.as_str()],
        ""
    );
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The first `most` directory users of the waitlist, in its order.
pub async fn waiting(
    tx: &mut Tx,
    organization: &OrganizationScope,
    most: i64,
) -> sqlx::Result<Vec<DirectoryUser>> {
    let rows: Vec<Row> = sql!(
        all(tx),
        select!(
            "organization_id = $1 and waitlist_position is not null order by waitlist_position limit $2"
        ),
        organization.id().as_str(),
        most,
    )?;
    Ok(rows.into_iter().map(|row| <(OrganizationId, DirectoryUser)>::from(row).1).collect())
}

/// All directory users, removed ones too; only for the deletion of an organization.
pub async fn all_users(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Vec<DirectoryUser>> {
    let rows: Vec<Row> =
        sql!(all(tx), select!("organization_id = $1 order by id"), organization.id().as_str())?;
    Ok(rows.into_iter().map(|row| <(OrganizationId, DirectoryUser)>::from(row).1).collect())
}

/// The removed directory users that the directory still has, as far as it said: the organization
/// did not exist at that time, or is archived. Only for the restoration of an organization.
pub async fn removed_but_in_directory(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Vec<DirectoryUser>> {
    let rows: Vec<Row> = sql!(
        all(tx),
        select!("organization_id = $1 and state = 'removed' and activity_tie < $2 order by id"),
        organization.id().as_str(),
        columns::FIRST_DELETED_TIE,
    )?;
    Ok(rows.into_iter().map(|row| <(OrganizationId, DirectoryUser)>::from(row).1).collect())
}

/// Writes directory users as the seat rules left them.
pub async fn save(tx: &mut Tx, rows: &[(&OrganizationId, &DirectoryUser)]) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        512,
        "insert into directory_users (organization_id, id, state, email, email_key, name, search_key, external_id, roles, waitlist_position, since, \
         known_since, activity_at, activity_tie, email_at, email_tie, name_at, name_tie, external_id_at, external_id_tie, groups_at, groups_tie, roles_at, roles_tie) ",
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
            serde_json::to_string(&row.1.roles).unwrap_or_default(),
            row.1.waitlist_position,
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
        " on conflict (organization_id, id) do update set state = excluded.state, email = excluded.email, email_key = excluded.email_key, \
         name = excluded.name, search_key = excluded.search_key, external_id = excluded.external_id, roles = excluded.roles, \
         waitlist_position = excluded.waitlist_position, since = excluded.since, known_since = excluded.known_since, activity_at = excluded.activity_at, activity_tie = excluded.activity_tie, \
         email_at = excluded.email_at, email_tie = excluded.email_tie, name_at = excluded.name_at, name_tie = excluded.name_tie, \
         external_id_at = excluded.external_id_at, external_id_tie = excluded.external_id_tie, groups_at = excluded.groups_at, \
         groups_tie = excluded.groups_tie, roles_at = excluded.roles_at, roles_tie = excluded.roles_tie"
    );
    Ok(())
}

/// The name and the address; without both the id, because the page shows the id then.
fn search_key(name: Option<&str>, email: Option<&str>, id: &str) -> String {
    let key = folded(&format!("{} {}", name.unwrap_or_default(), email.unwrap_or_default()));
    if key.is_empty() { folded(id) } else { key }
}

/// A directory user's search key, and the fields it is made of.
#[derive(Clone, Debug, FromRow)]
pub struct SearchKey {
    pub organization_id: String,
    pub id: String,
    name: Option<String>,
    email: Option<String>,
    #[sqlx(rename = "search_key")]
    stored: String,
}

impl SearchKey {
    fn right(&self) -> String {
        search_key(self.name.as_deref(), self.email.as_deref(), &self.id)
    }

    pub fn is_wrong(&self) -> bool {
        self.stored != self.right()
    }
}

/// Search keys in order of organization and id, after `after`.
pub async fn search_keys_after(
    tx: &mut Tx,
    after: (&str, &str),
    most: i64,
) -> sqlx::Result<Vec<SearchKey>> {
    sql!(
        all(tx),
        "select organization_id, id, name, email, search_key from directory_users where (organization_id, id) > ($1, $2) \
         order by organization_id, id limit $3",
        after.0,
        after.1,
        most,
    )
}

/// Returns zero if the row has changed in the meantime; its key was then written with it.
pub async fn set_search_key(tx: &mut Tx, row: &SearchKey) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        "update directory_users set search_key = $4 where organization_id = $1 and id = $2 and search_key = $3",
        row.organization_id.as_str(),
        row.id.as_str(),
        row.stored.as_str(),
        row.right(),
    )
}

/// A directory user takes over the row of a placeholder. If the user already has a row, the
/// placeholder's row is deleted. Without a row of the placeholder nothing happens.
pub async fn merge_placeholder(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "update directory_users set id = $3 where organization_id = $1 and id = $2 \
         and not exists (select 1 from directory_users own where own.organization_id = $1 and own.id = $3)",
        organization.id().as_str(),
        placeholder.as_str(),
        id.as_str(),
    )?;
    groups::merge_placeholder(tx, organization, placeholder, id).await?;
    sql!(
        execute(tx),
        "delete from directory_users where organization_id = $1 and id = $2",
        organization.id().as_str(),
        placeholder.as_str(),
    )?;
    Ok(())
}

/// The number of directory users in each state; used seats are read from the organization's row.
pub async fn states(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Vec<(SeatState, i64)>> {
    let rows: Vec<(String, i64)> = sql!(
        all(tx),
        "select state, n from (select state, count(*) as n from directory_users where organization_id = $1 and state <> 'provisioned' group by state \
         union all select 'provisioned', used from organizations where id = $1 and used > 0) counted order by state",
        organization.id().as_str(),
    )?;
    Ok(rows.into_iter().map(|(state, n)| (columns::state(&state), n)).collect())
}

/// A directory user in a list.
#[derive(Clone, Debug, FromRow)]
pub struct Listed {
    pub id: String,
    state: String,
    pub email: Option<String>,
    pub email_key: Option<String>,
    pub name: Option<String>,
    #[sqlx(try_from = "String")]
    roles: Roles,
    pub waitlist_position: Option<i64>,
    pub since: i64,
}

impl Listed {
    pub fn state(&self) -> SeatState {
        columns::state(&self.state)
    }

    pub fn roles(&self) -> Vec<String> {
        self.roles.0.clone()
    }
}

/// A page of directory users: the waitlist in its order, then the others by name. An empty `state`
/// means any; `pattern` is for `like`, with `\` before a literal `%`.
pub async fn page(
    tx: &mut Tx,
    organization: &OrganizationScope,
    state: &str,
    pattern: &str,
    (skip, most): (i64, i64),
) -> sqlx::Result<Vec<Listed>> {
    sql!(
        all(tx),
        "select id, state, email, email_key, name, roles, waitlist_position, since from directory_users \
         where organization_id = $1 and ($2 = '' or state = $2) and search_key like $3 escape '\\' \
         order by case when waitlist_position is null then 1 else 0 end, waitlist_position, search_key, id limit $4 offset $5",
        organization.id().as_str(),
        state,
        pattern,
        most,
        skip,
    )
}

pub async fn count(
    tx: &mut Tx,
    organization: &OrganizationScope,
    state: &str,
    pattern: &str,
) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        "select count(*) from directory_users where organization_id = $1 and ($2 = '' or state = $2) and search_key like $3 escape '\\'",
        organization.id().as_str(),
        state,
        pattern,
    )
}

/// The addresses (of `email_keys`) that more than one directory user has, without removed ones.
pub async fn duplicate_emails(
    tx: &mut Tx,
    organization: &OrganizationScope,
    email_keys: &[String],
) -> sqlx::Result<Vec<String>> {
    let keys: Vec<(&str, &str)> =
        email_keys.iter().map(|key| (organization.id().as_str(), key.as_str())).collect();
    let rows: Vec<(String,)> = listed!(
        tx,
        keys,
        1_024,
        "select email_key from directory_users where state <> 'removed' and (organization_id, email_key) in",
        |key| [key.0, key.1],
        "group by email_key having count(*) > 1 order by email_key"
    );
    Ok(rows.into_iter().map(|(key,)| key).collect())
}

/// How many users wait up to and including this `position`: the position that the pages show.
pub async fn position(
    tx: &mut Tx,
    organization: &OrganizationScope,
    waitlist_position: i64,
) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        "select count(*) from directory_users where organization_id = $1 and waitlist_position is not null and waitlist_position <= $2",
        organization.id().as_str(),
        waitlist_position,
    )
}
