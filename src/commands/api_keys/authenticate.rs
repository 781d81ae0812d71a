//! Opens the API with the text of a key.

use super::secret::Secret;
use crate::{
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
    let secret = Secret::parse(text).ok_or(KeyError::Mistyped)?;
    let mut tx = state.db.read().await?;
    let key = api_keys::with_secret(&mut tx, &secret.hash()).await?.ok_or(KeyError::Unknown)?;
    drop(tx);
    match key.state(state.clock.now()) {
        KeyState::Works | KeyState::Replaced => Ok(key),
        KeyState::Expired => Err(KeyError::Expired),
        KeyState::Revoked => Err(KeyError::Revoked),
    }
}

/// Notes that a key was used, beside the request: no sign-in of the product waits for it.
pub async fn note_key_use(state: &AppState, key: &ApiKey) -> sqlx::Result<()> {
    let mut tx = state.db.write().await?;
    api_keys::note_use(&mut tx, key, state.clock.now()).await?;
    tx.commit().await
}
