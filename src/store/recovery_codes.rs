//! The recovery codes of an account, as their hashes.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::exactly;
use crate::{
    db::{Tx, bulk, sql},
    domain::{factor::RecoveryCode, id::AccountId, time::Timestamp},
};

/// Gives an account these codes; those that it had work no more.
pub async fn replace(tx: &mut Tx, account: &AccountId, codes: &[RecoveryCode]) -> sqlx::Result<()> {
    remove(tx, account).await?;
    let hashes: Vec<String> = codes.iter().map(hash).collect();
    let hit = bulk!(
        tx,
        hashes,
        RecoveryCode::COUNT,
        r"
        insert into recovery_codes (account_id, code_hash)
        {rows}
        ",
        |hash| [account.as_str(), hash.as_str()],
    );
    exactly(hashes.len() as u64, hit)
}

/// Takes a code. False: the account has no such code, or it was taken before.
pub async fn take(
    tx: &mut Tx,
    account: &AccountId,
    code: &RecoveryCode,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        update recovery_codes
        set used_at = $3
        where account_id = $1 and code_hash = $2 and used_at is null
        ",
        account.as_str(),
        hash(code),
        now.nanos(),
    )?;
    Ok(hit == 1)
}

pub async fn remove(tx: &mut Tx, account: &AccountId) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from recovery_codes
        where account_id = $1
        ",
        account.as_str(),
    )
}

/// A code has 120 bits from the operating system, so that a fast hash is enough.
fn hash(code: &RecoveryCode) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(code.compact()))
}
