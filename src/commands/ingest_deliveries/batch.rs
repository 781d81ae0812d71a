//! Processes one delivery after the other: each one sees the changes of the ones before it. Seats
//! change in memory; groups and directories are written at once.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::revoke_access::{Departures, Leaving, is_off},
    Delivery, Error,
};
use crate::{
    db::Tx,
    domain::{
        access::OrganizationScope,
        decision::{Outcome, Transition},
        directory_user::{Precedence, Version},
        event::{Change, DirectoryChange, Event, EventPayload, ParsedBody, UserPayload, event_number},
        id::{DirectoryUserId, GroupId, OrganizationId},
        roster::Addressee,
        seats::{self, Command, SeatOutcome, UserUpdate},
        time::Timestamp,
    },
    store::{
        decisions::DecisionRecord,
        directories,
        groups::{self, GroupUpdate, MembershipUpdate},
        organizations::Locked,
    },
};

pub struct DeliveryBatch {
    organizations: BTreeMap<OrganizationId, Locked>,
    /// Organizations that a delivery was about: each gets a new revision.
    heard: BTreeSet<OrganizationId>,
    ended: BTreeSet<OrganizationId>,
    /// Users who were unknown before this batch.
    new_users: BTreeSet<(OrganizationId, DirectoryUserId)>,
    pub decided: Vec<DecisionRecord>,
    /// Users who were deactivated or removed, and organizations that were deleted.
    pub departures: Departures,
    /// Groups that user updates mention, with the newest name that came with them.
    pub mentioned: BTreeMap<(OrganizationId, GroupId), Option<(String, Version)>>,
    /// Users whose membership was changed by a group event alone.
    pub membership_changes: BTreeSet<(OrganizationId, DirectoryUserId)>,
    /// (organization, placeholder, real id), in order.
    pub merged: Vec<(OrganizationScope, DirectoryUserId, DirectoryUserId)>,
}

impl DeliveryBatch {
    pub fn new(organizations: BTreeMap<OrganizationId, Locked>) -> Self {
        Self {
            organizations,
            heard: BTreeSet::new(),
            ended: BTreeSet::new(),
            new_users: BTreeSet::new(),
            decided: Vec::new(),
            departures: Departures::default(),
            mentioned: BTreeMap::new(),
            membership_changes: BTreeSet::new(),
            merged: Vec::new(),
        }
    }

    /// The organizations that a delivery was about.
    pub fn heard(&self) -> impl Iterator<Item = &Locked> {
        self.organizations.values().filter(|o| self.heard.contains(o.id()))
    }

    /// The organizations that were deleted in this batch, including those that came back later in
    /// it.
    pub fn ended(&self) -> impl Iterator<Item = &Locked> {
        self.organizations.values().filter(|o| self.ended.contains(o.id()))
    }

    /// The revision of the decisions after the first `decided` ones, if there are any.
    pub fn revision_since(&self, decided: usize) -> Option<i64> {
        self.decided.get(decided).map(|decision| decision.revision)
    }

    /// Whether a user may already have group memberships in the database.
    pub fn may_be_grouped(&self, organization: &OrganizationId, user: &DirectoryUserId) -> bool {
        self.new_users.is_empty() || !self.new_users.contains(&(organization.clone(), user.clone()))
    }

    /// Fails if too little of the waitlist was loaded to fill a free seat.
    pub fn check(&self) -> Result<(), Error> {
        match self.organizations.values().find(|o| o.roster.is_short()) {
            Some(short) => Err(Error::ShortRoster(short.id().to_string())),
            None => Ok(()),
        }
    }

    pub async fn take(&mut self, tx: &mut Tx, delivery: &Delivery, now: Timestamp) -> Result<Outcome, Error> {
        let event = match &delivery.reading {
            ParsedBody::Unreadable { .. } => return Ok(Outcome::Dead),
            ParsedBody::Unknown(_) => return Ok(Outcome::Ignored),
            ParsedBody::Event(event) if event.mismatch => return Ok(Outcome::Mismatch),
            // No organization has its group, or several have one with this id.
            ParsedBody::Event(_) if delivery.by_group().is_some() => return Ok(Outcome::Dead),
            ParsedBody::Event(event) => event,
        };
        let Some(organization) = event.envelope.organization.as_ref().and_then(|id| self.organizations.get(id)) else {
            return Err(Error::Missing);
        };
        let scope = organization.scope.clone();
        self.heard.insert(scope.id().clone());
        let archived = organization.roster.archived;
        let at = delivery.occurred_at();
        let outcome = match &event.payload {
            EventPayload::User(news) => return self.user(delivery, &scope, news, now),
            EventPayload::Organization { .. } => return self.organization(delivery, &scope, event, now),
            EventPayload::Group { id, directory, name, change } => {
                let stamp = stamp(delivery, at, *change == Change::Deleted);
                let deleted = *change == Change::Deleted;
                let news = GroupUpdate { id, directory: directory.as_ref(), name: name.as_deref(), deleted, stamp };
                facts(groups::apply_update(tx, &scope, &news).await?, deleted)
            }
            EventPayload::GroupMembers { group, added, removed } => {
                self.members(tx, &scope, (group, added, removed), stamp(delivery, at, false)).await?
            }
            EventPayload::Directory { id, provider, change } => {
                let deleted = *change == DirectoryChange::Deleted;
                let stamp = stamp(delivery, at, deleted);
                let fresh = directories::apply_update(tx, &scope, (id, provider.as_deref()), *change, stamp).await?;
                facts(fresh, deleted)
            }
        };
        // The facts are kept also while the organization is archived, because an event that arrives
        // later may show that it existed again by then.
        Ok(if archived { Outcome::Archived } else { outcome })
    }

