//! One delivery after the other, in memory: each sees what the ones before it have changed.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::shut_out::{Departures, Leaving, is_off},
    Delivery, Error,
};
use crate::{
    db::Tx,
    domain::{
        access::OrganizationScope,
        decision::{Move, Outcome},
        directory_user::{Stamp, Weight},
        event::{Change, DirectoryChange, Event, Happening, Reading, UserNews, event_number},
        id::{DirectoryUserId, GroupId, OrganizationId},
        roster::Addressee,
        seats::{self, Command, Decision, News},
        time::Timestamp,
    },
    store::{
        decisions::Decided,
        directories,
        groups::{self, GroupNews, MembershipNews},
        organizations::Locked,
    },
};

pub struct Fold {
    organizations: BTreeMap<OrganizationId, Locked>,
    /// Those that something was said about: they get their next revision.
    heard: BTreeSet<OrganizationId>,
    ended: BTreeSet<OrganizationId>,
    /// People nobody knew before.
    newcomers: BTreeSet<(OrganizationId, DirectoryUserId)>,
    pub decided: Vec<Decided>,
    /// People who were deactivated or removed, and organizations that ended.
    pub departures: Departures,
    /// Groups that people were said to be in, with the newest of the names that came along.
    pub mentioned: BTreeMap<(OrganizationId, GroupId), Option<(String, Stamp)>>,
    /// People of whom a group alone said that they joined or left.
    pub regrouped: BTreeSet<(OrganizationId, DirectoryUserId)>,
    /// (organization, placeholder, real id), in order.
    pub merged: Vec<(OrganizationScope, DirectoryUserId, DirectoryUserId)>,
}

impl Fold {
    pub fn new(organizations: BTreeMap<OrganizationId, Locked>) -> Self {
        Self {
            organizations,
            heard: BTreeSet::new(),
            ended: BTreeSet::new(),
            newcomers: BTreeSet::new(),
            decided: Vec::new(),
            departures: Departures::default(),
            mentioned: BTreeMap::new(),
            regrouped: BTreeSet::new(),
            merged: Vec::new(),
        }
    }

    /// The organizations that something was said about.
    pub fn heard(&self) -> impl Iterator<Item = &Locked> {
        self.organizations.values().filter(|o| self.heard.contains(o.id()))
    }

    /// The organizations that were deleted, also those that have come back since.
    pub fn ended(&self) -> impl Iterator<Item = &Locked> {
        self.organizations.values().filter(|o| self.ended.contains(o.id()))
    }

    /// The revision of what was decided after the first `decided` decisions, if anything was.
    pub fn revision_since(&self, decided: usize) -> Option<i64> {
        self.decided.get(decided).map(|decision| decision.revision)
    }

    /// Whether somebody may be in groups already.
    pub fn may_be_grouped(&self, organization: &OrganizationId, user: &DirectoryUserId) -> bool {
        self.newcomers.is_empty() || !self.newcomers.contains(&(organization.clone(), user.clone()))
    }

    /// Nobody waits beside a free seat for want of loading.
    pub fn check(&self) -> Result<(), Error> {
        match self.organizations.values().find(|o| o.roster.is_short()) {
            Some(short) => Err(Error::ShortRoster(short.id().to_string())),
            None => Ok(()),
        }
    }

    pub async fn take(&mut self, tx: &mut Tx, delivery: &Delivery, now: Timestamp) -> Result<Outcome, Error> {
        let event = match &delivery.reading {
            Reading::Unreadable { .. } => return Ok(Outcome::Dead),
            Reading::Unknown(_) => return Ok(Outcome::Ignored),
            Reading::Event(event) if event.mismatch => return Ok(Outcome::Mismatch),
            // its group is nobody's, or several have one of this id
            Reading::Event(_) if delivery.by_group().is_some() => return Ok(Outcome::Dead),
            Reading::Event(event) => event,
        };
        let Some(organization) = event.envelope.organization.as_ref().and_then(|id| self.organizations.get(id)) else {
            return Err(Error::Missing);
        };
        let scope = organization.scope.clone();
        self.heard.insert(scope.id().clone());
        let archived = organization.roster.archived;
        let at = delivery.occurred_at();
        match &event.happening {
            Happening::User(news) => self.user(delivery, &scope, news, now),
            Happening::Organization { .. } => self.organization(delivery, &scope, event, now),
            _ if archived => Ok(Outcome::Archived),
            Happening::Group { id, directory, name, change } => {
                let stamp = stamp(delivery, at, *change == Change::Deleted);
                let deleted = *change == Change::Deleted;
                let news = GroupNews { id, directory: directory.as_ref(), name: name.as_deref(), deleted, stamp };
                Ok(facts(groups::hear(tx, &scope, &news).await?, deleted))
            }
            Happening::GroupMembers { group, added, removed } => {
                self.members(tx, &scope, (group, added, removed), stamp(delivery, at, false)).await
            }
            Happening::Directory { id, provider, change } => {
                let deleted = *change == DirectoryChange::Deleted;
                let stamp = stamp(delivery, at, deleted);
                let fresh = directories::hear(tx, &scope, (id, provider.as_deref()), *change, stamp).await?;
                Ok(facts(fresh, deleted))
            }
        }
    }

