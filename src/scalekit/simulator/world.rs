//! Invented organizations and everybody in them. The same seed and the same acts give the same world and the same events:
//! acts are plain functions that change it and return the webhook bodies they cause.

use std::collections::BTreeSet;

use super::{
    dice::Dice,
    event::{self, Body, Head},
    names,
};
use crate::domain::{
    event::{Change, DirectoryChange},
    id::{DirectoryId, DirectoryUserId, GroupId, OrganizationId},
    time::Timestamp,
};

/// What an invented organization begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub id: OrganizationId,
    pub name: String,
    /// What stands behind the @; ends in `.test` or `.example`, so that no mail ever reaches anybody.
    pub domain: String,
    pub provider: Provider,
    /// Groups that are pushed; 0 is an Okta without "Push Groups": everybody's `groups` are `null` for ever.
    pub groups: usize,
    pub people: usize,
}

/// The identity providers played so far, as Scalekit calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    Okta,
    Google,
    Entra,
}

impl Provider {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Okta => "OKTA",
            Self::Google => "GOOGLE",
            Self::Entra => "MICROSOFT_AD",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
    pub domain: String,
    pub created: Timestamp,
    pub directory: Directory,
    pub groups: Vec<Group>,
    /// Everybody the directory lists, also who is switched off.
    pub people: Vec<Person>,
    /// How many active people it has on an ordinary day.
    pub usual: usize,
    /// Every address ever given away, so that nobody inherits one.
    pub(super) addresses: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    pub id: DirectoryId,
    pub provider: Provider,
    pub enabled: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub id: GroupId,
    pub external_id: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: DirectoryUserId,
    /// The identity provider's own id, Scalekit's `dp_id`.
    pub external_id: String,
    pub given: String,
    pub family: String,
    pub email: String,
    pub active: bool,
    pub groups: Vec<GroupId>,
}

impl Person {
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

impl Organization {
    pub fn active(&self) -> usize {
        self.people.iter().filter(|person| person.active).count()
    }

    pub fn person(&self, id: &DirectoryUserId) -> Option<&Person> {
        self.people.iter().find(|person| &person.id == id)
    }

    pub(super) fn external_id(&self) -> &str {
        self.domain.split('.').next().unwrap_or_default()
    }

    pub(super) fn groups_of<'a>(&'a self, person: &'a Person) -> impl Iterator<Item = &'a Group> {
        self.groups.iter().filter(|group| person.groups.contains(&group.id))
    }

    /// Scalekit's result of its own mapping of groups to roles; the default role where nothing maps.
    pub(super) fn role_of(&self, person: &Person) -> &'static str {
        let role = self.groups_of(person).find_map(|group| match group.name.as_str() {
            "Admins" => Some("admin"),
            "Finance" => Some("billing_admin"),
            _ => None,
        });
        role.unwrap_or("member")
    }
}

/// The events of a fresh connection of one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The organization, its directory, its groups, in this order.
    pub frame: Vec<Body>,
    /// One `user_created` for everybody.
    pub people: Vec<Body>,
}

#[derive(Clone, Debug)]
pub struct World {
    environment: String,
    organizations: Vec<Organization>,
    pub(super) dice: Dice,
}

impl World {
    /// The same `seed`, `plans` and `now` give the same world.
    pub fn new(seed: u64, plans: &[Plan], now: Timestamp) -> Self {
        let mut dice = Dice::new(seed, now);
        let environment = format!("env_{}", dice.number());
        let organizations = plans.iter().map(|plan| Organization::found(plan, &mut dice)).collect();
        Self { environment, organizations, dice }
    }

    pub fn organizations(&self) -> &[Organization] {
        &self.organizations
    }

    pub fn organization(&self, id: &OrganizationId) -> Option<&Organization> {
        self.organizations.iter().find(|organization| &organization.id == id)
    }

    /// What Scalekit sends when all this is connected for the first time: nobody listening knew anybody before.
    pub fn first_push(&mut self, now: Timestamp) -> Vec<Push> {
        (0..self.organizations.len())
            .map(|at| {
                let mut frame = vec![
                    self.tell(at, now, |head| event::organization(head, Change::Created)),
                    self.tell(at, now, |head| event::directory(head, DirectoryChange::Enabled)),
                ];
                for group in self.organizations[at].groups.clone() {
                    frame.push(self.tell(at, now, |head| event::group(head, Change::Created, &group)));
                }
                let everybody = self.organizations[at].people.clone();
                let people = everybody.iter().map(|person| self.tell(at, now, |head| event::user(head, Change::Created, person))).collect();
                Push { frame, people }
            })
            .collect()
    }

    /// One new person.
    pub fn hire(&mut self, organization: &OrganizationId, now: Timestamp) -> Vec<Body> {
        self.burst(organization, 1, now)
    }

