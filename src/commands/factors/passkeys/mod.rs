//! Passkeys: adding them, and what a browser signs with one in the place of a password. A passkey
//! asks for the finger, the face or the PIN of its owner, so it is both factors at once.
//!
//! A ceremony takes two requests. The first gives the browser a challenge; its state stays in the
//! database, under the token of a cookie. The second takes it out, so that no answer counts twice.

mod add;
mod change;
mod confirm_identity;
mod sign_in;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use tracing::info;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PublicKeyCredential, Url, Webauthn, WebauthnBuilder,
    WebauthnError,
};

pub(super) use self::add::{add, ask, made};
pub use self::{
    add::{NewPasskey, add_passkey, begin_passkey},
    change::{remove_passkey, rename_passkey},
    confirm_identity::{PasskeyProof, begin_identity_by_passkey, confirm_identity_by_passkey},
    sign_in::{PasskeySignIn, begin_sign_in_by_passkey, sign_in_by_passkey},
};
use super::note_change;
use crate::{
    commands::{Actor, Error, link_token::fresh_token},
    db::Tx,
    domain::{
        access::Viewer,
        account::FactorMessage,
        audit::AuditAction,
        id::AccountId,
        passkey::{CEREMONY_LASTS, CeremonyKind},
        refusal::PasskeyRefusal,
    },
    state::AppState,
    store::{
        accounts,
        passkey_ceremonies::{self, Ceremony},
        passkeys::{self, StoredPasskey},
    },
};

/// What a browser is asked to sign.
#[derive(Clone)]
pub struct Asked {
    /// For the cookie.
    pub token: String,
    /// The options for `navigator.credentials`, as JSON.
    pub options: String,
}

/// What a browser sends back.
#[derive(Clone)]
pub struct Signed {
    /// From the cookie.
    pub token: String,
    /// What `navigator.credentials` gave, as JSON.
    pub credential: String,
}

/// This installation, as passkeys know it. `Missing` where browsers make none: they are bound to
/// the name of a host.
fn relying_party(state: &AppState) -> Result<Webauthn, Error> {
    let public_url = &state.settings.public_url;
    let host = public_url.passkey_host().ok_or(Error::Missing)?;
    let origin = Url::parse(public_url).map_err(failed)?;
    let builder = WebauthnBuilder::new(&host, &origin).map_err(failed)?;
    builder.rp_name("Seatkeeper").build().map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("passkeys: {error}"))
}

impl From<PasskeyRefusal> for Error {
    fn from(refusal: PasskeyRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

/// A passkey in the audit log.
fn called(name: &str) -> String {
    format!("passkey “{name}”")
}

/// The text of bytes as browsers write them in JSON.
fn written(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(failed)
}

/// Reads what was stored.
fn stored<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(failed)
}

/// Keeps the state of a ceremony that begins, and gives its token.
async fn keep(
    tx: &mut Tx,
    state: &AppState,
    (kind, account): (CeremonyKind, Option<&AccountId>),
    ceremony: &impl Serialize,
) -> Result<String, Error> {
    let token = fresh_token()?;
    let kept = Ceremony { account: account.cloned(), state: json(ceremony)? };
    let expires_at = state.clock.now().plus(CEREMONY_LASTS);
    passkey_ceremonies::add(tx, (&token, kind), &kept, expires_at).await?;
    Ok(token)
}

/// Takes the state of a ceremony that ends. It is gone also if the answer is refused afterwards.
async fn take(state: &AppState, kind: CeremonyKind, token: &str) -> Result<Ceremony, Error> {
    let mut tx = state.db.write().await?;
    let ceremony = passkey_ceremonies::take(&mut tx, (token, kind), state.clock.now()).await?;
    tx.commit().await?;
    ceremony.ok_or_else(|| PasskeyRefusal::Over.into())
}

/// Begins a ceremony in which a passkey signs: of this account, or of the account that it belongs
/// to.
async fn ask_to_sign(
    state: &AppState,
    (kind, account): (CeremonyKind, Option<&AccountId>),
) -> Result<Asked, Error> {
    let started = relying_party(state)?.start_discoverable_authentication();
    let (challenge, ceremony) = started.map_err(failed)?;
    let mut options = serde_json::to_value(&challenge.public_key).map_err(failed)?;
    let mut tx = state.db.write().await?;
    if let Some(account) = account {
        let own = passkeys::of_account(&mut tx, account).await?;
        let own = own
            .iter()
            .map(|one| serde_json::json!({ "type": "public-key", "id": one.credential_id }));
        options["allowCredentials"] = own.collect();
    }
    let token = keep(&mut tx, state, (kind, account), &ceremony).await?;
    tx.commit().await?;
    Ok(Asked { token, options: options.to_string() })
}

/// An answer that a passkey has signed, not yet checked.
struct Answer {
    credential: PublicKeyCredential,
    ceremony: DiscoverableAuthentication,
    /// The account of the session in which the browser was asked.
    account: Option<AccountId>,
}

impl Answer {
    /// Takes the ceremony, and reads the answer.
    async fn read(state: &AppState, kind: CeremonyKind, signed: &Signed) -> Result<Self, Error> {
        let Ceremony { account, state } = take(state, kind, &signed.token).await?;
        let credential = serde_json::from_str(&signed.credential);
        let credential = credential.map_err(|_| PasskeyRefusal::NotAccepted)?;
        Ok(Self { credential, ceremony: stored(&state)?, account })
    }

    /// The passkey that says it has signed.
    async fn signer(&self, tx: &mut Tx) -> Result<StoredPasskey, Error> {
        let id = written(self.credential.get_credential_id());
        let known = passkeys::by_credential(tx, &id).await?;
        known.ok_or_else(|| PasskeyRefusal::NotAccepted.into())
    }

    /// Checks the signature, in a transaction that it gives back with the account locked. Without
    /// a counter that grows there may be a copy of the passkey: its owner is told.
    async fn check(
        self,
        state: &AppState,
        mut tx: Tx,
        (actor, viewer): (&Actor, &Viewer),
    ) -> Result<Tx, Error> {
        let account = &viewer.account;
        accounts::lock_all(&mut tx, &[account.clone()].into()).await?;
        let signer = self.signer(&mut tx).await?;
        let handle = passkeys::handle(&mut tx, account).await?;
        let named = self.credential.get_user_unique_id().map(written);
        if signer.account != *account || named.is_none() || named != handle {
            return Err(PasskeyRefusal::NotAccepted.into());
        }
        let mut passkey: Passkey = stored(&signer.credential)?;
        let checked = relying_party(state)?.finish_discoverable_authentication_v2(
            &self.credential,
            self.ceremony,
            &passkey,
        );
        match checked {
            Ok(result) => {
                passkey.update_credential(&result);
                let (key, now) = ((account, &signer.id), state.clock.now());
                passkeys::note_use(&mut tx, key, &json(&passkey)?, now).await?;
                Ok(tx)
            }
            Err(WebauthnError::CredentialPossibleCompromise) => {
                let what = (AuditAction::RefusePasskey, FactorMessage::PasskeyRefused);
                let values = (Some(signer.name.as_str()), None);
                note_change(&mut tx, state, (actor, viewer), what, values).await?;
                tx.commit().await?;
                Err(PasskeyRefusal::Copied.into())
            }
            Err(error) => {
                info!(%account, %error, "a passkey was not accepted");
                Err(PasskeyRefusal::NotAccepted.into())
            }
        }
    }
}
