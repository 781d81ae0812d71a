//! OpenID Connect as a client: discovery, the address that a browser is sent to, the exchange of a
//! code, and the check of what the identity provider says. It knows no account.
//!
//! Everything that a provider sends is bounded in size and time, and no redirect is followed. What
//! goes wrong is a [`SignOnRefusal`] with a sentence for the person.

mod authorize;
mod claims;
mod fetch;
mod issuer;
mod keys;
mod metadata;
mod pkce;
mod redeem;
mod signature;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

pub use self::{
    authorize::{Ask, Hints},
    claims::Identity,
    issuer::Issuer,
    pkce::{BrowserToken, FlowSecrets, State, hash},
    redeem::{Answered, LoginRequest},
};
use self::{fetch::Fetcher, keys::Keys, metadata::Metadata};
use crate::{
    channels::address::AllowedAddresses,
    clock::{Clock, Monotonic},
    domain::{id::OrganizationId, refusal::SignOnRefusal},
};

/// How long discovered metadata and keys are used.
const METADATA_LASTS: Duration = Duration::from_mins(10);
const KEYS_LAST: Duration = Duration::from_hours(1);
/// Keys are asked for again, because of a key that is not known, at most this often.
const KEYS_AGAIN: Duration = Duration::from_mins(1);
/// More issuers than these are not remembered.
const MOST_REMEMBERED: usize = 1_000;

/// A client secret. `Debug` does not print it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecret(pub String);

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Who has named the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NamedBy {
    /// The people who run the installation, in the environment.
    Installation,
    /// An organization, in a form: Seatkeeper must not connect to its own network for it.
    Organization,
}

/// An identity provider, and what Seatkeeper is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    pub issuer: Issuer,
    pub client_id: String,
    /// `None`: a public client.
    pub client_secret: Option<ClientSecret>,
    pub named_by: NamedBy,
    /// With Scalekit as the issuer: the organization that signs in.
    pub scalekit_organization: Option<OrganizationId>,
}

/// Talks to identity providers. Cheap to clone; clones share what is remembered.
#[derive(Clone, Debug)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    allowed: AllowedAddresses,
    clock: Clock,
    /// Made with the first use: the process must have installed a TLS provider by then.
    fetchers: [OnceLock<Option<Fetcher>>; 2],
    remembered: Mutex<HashMap<(NamedBy, String), Remembered>>,
}

#[derive(Clone, Debug, Default)]
struct Remembered {
    metadata: Option<(Arc<Metadata>, Monotonic)>,
    keys: Option<(Arc<Keys>, Monotonic)>,
    /// When the keys were asked for again because one was missing.
    asked_again: Option<Monotonic>,
}

/// Whether keys are asked for again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fresh {
    No,
    /// A key is missing: yes, unless that was done a moment ago.
    IfPossible,
}

impl Client {
    /// `allowed` is which addresses an organization may name.
    pub fn new(allowed: AllowedAddresses, clock: Clock) -> Self {
        let (fetchers, remembered) = (Default::default(), Mutex::default());
        Self(Arc::new(Inner { allowed, clock, fetchers, remembered }))
    }

    /// Asks the provider for its configuration and its keys, as if it was not known yet.
    pub async fn try_out(&self, provider: &Provider) -> Result<(), SignOnRefusal> {
        self.forget(provider);
        let metadata = self.metadata(provider).await?;
        self.keys(provider, &metadata, Fresh::No).await.map(|_| ())
    }

    fn forget(&self, provider: &Provider) {
        self.remembered().remove(&key(provider));
    }

    async fn metadata(&self, provider: &Provider) -> Result<Arc<Metadata>, SignOnRefusal> {
        let now = self.0.clock.monotonic();
        if let Some((metadata, at)) = self.recall(provider).metadata
            && now.since(at) < METADATA_LASTS
        {
            return Ok(metadata);
        }
        let fetcher = self.fetcher(provider)?;
        let answer = fetcher.get(provider.issuer.configuration()?, None).await?;
        let metadata = Arc::new(Metadata::read(&answer, &provider.issuer, fetcher)?);
        self.remember(provider, |known| known.metadata = Some((Arc::clone(&metadata), now)));
        Ok(metadata)
    }

    /// The keys of the provider.
    async fn keys(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        fresh: Fresh,
    ) -> Result<Arc<Keys>, SignOnRefusal> {
        let now = self.0.clock.monotonic();
        let known = self.recall(provider);
        if let Some((keys, at)) = known.keys {
            let again = known.asked_again;
            let is_good = match fresh {
                Fresh::No => now.since(at) < KEYS_LAST,
                Fresh::IfPossible => again.is_some_and(|again| now.since(again) < KEYS_AGAIN),
            };
            if is_good {
                return Ok(keys);
            }
        }
        if fresh == Fresh::IfPossible {
            // before it is asked, so that many sign-ins at once ask once
            self.remember(provider, |known| known.asked_again = Some(now));
        }
        let answer = self.fetcher(provider)?.get(metadata.keys.clone(), None).await?;
        let keys = Arc::new(Keys::read(&answer)?);
        self.remember(provider, |known| known.keys = Some((Arc::clone(&keys), now)));
        Ok(keys)
    }

    fn fetcher(&self, provider: &Provider) -> Result<&Fetcher, SignOnRefusal> {
        let (place, allowed) = match provider.named_by {
            NamedBy::Installation => (0, AllowedAddresses::Private),
            NamedBy::Organization => (1, self.0.allowed),
        };
        let fetcher = self.0.fetchers[place].get_or_init(|| Fetcher::new(allowed));
        fetcher.as_ref().ok_or(SignOnRefusal::Unreachable)
    }

    fn recall(&self, provider: &Provider) -> Remembered {
        self.remembered().get(&key(provider)).cloned().unwrap_or_default()
    }

    fn remember(&self, provider: &Provider, change: impl FnOnce(&mut Remembered)) {
        let mut remembered = self.remembered();
        if remembered.len() >= MOST_REMEMBERED {
            remembered.clear();
        }
        change(remembered.entry(key(provider)).or_default());
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashMap<(NamedBy, String), Remembered>> {
        self.0.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(provider: &Provider) -> (NamedBy, String) {
    (provider.named_by, provider.issuer.as_str().to_owned())
}
