//! All open connections: how many there may be, and which one is closed when another needs room.
//! The server first closes connections that wait for their clients, of the network that has the
//! most of them, longest-waiting first: a thousand silent sockets displace each other and exclude
//! no other client.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ipnet::IpNet;
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    task::AbortHandle,
    time::{Instant, timeout},
};

use super::{
    Limits,
    activity::{Activity, Phase},
};
use crate::{
    client_address::source_network,
    metrics::traffic::{Closed, Traffic},
};

/// How long a new connection waits for room before more connections are closed.
const CLOSING: Duration = Duration::from_millis(10);
/// A stop closes a connection only after it was quiet for this time, so that a request that has
/// come is read and an answer's last bytes are sent.
const SETTLED: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub(super) struct Open {
    limits: Limits,
    traffic: Traffic,
    permits: Arc<Semaphore>,
    list: Mutex<List>,
}

#[derive(Debug, Default)]
struct List {
    next: u64,
    entries: HashMap<u64, Entry>,
    /// Connections of a network without a complete request head, oldest first.
    new: HashMap<IpNet, VecDeque<u64>>,
}

#[derive(Debug)]
struct Entry {
    network: IpNet,
    activity: Arc<Activity>,
    finish: Arc<Notify>,
    task: AbortHandle,
    is_finishing: bool,
    is_closing: bool,
}

/// A connection's entry in the list. It is removed when the connection ends for any reason.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) activity: Arc<Activity>,
    /// Asks the connection to end after its current requests.
    pub(super) finish: Arc<Notify>,
    open: Arc<Open>,
    id: u64,
    network: IpNet,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Records that the first request of this connection came.
    pub(super) fn is_known(&self) {
        self.open.list().forget_new(self.id, self.network);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut list = self.open.list();
        list.entries.remove(&self.id);
        list.forget_new(self.id, self.network);
        self.open.traffic.connection_ended();
    }
}

impl List {
    fn forget_new(&mut self, id: u64, network: IpNet) {
        let Some(new) = self.new.get_mut(&network) else { return };
        new.retain(|other| *other != id);
        if new.is_empty() {
            self.new.remove(&network);
        }
    }
}

impl Open {
    pub(super) fn new(limits: Limits, traffic: Traffic) -> Arc<Self> {
        let permits = Arc::new(Semaphore::new(limits.connections));
        Arc::new(Self { limits, traffic, permits, list: Mutex::default() })
    }

    /// Waits for room for one more connection. Connections that wait are closed for it; if all are
    /// working, one of them has to end.
    pub(super) async fn room(&self) -> OwnedSemaphorePermit {
        loop {
            if let Ok(permit) = self.permits.clone().try_acquire_owned() {
                return permit;
            }
            self.make_room();
            if let Ok(Ok(permit)) = timeout(CLOSING, self.permits.clone().acquire_owned()).await {
                return permit;
            }
        }
    }

    /// Adds a connection; `start` begins its task.
    pub(super) fn add(
        self: &Arc<Self>,
        peer: SocketAddr,
        permit: OwnedSemaphorePermit,
        start: impl FnOnce(Place) -> AbortHandle,
    ) {
        let network = source_network(peer.ip());
        let mut list = self.list();
        let id = list.next;
        list.next += 1;
        let (activity, finish) = (Arc::new(Activity::new()), Arc::new(Notify::new()));
        let place = Place {
            activity: activity.clone(),
            finish: finish.clone(),
            open: self.clone(),
            id,
            network,
            _permit: permit,
        };
        self.traffic.connection_began();
        // the list is locked until the entry is in it, so that a connection that ends at once
        // removes its entry
        let task = start(place);
        list.entries.insert(
            id,
            Entry { network, activity, finish, task, is_finishing: false, is_closing: false },
        );
        let new = list.new.entry(network).or_default();
        new.push_back(id);
        let displaced =
            if new.len() > self.limits.new_per_address { new.pop_front() } else { None };
        if let Some(entry) = displaced.and_then(|id| list.entries.get_mut(&id)) {
            self.close(entry, Closed::TooManyNew);
        }
    }

    /// Closes the connections that have waited longest, a few at a time, so that an attacker does
    /// not make the server search the list for each one.
    pub(super) fn make_room(&self) {
        let mut list = self.list();
        if list.entries.values().any(|entry| entry.is_closing) {
            return; // room is already being made
        }
        let mut waiting: HashMap<IpNet, Vec<(Instant, u64)>> = HashMap::new();
        for (id, entry) in &list.entries {
            let (phase, since) = entry.activity.phase();
            if phase != Phase::Working {
                waiting.entry(entry.network).or_default().push((since, *id));
            }
        }
        let Some(mut longest) = waiting.into_values().max_by_key(Vec::len) else { return };
        longest.sort_unstable();
        let few = (self.limits.connections / 64).clamp(1, longest.len().div_ceil(2));
        for (_, id) in &longest[..few] {
            if let Some(entry) = list.entries.get_mut(id) {
                self.close(entry, Closed::Displaced);
            }
        }
    }

    /// Closes every connection whose client has exceeded a time limit.
    pub(super) fn close_overdue(&self) {
        let now = Instant::now();
        for entry in self.list().entries.values_mut().filter(|entry| !entry.is_closing) {
            let (phase, since) = entry.activity.phase();
            let (limit, why) = match phase {
                Phase::Head => (self.limits.head, Closed::Head),
                // the client gets 408 first
                Phase::Body => (self.limits.body + self.limits.head, Closed::Body),
                Phase::Sending => (self.limits.sending, Closed::Sending),
                Phase::Idle => (self.limits.idle, Closed::Idle),
                Phase::Working => continue,
            };
            if now.duration_since(since) >= limit {
                self.close(entry, why);
            }
        }
    }

    /// Closes unused connections, and asks the others to end after their current requests; returns
    /// how many are left.
    pub(super) fn close_unused(&self) -> usize {
        let now = Instant::now();
        let mut list = self.list();
        for entry in list.entries.values_mut().filter(|entry| !entry.is_closing) {
            let (phase, since) = entry.activity.phase();
            if matches!(phase, Phase::Head | Phase::Idle) && now.duration_since(since) >= SETTLED {
                self.close(entry, Closed::Stopping);
            } else if phase != Phase::Head && !entry.is_finishing {
                entry.is_finishing = true;
                entry.finish.notify_one();
            }
        }
        list.entries.len()
    }

    pub(super) fn close_all(&self) {
        for entry in self.list().entries.values_mut().filter(|entry| !entry.is_closing) {
            self.close(entry, Closed::Stopping);
        }
    }

    fn close(&self, entry: &mut Entry, why: Closed) {
        entry.is_closing = true;
        entry.task.abort();
        self.traffic.closed(why);
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
