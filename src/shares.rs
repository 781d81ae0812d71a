//! Fair shares: how much of this process one account, one organization and one address may use at
//! once, so that they do not delay others. A request whose share is in use waits shortly; if that
//! fails, its answer asks the client to retry.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ipnet::IpNet;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until, timeout_at},
};

use crate::domain::id::{AccountId, OrganizationId};

/// Requests that may wait for one share; further ones are refused.
const QUEUE: usize = 16;

/// How many of each may be in use at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Requests that read, over all accounts.
    pub reads: usize,
    pub reads_of_account: usize,
    pub reads_of_organization: usize,
    /// Live connections, over all accounts.
    pub live: usize,
    pub live_of_account: usize,
    pub live_of_address: usize,
    /// Calls of the API that wait for events; over all keys they are live connections.
    pub waiting_of_key: usize,
    /// How long a request waits for its share.
    pub patience: Duration,
}

impl Default for Sizes {
    /// A read keeps a processor busy, so one account gets at most half of the processors (at least
    /// one, at most four).
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let account = (processors / 2).clamp(1, 4);
        Self {
            reads: 6,
            reads_of_account: account,
            reads_of_organization: 2 * account,
            live: 4_096,
            live_of_account: 20,
            live_of_address: 500,
            waiting_of_key: 10,
            patience: Duration::from_secs(2),
        }
    }
}

/// One for each process.
#[derive(Debug)]
pub struct Shares {
    patience: Duration,
    reads: Arc<Semaphore>,
    accounts: Keyed<AccountId>,
    organizations: Keyed<OrganizationId>,
    live: Arc<Semaphore>,
    live_accounts: Keyed<AccountId>,
    live_addresses: Keyed<IpNet>,
    waiting: Keyed<AccountId>,
}

/// A share in use, until it is dropped.
#[derive(Debug)]
pub struct Share {
    _permits: Vec<OwnedSemaphorePermit>,
}

/// The share did not become free in time, or its queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InUse;

/// The limit of live connections that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveLimit {
    All,
    Account,
    Address,
}

impl Shares {
    pub fn new(sizes: Sizes) -> Self {
        Self {
            patience: sizes.patience,
            reads: Arc::new(Semaphore::new(sizes.reads)),
            accounts: Keyed::new(sizes.reads_of_account),
            organizations: Keyed::new(sizes.reads_of_organization),
            live: Arc::new(Semaphore::new(sizes.live)),
            live_accounts: Keyed::new(sizes.live_of_account),
            live_addresses: Keyed::new(sizes.live_of_address),
            waiting: Keyed::new(sizes.waiting_of_key),
        }
    }

    /// Waits for the account's share of reads, then for a share of all reads.
    pub async fn of_account(&self, account: &AccountId) -> Result<Share, InUse> {
        let until = Instant::now() + self.patience;
        let own = self.accounts.wait(account, until).await?;
        let of_all = timeout_at(until, self.reads.clone().acquire_owned())
            .await
            .ok()
            .and_then(Result::ok)
            .ok_or(InUse)?;
        Ok(Share { _permits: vec![own, of_all] })
    }

    /// Waits for the organization's share of reads.
    pub async fn of_organization(&self, organization: &OrganizationId) -> Result<Share, InUse> {
        let own = self.organizations.wait(organization, Instant::now() + self.patience).await?;
        Ok(Share { _permits: vec![own] })
    }

    /// Takes a share for one more live connection, without waiting. `client` is the network of the
    /// client's address; without it the limit of an address does not apply.
    pub fn live(&self, account: &AccountId, client: Option<IpNet>) -> Result<Share, LiveLimit> {
        let own = self.live_accounts.take(account).ok_or(LiveLimit::Account)?;
        let of_address = client
            .map(|client| self.live_addresses.take(&client).ok_or(LiveLimit::Address))
            .transpose()?;
        let of_all = self.live.clone().try_acquire_owned().map_err(|_| LiveLimit::All)?;
        Ok(Share {
            _permits: [Some(own), of_address, Some(of_all)].into_iter().flatten().collect(),
        })
    }

    /// Takes a share for one more call of a key that waits for events, without waiting itself.
    pub fn to_wait(&self, key: &AccountId) -> Result<Share, InUse> {
        let own = self.waiting.take(key).ok_or(InUse)?;
        let of_all = self.live.clone().try_acquire_owned().map_err(|_| InUse)?;
        Ok(Share { _permits: vec![own, of_all] })
    }
}

/// One semaphore for each key that is in use.
#[derive(Debug)]
pub(crate) struct Keyed<K> {
    size: usize,
    used: Mutex<HashMap<K, Arc<Semaphore>>>,
}

impl<K: Clone + Eq + Hash> Keyed<K> {
    pub(crate) fn new(size: usize) -> Self {
        Self { size, used: Mutex::default() }
    }

