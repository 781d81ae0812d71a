//! Sign-ins that wait for the answer of an identity provider. Each is used once.

use sqlx::FromRow;

use super::{columns, exactly_one};
use crate::{
    db::{Tx, sql},
    domain::{
        id::{AccountId, OrganizationId},
        time::Timestamp,
    },
};

/// How many rows one statement deletes, so that deliveries do not wait for it.
const REMOVED_AT_ONCE: i64 = 2_000;

#[derive(Clone, Debug)]
pub struct Flow {
    pub state_hash: String,
    pub browser_hash: String,
    /// `None`: the provider of the staff.
    pub organization: Option<OrganizationId>,
    pub issuer: String,
    pub client_id: String,
    /// The account that is connected; `None`: a person signs in.
    pub account: Option<AccountId>,
    pub next: String,
    pub expires_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    state_hash: String,
    browser_hash: String,
    organization_id: String,
    issuer: String,
    client_id: String,
    account_id: Option<String>,
    next: String,
    expires_at: i64,
}

impl From<Row> for Flow {
    fn from(row: Row) -> Self {
        Self {
            state_hash: row.state_hash,
            browser_hash: row.browser_hash,
            organization: columns::organization(row.organization_id),
            issuer: row.issuer,
            client_id: row.client_id,
            account: row.account_id.map(AccountId::new),
            next: row.next,
            expires_at: Timestamp::from_nanos(row.expires_at),
        }
    }
}

pub async fn add(tx: &mut Tx, flow: &Flow) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into sign_on_flows (
          state_hash, browser_hash, organization_id, issuer, client_id, account_id, next, expires_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        ",
        flow.state_hash.as_str(),
        flow.browser_hash.as_str(),
        columns::from_organization(flow.organization.as_ref()),
        flow.issuer.as_str(),
        flow.client_id.as_str(),
        flow.account.as_ref().map(AccountId::as_str),
        flow.next.as_str(),
        flow.expires_at.nanos(),
    )
    .and_then(exactly_one)
}

/// Takes a flow of this browser out of the table, so that no other answer finds it. `None`: there
/// is none, or it was used.
pub async fn take(tx: &mut Tx, state_hash: &str, browser_hash: &str) -> sqlx::Result<Option<Flow>> {
    let row: Option<Row> = sql!(
        optional(tx),
        r"
        delete from sign_on_flows
        where state_hash = $1 and browser_hash = $2
        returning state_hash, browser_hash, organization_id, issuer, client_id, account_id, next,
          expires_at
        ",
        state_hash,
        browser_hash,
    )?;
    Ok(row.map(Into::into))
}

/// Deletes flows that have expired.
pub async fn remove_expired(tx: &mut Tx, now: Timestamp) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from sign_on_flows
        where state_hash in (
          select state_hash
          from sign_on_flows
          where expires_at <= $1
          order by expires_at, state_hash
          limit $2
        )
        ",
        now.nanos(),
        REMOVED_AT_ONCE,
    )
}
