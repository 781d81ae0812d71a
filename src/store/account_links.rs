//! The links that accounts get by e-mail. A token is only stored as its hash; each copy of an
//! e-mail has a token of its own.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use sqlx::FromRow;

use super::{
    exactly_one,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, sql},
    domain::{
        account::LinkKind,
        id::{AccountId, AccountLinkId},
        time::Timestamp,
    },
};

/// The length of a token before it is written in base64.
pub const TOKEN_BYTES: usize = 32;

/// How many links one statement deletes, so that deliveries do not wait for it.
const REMOVED_AT_ONCE: i64 = 2_000;

#[derive(Clone, Debug)]
pub struct AccountLink {
    pub id: AccountLinkId,
    pub account: AccountId,
    pub kind: LinkKind,
    /// The new address; `None`: a reset.
    pub email: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// When it was used, or when another change ended it.
    pub ended_at: Option<Timestamp>,
}

impl AccountLink {
    /// A link that was asked for at this time.
    pub fn new(id: AccountLinkId, account: AccountId, kind: LinkKind, asked_at: Timestamp) -> Self {
        let (created_at, expires_at) = (asked_at, asked_at.plus(kind.lasts()));
        Self { id, account, kind, email: None, created_at, expires_at, ended_at: None }
    }

    pub fn works(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }
}

#[derive(FromRow)]
struct Row {
    id: String,
    account_id: String,
    kind: Text<LinkKind>,
    email: Option<String>,
    created_at: i64,
    expires_at: i64,
    ended_at: Option<i64>,
}

impl Stored for Row {
    const TABLE: &'static str = "account_links";
    const KEY: &'static [&'static str] = &["id"];
}

impl From<Row> for AccountLink {
    fn from(row: Row) -> Self {
        Self {
            id: AccountLinkId::new(row.id),
            account: AccountId::new(row.account_id),
            kind: row.kind.0,
            email: row.email,
            created_at: Timestamp::from_nanos(row.created_at),
            expires_at: Timestamp::from_nanos(row.expires_at),
            ended_at: row.ended_at.map(Timestamp::from_nanos),
        }
    }
}

/// Whether a link that was asked for at this time would still open something. The account must be
/// locked.
pub async fn counts(tx: &mut Tx, account: &AccountId, asked_at: Timestamp) -> sqlx::Result<bool> {
    let row: Option<(i64,)> = sql!(
        optional(tx),
        r"
        select links_count_from
        from accounts
        where id = $1
        ",
        account.as_str(),
    )?;
    Ok(row.is_some_and(|(from,)| asked_at >= Timestamp::from_nanos(from)))
}

/// Adds a link; one that is there stays as it is.
pub async fn add(tx: &mut Tx, link: &AccountLink) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into account_links (id, account_id, kind, email, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (id) do nothing
        ",
        link.id.as_str(),
        link.account.as_str(),
        link.kind.as_str(),
        link.email.as_deref(),
        link.created_at.nanos(),
        link.expires_at.nanos(),
    )
    .map(|_| ())
}

/// Makes the link open with one more token.
pub async fn add_token(tx: &mut Tx, id: &AccountLinkId, token: &str) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into account_link_tokens (token_hash, link_id)
        values ($1, $2)
        ",
        token_hash(token),
        id.as_str(),
    )
    .and_then(exactly_one)
}

pub async fn find(tx: &mut Tx, id: &AccountLinkId) -> sqlx::Result<Option<AccountLink>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select id, account_id, kind, email, created_at, expires_at, ended_at
        from account_links
        where id = $1
        ",
        id.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// The link that a token opens, whether or not it still works.
pub async fn by_token(
    tx: &mut Tx,
    kind: LinkKind,
    token: &str,
) -> sqlx::Result<Option<AccountLink>> {
    let Some(hash) = token_hash(token) else { return Ok(None) };
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select l.id, l.account_id, l.kind, l.email, l.created_at, l.expires_at, l.ended_at
        from account_link_tokens t
        join account_links l on l.id = t.link_id
        where t.token_hash = $1 and l.kind = $2
        ",
        hash,
        kind.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// The hash under which a token is stored; `None`: the text can be no token.
fn token_hash(text: &str) -> Option<String> {
    let bytes: [u8; TOKEN_BYTES] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    Some(URL_SAFE_NO_PAD.encode(Sha256::digest(bytes)))
}

/// The newest link with which the account can still confirm a new address.
pub async fn open_confirmation(
    tx: &mut Tx,
    account: &AccountId,
    now: Timestamp,
) -> sqlx::Result<Option<AccountLink>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select id, account_id, kind, email, created_at, expires_at, ended_at
        from account_links
        where account_id = $1 and kind = 'address_confirm' and ended_at is null
          and expires_at > $2
        order by created_at desc, id desc
        limit 1
        ",
        account.as_str(),
        now.nanos(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// Ends a link. False: it had ended before, or its time is over.
pub async fn end(tx: &mut Tx, id: &AccountLinkId, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        update account_links
        set ended_at = $2
        where id = $1 and ended_at is null and expires_at > $2
        ",
        id.as_str(),
        now.nanos(),
    )?;
    Ok(hit == 1)
}

/// Ends every link of an account, also those whose e-mail has not left yet: its password or its
/// address is another one now.
pub async fn end_all(tx: &mut Tx, account: &AccountId, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update accounts
        set links_count_from = $2
        where id = $1
        ",
        account.as_str(),
        now.nanos(),
    )
    .and_then(exactly_one)?;
    sql!(
        execute(tx),
        r"
        update account_links
        set ended_at = $2
        where account_id = $1 and ended_at is null
        ",
        account.as_str(),
        now.nanos(),
    )
    .map(|_| ())
}

/// Deletes some of the links that were over before this; returns how many.
pub async fn remove_expired(tx: &mut Tx, before: Timestamp) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from account_link_tokens
        where link_id in (
          select id
          from account_links
          where expires_at < $1
          order by expires_at, id
          limit $2
        )
        ",
        before.nanos(),
        REMOVED_AT_ONCE,
    )?;
    sql!(
        execute(tx),
        r"
        delete from account_links
        where id in (
          select id
          from account_links
          where expires_at < $1
          order by expires_at, id
          limit $2
        )
        ",
        before.nanos(),
        REMOVED_AT_ONCE,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_to_its_hash_and_no_other_text_does() {
        let token = URL_SAFE_NO_PAD.encode([7; TOKEN_BYTES]);
        let hash = token_hash(&token).unwrap();

        assert!(hash.len() == 43 && hash != token);
        for wrong in ["", "dGVzdA", &token[1..], &format!("{token}A"), "%00", &hash[..40]] {
            assert_eq!(token_hash(wrong), None, "{wrong}");
        }
    }
}
