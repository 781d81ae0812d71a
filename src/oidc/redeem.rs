//! The answer of a provider: a code is exchanged for an ID token, which says who signed in.

use jsonwebtoken::Algorithm;
use reqwest::StatusCode;
use serde_json::Value;

use super::{
    Client, FlowSecrets, Fresh, Provider,
    claims::{self, Expected, Identity},
    metadata::Metadata,
};
use crate::domain::{id::OrganizationId, refusal::SignOnRefusal};

/// What came back with the browser.
#[derive(Clone, Debug)]
pub struct Answered<'a> {
    pub code: &'a str,
    /// Who says that it answers (RFC 9207).
    pub issuer: Option<&'a str>,
    pub secrets: &'a FlowSecrets,
    pub redirect_uri: &'a str,
}

/// A sign-in that begins at Scalekit. It signs no person in: it says which sign-in to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginRequest {
    pub organization: OrganizationId,
    pub connection: Option<String>,
    pub login_hint: Option<String>,
}

impl Client {
    /// Who signed in.
    pub async fn redeem(
        &self,
        provider: &Provider,
        answered: &Answered<'_>,
    ) -> Result<Identity, SignOnRefusal> {
        let metadata = self.metadata(provider).await?;
        match answered.issuer {
            Some(issuer) if issuer != provider.issuer.as_str() => {
                return Err(SignOnRefusal::AnotherProvider);
            }
            None if metadata.names_issuer => return Err(SignOnRefusal::AnotherProvider),
            _ => {}
        }
        let tokens = self.exchange(provider, &metadata, answered).await?;
        let id_token = tokens["id_token"].as_str().ok_or(SignOnRefusal::Token)?;
        let (claims, algorithm) = self.verified(provider, &metadata, id_token).await?;
        let access_token = tokens["access_token"].as_str();
        let expected = Expected {
            provider,
            access_token,
            nonce: &answered.secrets.nonce,
            algorithm,
            now: self.0.clock.now(),
        };
        let mut identity = Identity::read(&claims, &expected)?;
        if identity.email.is_none()
            && let (Some(url), Some(token)) = (&metadata.user_info, access_token)
        {
            let more = self.fetcher(provider)?.get(url.clone(), Some(token)).await?;
            if more["sub"].as_str() != Some(&identity.subject) {
                return Err(SignOnRefusal::AccessToken);
            }
            identity.complete(&more);
        }
        Ok(identity)
    }

    /// Reads what Scalekit sends if a sign-in begins there.
    pub async fn login_request(
        &self,
        provider: &Provider,
        token: &str,
    ) -> Result<LoginRequest, SignOnRefusal> {
        let metadata = self.metadata(provider).await?;
        let (claims, _) = self.verified(provider, &metadata, token).await?;
        if claims["iss"].as_str() != Some(provider.issuer.as_str()) {
            return Err(SignOnRefusal::TokenIssuer);
        }
        claims::in_time(&claims, self.0.clock.now())?;
        let text = |name: &str| {
            let text = claims[name].as_str()?;
            (!text.is_empty() && text.len() <= 300).then(|| text.to_owned())
        };
        let organization = text("organization_id").and_then(|id| OrganizationId::parse(&id));
        Ok(LoginRequest {
            organization: organization.ok_or(SignOnRefusal::Token)?,
            connection: text("connection_id"),
            login_hint: text("login_hint"),
        })
    }

    async fn exchange(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        answered: &Answered<'_>,
    ) -> Result<Value, SignOnRefusal> {
        let id = provider.client_id.as_str();
        let secret = provider.client_secret.as_ref().map(|secret| secret.0.as_str());
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", answered.code),
            ("redirect_uri", answered.redirect_uri),
            ("code_verifier", answered.secrets.code_verifier.as_str()),
        ];
        let mut basic = None;
        match secret {
            Some(secret) if metadata.secret_in_form => {
                form.extend([("client_id", id), ("client_secret", secret)]);
            }
            Some(secret) => basic = Some((id, secret)),
            None => form.push(("client_id", id)),
        }
        let reply = self.fetcher(provider)?.post(metadata.token.clone(), &form, basic).await?;
        match (reply.status, reply.body["error"].as_str()) {
            (StatusCode::OK, _) if reply.body.is_object() => Ok(reply.body),
            (StatusCode::OK, _) => Err(SignOnRefusal::Unreadable),
            (StatusCode::UNAUTHORIZED, _) | (_, Some("invalid_client" | "unauthorized_client")) => {
                Err(SignOnRefusal::ClientRefused)
            }
            (status, _) if status.is_server_error() => Err(SignOnRefusal::Answer),
            _ => Err(SignOnRefusal::CodeRefused),
        }
    }

    /// The claims of a token, and the algorithm of its signature. A key that is not known is looked
    /// for again, because the provider may have a new one.
    async fn verified(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        token: &str,
    ) -> Result<(Value, Algorithm), SignOnRefusal> {
        let keys = self.keys(provider, metadata, Fresh::No).await?;
        match keys.verify(token) {
            Err(SignOnRefusal::UnknownKey) => {
                self.keys(provider, metadata, Fresh::IfPossible).await?.verify(token)
            }
            verified => verified,
        }
    }
}
