//! Gives an account a passkey.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tracing::info;
use webauthn_rs::prelude::{Passkey, PasskeyRegistration, RegisterPublicKeyCredential, Uuid};

use super::{Asked, Signed, failed, json, keep, relying_party, stored, take, written};
use crate::{
    clock::Generate,
    commands::{
        Actor, Error, Renewed,
        factors::{fresh_codes, note_change, renew, secret_bytes},
    },
    db::Tx,
    domain::{
        access::{FreshProof, Viewer},
        account::FactorMessage,
        audit::AuditAction,
        factor::RecoveryCode,
        id::{AccountId, PasskeyId},
        passkey::{CeremonyKind, MOST_PASSKEYS, parse_name},
        refusal::PasskeyRefusal,
    },
    state::AppState,
    store::{
        accounts, factors,
        passkeys::{self, StoredPasskey},
        recovery_codes,
    },
};

/// Asks the browser of the viewer for a new passkey.
pub async fn begin_passkey(
    state: &AppState,
    viewer: &Viewer,
    _: &FreshProof,
) -> Result<Asked, Error> {
    ask(state, viewer).await
}

pub(in super::super) async fn ask(state: &AppState, viewer: &Viewer) -> Result<Asked, Error> {
    let (relying_party, account) = (relying_party(state)?, &viewer.account);
    let mut tx = state.db.write().await?;
    accounts::lock_all(&mut tx, &[account.clone()].into()).await?;
    if factors::of(&mut tx, account).await?.passkeys >= MOST_PASSKEYS {
        return Err(PasskeyRefusal::TooMany.into());
    }
    let handle = handle(&mut tx, account).await?;
    let own = passkeys::of_account(&mut tx, account).await?;
    let own = own.iter().map(|one| bytes(&one.credential_id)).collect::<Result<_, _>>()?;
    let started =
        relying_party.start_passkey_registration(handle, &viewer.email, &viewer.name, Some(own));
    let (challenge, ceremony) = started.map_err(failed)?;
    let mut options = serde_json::to_value(&challenge.public_key).map_err(failed)?;
    // Otherwise a browser would not find it by itself at the sign-in. The library asks for the
    // opposite, and does not look at it again.
    options["authenticatorSelection"]["residentKey"] = "required".into();
    options["authenticatorSelection"]["requireResidentKey"] = true.into();
    let token = keep(&mut tx, state, (CeremonyKind::Add, Some(account)), &ceremony).await?;
    tx.commit().await?;
    Ok(Asked { token, options: options.to_string() })
}

/// By what passkeys know the account. It is random, so that it says nothing.
async fn handle(tx: &mut Tx, account: &AccountId) -> Result<Uuid, Error> {
    if let Some(known) = passkeys::handle(tx, account).await? {
        return Uuid::from_slice(&bytes(&known)?).map_err(failed);
    }
    let fresh: [u8; 16] = secret_bytes()?;
    passkeys::set_handle(tx, account, &written(&fresh)).await?;
    Ok(Uuid::from_bytes(fresh))
}

fn bytes(text: &str) -> Result<Vec<u8>, Error> {
    URL_SAFE_NO_PAD.decode(text).map_err(failed)
}

/// A passkey that the browser has made.
#[derive(Clone)]
pub struct NewPasskey {
    pub signed: Signed,
    pub name: String,
}

/// Gives the viewer's account the passkey. New recovery codes come with the first factor.
pub async fn add_passkey(
    state: &AppState,
    (actor, viewer): (&Actor, &Viewer),
    _: &FreshProof,
    new: &NewPasskey,
    renewed: &Renewed,
) -> Result<Vec<RecoveryCode>, Error> {
    let passkey = made(state, viewer, new).await?;
    let mut tx = state.db.write().await?;
    accounts::lock_all(&mut tx, &[viewer.account.clone()].into()).await?;
    let codes = add(&mut tx, state, (actor, viewer), &passkey).await?;
    renew(&mut tx, viewer, renewed, state.clock.now()).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Gives the account the passkey, in a transaction that has locked it. New recovery codes come with
/// the first factor.
pub(in super::super) async fn add(
    tx: &mut Tx,
    state: &AppState,
    (actor, viewer): (&Actor, &Viewer),
    passkey: &StoredPasskey,
) -> Result<Vec<RecoveryCode>, Error> {
    let account = &viewer.account;
    let before = factors::of(tx, account).await?;
    if before.passkeys >= MOST_PASSKEYS {
        return Err(PasskeyRefusal::TooMany.into());
    }
    if passkeys::by_credential(tx, &passkey.credential_id).await?.is_some() {
        return Err(PasskeyRefusal::NotAdded.into());
    }
    passkeys::add(tx, passkey).await?;
    let codes = if before.codes_left == 0 { fresh_codes()? } else { Vec::new() };
    if !codes.is_empty() {
        recovery_codes::replace(tx, account, &codes).await?;
    }
    let what = (AuditAction::AddFactor, FactorMessage::PasskeyAdded);
    let after = super::called(&passkey.name);
    note_change(tx, state, (actor, viewer), what, (None, Some(&after))).await?;
    Ok(codes)
}

/// The passkey of an answer to what this viewer was asked, not yet stored.
pub(in super::super) async fn made(
    state: &AppState,
    viewer: &Viewer,
    NewPasskey { signed, name }: &NewPasskey,
) -> Result<StoredPasskey, Error> {
    let name = parse_name(name)?;
    let passkey = checked(state, viewer, signed).await?;
    Ok(StoredPasskey {
        id: PasskeyId::generate(&state.clock),
        account: viewer.account.clone(),
        name: name.to_owned(),
        credential_id: written(passkey.cred_id()),
        credential: json(&passkey)?,
        added_at: state.clock.now(),
        used_at: None,
    })
}

async fn checked(state: &AppState, viewer: &Viewer, signed: &Signed) -> Result<Passkey, Error> {
    let ceremony = take(state, CeremonyKind::Add, &signed.token).await?;
    if ceremony.account.as_ref() != Some(&viewer.account) {
        return Err(PasskeyRefusal::Over.into());
    }
    let credential: RegisterPublicKeyCredential =
        serde_json::from_str(&signed.credential).map_err(|_| PasskeyRefusal::NotAdded)?;
    let ceremony: PasskeyRegistration = stored(&ceremony.state)?;
    relying_party(state)?.finish_passkey_registration(&credential, &ceremony).map_err(|error| {
        info!(account = %viewer.account, %error, "a passkey was not added");
        PasskeyRefusal::NotAdded.into()
    })
}
