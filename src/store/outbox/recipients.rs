//! Who takes a message.

use sqlx::FromRow;

use super::QueuedMessage;
use crate::{
    db::{Tx, sql},
    domain::{access::Role, alert::Recipient, id::OrganizationId, time::Timestamp},
    store::columns,
};

/// The facts that decide whether a person may still receive an e-mail, from the account that has
/// the address now.
#[derive(Clone, Debug, FromRow)]
struct RecipientRow {
    role: String,
    is_disabled: bool,
    is_member: bool,
    is_archived: bool,
}

/// The account of an e-mail's recipient as it is now; `None` if no account has the address.
pub async fn recipient(
    tx: &mut Tx,
    queued: &QueuedMessage,
    email_key: &str,
) -> sqlx::Result<Option<Recipient>> {
    let row: Option<RecipientRow> = sql!(
        optional(tx),
        r"
        select case when o.account_id is null or a.role in ('staff', 'staff-admin') then a.role
              else o.role end as role,
            a.disabled_at is not null as is_disabled,
            o.account_id is not null as is_member, coalesce(g.archived, false) as is_archived
        from accounts a
        left join account_organizations o on o.account_id = a.id and o.organization_id = $2
        left join organizations g on g.id = $2
        where a.email_key = $1
        ",
        email_key,
        columns::from_organization(queued.organization.as_ref()),
    )?;
    Ok(row.and_then(|row| {
        let RecipientRow { role, is_disabled, is_member, is_archived } = row;
        Some(Recipient {
            role: Role::parse(&role)?,
            is_disabled,
            is_member,
            is_archived,
            is_about_organization: queued.organization.is_some(),
        })
    }))
}

/// How many e-mails with invitations were written since then, about an organization or, without
/// one, about the staff.
pub async fn invitations_since(
    tx: &mut Tx,
    organization: Option<&OrganizationId>,
    since: Timestamp,
) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from outbox
        where organization_id = $1 and created_at > $2 and message = 'invitation'
        ",
        columns::from_organization(organization),
        since.nanos(),
    )
}
