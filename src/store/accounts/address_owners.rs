//! Who the recipients of messages are now.

use std::collections::HashMap;

use sqlx::FromRow;

use crate::{
    db::{Tx, listed},
    domain::{access::Role, id::OrganizationId},
    store::{KEYS_AT_ONCE, columns},
};

/// Who has an address to which a message about an organization went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressOwner {
    Staff,
    /// An admin of the organization.
    Admin,
    /// No admin; the organization's admins entered the address, whatever accounts have it.
    Extra,
    /// An account of a customer that is no admin of the organization any more.
    Former,
    /// No account has the address any more.
    Unknown,
}

#[derive(FromRow)]
struct Row {
    organization_id: String,
    email_key: String,
    /// Of the account that has the address.
    role: Option<String>,
    is_admin: bool,
    is_extra: bool,
}

/// The owners of these recipients, by organization and key of the address.
pub async fn address_owners(
    tx: &mut Tx,
    recipients: &[(Option<OrganizationId>, String)],
) -> sqlx::Result<HashMap<(Option<OrganizationId>, String), AddressOwner>> {
    let rows: Vec<Row> = listed!(
        tx,
        recipients,
        KEYS_AT_ONCE,
        r"
        with asked (organization_id, email_key) as ({keys})
        select asked.organization_id, asked.email_key,
          a.role,
          coalesce(o.role = 'tenant-admin', false) and a.disabled_at is null as is_admin,
          e.email_key is not null as is_extra
        from (select distinct organization_id, email_key from asked) asked
        left join accounts a on a.email_key = asked.email_key
        left join extra_recipients e on e.organization_id = asked.organization_id
          and e.email_key = asked.email_key
        left join account_organizations o on o.account_id = a.id
          and o.organization_id = asked.organization_id
        order by asked.organization_id, asked.email_key
        ",
        |recipient| [columns::from_organization(recipient.0.as_ref()), recipient.1.as_str()],
    );
    let owner = |row: Row| {
        let role = row.role.as_deref().map(Role::parse);
        let is_staff = role.flatten().is_some_and(Role::is_staff);
        let owner = match role {
            _ if row.is_admin && !is_staff => AddressOwner::Admin,
            _ if row.is_extra => AddressOwner::Extra,
            _ if is_staff => AddressOwner::Staff,
            Some(_) => AddressOwner::Former,
            None => AddressOwner::Unknown,
        };
        ((columns::organization(row.organization_id), row.email_key), owner)
    };
    Ok(rows.into_iter().map(owner).collect())
}
