//! The people that an admin decides about by hand: those who wait, those who were dismissed, or
//! those who hold a seat.

use std::collections::{HashMap, HashSet};

use super::{List, Part, Positions, next, people::names_of_groups};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::OrganizationScope,
        directory_user::{DirectoryUser, SeatState},
        id::DirectoryUserId,
        time::Timestamp,
    },
    queries::waitlist::{filter, key, part},
    store::{decisions, directory_users, organizations},
    views::waitlist::{WaitlistFilter, WaitlistKey},
};

/// The people of one list of the waitlist's page.
#[derive(Debug)]
pub struct Waitlist {
    scope: OrganizationScope,
    filter: WaitlistFilter,
    /// How far the whole waitlist is read; `None`: the list is another one.
    positions: Option<Positions>,
}

/// The cells of one person, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitlistCells {
    /// 1 is next; `None` unless the person waits.
    pub position: Option<i64>,
    pub user: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub state: SeatState,
    /// RFC 3339.
    pub since: String,
    /// An admin moved the person.
    pub moved: bool,
    pub groups: Vec<String>,
    /// Why the person waits: a sentence; `None` if no decision says why.
    pub why: Option<String>,
    pub has_duplicate_email: bool,
}

impl Waitlist {
    pub fn new(scope: OrganizationScope, filter: WaitlistFilter) -> Self {
        let positions = filter.is_whole().then(Positions::default);
        Self { scope, filter, positions }
    }
}

impl List for Waitlist {
    type Row = WaitlistCells;
    type Key = WaitlistKey;

    fn reach(&self) -> Reach<'_> {
        Reach::Organization(&self.scope)
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<WaitlistKey>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        let (scope, is_first) = (&self.scope, behind.is_none());
        organizations::revision(tx, scope).await?.ok_or(Error::Missing)?;
        let filter = filter(&self.filter, Timestamp::from_nanos(i64::MAX));
        let which = (self.filter.state, &filter);
        let users = part(tx, scope, which, behind.as_ref(), most).await?;
        let next = next(&users, most, key);
        let ids: Vec<DirectoryUserId> = users.iter().map(|user| user.id.clone()).collect();
        let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let keys: Vec<String> = users.iter().filter_map(DirectoryUser::email_key).collect();
        let mut groups_of = names_of_groups(tx, scope, &texts).await?;
        let shared: HashSet<String> =
            directory_users::duplicate_emails(tx, scope, &keys).await?.into_iter().collect();
        // The order is oldest first, so the last decision of each person remains.
        let mut why: HashMap<DirectoryUserId, String> = decisions::that_blocked(tx, scope, &ids)
            .await?
            .into_iter()
            .map(|d| (d.user, d.reason.sentence(d.limit, d.used)))
            .collect();
        let places = users.iter().filter_map(DirectoryUser::waitlist_key).collect();
        let positions = match &mut self.positions {
            Some(positions) if positions.follow(is_first) => positions.of_next(places),
            _ => directory_users::positions(tx, scope, places, false).await?,
        };
        let mut cells = Vec::with_capacity(users.len());
        for user in users {
            let position = positions.get(&user.id).copied();
            let email_key = user.email_key();
            cells.push(WaitlistCells {
                position,
                groups: groups_of.remove(user.id.as_str()).unwrap_or_default(),
                why: why.remove(&user.id).filter(|_| position.is_some()),
                has_duplicate_email: email_key.is_some_and(|key| shared.contains(&key)),
                moved: user.waitlist_place.is_some_and(|place| place.by_hand),
                state: user.state,
                since: user.since.rfc3339(),
                name: user.profile.name,
                email: user.profile.email,
                user: user.id.into(),
            });
        }
        Ok((cells, next))
    }
}
