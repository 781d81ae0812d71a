//! The memory for bodies of webhooks whose signatures are not checked yet. Only bytes that were
//! received count, so a client that announces a long body and sends nothing holds no room.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ipnet::IpNet;

/// The room of all clients, in bytes; at least eight bodies of the greatest length fit.
const ROOM: usize = 64 << 20;
/// The room of one client, in bytes; at least two bodies of the greatest length fit.
const OF_CLIENT: usize = 16 << 20;
/// A quarter of both is reserved for bodies of at most this length, as almost all are.
const SMALL: usize = 64 << 10;

/// Cheap to clone; clones share the room.
#[derive(Clone, Debug)]
pub struct BodyRoom {
    used: Arc<Mutex<Used>>,
    /// In bytes, of all clients and of one.
    room: usize,
    of_client: usize,
}

#[derive(Debug, Default)]
struct Used {
    all: usize,
    by_client: HashMap<IpNet, usize>,
}

impl BodyRoom {
    /// `body_limit` is the greatest length of a body, in bytes.
    pub fn new(body_limit: usize) -> Self {
        Self::with(
            ROOM.max(body_limit.saturating_mul(8)),
            OF_CLIENT.max(body_limit.saturating_mul(2)),
        )
    }

    fn with(room: usize, of_client: usize) -> Self {
        Self { used: Arc::default(), room, of_client }
    }

    /// The room of a body of which nothing was received yet.
    pub(super) fn empty(&self, client: Option<IpNet>) -> Reservation {
        Reservation { room: self.clone(), client, bytes: 0 }
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The room of one body. It is free again when this value is dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    room: BodyRoom,
    client: Option<IpNet>,
    bytes: usize,
}

impl Reservation {
    /// Takes room for more bytes. False: there is none left, and nothing was taken.
    pub fn grow(&mut self, bytes: usize) -> bool {
        let mut used = self.room.used();
        let by_client =
            self.client.map(|client| used.by_client.get(&client).copied().unwrap_or(0) + bytes);
        let all = used.all + bytes;
        let part = |room: usize| if self.bytes + bytes > SMALL { room - room / 4 } else { room };
        if all > part(self.room.room)
            || by_client.is_some_and(|by_client| by_client > part(self.room.of_client))
        {
            return false;
        }
        used.all = all;
        if let Some((client, by_client)) = self.client.zip(by_client) {
            used.by_client.insert(client, by_client);
        }
        drop(used);
        self.bytes += bytes;
        true
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut used = self.room.used();
        used.all -= self.bytes;
        let Some(client) = self.client else { return };
        if let Some(by_client) = used.by_client.get_mut(&client) {
            *by_client -= self.bytes;
            if *by_client == 0 {
                used.by_client.remove(&client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(n: u8) -> IpNet {
        IpNet::from(std::net::IpAddr::from([10, 0, 0, n]))
    }

    #[test]
    fn one_client_leaves_room_for_the_others() {
        let room = BodyRoom::with(640, 160);
        let mut greedy = room.empty(Some(client(1)));
        assert!(greedy.grow(160));
        assert!(!greedy.grow(1) && !room.empty(Some(client(1))).grow(1));
        assert!(room.empty(Some(client(2))).grow(160));

        drop(greedy);
        assert!(room.empty(Some(client(1))).grow(160), "it is free again");
    }

    #[test]
    fn large_bodies_leave_room_for_small_ones() {
        let room = BodyRoom::new(1 << 20);
        let mut large: Vec<Reservation> = (1..=20)
            .flat_map(|n| (0..16).map(move |_| n))
            .map(|n| room.empty(Some(client(n))))
            .collect();
        let taken = large.iter_mut().map(|held| usize::from(held.grow(1 << 20))).sum::<usize>();
        assert_eq!(taken, 48);

        assert!(!room.empty(Some(client(21))).grow(SMALL + 1));
        assert!(
            room.empty(Some(client(1))).grow(SMALL) && room.empty(Some(client(21))).grow(SMALL)
        );
    }

    #[test]
    fn all_clients_together_have_an_end() {
        let room = BodyRoom::with(640, 160);
        let mut held: Vec<Reservation> = (1..=4).map(|n| room.empty(Some(client(n)))).collect();
        assert!(held.iter_mut().all(|held| held.grow(160)));
        assert!(!room.empty(Some(client(5))).grow(1) && !room.empty(None).grow(1));

        held.pop();
        assert!(room.empty(Some(client(5))).grow(160));
        drop(held);
        let used = room.used();
        assert_eq!((used.all, used.by_client.len()), (0, 0));
    }
}
