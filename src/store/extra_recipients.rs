//! Addresses beside those of the admins that get the e-mails of an organization.

use super::SHORT_ROWS_AT_ONCE;
use crate::{
    db::{Tx, bulk, sql},
    domain::{access::OrganizationScope, directory_user::email_key},
};

/// The addresses, in order.
pub async fn of(tx: &mut Tx, organization: &OrganizationScope) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        r"
        select email
        from extra_recipients
        where organization_id = $1
        order by email_key
        ",
        organization.id().as_str(),
    )
}

/// Whether an address is one of them.
pub async fn has(
    tx: &mut Tx,
    organization: &OrganizationScope,
    email_key: &str,
) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        r"
        select email
        from extra_recipients
        where organization_id = $1 and email_key = $2
        ",
        organization.id().as_str(),
        email_key,
    )?;
    Ok(row.is_some())
}

/// Replaces all of them.
pub async fn set(
    tx: &mut Tx,
    organization: &OrganizationScope,
    emails: &[String],
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "delete from extra_recipients where organization_id = $1",
        organization.id().as_str(),
    )?;
    bulk!(
        tx,
        emails,
        SHORT_ROWS_AT_ONCE,
        r"
        insert into extra_recipients (organization_id, email_key, email)
        {rows}
        ",
        |email| [organization.id().as_str(), email_key(email), email.as_str()],
    );
    Ok(())
}
