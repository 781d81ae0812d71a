//! The people of an organization that rows may be about.

use sqlx::FromRow;

use super::ImportKey;
use crate::{
    db::{Tx, listed},
    domain::{
        id::{DirectoryUserId, OrganizationId},
        import::KnownPerson,
    },
    store::KEYS_AT_ONCE,
};

#[derive(FromRow)]
struct Row {
    name: String,
    id: String,
    is_live: bool,
}

fn people(rows: Vec<Row>) -> Vec<(String, KnownPerson)> {
    let person = |row: Row| {
        (row.name, KnownPerson { id: DirectoryUserId::new(row.id), is_live: row.is_live })
    };
    rows.into_iter().map(person).collect()
}

/// The people with these external ids, removed ones too, each with the external id.
pub async fn with_external_ids(
    tx: &mut Tx,
    organization: &OrganizationId,
    external_ids: &[&str],
) -> sqlx::Result<Vec<(String, KnownPerson)>> {
    let rows: Vec<Row> = listed!(
        tx,
        external_ids,
        KEYS_AT_ONCE,
        r"
        select external_id as name, id, state <> 'removed' as is_live
        from directory_users
        where external_id is not null and (organization_id, external_id) in ({keys})
        order by id
        ",
        |external_id| [organization.as_str(), *external_id],
    );
    Ok(people(rows))
}

/// The people with these addresses (`email_key`), removed ones too, each with the address.
pub async fn with_emails(
    tx: &mut Tx,
    organization: &OrganizationId,
    email_keys: &[String],
) -> sqlx::Result<Vec<(String, KnownPerson)>> {
    let rows: Vec<Row> = listed!(
        tx,
        email_keys,
        KEYS_AT_ONCE,
        r"
        select email_key as name, id, state <> 'removed' as is_live
        from directory_users
        where (organization_id, email_key) in ({keys})
        order by id
        ",
        |email_key| [organization.as_str(), email_key.as_str()],
    );
    Ok(people(rows))
}

/// Which of these ids a person has, removed ones too.
pub async fn known_ids(
    tx: &mut Tx,
    organization: &OrganizationId,
    ids: &[DirectoryUserId],
) -> sqlx::Result<Vec<DirectoryUserId>> {
    let rows: Vec<(String,)> = listed!(
        tx,
        ids,
        KEYS_AT_ONCE,
        r"
        select id
        from directory_users
        where (organization_id, id) in ({keys})
        order by id
        ",
        |id| [organization.as_str(), id.as_str()],
    );
    Ok(rows.into_iter().map(|(id,)| DirectoryUserId::new(id)).collect())
}

/// Which of these people an earlier row is about, each with its line.
pub async fn claimed(
    tx: &mut Tx,
    key: ImportKey<'_>,
    known: &[DirectoryUserId],
) -> sqlx::Result<Vec<(DirectoryUserId, i64)>> {
    let rows: Vec<(String, i64)> = listed!(
        tx,
        known,
        KEYS_AT_ONCE,
        r"
        select known_id, line
        from import_rows
        where known_id is not null and (organization_id, import_id, known_id) in ({keys})
        order by line
        ",
        |id| [key.organization.as_str(), key.id.as_str(), id.as_str()],
    );
    Ok(rows.into_iter().map(|(id, line)| (DirectoryUserId::new(id), line)).collect())
}
