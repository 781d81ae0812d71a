//! An identity provider with OpenID Connect on a free port. It is strict about codes, clients and
//! PKCE, and can misbehave in every other way.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Form, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit, Mac};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use seatkeeper::clock::Clock;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use url::Url;

pub const CLIENT: &str = "seatkeeper+acme";
pub const CLIENT_SECRET: &str = "s3cret+with/odd chars";

/// What the provider does wrong. Each name is what a sign-in of it must be refused for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    #[default]
    None,
    WrongIssuer,
    WrongAudience,
    SeveralAudiences,
    WrongParty,
    WrongNonce,
    NoNonce,
    SharedSecret,
    NoSignature,
    BrokenSignature,
    UnknownKey,
    Expired,
    ToCome,
    NoTimes,
    WrongAccessToken,
    NoIdToken,
    AnotherPersonInUserInfo,
    Slow,
    Huge,
    Redirects,
    Error,
    NoJson,
    MetadataOfAnother,
    PlainEndpoint,
    NoPkce,
    NoKeys,
}

/// A person as the provider knows them.
#[derive(Clone, Debug)]
pub struct Person {
    pub subject: String,
    pub email: Option<String>,
    pub verified: Option<bool>,
    pub name: Option<String>,
    /// Scalekit's claim about the organization.
    pub organization: Option<String>,
    /// The claims come from the user info endpoint alone.
    pub by_user_info: bool,
}

impl Person {
    pub fn new(email: &str) -> Self {
        Self {
            subject: format!("sub of {email}"),
            email: Some(email.to_owned()),
            verified: Some(true),
            name: Some("Ada Lovelace".to_owned()),
            organization: None,
            by_user_info: false,
        }
    }

    fn claims(&self) -> Value {
        json!({"email": self.email, "email_verified": self.verified, "name": self.name})
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct IdentityProvider {
    pub issuer: String,
    inner: Arc<Mutex<Inner>>,
    clock: Clock,
}

struct Inner {
    fault: Fault,
    key: Arc<EcdsaKeyPair>,
    key_id: String,
    /// Codes that were not used yet.
    codes: BTreeMap<String, Code>,
    made: usize,
    /// How often the keys were asked for.
    asked_for_keys: usize,
    /// A public client has no secret.
    is_public: bool,
}

#[derive(Clone)]
struct Code {
    parameters: BTreeMap<String, String>,
    person: Person,
}

fn fresh_key() -> Arc<EcdsaKeyPair> {
    let random = SystemRandom::new();
    let method = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let document = EcdsaKeyPair::generate_pkcs8(method, &random).unwrap();
    Arc::new(EcdsaKeyPair::from_pkcs8(method, document.as_ref(), &random).unwrap())
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl IdentityProvider {
    pub async fn start(clock: &Clock) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inner = Inner {
            fault: Fault::None,
            key: fresh_key(),
            key_id: "first".to_owned(),
            codes: BTreeMap::new(),
            made: 0,
            asked_for_keys: 0,
            is_public: false,
        };
        let provider = Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            inner: Arc::new(Mutex::new(inner)),
            clock: clock.clone(),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/me", get(user_info))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    pub fn misbehave(&self, fault: Fault) {
        self.inner.lock().unwrap().fault = fault;
    }

    pub fn be_public(&self) {
        self.inner.lock().unwrap().is_public = true;
    }

    /// From now on another key signs.
    pub fn rotate(&self, key_id: &str) {
        let mut inner = self.inner.lock().unwrap();
        (inner.key, inner.key_id) = (fresh_key(), key_id.to_owned());
    }

    pub fn asked_for_keys(&self) -> usize {
        self.inner.lock().unwrap().asked_for_keys
    }

    /// The person signs in at this address, where Seatkeeper has sent the browser. Returns the
    /// parameters with which the browser goes back.
    pub fn signs_in(&self, authorize: &str, person: &Person) -> BTreeMap<String, String> {
        let url = Url::parse(authorize).unwrap();
        assert_eq!(&authorize[..self.issuer.len()], self.issuer, "{authorize}");
        let parameters: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(parameters["response_type"], "code");
        assert_eq!(parameters["code_challenge_method"], "S256");
        assert!(parameters["scope"].contains("openid"), "{parameters:?}");
        let state = parameters["state"].clone();
        let mut inner = self.inner.lock().unwrap();
        inner.made += 1;
        let code = format!("code {}", inner.made);
        inner.codes.insert(code.clone(), Code { parameters, person: person.clone() });
        [("code", code), ("state", state), ("iss", self.issuer.clone())]
            .map(|(name, value)| (name.to_owned(), value))
            .into()
    }

    fn fault(&self) -> Fault {
        self.inner.lock().unwrap().fault
    }

    /// A token with these claims, as the fault has it.
    pub fn signed(&self, claims: &Value) -> String {
        let inner = self.inner.lock().unwrap();
        let (algorithm, key_id) = match inner.fault {
            Fault::SharedSecret => ("HS256", inner.key_id.as_str()),
            Fault::NoSignature => ("none", inner.key_id.as_str()),
            Fault::UnknownKey => ("ES256", "never published"),
            _ => ("ES256", inner.key_id.as_str()),
        };
        let head = encoded(json!({"alg": algorithm, "kid": key_id}).to_string());
        let message = format!("{head}.{}", encoded(claims.to_string()));
        let public = inner.key.public_key().as_ref();
        let signature = match inner.fault {
            Fault::NoSignature => Vec::new(),
            // the public key, which the program knows, as the secret of both sides
            Fault::SharedSecret => Hmac::<Sha256>::new_from_slice(public)
                .unwrap()
                .chain_update(&message)
                .finalize()
                .into_bytes()
                .to_vec(),
            Fault::BrokenSignature => vec![7; 64],
            _ => {
                let signature = inner.key.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
                signature.as_ref().to_vec()
            }
        };
        format!("{message}.{}", encoded(signature))
    }

    fn id_token(&self, code: &Code, access_token: &str) -> String {
        let now = self.clock.now().seconds();
        let hash = Sha256::digest(access_token);
        let mut claims = json!({
            "iss": self.issuer,
            "sub": code.person.subject,
            "aud": code.parameters["client_id"],
            "exp": now + 300,
            "iat": now,
            "nonce": code.parameters["nonce"],
            "at_hash": encoded(&hash[..16]),
            "oid": code.person.organization,
        });
        let fields = claims.as_object_mut().unwrap();
        if !code.person.by_user_info {
            fields.extend(code.person.claims().as_object().unwrap().clone());
        }
        let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        match self.fault() {
            Fault::WrongIssuer => put("iss", json!("https://another.test")),
            Fault::WrongAudience => put("aud", json!(["another client"])),
            Fault::SeveralAudiences => put("aud", json!([CLIENT, "another client"])),
            Fault::WrongParty => put("azp", json!("another client")),
            Fault::WrongNonce => put("nonce", json!("another nonce")),
            Fault::NoNonce => put("nonce", Value::Null),
            Fault::Expired => put("exp", json!(now - 61)),
            Fault::ToCome => put("iat", json!(now + 120)),
            Fault::NoTimes => put("iat", Value::Null),
            Fault::WrongAccessToken => put("at_hash", json!("another hash")),
            _ => None,
        };
        self.signed(&claims)
    }
}

async fn configuration(State(provider): State<IdentityProvider>) -> Response {
    let issuer = &provider.issuer;
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "userinfo_endpoint": format!("{issuer}/me"),
        "authorization_response_iss_parameter_supported": true,
        "code_challenge_methods_supported": ["plain", "S256"],
    });
    match provider.fault() {
        Fault::Slow => tokio::time::sleep(Duration::from_mins(1)).await,
        Fault::Huge => document["padding"] = json!("x".repeat(300_000)),
        Fault::Redirects => return Redirect::temporary("/keys").into_response(),
        Fault::Error => return (StatusCode::NOT_FOUND, "nothing").into_response(),
        Fault::NoJson => return "<html>".into_response(),
        Fault::MetadataOfAnother => document["issuer"] = json!(format!("{issuer}/")),
        Fault::PlainEndpoint => document["token_endpoint"] = json!("http://acme.test/token"),
        Fault::NoPkce => document["code_challenge_methods_supported"] = json!(["plain"]),
        _ => {}
    }
    Json(document).into_response()
}