    fn user(&mut self, delivery: &Delivery, scope: &OrganizationScope, news: &UserPayload, now: Timestamp) -> Result<Outcome, Error> {
        let Some(user) = self.who(delivery, scope, news, now) else { return Ok(Outcome::Dead) };
        if self.organizations.get(scope.id()).is_some_and(|o| o.roster.person(&user).is_none()) {
            self.new_users.insert((scope.id().clone(), user.clone()));
        }
        let groups = news.groups.as_ref();
        let stamp = stamp(delivery, delivery.occurred_at(), false);
        for (group, name) in groups.into_iter().flatten() {
            let known = self.mentioned.entry((scope.id().clone(), group.clone())).or_default();
            if let Some(name) = name
                && known.as_ref().is_none_or(|(_, known)| stamp > *known)
            {
                *known = Some((name.clone(), stamp));
            }
        }
        let by_address = news.user.is_none();
        let mut news = UserUpdate {
            user,
            change: news.change,
            active: news.active,
            profile: news.profile.clone(),
            groups: groups.map(|groups| groups.iter().map(|(group, _)| group.clone()).collect()),
            roles: news.roles.clone(),
            at: delivery.occurred_at(),
            event: event_number(&delivery.event_id),
        };
        let leaving = self.organizations.get(scope.id()).map(|locked| Leaving::by(&news, &locked.roster));
        if by_address && self.organizations.get(scope.id()).is_some_and(|o| o.roster.person(&news.user).is_some()) {
            // Here the address only identifies the user; it does not update the user's address.
            news.profile.iter_mut().for_each(|profile| profile.email = None);
        }
        let outcome = self.decide(delivery, scope, &Command::UserUpdate(news), now)?;
        if let (Some(leaving), Some(locked)) = (leaving, self.organizations.get(scope.id())) {
            self.departures.decided(leaving, outcome, &locked.roster, (scope, delivery.event_id.as_str()));
        }
        Ok(outcome)
    }

    /// The user that an update is about: by id, or else the user who has or had the address at that
    /// time, or else a placeholder made from the address. None: several users match.
    fn who(&mut self, delivery: &Delivery, scope: &OrganizationScope, news: &UserPayload, now: Timestamp) -> Option<DirectoryUserId> {
        let email = news.profile.as_ref().and_then(|profile| profile.email.as_deref());
        match (&news.user, email) {
            (Some(user), Some(email)) => {
                self.merge(delivery, scope, (user, email, news.change), now);
                Some(user.clone())
            }
            (Some(user), None) => Some(user.clone()),
            (None, Some(email)) => match self.organizations.get(scope.id())?.roster.with_email(email, delivery.occurred_at()) {
                Addressee::Person(user) => Some(user),
                Addressee::Nobody => Some(DirectoryUserId::by_email(email)),
                Addressee::Several => None,
            },
            (None, None) => None,
        }
    }

    /// An update names an id and an address: a placeholder with that address is merged into this
    /// user, unless the user had left the address or the directory before.
    fn merge(
        &mut self,
        delivery: &Delivery,
        scope: &OrganizationScope,
        (user, email, change): (&DirectoryUserId, &str, Change),
        now: Timestamp,
    ) {
        let Some(locked) = self.organizations.get_mut(scope.id()) else { return };
        let (placeholder, at) = (DirectoryUserId::by_email(email), delivery.occurred_at());
        if !locked.roster.identify_placeholder(&placeholder, user) {
            if !locked.roster.is_placeholder_of(&placeholder, user, (change, at)) {
                return;
            }
            let leaving = Leaving::by_merge(user, email, &locked.roster, at);
            let Some(merged) = seats::merge_placeholder(&mut locked.roster, &placeholder, user, now) else { return };
            if merged.wants_resync {
                locked.resync_wanted_at = Some(now);
            }
            if locked.roster.person(user).is_some_and(|user| is_off(user.state)) {
                self.departures.decided(leaving, merged.outcome, &locked.roster, (scope, delivery.event_id.as_str()));
            }
            self.decided(delivery, scope, merged.transitions, now);
        }
        self.new_users.remove(&(scope.id().clone(), user.clone()));
        for decided in self.decided.iter_mut().filter(|d| d.organization == *scope.id() && d.step.user == placeholder) {
            decided.step.user = user.clone();
        }
        self.departures.merged(scope, &placeholder, user);
        self.merged.push((scope.clone(), placeholder, user.clone()));
    }

