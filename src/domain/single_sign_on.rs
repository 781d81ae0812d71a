//! Single sign-on by OpenID Connect: which provider an organization uses, and whose addresses
//! belong to it.

use serde::{Deserialize, Serialize};

use super::{directory_user::email_key, refusal::SignOnRefusal};

/// Which identity provider an organization uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// One of its own.
    Oidc,
    /// The connection that it has in Scalekit, with the client of the installation.
    Scalekit,
}

impl ProviderKind {
    pub const ALL: [Self; 2] = [Self::Oidc, Self::Scalekit];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Oidc => "oidc",
            Self::Scalekit => "scalekit",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// How a session began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInMethod {
    Password,
    Passkey,
    SingleSignOn,
}

impl SignInMethod {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Passkey => "passkey",
            Self::SingleSignOn => "single-sign-on",
        }
    }
}

const MOST_DOMAINS: usize = 20;
/// In bytes, as in the domain name system.
const LONGEST_DOMAIN: usize = 253;

/// The domain of an address, folded as addresses are compared; `None`: it has none.
pub fn domain_of(email: &str) -> Option<String> {
    let key = email_key(email);
    let (local, domain) = key.rsplit_once('@')?;
    (!local.is_empty() && is_domain(domain)).then(|| domain.to_owned())
}

/// The domains of a form: with commas between them, each once, in order.
pub fn parse_domains(text: &str) -> Result<Vec<String>, SignOnRefusal> {
    let parts = text.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty());
    let one = |part: &str| {
        let domain = part.strip_prefix('@').unwrap_or(part);
        let address = (!domain.contains('@')).then(|| format!("a@{domain}"));
        address.as_deref().and_then(domain_of).ok_or(SignOnRefusal::Domains)
    };
    let mut domains = parts.map(one).collect::<Result<Vec<_>, _>>()?;
    domains.sort();
    domains.dedup();
    if domains.len() <= MOST_DOMAINS { Ok(domains) } else { Err(SignOnRefusal::Domains) }
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let is_part = |c: char| c.is_alphanumeric() || c == '-';
        (1..=63).contains(&label.len()) && label.chars().all(is_part)
    };
    text.len() <= LONGEST_DOMAIN && text.contains('.') && text.split('.').all(is_label)
}

/// Reads a client id as a provider gives it.
pub fn parse_client_id(text: &str) -> Result<&str, SignOnRefusal> {
    let id = text.trim();
    let is_good =
        (1..=200).contains(&id.chars().count()) && id.chars().all(|c| c.is_ascii_graphic());
    if is_good { Ok(id) } else { Err(SignOnRefusal::ClientId) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_the_end_of_an_address_in_any_spelling() {
        assert_eq!(domain_of("Ada@ACME.test").as_deref(), Some("acme.test"));
        assert_eq!(domain_of("ada@xn--bcher-kva.example").as_deref(), Some("bücher.example"));
        for none in ["", "ada", "@acme.test", "ada@acme", "ada@-", "ada@acme..test", "ada@a b.test"]
        {
            assert_eq!(domain_of(none), None, "{none}");
        }
    }

    #[test]
    fn domains_are_read_once_each_and_in_order() {
        assert_eq!(
            parse_domains(" @b.test, A.test,,a.test ").unwrap(),
            ["a.test".to_owned(), "b.test".to_owned()]
        );
        assert_eq!(parse_domains("").unwrap(), Vec::<String>::new());
        for bad in ["a", "a.test b.test", "https://a.test", "ada@a.test"] {
            assert_eq!(parse_domains(bad), Err(SignOnRefusal::Domains), "{bad}");
        }
        let many: Vec<_> = (0..21).map(|number| format!("d{number}.test")).collect();
        assert_eq!(parse_domains(&many.join(",")), Err(SignOnRefusal::Domains));
    }

    #[test]
    fn a_client_id_is_one_word() {
        assert_eq!(parse_client_id(" 0oa1 "), Ok("0oa1"));
        for bad in ["", "a b", "é", &"a".repeat(201)] {
            assert_eq!(parse_client_id(bad), Err(SignOnRefusal::ClientId), "{bad}");
        }
    }
}
