//! Addresses that directory users had before.

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
    bulk!(
        tx,
        learnt,
        512,
        "insert into former_addresses (organization_id, email_key, user_id, last_at, until_at) ",
        |row| [
            row.0.as_str(),
            row.1.email_key.as_str(),
            row.1.user.as_str(),
            row.1.last.nanos(),
            row.1.until.nanos()
        ],
        " on conflict (organization_id, email_key, user_id) do update set \
         last_at = case when excluded.last_at > former_addresses.last_at then excluded.last_at else former_addresses.last_at end, \
         until_at = case when excluded.until_at > former_addresses.until_at then excluded.until_at else former_addresses.until_at end"
    );
    Ok(())
}

/// The users who had these addresses, by (organization, `email_key`).
pub async fn with_emails(
    tx: &mut Tx,
    keys: &[(OrganizationId, String)],
) -> sqlx::Result<Vec<(OrganizationId, FormerAddress)>> {
    let rows: Vec<(String, String, String, i64, i64)> = listed!(
        tx,
        keys,
        1_024,
        "select organization_id, email_key, user_id, last_at, until_at from former_addresses where (organization_id, email_key) in",
        |key| [key.0.as_str(), key.1.as_str()],
        "order by organization_id, email_key, user_id"
    );
    let former = |(organization, email_key, user, last, until)| {
        let (last, until) = (Timestamp::from_nanos(last), Timestamp::from_nanos(until));
        (
            OrganizationId::new(organization),
            FormerAddress { user: DirectoryUserId::new(user), email_key, last, until },
        )
    };
    Ok(rows.into_iter().map(former).collect())
}
