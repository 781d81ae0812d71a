//! Sessions: tower-sessions on our own table. The cookie's token is stored as its hash, so that a stolen database signs
//! nobody in; who somebody is and what they may is loaded again for every request.

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{Error, Result},
};

use crate::{
    acts,
    desk::Desk,
    domain::{access::Viewer, id::AccountId, time::Timestamp},
    reads,
    store::sessions::{self, Stored},
};

/// The key under which a session holds whose it is.
const ACCOUNT: &str = "account";
/// Signed in for a working day, whatever happens meanwhile.
const LASTS: time::Duration = time::Duration::hours(10);

#[derive(Clone, Debug)]
pub struct Sessions {
    desk: Desk,
}

/// The layer around every page. Over https the cookie is `__Host-`: bound to this host, and never sent in the clear.
pub fn layer(desk: Desk, is_https: bool) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions { desk })
        .with_name(if is_https { "__Host-seatkeeper" } else { "seatkeeper" })
        .with_secure(is_https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(LASTS))
}

/// Who is looking; nobody where the session has ended or the account is gone.
pub async fn viewer(session: &Session, desk: &Desk) -> std::result::Result<Option<Viewer>, acts::Error> {
    match session.get::<AccountId>(ACCOUNT).await {
        Ok(Some(account)) => reads::viewer(desk, &account).await,
        Ok(None) => Ok(None),
        Err(error) => Err(broken(&error)),
    }
}

/// A new token for a new right: whoever knew the old one knows nothing.
pub async fn begin(session: &Session, account: &AccountId) -> std::result::Result<(), acts::Error> {
    session.cycle_id().await.map_err(|error| broken(&error))?;
    session.insert(ACCOUNT, account).await.map_err(|error| broken(&error))
}

pub async fn end(session: &Session) -> std::result::Result<(), acts::Error> {
    session.flush().await.map_err(|error| broken(&error))
}

fn broken(error: &tower_sessions::session::Error) -> acts::Error {
    acts::Error::Database(sqlx::Error::Protocol(error.to_string()))
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

fn token_hash(id: &Id) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(id.0.to_be_bytes()))
}

fn account(record: &Record) -> Option<AccountId> {
    record.data.get(ACCOUNT).and_then(|value| value.as_str()).map(AccountId::new)
}

impl Sessions {
    async fn write(&self, record: &Record, create: bool) -> Result<bool> {
        let data = rmp_serde::to_vec(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let expires_at = i64::try_from(record.expiry_date.unix_timestamp_nanos()).unwrap_or(i64::MAX);
        let (token_hash, account) = (token_hash(&record.id), account(record));
        let stored =
            Stored { token_hash: &token_hash, account: account.as_ref(), data: &data, expires_at: Timestamp::from_nanos(expires_at) };
        let mut tx = self.desk.db.write().await.map_err(backend)?;
        let fresh = if create {
            sessions::create(&mut tx, &stored).await.map_err(backend)?
        } else {
            sessions::save(&mut tx, &stored).await.map_err(backend)?;
            true
        };
        tx.commit().await.map_err(backend)?;
        Ok(fresh)
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while !self.write(record, true).await? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.write(record, false).await.map(|_| ())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let mut tx = self.desk.db.read().await.map_err(backend)?;
        let found = sessions::load(&mut tx, &token_hash(id), self.desk.clock.now()).await.map_err(backend)?;
        let Some((data, expires_at)) = found else { return Ok(None) };
        let data = rmp_serde::from_slice(&data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(expires_at.nanos())).map_err(backend)?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let mut tx = self.desk.db.write().await.map_err(backend)?;
        sessions::end(&mut tx, &token_hash(id)).await.map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}
