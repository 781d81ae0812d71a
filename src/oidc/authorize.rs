//! The address that a browser is sent to, to sign in at its provider.

use url::Url;

use super::{Client, FlowSecrets, Provider, State};
use crate::domain::{id::OrganizationId, refusal::SignOnRefusal};

/// What a browser asks the provider for.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    pub state: &'a State,
    pub secrets: &'a FlowSecrets,
    /// Where the provider sends the browser back to.
    pub redirect_uri: &'a str,
    pub hints: &'a Hints,
}

/// What the provider may know already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    pub login_hint: Option<String>,
    /// The connection that Scalekit's own start names.
    pub connection: Option<String>,
}

impl Client {
    pub async fn authorize(
        &self,
        provider: &Provider,
        ask: &Ask<'_>,
    ) -> Result<Url, SignOnRefusal> {
        let metadata = self.metadata(provider).await?;
        let mut url = metadata.authorize.clone();
        let challenge = ask.secrets.code_challenge();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.client_id)
            .append_pair("redirect_uri", ask.redirect_uri)
            .append_pair("scope", "openid email profile")
            .append_pair("state", ask.state.reveal())
            .append_pair("nonce", &ask.secrets.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        let organization = provider.scalekit_organization.as_ref().map(OrganizationId::as_str);
        let optional = [
            ("organization_id", organization),
            ("connection_id", ask.hints.connection.as_deref().filter(|_| organization.is_some())),
            ("login_hint", ask.hints.login_hint.as_deref()),
        ];
        for (name, value) in optional.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            url.query_pairs_mut().append_pair(name, value);
        }
        Ok(url)
    }
}
