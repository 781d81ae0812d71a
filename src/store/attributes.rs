//! The attributes of directory users that the installation keeps.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::{
    KEYS_AT_ONCE, SHORT_ROWS_AT_ONCE,
    columns::{self, Tie},
    rows::{FromText, Keyed, Stored, Text},
};
use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        access::OrganizationScope,
        attribute::Attributes,
        directory_user::Version,
        id::{DirectoryUserId, OrganizationId},
    },
};

pub type User = (OrganizationId, DirectoryUserId);

/// The attributes of a user, with the version of the update that said them.
pub type Said = (User, (Attributes, Version));

#[derive(Clone, Debug)]
struct Json(Attributes);

impl FromText for Json {
    fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }
}

#[derive(FromRow)]
struct Row {
    organization_id: String,
    user_id: String,
    attributes: Text<Json>,
    version_at: i64,
    version_tie: Tie,
}

impl Stored for Row {
    const TABLE: &'static str = "directory_user_attributes";
    const KEY: &'static [&'static str] = &["organization_id", "user_id"];
}

impl From<Row> for Said {
    fn from(row: Row) -> Self {
        let user = (OrganizationId::new(row.organization_id), DirectoryUserId::new(row.user_id));
        (user, (row.attributes.0.0, row.version_tie.at(row.version_at)))
    }
}

pub(super) fn json(attributes: &Attributes) -> String {
    serde_json::to_string(attributes).unwrap_or_default()
}

/// Writes the attributes of users, unless newer ones are stored.
pub async fn save(tx: &mut Tx, rows: &[Said]) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        SHORT_ROWS_AT_ONCE,
        r"
        insert into directory_user_attributes (
          organization_id, user_id, attributes, version_at, version_tie
        )
        {rows}
        on conflict (organization_id, user_id) do update
        set attributes = excluded.attributes, version_at = excluded.version_at,
          version_tie = excluded.version_tie
        where (excluded.version_at, excluded.version_tie)
          > (directory_user_attributes.version_at, directory_user_attributes.version_tie)
        ",
        |row| [
            row.0.0.as_str(),
            row.0.1.as_str(),
            json(&row.1.0),
            row.1.1.at.nanos(),
            columns::tie(row.1.1),
        ],
    );
    Ok(())
}

/// The attributes of these users of one organization; one without attributes is left out.
pub async fn of_users(
    tx: &mut Tx,
    users: &[User],
) -> sqlx::Result<BTreeMap<DirectoryUserId, (Attributes, Version)>> {
    Ok(said(tx, users).await?.into_iter().map(|((_, user), said)| (user, said)).collect())
}

/// The attributes of these users; one without attributes is left out.
pub async fn said(tx: &mut Tx, users: &[User]) -> sqlx::Result<Vec<Said>> {
    let rows: Vec<Keyed<Row>> = listed!(
        tx,
        users,
        KEYS_AT_ONCE,
        r"
        select organization_id, user_id, attributes, version_at, version_tie
        from directory_user_attributes
        where (organization_id, user_id) in ({keys})
        ",
        |key| [key.0.as_str(), key.1.as_str()],
    );
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

#[derive(FromRow)]
struct ForEvent {
    organization_id: String,
    user_id: String,
    attributes: Option<Text<Json>>,
}

impl Stored for ForEvent {
    const TABLE: &'static str = "directory_user_attributes";
    const KEY: &'static [&'static str] = &["organization_id", "user_id"];
}

/// The attributes of these users, for events; `None`: they are too much for one, so that they are
/// not read at all. As JSON, with its quotes, 20,000 characters are more than an event says.
pub async fn for_events(
    tx: &mut Tx,
    users: &[User],
) -> sqlx::Result<BTreeMap<User, Option<Attributes>>> {
    let rows: Vec<Keyed<ForEvent>> = listed!(
        tx,
        users,
        KEYS_AT_ONCE,
        r"
        select organization_id, user_id,
          case when length(attributes) <= 20000 then attributes end as attributes
        from directory_user_attributes
        where (organization_id, user_id) in ({keys})
        ",
        |key| [key.0.as_str(), key.1.as_str()],
    );
    let of_user = |Keyed(row): Keyed<ForEvent>| {
        let user = (OrganizationId::new(row.organization_id), DirectoryUserId::new(row.user_id));
        (user, row.attributes.map(|Text(Json(attributes))| attributes))
    };
    Ok(rows.into_iter().map(of_user).collect())
}

/// Gives the attributes of a placeholder to the user that it is merged into. A newer update of the
/// user counts.
pub async fn merge_placeholder(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
) -> sqlx::Result<()> {
    let user = (organization.id().clone(), placeholder.clone());
    let Some(said) = of_users(tx, &[user]).await?.remove(placeholder) else { return Ok(()) };
    save(tx, &[((organization.id().clone(), id.clone()), said)]).await?;
    sql!(
        execute(tx),
        r"
        delete from directory_user_attributes
        where organization_id = $1 and user_id = $2
        ",
        organization.id().as_str(),
        placeholder.as_str(),
    )?;
    Ok(())
}

/// The attributes behind a user, in order of organization and user.
pub async fn part_after(
    tx: &mut Tx,
    (organization, user): (&str, &str),
    most: i64,
) -> sqlx::Result<Vec<Said>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, user_id, attributes, version_at, version_tie
        from directory_user_attributes
        where (organization_id, user_id) > ($1, $2)
        order by organization_id, user_id
        limit $3
        ",
        organization,
        user,
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// Replaces the attributes of users that still have the version they were read with.
pub async fn cut(tx: &mut Tx, rows: &[Said]) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        SHORT_ROWS_AT_ONCE,
        r"
        with cut (organization_id, user_id, attributes, version_at, version_tie) as ({rows})
        update directory_user_attributes
        set attributes = cut.attributes
        from cut
        where directory_user_attributes.organization_id = cut.organization_id
          and directory_user_attributes.user_id = cut.user_id
          and directory_user_attributes.version_at = cut.version_at
          and directory_user_attributes.version_tie = cut.version_tie
        ",
        |row| [
            row.0.0.as_str(),
            row.0.1.as_str(),
            json(&row.1.0),
            row.1.1.at.nanos(),
            columns::tie(row.1.1),
        ],
    );
    Ok(())
}