    async fn wait(&self, key: &K, until: Instant) -> Result<OwnedSemaphorePermit, InUse> {
        let semaphore = self.semaphore(key);
        // the map, this request, each permit, and each waiting request hold a reference
        if Arc::strong_count(&semaphore) >= 2 + self.size + QUEUE {
            drop(semaphore);
            // A client that asks again at once pauses here and keeps no processor busy with
            // refusals.
            let now = Instant::now();
            sleep_until(now + until.saturating_duration_since(now) / 2).await;
            return Err(InUse);
        }
        timeout_at(until, semaphore.acquire_owned()).await.ok().and_then(Result::ok).ok_or(InUse)
    }

    pub(crate) fn take(&self, key: &K) -> Option<OwnedSemaphorePermit> {
        self.semaphore(key).try_acquire_owned().ok()
    }

    fn semaphore(&self, key: &K) -> Arc<Semaphore> {
        let mut used = self.used();
        if let Some(semaphore) = used.get(key) {
            return semaphore.clone();
        }
        // A key that is not in use has its whole share, so its entry is removed when the map would
        // grow.
        if used.len() == used.capacity() {
            used.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        used.entry(key.clone()).or_insert_with(|| Arc::new(Semaphore::new(self.size))).clone()
    }

    fn used(&self) -> MutexGuard<'_, HashMap<K, Arc<Semaphore>>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(200);

    fn shares() -> Shares {
        let of_one =
            Sizes { reads: 2, reads_of_account: 1, reads_of_organization: 1, ..Sizes::default() };
        Shares::new(Sizes {
            live: 4,
            live_of_account: 2,
            live_of_address: 3,
            waiting_of_key: 1,
            patience: PATIENCE,
            ..of_one
        })
    }

    #[tokio::test]
    async fn a_request_waits_shortly_for_its_accounts_share_and_leaves_the_others_theirs() {
        let (shares, kim, sam) = (shares(), AccountId::new("acc_kim"), AccountId::new("acc_sam"));

        let share = shares.of_account(&kim).await.unwrap();

        assert_eq!(shares.of_account(&kim).await.unwrap_err(), InUse);
        let other = shares.of_account(&sam).await.unwrap();
        drop((share, other));
        assert!(shares.of_account(&kim).await.is_ok());
    }

    #[tokio::test]
    async fn a_queue_has_an_end() {
        let (shares, kim) = (Arc::new(shares()), AccountId::new("acc_kim"));
        let _share = shares.of_account(&kim).await.unwrap();
        let began = Instant::now();
        let wait = || {
            let (shares, kim) = (shares.clone(), kim.clone());
            tokio::spawn(async move { shares.of_account(&kim).await.map(|_| ()) })
        };
        let waiting: Vec<_> = (0..QUEUE).map(|_| wait()).collect();
        for _ in 0..QUEUE {
            tokio::task::yield_now().await; // each of them starts to wait
        }

        assert_eq!(shares.of_account(&kim).await.unwrap_err(), InUse);

        for waiting in waiting {
            assert_eq!(waiting.await.unwrap(), Err(InUse));
        }
        assert!(began.elapsed() >= PATIENCE);
    }

    #[tokio::test]
    async fn live_connections_are_counted_by_account_and_by_address_and_in_all() {
        let (shares, here) = (shares(), Some(IpNet::from(std::net::IpAddr::from([192, 0, 2, 1]))));
        let live = |account: &str, address| shares.live(&AccountId::new(account), address);

        let kim = [live("acc_kim", here).unwrap(), live("acc_kim", here).unwrap()];
        assert_eq!(live("acc_kim", None).unwrap_err(), LiveLimit::Account);
        let sam = live("acc_sam", here).unwrap();
        assert_eq!(live("acc_sam", here).unwrap_err(), LiveLimit::Address);
        let ada = live("acc_ada", None).unwrap();
        assert_eq!(live("acc_ada", None).unwrap_err(), LiveLimit::All);

        drop((kim, sam, ada));
        assert!(live("acc_kim", here).is_ok());
    }

    #[tokio::test]
    async fn few_calls_of_one_key_wait_and_they_count_as_live_connections() {
        let (shares, billing) = (shares(), AccountId::new("key_billing"));
        let waiting = shares.to_wait(&billing).unwrap();

        assert_eq!(shares.to_wait(&billing).unwrap_err(), InUse);
        let others = ["key_a", "key_b", "key_c"].map(|key| shares.to_wait(&AccountId::new(key)));
        assert!(others.iter().all(Result::is_ok));
        assert_eq!(shares.to_wait(&AccountId::new("key_d")).unwrap_err(), InUse);

        drop((waiting, others));
        assert!(shares.to_wait(&billing).is_ok());
    }

    #[tokio::test]
    async fn a_key_that_is_not_in_use_is_forgotten() {
        let keyed = Keyed::new(1);
        for number in 0..1_000 {
            drop(keyed.take(&number));
        }

        assert!(keyed.used().len() < 100, "{}", keyed.used().len());
    }
}