async fn keys(State(provider): State<IdentityProvider>) -> Json<Value> {
    let mut inner = provider.inner.lock().unwrap();
    inner.asked_for_keys += 1;
    if inner.fault == Fault::NoKeys {
        return Json(json!({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}));
    }
    let point = inner.key.public_key().as_ref();
    let (x, y) = (encoded(&point[1..33]), encoded(&point[33..]));
    let key = json!({"kty": "EC", "crv": "P-256", "kid": inner.key_id, "x": x, "y": y});
    Json(json!({ "keys": [key] }))
}

async fn token(
    State(provider): State<IdentityProvider>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response {
    let refused =
        |status: StatusCode, error: &str| (status, Json(json!({ "error": error }))).into_response();
    let is_public = provider.inner.lock().unwrap().is_public;
    let encoded_client =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let basic = format!("{}:{}", encoded_client(CLIENT), encoded_client(CLIENT_SECRET));
    let authorization = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let is_client = if is_public {
        authorization.is_none() && form.get("client_id").map(String::as_str) == Some(CLIENT)
    } else {
        authorization == Some(&format!("Basic {}", STANDARD.encode(basic)))
    };
    if !is_client {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let code = form.get("code").cloned().unwrap_or_default();
    let Some(code) = provider.inner.lock().unwrap().codes.remove(&code) else {
        return refused(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let verifier = form.get("code_verifier").cloned().unwrap_or_default();
    let is_right = form.get("grant_type").map(String::as_str) == Some("authorization_code")
        && form.get("redirect_uri") == code.parameters.get("redirect_uri")
        && encoded(Sha256::digest(verifier)) == code.parameters["code_challenge"];
    if !is_right {
        return refused(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    let access_token = format!("access {}", encoded(code.person.claims().to_string()));
    let mut tokens = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "id_token": provider.id_token(&code, &access_token),
        "sub": code.person.subject,
    });
    if provider.fault() == Fault::NoIdToken {
        tokens["id_token"] = Value::Null;
    }
    provider.inner.lock().unwrap().codes.insert(access_token, code);
    Json(tokens).into_response()
}

async fn user_info(State(provider): State<IdentityProvider>, headers: HeaderMap) -> Response {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let token = authorization.and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default();
    let code = provider.inner.lock().unwrap().codes.get(token).cloned();
    let Some(code) = code else { return StatusCode::UNAUTHORIZED.into_response() };
    let mut claims = code.person.claims();
    let is_another = provider.fault() == Fault::AnotherPersonInUserInfo;
    claims["sub"] = json!(if is_another { "sub of another person" } else { &code.person.subject });
    Json(claims).into_response()
}