    /// Many new people at once, each with their own event.
    pub fn burst(&mut self, organization: &OrganizationId, people: usize, now: Timestamp) -> Vec<Body> {
        let Some(at) = self.position(organization) else { return Vec::new() };
        let hired = |_| {
            let person = self.organizations[at].hire(&mut self.dice);
            self.tell(at, now, |head| event::user(head, Change::Created, &person))
        };
        (0..people).map(hired).collect()
    }

    /// The identity provider deletes them: `user_deleted`.
    pub fn fire(&mut self, organization: &OrganizationId, person: &DirectoryUserId, now: Timestamp) -> Vec<Body> {
        let Some(at) = self.position(organization) else { return Vec::new() };
        let people = &mut self.organizations[at].people;
        let Some(place) = people.iter().position(|other| &other.id == person) else { return Vec::new() };
        let gone = people.remove(place);
        vec![self.tell(at, now, |head| event::user(head, Change::Deleted, &gone))]
    }

    /// The identity provider switches them off: `user_updated` with `active: false`.
    pub fn deactivate(&mut self, organization: &OrganizationId, person: &DirectoryUserId, now: Timestamp) -> Vec<Body> {
        self.update(organization, person, now, |_, person| person.active = false)
    }

    pub fn reactivate(&mut self, organization: &OrganizationId, person: &DirectoryUserId, now: Timestamp) -> Vec<Body> {
        self.update(organization, person, now, |_, person| person.active = true)
    }

    /// Another family name; the address stays.
    pub fn rename(&mut self, organization: &OrganizationId, person: &DirectoryUserId, now: Timestamp) -> Vec<Body> {
        let name = self.dice.one_of(&names::FAMILY);
        self.update(organization, person, now, |_, person| name.clone_into(&mut person.family))
    }

    /// Out of the groups they are in, into another one. Arrives as a `user_updated` with all their groups.
    pub fn move_group(&mut self, organization: &OrganizationId, person: &DirectoryUserId, now: Timestamp) -> Vec<Body> {
        let draw = self.dice.below(usize::MAX);
        self.update(organization, person, now, |groups, person| {
            let others: Vec<_> = groups.iter().filter(|group| !person.groups.contains(&group.id)).collect();
            if let Some(group) = others.get(draw.checked_rem(others.len()).unwrap_or(0)) {
                person.groups = vec![group.id.clone()];
            }
        })
    }

    /// A group goes: one `group_deleted`, and a `user_updated` for everybody who was in it.
    pub fn delete_group(&mut self, organization: &OrganizationId, group: &GroupId, now: Timestamp) -> Vec<Body> {
        let Some(at) = self.position(organization) else { return Vec::new() };
        let groups = &mut self.organizations[at].groups;
        let Some(place) = groups.iter().position(|other| &other.id == group) else { return Vec::new() };
        let gone = groups.remove(place);
        let mut bodies = vec![self.tell(at, now, |head| event::group(head, Change::Deleted, &gone))];
        let members: Vec<_> = self.organizations[at].people.iter().filter(|p| p.groups.contains(group)).map(|p| p.id.clone()).collect();
        for member in members {
            bodies.extend(self.update(organization, &member, now, |_, person| person.groups.retain(|other| other != group)));
        }
        bodies
    }

    /// Switches the whole directory on or off; nobody in it changes.
    pub fn switch_directory(&mut self, organization: &OrganizationId, enabled: bool, now: Timestamp) -> Vec<Body> {
        let Some(at) = self.position(organization) else { return Vec::new() };
        self.organizations[at].directory.enabled = enabled;
        let change = if enabled { DirectoryChange::Enabled } else { DirectoryChange::Disabled };
        vec![self.tell(at, now, |head| event::directory(head, change))]
    }

    /// Changes one person; nothing is told about somebody who is not there.
    fn update(
        &mut self,
        organization: &OrganizationId,
        person: &DirectoryUserId,
        now: Timestamp,
        change: impl FnOnce(&[Group], &mut Person),
    ) -> Vec<Body> {
        let Some(at) = self.position(organization) else { return Vec::new() };
        let Organization { groups, people, .. } = &mut self.organizations[at];
        let Some(person) = people.iter_mut().find(|other| &other.id == person) else { return Vec::new() };
        change(groups, person);
        let person = person.clone();
        vec![self.tell(at, now, |head| event::user(head, Change::Updated, &person))]
    }

    fn position(&self, organization: &OrganizationId) -> Option<usize> {
        self.organizations.iter().position(|other| &other.id == organization)
    }

    /// One event of the organization `at` this place, a little later than the last one.
    fn tell(&mut self, at: usize, now: Timestamp, body: impl FnOnce(&Head<'_>) -> Body) -> Body {
        let (number, moment) = (self.dice.number(), self.dice.moment(now));
        body(&Head { number, at: moment, environment: &self.environment, organization: &self.organizations[at] })
    }
}
