//! People as a product names them: by the id, by an external id, or by an e-mail address. Removed
//! people are not found, except by staff, who look for what became of a person.

use sqlx::FromRow;

use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::{OrganizationScope, Staff},
        directory_user::SeatState,
    },
    store::{
        KEYS_AT_ONCE,
        rows::{Keyed, Stored, Text},
    },
};

/// A name of a person, and the person's id.
pub type Named = (String, String);

/// The people with these ids.
pub async fn named_by_id(
    tx: &mut Tx,
    organization: &OrganizationScope,
    ids: &[String],
) -> sqlx::Result<Vec<Named>> {
    let keys = keys(organization, ids);
    let rows: Vec<Named> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select id as name, id
        from directory_users
        where state <> 'removed' and (organization_id, id) in ({keys})
        ",
        |key| [key.0, key.1],
    );
    Ok(rows)
}

/// The people with these external ids; several may have the same one.
pub async fn named_by_external_id(
    tx: &mut Tx,
    organization: &OrganizationScope,
    external_ids: &[String],
) -> sqlx::Result<Vec<Named>> {
    let keys = keys(organization, external_ids);
    let rows: Vec<Named> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select external_id, id
        from directory_users
        where state <> 'removed' and external_id is not null
          and (organization_id, external_id) in ({keys})
        ",
        |key| [key.0, key.1],
    );
    Ok(rows)
}

/// The people with these addresses (`email_key`); several may have the same one.
pub async fn named_by_email(
    tx: &mut Tx,
    organization: &OrganizationScope,
    email_keys: &[String],
) -> sqlx::Result<Vec<Named>> {
    let keys = keys(organization, email_keys);
    let rows: Vec<Named> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select email_key, id
        from directory_users
        where state <> 'removed' and (organization_id, email_key) in ({keys})
        ",
        |key| [key.0, key.1],
    );
    Ok(rows)
}

/// A person of any organization.
#[derive(Clone, Debug, FromRow)]
pub struct Found {
    pub organization_id: String,
    pub organization_name: String,
    pub id: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub state: Text<SeatState>,
}

impl Stored for Found {
    const TABLE: &'static str = "directory_users";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

/// The people of all organizations with this address (`email_key`), in the order of the
/// organizations' names; removed ones too.
pub async fn with_email_anywhere(
    tx: &mut Tx,
    _staff: &Staff,
    email_key: &str,
    most: i64,
) -> sqlx::Result<Vec<Found>> {
    let rows: Vec<Keyed<Found>> = sql!(
        all(tx),
        r"
        select u.organization_id, o.name as organization_name, u.id, u.name, u.email, u.state
        from directory_users u
        join organizations o on o.id = u.organization_id
        where u.email_key = $1
        order by o.search_key, u.organization_id, u.id
        limit $2
        ",
        email_key,
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row).collect())
}

fn keys<'a>(organization: &'a OrganizationScope, names: &'a [String]) -> Vec<(&'a str, &'a str)> {
    names.iter().map(|name| (organization.id().as_str(), name.as_str())).collect()
}
