//! A phone that makes one passkey and signs with it, as a browser asks it to.

use passkey::{
    authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod},
    client::{Client, DefaultClientData, Origin},
    crypto::rust_crypto::RustCryptoBackend,
    types::{Passkey, ctap2::Aaguid, ctap2::Ctap2Error},
};
use seatkeeper::{
    commands::{self, Asked, Error, NewPasskey, PasskeyProof, Signed, sign_in::SignedIn},
    http::session::Session,
    state::AppState,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::{sessions::by_owner, world::TestApp};
use domain::{factor::RecoveryCode, id::PasskeyId};

/// Where the stories are.
pub const HERE: &str = "https://seats.example";

/// A clone of it has the same key.
#[derive(Clone, Default)]
pub struct Phone(Option<Passkey>);

/// Its owner confirms by a finger.
struct Owner;

#[async_trait::async_trait]
impl UserValidationMethod for Owner {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _: UiHint<'a, Passkey>,
        _: bool,
        _: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence: true, verification: true })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

impl Phone {
    fn authenticator(&self) -> Authenticator<Option<Passkey>, Owner, RustCryptoBackend> {
        let id = Aaguid::new_empty();
        let mut authenticator = Authenticator::new(id, self.0.clone(), Owner, RustCryptoBackend);
        authenticator.set_make_credentials_with_signature_counter(true);
        authenticator
    }

    /// Makes the passkey that a browser on this page is asked for.
    pub async fn makes(&mut self, page: &str, asked: &Asked) -> Signed {
        let (page, mut client) = (Url::parse(page).unwrap(), Client::new(self.authenticator()));
        let made = client.register(Origin::from(&page), options(asked), DefaultClientData);
        let credential = serde_json::to_string(&made.await.unwrap()).unwrap();
        self.0.clone_from(client.authenticator().store());
        Signed { token: asked.token.clone(), credential }
    }

    /// Signs what a browser on this page is asked to sign.
    pub async fn signs(&mut self, page: &str, asked: &Asked) -> Signed {
        let (page, mut client) = (Url::parse(page).unwrap(), Client::new(self.authenticator()));
        let signed = client.authenticate(Origin::from(&page), options(asked), DefaultClientData);
        let credential = serde_json::to_string(&signed.await.unwrap()).unwrap();
        self.0.clone_from(client.authenticator().store());
        Signed { token: asked.token.clone(), credential }
    }
}

fn options<T: DeserializeOwned>(asked: &Asked) -> T {
    let options: Value = serde_json::from_str(&asked.options).unwrap();
    serde_json::from_value(serde_json::json!({ "publicKey": options })).unwrap()
}

impl TestApp {
    /// Asks the browser of this session for a new passkey.
    pub async fn asks_for_passkey(&self, cookie: &str) -> Result<Asked, Error> {
        let ask = |state: AppState, session: Session| async move {
            let viewer = session.viewer(&state).await?.ok_or(Error::Missing)?;
            let proof = session.fresh_proof(&state).await?;
            commands::begin_passkey(&state, &viewer, &proof).await
        };
        self.within(cookie, ask).await.map(|(asked, _)| asked)
    }

    /// Adds what the browser has made; gives the recovery codes and the new cookie.
    pub async fn add_passkey(
        &self,
        cookie: &str,
        new: NewPasskey,
    ) -> Result<(Vec<RecoveryCode>, String), Error> {
        let add = move |state: AppState, session: Session| {
            let new = new.clone();
            async move {
                let (actor, proof) = by_owner(&state, &session).await?;
                session.add_passkey(&state, &actor, &proof, &new).await
            }
        };
        self.within(cookie, add).await
    }

    /// False: there was none.
    pub async fn remove_passkey(
        &self,
        cookie: &str,
        id: &PasskeyId,
    ) -> Result<(bool, String), Error> {
        let id = id.clone();
        let remove = move |state: AppState, session: Session| {
            let id = id.clone();
            async move {
                let (actor, proof) = by_owner(&state, &session).await?;
                session.remove_passkey(&state, &actor, &proof, &id).await
            }
        };
        self.within(cookie, remove).await
    }

    /// Confirms in the session of this cookie who is there; gives the cookie of the answer.
    pub async fn confirm_by_passkey(
        &self,
        cookie: &str,
        form: PasskeyProof,
    ) -> Result<String, Error> {
        let confirm = move |state: AppState, session: Session| {
            let form = form.clone();
            async move { session.confirm_identity_by_passkey(&state, &form).await }
        };
        self.within(cookie, confirm).await.map(|((), cookie)| cookie)
    }

    /// The cookie of a session that begins by a passkey.
    pub async fn passkey_session(&self, person: SignedIn) -> Result<String, Error> {
        let begin = move |state: AppState, session: Session| {
            let person = person.clone();
            async move { session.begin_by_passkey(&state, &person).await }
        };
        self.within("", begin).await.map(|((), cookie)| cookie)
    }
}
