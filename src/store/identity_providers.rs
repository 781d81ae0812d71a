//! The identity providers of organizations, and the domains whose addresses lead to them. The
//! client secret is read only where it is sent to the provider.

use sqlx::FromRow;

use super::{
    SHORT_ROWS_AT_ONCE, exactly_one,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, bulk, sql},
    domain::{
        access::OrganizationScope,
        id::{AccountId, OrganizationId},
        single_sign_on::ProviderKind,
    },
};

/// What an organization has set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProvider {
    pub kind: ProviderKind,
    /// Empty with Scalekit, as the client id is.
    pub issuer: String,
    pub client_id: String,
    pub has_secret: bool,
    pub creates_accounts: bool,
    pub is_required: bool,
}

#[derive(FromRow)]
struct Row {
    kind: Text<ProviderKind>,
    issuer: String,
    client_id: String,
    has_secret: bool,
    creates_accounts: bool,
    is_required: bool,
}

impl Stored for Row {
    const TABLE: &'static str = "identity_providers";
    const KEY: &'static [&'static str] = &["organization_id"];
}

impl From<Row> for StoredProvider {
    fn from(row: Row) -> Self {
        Self {
            kind: row.kind.0,
            issuer: row.issuer,
            client_id: row.client_id,
            has_secret: row.has_secret,
            creates_accounts: row.creates_accounts,
            is_required: row.is_required,
        }
    }
}

pub async fn of(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Option<StoredProvider>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select organization_id, kind, issuer, client_id, has_secret, creates_accounts, is_required
        from identity_providers
        where organization_id = $1
        ",
        organization.id().as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// The client secret, to send it to the provider.
pub async fn client_secret(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Option<String>> {
    let row: Option<(Option<String>,)> = sql!(
        optional(tx),
        r"
        select client_secret
        from identity_providers
        where organization_id = $1
        ",
        organization.id().as_str(),
    )?;
    Ok(row.and_then(|(secret,)| secret))
}

/// The provider as a form sets it.
#[derive(Clone, Copy, Debug)]
pub struct NewProvider<'a> {
    pub kind: ProviderKind,
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub client_secret: Option<&'a str>,
    pub creates_accounts: bool,
}

/// Sets the provider of a locked organization. Whether it is required stays as it is.
pub async fn set(
    tx: &mut Tx,
    organization: &OrganizationScope,
    new: NewProvider<'_>,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into identity_providers (
          organization_id, kind, issuer, client_id, has_secret, client_secret, creates_accounts
        )
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (organization_id) do update
        set kind = excluded.kind, issuer = excluded.issuer, client_id = excluded.client_id,
          has_secret = excluded.has_secret, client_secret = excluded.client_secret,
          creates_accounts = excluded.creates_accounts
        ",
        organization.id().as_str(),
        new.kind.as_str(),
        new.issuer,
        new.client_id,
        new.client_secret.is_some(),
        new.client_secret,
        new.creates_accounts,
    )
    .and_then(exactly_one)
}

/// Removes the provider of a locked organization. False: there was none.
pub async fn remove(tx: &mut Tx, organization: &OrganizationScope) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        delete from identity_providers
        where organization_id = $1
        ",
        organization.id().as_str(),
    )?;
    Ok(hit == 1)
}

pub async fn set_required(
    tx: &mut Tx,
    organization: &OrganizationScope,
    is_required: bool,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update identity_providers
        set is_required = $2
        where organization_id = $1
        ",
        organization.id().as_str(),
        is_required,
    )
    .and_then(exactly_one)
}

/// Whether this account must use single sign-on: it belongs to one organization alone, which
/// requires it.
pub async fn is_required_of(tx: &mut Tx, account: &AccountId) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        r"
        select p.organization_id
        from account_organizations o
        join identity_providers p on p.organization_id = o.organization_id
        where o.account_id = $1 and p.is_required
          and not exists (
            select 1
            from account_organizations x
            where x.account_id = o.account_id and x.organization_id <> o.organization_id
          )
        ",
        account.as_str(),
    )?;
    Ok(row.is_some())
}

/// The accounts that belong to this organization alone, in order.
pub async fn accounts_of_it_alone(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Vec<AccountId>> {
    let ids: Vec<String> = sql!(
        values(tx),
        r"
        select o.account_id
        from account_organizations o
        where o.organization_id = $1
          and not exists (
            select 1
            from account_organizations x
            where x.account_id = o.account_id and x.organization_id <> $1
          )
        order by o.account_id
        ",
        organization.id().as_str(),
    )?;
    Ok(ids.into_iter().map(AccountId::new).collect())
}

/// The domains of an organization, in order.
pub async fn domains(tx: &mut Tx, organization: &OrganizationScope) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        r"
        select domain
        from sign_on_domains
        where organization_id = $1
        order by domain
        ",
        organization.id().as_str(),
    )
}

/// Whose domain this is, with or without a provider.
pub async fn owner_of_domain(tx: &mut Tx, domain: &str) -> sqlx::Result<Option<OrganizationId>> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        r"
        select organization_id
        from sign_on_domains
        where domain = $1
        order by organization_id
        limit 1
        ",
        domain,
    )?;
    Ok(row.map(|(id,)| OrganizationId::new(id)))
}

/// The organization that uses this issuer, if it is the only one.
pub async fn only_one_of_issuer(tx: &mut Tx, issuer: &str) -> sqlx::Result<Option<OrganizationId>> {
    let ids: Vec<String> = sql!(
        values(tx),
        r"
        select organization_id
        from identity_providers
        where issuer = $1 and kind = 'oidc'
        order by organization_id
        limit 2
        ",
        issuer,
    )?;
    match ids.as_slice() {
        [only] => Ok(Some(OrganizationId::new(only))),
        _ => Ok(None),
    }
}

/// Replaces the domains of a locked organization.
pub async fn set_domains(
    tx: &mut Tx,
    organization: &OrganizationScope,
    domains: &[String],
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "delete from sign_on_domains where organization_id = $1",
        organization.id().as_str(),
    )?;
    bulk!(
        tx,
        domains,
        SHORT_ROWS_AT_ONCE,
        r"
        insert into sign_on_domains (organization_id, domain)
        {rows}
        ",
        |domain| [organization.id().as_str(), domain.as_str()],
    );
    Ok(())
}