    fn organization(&mut self, delivery: &Delivery, scope: &OrganizationScope, event: &Event, now: Timestamp) -> Result<Outcome, Error> {
        let EventPayload::Organization { name, external_id, change } = &event.payload else { return Err(Error::Missing) };
        let deleted = *change == Change::Deleted;
        let stamp = stamp(delivery, delivery.occurred_at(), deleted);
        let command = if deleted { Command::OrganizationDeleted(stamp) } else { Command::OrganizationSeen(stamp) };
        let before = self.organizations.get(scope.id()).map(|o| (o.roster.limit, o.roster.news));
        let outcome = self.decide(delivery, scope, &command, now)?;
        let Some(locked) = self.organizations.get_mut(scope.id()) else { return Err(Error::Missing) };
        let is_late = outcome == Outcome::Stale || !locked.roster.archived;
        if deleted {
            let late = is_late.then(|| delivery.occurred_at());
            self.departures.organization_deleted(late, (scope, delivery.event_id.as_str()));
        }
        if outcome == Outcome::Removed || (deleted && locked.roster.archived) {
            self.ended.insert(scope.id().clone());
        }
        if before.is_none_or(|(_, news)| news != locked.roster.news) {
            locked.name = name.clone().unwrap_or_else(|| locked.name.clone());
            locked.external_id = external_id.clone().or_else(|| locked.external_id.clone());
        }
        if before.is_none_or(|(limit, _)| limit != locked.roster.limit) {
            locked.limit_version += 1;
        }
        Ok(outcome)
    }

    /// Applies the group event that names who joined and who left. It is stored for each user,
    /// known or not, and counts until an update with all groups of the user is newer.
    async fn members(
        &mut self,
        tx: &mut Tx,
        scope: &OrganizationScope,
        (group, added, removed): (&GroupId, &[DirectoryUserId], &[DirectoryUserId]),
        stamp: Version,
    ) -> Result<Outcome, Error> {
        let said: BTreeMap<_, _> = added.iter().map(|user| (user, true)).chain(removed.iter().map(|user| (user, false))).collect();
        self.membership_changes.extend(said.keys().map(|user| (scope.id().clone(), (*user).clone())));
        let (organization, group_id) = (scope.id(), group);
        let news = |(user, joined): (&DirectoryUserId, bool)| MembershipUpdate {
            organization: organization.clone(),
            user: user.clone(),
            group: group_id.clone(),
            joined,
            stamp,
        };
        let news: Vec<_> = said.into_iter().map(news).collect();
        groups::apply_memberships(tx, &news).await?;
        if let Some(locked) = self.organizations.get_mut(scope.id()) {
            locked.has_membership_news = true;
        }
        self.mentioned.entry((scope.id().clone(), group.clone())).or_default();
        Ok(Outcome::Updated)
    }

    fn decide(&mut self, delivery: &Delivery, scope: &OrganizationScope, command: &Command, now: Timestamp) -> Result<Outcome, Error> {
        let Some(locked) = self.organizations.get_mut(scope.id()) else { return Err(Error::Missing) };
        let SeatOutcome { outcome, transitions, wants_resync } = seats::decide(&mut locked.roster, command, now)?;
        if wants_resync {
            locked.resync_wanted_at = Some(now);
        }
        self.decided(delivery, scope, transitions, now);
        Ok(outcome)
    }

    fn decided(&mut self, delivery: &Delivery, scope: &OrganizationScope, transitions: Vec<Transition>, now: Timestamp) {
        let Some(locked) = self.organizations.get_mut(scope.id()) else { return };
        for step in transitions {
            self.decided.push(DecisionRecord {
                organization: scope.id().clone(),
                revision: locked.revision,
                ordinal: locked.decided,
                step,
                cause: delivery.kind().to_owned(),
                event: Some(delivery.event_id.clone()),
                actor: None,
                at: now,
            });
            locked.decided += 1;
        }
    }
}

fn stamp(delivery: &Delivery, at: Timestamp, deleted: bool) -> Version {
    let weight = if deleted { Precedence::Deleted } else { Precedence::Active };
    Version { at, weight, event: event_number(&delivery.event_id) }
}

fn facts(fresh: bool, deleted: bool) -> Outcome {
    match (fresh, deleted) {
        (false, _) => Outcome::Stale,
        (true, true) => Outcome::Removed,
        (true, false) => Outcome::Updated,
    }
}
