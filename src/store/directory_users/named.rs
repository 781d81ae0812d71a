//! People as a product names them: by the id, by an external id, or by an e-mail address. Removed
//! people are not found.

use crate::{
    db::{Tx, listed},
    domain::access::OrganizationScope,
    store::KEYS_AT_ONCE,
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

fn keys<'a>(organization: &'a OrganizationScope, names: &'a [String]) -> Vec<(&'a str, &'a str)> {
    names.iter().map(|name| (organization.id().as_str(), name.as_str())).collect()
}
