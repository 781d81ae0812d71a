//! Sessions, stored under the hash of their token. [`end`], [`end_others`], [`end_all`] and
//! [`renew_all`] also notify the pages that are open with them.

use std::time::Duration;

use sqlx::FromRow;

use super::{accounts, exactly_one, session_views::view_of};
use crate::{
    db::{Tx, sql},
    domain::{
        id::{AccountId, SessionId},
        session::SessionLimits,
        single_sign_on::SignInMethod,
        time::Timestamp,
        view_as::ViewAs,
    },
};

/// How many sessions of an account are listed.
const MOST_LISTED: i64 = 200;

/// A session as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    pub id: SessionId,
    pub account: AccountId,
    pub created_at: Timestamp,
    pub used_at: Timestamp,
    /// The browser, in words.
    pub device: String,
    /// The client's address at the sign-in.
    pub address: Option<String>,
    /// When its person proved last who they are. Never, for a token that has been replaced.
    pub proved_at: Timestamp,
    /// The rights of the account changed, so that the session gets another token.
    pub must_renew: bool,
    /// The token that was asked about has been replaced.
    pub is_former: bool,
    /// The session shows an organization as its admin sees it; perhaps the time of that is over.
    pub view_as: Option<ViewAs>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    account_id: String,
    created_at: i64,
    used_at: i64,
    device: String,
    address: Option<String>,
    proved_at: i64,
    must_renew: bool,
    is_former: bool,
    view_organization: Option<String>,
    view_reason: Option<String>,
    view_until: Option<i64>,
}

impl From<Row> for StoredSession {
    fn from(row: Row) -> Self {
        let view = (row.view_organization, row.view_reason, row.view_until);
        Self {
            view_as: view_of(view),
            id: SessionId::new(row.id),
            account: AccountId::new(row.account_id),
            created_at: Timestamp::from_nanos(row.created_at),
            used_at: Timestamp::from_nanos(row.used_at),
            device: row.device,
            address: row.address,
            proved_at: Timestamp::from_nanos(row.proved_at),
            must_renew: row.must_renew,
            is_former: row.is_former,
        }
    }
}

/// A session that begins, if the password hash is still this one.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    pub id: &'a SessionId,
    pub token_hash: &'a str,
    pub account: &'a AccountId,
    pub password_hash: &'a str,
    pub device: &'a str,
    pub method: SignInMethod,
    pub address: Option<&'a str>,
    /// Whether the person has just proved who they are.
    pub is_proof: bool,
}

/// Begins a session. False: the account was disabled in the meantime, or its password hash is no
/// longer this one.
pub async fn begin(tx: &mut Tx, new: NewSession<'_>, now: Timestamp) -> sqlx::Result<bool> {
    if !accounts::is_unchanged(tx, new.account, new.password_hash).await? {
        return Ok(false);
    }
    let rows = sql!(
        execute(tx),
        r"
        insert into sessions (
          token_hash, id, account_id, created_at, used_at, proved_at, device, address, method
        )
        values ($1, $2, $3, $4, $4, $7, $5, $6, $8)
        ",
        new.token_hash,
        new.id.as_str(),
        new.account.as_str(),
        now.nanos(),
        new.device,
        new.address,
        if new.is_proof { now.nanos() } else { 0 },
        new.method.as_str(),
    )?;
    exactly_one(rows).map(|()| true)
}

/// How long the token before the present one works: requests that are under way end before.
pub const GRACE: Duration = Duration::from_secs(20);

/// The session of a token, also of one that was replaced a moment ago.
pub async fn load(
    tx: &mut Tx,
    token_hash: &str,
    now: Timestamp,
) -> sqlx::Result<Option<StoredSession>> {
    let row: Option<Row> = sql!(
        optional(tx),
        r"
        select id, account_id, created_at, used_at, device, address,
          case when token_hash = $1 then proved_at else 0 end as proved_at,
          must_renew, token_hash <> $1 as is_former,
          view_organization, view_reason, view_until
        from sessions
        where token_hash = $1
           or (former_token_hash = $1 and renewed_at > $2)
        ",
        token_hash,
        now.minus(GRACE).nanos(),
    )?;
    Ok(row.map(Into::into))
}

/// Whether a session goes on with another token than this one.
pub async fn is_renewed(tx: &mut Tx, id: &SessionId, token_hash: &str) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        r"
        select id
        from sessions
        where id = $1 and token_hash <> $2
        ",
        id.as_str(),
        token_hash,
    )?;
    Ok(row.is_some())
}

