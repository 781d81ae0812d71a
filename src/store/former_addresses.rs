//! Addresses that directory users had before.

use sqlx::FromRow;

use super::{KEYS_AT_ONCE, ROWS_AT_ONCE, exactly};
use crate::{
    db::{Tx, bulk, listed},
    domain::{
        directory_user::FormerAddress,
        id::{DirectoryUserId, OrganizationId},
        time::Timestamp,
    },
};

/// Adds former addresses. An address that a user had twice has one row, with the later times.
pub async fn add(tx: &mut Tx, learnt: &[(&OrganizationId, &FormerAddress)]) -> sqlx::Result<()> {
    let hit = bulk!(
        tx,
        learnt,
        ROWS_AT_ONCE,
        r"
        insert into former_addresses (organization_id, email_key, user_id, last_at, until_at)
        {rows}
        on conflict (organization_id, email_key, user_id) do update
        set last_at = case
            when excluded.last_at > former_addresses.last_at then excluded.last_at
            else former_addresses.last_at
          end,
          until_at = case
            when excluded.until_at > former_addresses.until_at then excluded.until_at
            else former_addresses.until_at
          end
        ",
        |row| [
            row.0.as_str(),
            row.1.email_key.as_str(),
            row.1.user.as_str(),
            row.1.last.nanos(),
            row.1.until.nanos(),
        ],
    );
    exactly(learnt.len() as u64, hit)
}

#[derive(FromRow)]
struct Row {
    organization_id: String,
    email_key: String,
    user_id: String,
    last_at: i64,
    until_at: i64,
}

impl From<Row> for (OrganizationId, FormerAddress) {
    fn from(row: Row) -> Self {
        let former = FormerAddress {
            user: DirectoryUserId::new(row.user_id),
            email_key: row.email_key,
            last: Timestamp::from_nanos(row.last_at),
            until: Timestamp::from_nanos(row.until_at),
        };
        (OrganizationId::new(row.organization_id), former)
    }
}

/// The users who had these addresses, by (organization, `email_key`).
pub async fn with_emails(
    tx: &mut Tx,
    keys: &[(OrganizationId, String)],
) -> sqlx::Result<Vec<(OrganizationId, FormerAddress)>> {
    let rows: Vec<Row> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select organization_id, email_key, user_id, last_at, until_at
        from former_addresses
        where (organization_id, email_key) in ({keys})
        order by organization_id, email_key, user_id
        ",
        |key| [key.0.as_str(), key.1.as_str()],
    );
    Ok(rows.into_iter().map(Into::into).collect())
}
