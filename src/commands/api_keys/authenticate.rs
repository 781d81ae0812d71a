//! Opens the API with the text of a key.

use std::collections::BTreeSet;

use super::secret::Secret;
use crate::{
    db::Db,
    domain::api_key::{ApiKey, KeyState},
    state::AppState,
    store::api_keys,
};

/// Why a text opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("The key is mistyped or cut: its checksum is wrong. Copy it again.")]
    Mistyped,
    #[error("No such key was ever made here. Perhaps it belongs to another installation.")]
    Unknown,
    #[error("The key has expired. Make or rotate a key.")]
    Expired,
    #[error("The key was revoked. Make another one.")]
    Revoked,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The key with this text.
pub async fn authenticate(state: &AppState, text: &str) -> Result<ApiKey, KeyError> {
    let hash = Secret::parse(text).ok_or(KeyError::Mistyped)?.hash();
    let db = state.db.clone();
    let read = move |hashes| with_secrets(db.clone(), hashes);
    let key = match state.key_reads.ask((), hash.clone(), read).await {
        Some(key) => key,
        None => with_secrets(state.db.clone(), vec![hash]).await?.pop().flatten(),
    };
    let key = key.ok_or(KeyError::Unknown)?;
    match key.state(state.clock.now()) {
        KeyState::Works | KeyState::Replaced => Ok(key),
        KeyState::Expired => Err(KeyError::Expired),
        KeyState::Revoked => Err(KeyError::Revoked),
    }
}

/// The keys with these hashes, in their order.
async fn with_secrets(db: Db, hashes: Vec<String>) -> sqlx::Result<Vec<Option<ApiKey>>> {
    let different: BTreeSet<&str> = hashes.iter().map(String::as_str).collect();
    let different: Vec<&str> = different.into_iter().collect();
    let keys = api_keys::with_secrets(&mut db.read().await?, &different).await?;
    Ok(hashes.iter().map(|hash| keys.get(hash).cloned()).collect())
}

/// Notes that a key was used, beside the request: no sign-in of the product waits for it.
pub async fn note_key_use(state: &AppState, key: &ApiKey) -> sqlx::Result<()> {
    let mut tx = state.db.write().await?;
    api_keys::note_use(&mut tx, key, state.clock.now()).await?;
    tx.commit().await
}
