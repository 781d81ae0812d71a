//! Addresses people had before they got another: late news that names nobody but an address is about whoever had it then.

use super::columns;
use crate::{
    db::{Tx, listed, sql},
    domain::{
        directory_user::Stamp,
        id::{DirectoryUserId, OrganizationId},
    },
};

/// Somebody had an address, until news of this time said another.
#[derive(Clone, Debug)]
pub struct Former {
    pub organization: OrganizationId,
    pub email_key: String,
    pub user: DirectoryUserId,
    pub until: Stamp,
}

/// Who had these addresses (`email_key`).
pub async fn of(tx: &mut Tx, keys: &[(OrganizationId, String)]) -> sqlx::Result<Vec<Former>> {
    let rows: Vec<(String, String, String, i64, i64)> = listed!(
        tx,
        keys,
        1_024,
        "select organization_id, email_key, user_id, until_at, until_tie from former_addresses where (organization_id, email_key) in",
        |key| [key.0.as_str(), key.1.as_str()],
        "order by organization_id, email_key, user_id"
    );
    let former = |(organization, email_key, user, at, tie): (String, String, String, i64, i64)| Former {
        organization: OrganizationId::new(organization),
        email_key,
        user: DirectoryUserId::new(user),
        until: columns::stamp(at, tie),
    };
    Ok(rows.into_iter().map(former).collect())
}

/// Keeps the latest time until which they had it.
pub async fn note(tx: &mut Tx, former: &Former) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        "insert into former_addresses (organization_id, email_key, user_id, until_at, until_tie) values ($1, $2, $3, $4, $5) \
         on conflict (organization_id, email_key, user_id) do update set until_at = excluded.until_at, until_tie = excluded.until_tie \
         where (excluded.until_at, excluded.until_tie) > (former_addresses.until_at, former_addresses.until_tie)",
        former.organization.as_str(),
        former.email_key.as_str(),
        former.user.as_str(),
        former.until.at.nanos(),
        columns::tie(former.until),
    )
}