    fn user(&mut self, delivery: &Delivery, scope: &OrganizationScope, news: &UserNews, now: Timestamp) -> Result<Outcome, Error> {
        let Some(user) = self.who(delivery, scope, news, now) else { return Ok(Outcome::Dead) };
        if self.organizations.get(scope.id()).is_some_and(|o| o.roster.person(&user).is_none()) {
            self.newcomers.insert((scope.id().clone(), user.clone()));
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
        let mut news = News {
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
            // here the address only says who is meant; it is no news of the person's address
            news.profile.iter_mut().for_each(|profile| profile.email = None);
        }
        let outcome = self.decide(delivery, scope, &Command::News(news), now)?;
        if let (Some(leaving), Some(locked)) = (leaving, self.organizations.get(scope.id())) {
            self.departures.decided(leaving, outcome, &locked.roster, (scope, delivery.event_id.as_str()));
        }
        Ok(outcome)
    }

    /// Whom the news is about: by id, else the one live person with that address, else a placeholder made of the address. Several
    /// live people: nobody can tell.
    fn who(&mut self, delivery: &Delivery, scope: &OrganizationScope, news: &UserNews, now: Timestamp) -> Option<DirectoryUserId> {
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

    /// The news names an id and an address: a placeholder with that address is this person.
    fn merge(
        &mut self,
        delivery: &Delivery,
        scope: &OrganizationScope,
        (user, email, change): (&DirectoryUserId, &str, Change),
        now: Timestamp,
    ) {
        let Some(locked) = self.organizations.get_mut(scope.id()) else { return };
        let (placeholder, at) = (DirectoryUserId::by_email(email), delivery.occurred_at());
        if !locked.roster.adopt(&placeholder, user) {
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
            self.decided(delivery, scope, merged.moves, now);
        }
        self.newcomers.remove(&(scope.id().clone(), user.clone()));
        for decided in self.decided.iter_mut().filter(|d| d.organization == *scope.id() && d.step.user == placeholder) {
            decided.step.user = user.clone();
        }
        self.departures.merged(scope, &placeholder, user);
        self.merged.push((scope.clone(), placeholder, user.clone()));
    }

    fn organization(&mut self, delivery: &Delivery, scope: &OrganizationScope, event: &Event, now: Timestamp) -> Result<Outcome, Error> {
        let Happening::Organization { name, external_id, change } = &event.happening else { return Err(Error::Missing) };
        let deleted = *change == Change::Deleted;
        let stamp = stamp(delivery, delivery.occurred_at(), deleted);
        let command = if deleted { Command::OrganizationDeleted(stamp) } else { Command::OrganizationSeen(stamp) };
        let before = self.organizations.get(scope.id()).map(|o| o.roster.limit);
        let outcome = self.decide(delivery, scope, &command, now)?;
        if deleted {
            self.departures.organization_deleted(outcome, delivery.occurred_at(), (scope, delivery.event_id.as_str()));
        }
        if deleted && self.organizations.get(scope.id()).is_some_and(|o| o.roster.archived) {
            self.ended.insert(scope.id().clone());
        }
        if let Some(locked) = self.organizations.get_mut(scope.id())
            && outcome != Outcome::Stale
        {
            locked.name = name.clone().unwrap_or_else(|| locked.name.clone());
            locked.external_id = external_id.clone().or_else(|| locked.external_id.clone());
            if before != Some(locked.roster.limit) {
                locked.limit_version += 1;
            }
        }
        Ok(outcome)
    }

    /// The alias that names who joined and who left. Kept of each person, known or not: it counts until their full set is newer.
    async fn members(
        &mut self,
        tx: &mut Tx,
        scope: &OrganizationScope,
        (group, added, removed): (&GroupId, &[DirectoryUserId], &[DirectoryUserId]),
        stamp: Stamp,
    ) -> Result<Outcome, Error> {
        let said: BTreeMap<_, _> = added.iter().map(|user| (user, true)).chain(removed.iter().map(|user| (user, false))).collect();
        self.regrouped.extend(said.keys().map(|user| (scope.id().clone(), (*user).clone())));
        let (organization, group_id) = (scope.id(), group);
        let news = |(user, joined): (&DirectoryUserId, bool)| MembershipNews {
            organization: organization.clone(),
            user: user.clone(),
            group: group_id.clone(),
            joined,
            stamp,
        };
        let news: Vec<_> = said.into_iter().map(news).collect();
        groups::hear_memberships(tx, &news).await?;
        if let Some(locked) = self.organizations.get_mut(scope.id()) {
            locked.has_membership_news = true;
        }
        self.mentioned.entry((scope.id().clone(), group.clone())).or_default();
        Ok(Outcome::Updated)
    }

    fn decide(&mut self, delivery: &Delivery, scope: &OrganizationScope, command: &Command, now: Timestamp) -> Result<Outcome, Error> {
        let Some(locked) = self.organizations.get_mut(scope.id()) else { return Err(Error::Missing) };
        let Decision { outcome, moves, wants_resync } = seats::decide(&mut locked.roster, command, now)?;
        if wants_resync {
            locked.resync_wanted_at = Some(now);
        }
        self.decided(delivery, scope, moves, now);
        Ok(outcome)
    }

    fn decided(&mut self, delivery: &Delivery, scope: &OrganizationScope, moves: Vec<Move>, now: Timestamp) {
        let Some(locked) = self.organizations.get_mut(scope.id()) else { return };
        for step in moves {
            self.decided.push(Decided {
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

fn stamp(delivery: &Delivery, at: Timestamp, deleted: bool) -> Stamp {
    let weight = if deleted { Weight::Deleted } else { Weight::Active };
    Stamp { at, weight, event: event_number(&delivery.event_id) }
}

fn facts(fresh: bool, deleted: bool) -> Outcome {
    match (fresh, deleted) {
        (false, _) => Outcome::Stale,
        (true, true) => Outcome::Removed,
        (true, false) => Outcome::Updated,
    }
}