/// The sessions of an account, those that were used last first.
pub async fn of_account(tx: &mut Tx, account: &AccountId) -> sqlx::Result<Vec<StoredSession>> {
    let rows: Vec<Row> = sql!(
        all(tx),
        r"
        select id, account_id, created_at, used_at, device, address, proved_at, must_renew,
          false as is_former, view_organization, view_reason, view_until
        from sessions
        where account_id = $1
        order by used_at desc, created_at desc, id
        limit $2
        ",
        account.as_str(),
        MOST_LISTED,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Records a use. An ended session stays ended, and a later use is not overwritten.
pub async fn note_use(tx: &mut Tx, token_hash: &str, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update sessions
        set used_at = $2
        where token_hash = $1 and used_at < $2
        ",
        token_hash,
        now.nanos(),
    )
    .map(|_| ())
}

/// Gives a session another token: the person has just proved who they are. The token before works
/// no more. False: the session has ended.
pub async fn rotate(
    tx: &mut Tx,
    (id, token_hash): (&SessionId, &str),
    now: Timestamp,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        update sessions
        set token_hash = $2, former_token_hash = null, renewed_at = $3, proved_at = $3,
          must_renew = false
        where id = $1
        ",
        id.as_str(),
        token_hash,
        now.nanos(),
    )?;
    Ok(hit == 1)
}

/// Records that the person of a session proved who they are, and gives the session another token.
/// The token before works for the requests that are under way, and proves nothing. False: the
/// session has ended.
pub async fn prove(
    tx: &mut Tx,
    (id, token_hash): (&SessionId, &str),
    now: Timestamp,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        update sessions
        set former_token_hash = token_hash, token_hash = $2, renewed_at = $3, proved_at = $3,
          must_renew = false
        where id = $1
        ",
        id.as_str(),
        token_hash,
        now.nanos(),
    )?;
    Ok(hit == 1)
}

/// Lets the sessions of an account go on with another token, each from its next request on: its
/// rights have changed. Open pages are notified.
pub async fn renew_all(tx: &mut Tx, account: &AccountId, now: Timestamp) -> sqlx::Result<u64> {
    accounts::note_access_change(tx, account, now).await?;
    sql!(
        execute(tx),
        r"
        update sessions
        set must_renew = true
        where account_id = $1
        ",
        account.as_str(),
    )
}

/// Replaces the token of a session that needs another one. The token before works for the requests
/// that are under way; open pages are notified. False: another request was faster, or the session
/// has ended.
pub async fn renew(
    tx: &mut Tx,
    (account, id): (&AccountId, &SessionId),
    (old, new): (&str, &str),
    now: Timestamp,
) -> sqlx::Result<bool> {
    accounts::note_access_change(tx, account, now).await?;
    let hit = sql!(
        execute(tx),
        r"
        update sessions
        set token_hash = $3, former_token_hash = $2, renewed_at = $4, must_renew = false
        where id = $1 and token_hash = $2 and must_renew
        ",
        id.as_str(),
        old,
        new,
        now.nanos(),
    )?;
    Ok(hit == 1)
}

/// Ends one session, if it exists, and returns its account. The account's row is locked first, as
/// in [`end_all`].
pub async fn end(tx: &mut Tx, token_hash: &str, now: Timestamp) -> sqlx::Result<Option<AccountId>> {
    let Some(StoredSession { account, id, .. }) = load(tx, token_hash, now).await? else {
        return Ok(None);
    };
    let ended = end_of_account(tx, (&account, &id), now).await?;
    Ok(ended.then_some(account))
}

/// Ends one session of an account. False: the account has no such session.
pub async fn end_of_account(
    tx: &mut Tx,
    (account, id): (&AccountId, &SessionId),
    now: Timestamp,
) -> sqlx::Result<bool> {
    accounts::note_access_change(tx, account, now).await?;
    let ended = sql!(
        execute(tx),
        r"
        delete from sessions
        where account_id = $1 and id = $2
        ",
        account.as_str(),
        id.as_str(),
    )?;
    Ok(ended == 1)
}

/// Ends all sessions of an account but this one. Returns how many there were.
pub async fn end_others(
    tx: &mut Tx,
    (account, kept): (&AccountId, &SessionId),
    now: Timestamp,
) -> sqlx::Result<u64> {
    accounts::note_access_change(tx, account, now).await?;
    sql!(
        execute(tx),
        r"
        delete from sessions
        where account_id = $1 and id <> $2
        ",
        account.as_str(),
        kept.as_str(),
    )
}

/// Ends all sessions of an account. Returns how many there were.
pub async fn end_all(tx: &mut Tx, account: &AccountId, now: Timestamp) -> sqlx::Result<u64> {
    accounts::note_access_change(tx, account, now).await?;
    sql!(
        execute(tx),
        r"
        delete from sessions
        where account_id = $1
        ",
        account.as_str(),
    )
}

/// Ends the sessions of an account that began with a password. Returns how many there were.
pub async fn end_of_passwords(
    tx: &mut Tx,
    account: &AccountId,
    now: Timestamp,
) -> sqlx::Result<u64> {
    accounts::note_access_change(tx, account, now).await?;
    sql!(
        execute(tx),
        r"
        delete from sessions
        where account_id = $1 and method <> $2
        ",
        account.as_str(),
        SignInMethod::SingleSignOn.as_str(),
    )
}

/// Deletes the sessions that have expired under every limit.
pub async fn remove_expired(
    tx: &mut Tx,
    limits: &SessionLimits,
    now: Timestamp,
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from sessions
        where created_at <= $1 or used_at <= $2
        ",
        now.minus(limits.absolute).nanos(),
        now.minus(limits.longest_idle()).nanos(),
    )
}
