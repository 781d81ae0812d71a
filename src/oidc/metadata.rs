//! What a provider says about itself in its configuration.

use serde_json::Value;
use url::Url;

use super::{fetch::Fetcher, issuer::Issuer};
use crate::domain::refusal::SignOnRefusal;

#[derive(Clone, Debug)]
pub(super) struct Metadata {
    pub authorize: Url,
    pub token: Url,
    pub keys: Url,
    pub user_info: Option<Url>,
    /// The callback says who answers (RFC 9207).
    pub names_issuer: bool,
    /// The client's secret travels in the form, because the provider takes it nowhere else.
    pub secret_in_form: bool,
}

impl Metadata {
    pub fn read(
        document: &Value,
        issuer: &Issuer,
        fetcher: &Fetcher,
    ) -> Result<Self, SignOnRefusal> {
        match document["issuer"].as_str() {
            None => return Err(SignOnRefusal::Unreadable),
            Some(named) if named != issuer.as_str() => return Err(SignOnRefusal::IssuerDiffers),
            Some(_) => {}
        }
        let address = |name: &str| {
            let text = document[name].as_str().ok_or(SignOnRefusal::Unreadable)?;
            let url = Url::parse(text).map_err(|_| SignOnRefusal::Unreadable)?;
            fetcher.check(&url).map(|()| url)
        };
        // a provider that does not list the methods may know them all the same
        let has = |name: &str, word: &str, if_absent: bool| match document[name].as_array() {
            Some(list) => list.iter().any(|entry| entry == word),
            None => if_absent,
        };
        if !has("code_challenge_methods_supported", "S256", true) {
            return Err(SignOnRefusal::NoPkce);
        }
        let methods = "token_endpoint_auth_methods_supported";
        let user_info = document.get("userinfo_endpoint").map(|_| address("userinfo_endpoint"));
        Ok(Self {
            authorize: address("authorization_endpoint")?,
            token: address("token_endpoint")?,
            keys: address("jwks_uri")?,
            user_info: user_info.transpose()?,
            names_issuer: document["authorization_response_iss_parameter_supported"] == true,
            secret_in_form: !has(methods, "client_secret_basic", true)
                && has(methods, "client_secret_post", false),
        })
    }
}
