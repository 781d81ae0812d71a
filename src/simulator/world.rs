//! Invented organizations and the people in them. The same seed and the same changes give the same
//! organizations and the same events: a change is a plain function that returns the webhook bodies
//! it causes.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{
    event::{self, Body, Head},
    event_log::EventLog,
    people::{self, People, Person},
    rng::Dice,
};
use domain::{
    event::{Change, DirectoryChange},
    id::{DirectoryId, DirectoryUserId, GroupId, OrganizationId},
    time::Timestamp,
};

/// What an invented organization starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub id: OrganizationId,
    pub name: String,
    /// The domain of the e-mail addresses. It ends in `.test` or `.example`, so that no e-mail
    /// reaches a real person.
    pub domain: String,
    /// Most customers connect one directory; a customer that bought another company has two.
    pub directories: Vec<DirectoryPlan>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectoryPlan {
    pub provider: Provider,
    /// The number of groups that are pushed. 0 is an Okta without "Push Groups": the `groups` of
    /// each user are always `null`.
    pub groups: usize,
    pub people: usize,
}

impl Plan {
    pub fn people(&self) -> usize {
        self.directories.iter().map(|directory| directory.people).sum()
    }
}

/// The identity providers that are simulated.
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

    /// The name that people use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Okta => "Okta",
            Self::Google => "Google Workspace",
            Self::Entra => "Entra ID",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Grows with every new organization.
    pub(super) number: u64,
    pub id: OrganizationId,
    pub name: String,
    pub domain: Arc<str>,
    pub created: Timestamp,
    pub directories: Vec<Directory>,
    /// How many active people it has on an ordinary day.
    pub usual: usize,
    /// How often each pair of given and family name was used, so that no e-mail address is used
    /// twice.
    pub(super) namesakes: BTreeMap<(&'static str, &'static str), u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    pub id: DirectoryId,
    pub provider: Provider,
    pub enabled: bool,
    pub created: Timestamp,
    /// In the order in which they were created.
    pub groups: Vec<Group>,
    /// All people that the directory lists, including inactive ones.
    pub people: People,
    /// When one of its people, and when one of its groups, was last changed.
    pub(super) people_updated: Timestamp,
    pub(super) groups_updated: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The number after `dirgroup_` in the id.
    pub(super) number: u64,
    pub id: GroupId,
    pub external_id: String,
    pub name: String,
    pub members: usize,
    pub updated: Timestamp,
}

impl Organization {
    pub fn active(&self) -> usize {
        self.directories.iter().map(|directory| directory.people.active()).sum()
    }

    /// All people of the organization, each with their directory.
    pub fn people(&self) -> impl Iterator<Item = (&Directory, &Person)> {
        self.directories
            .iter()
            .flat_map(|directory| directory.people.iter().map(move |person| (directory, person)))
    }

    pub fn person(&self, id: &DirectoryUserId) -> Option<(&Directory, &Person)> {
        let number = people::number(id)?;
        self.directories
            .iter()
            .find_map(|directory| Some((directory, directory.people.get(number)?)))
    }

    pub fn external_id(&self) -> &str {
        self.domain.split('.').next().unwrap_or_default()
    }
}

impl Directory {
    pub fn groups_of<'a>(&'a self, person: &'a Person) -> impl Iterator<Item = &'a Group> {
        self.groups.iter().filter(|group| person.groups.contains(&group.number))
    }

    pub fn group(&self, id: &GroupId) -> Option<&Group> {
        self.groups.iter().find(|group| &group.id == id)
    }

    /// The role that Scalekit derives from the person's groups; `member` if no group has a role.
    pub fn role_of(&self, person: &Person) -> &'static str {
        self.groups_of(person).find_map(Group::role).unwrap_or("member")
    }

    pub(super) fn updated(&self) -> Timestamp {
        self.people_updated.max(self.groups_updated)
    }
}

impl Group {
    /// The role that the members of the group get.
    pub(super) fn role(&self) -> Option<&'static str> {
        match self.name.as_str() {
            "Admins" => Some("admin"),
            "Finance" => Some("billing_admin"),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct World {
    seed: u64,
    environment: String,
    organizations: Vec<Organization>,
    /// The index of each organization in `organizations`.
    organization_indexes: HashMap<OrganizationId, usize>,
    pub(super) rng: Dice,
    pub(super) log: EventLog,
}

impl World {
    /// The same `seed`, `plans` and `now` give the same organizations.
    pub fn new(seed: u64, plans: &[Plan], now: Timestamp) -> Self {
        let mut rng = Dice::new(seed, now);
        let environment = format!("env_{}", rng.number());
        let organizations: Vec<_> =
            plans.iter().map(|plan| Organization::found(plan, &mut rng)).collect();
        let mut world = Self {
            seed,
            environment,
            organizations,
            organization_indexes: HashMap::new(),
            rng,
            log: EventLog::default(),
        };
        world.find_places();
        world
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }

    pub fn organizations(&self) -> &[Organization] {
        &self.organizations
    }

    pub fn organization(&self, id: &OrganizationId) -> Option<&Organization> {
        self.organizations.get(self.organization_index(id)?)
    }

    /// How many active people the organization has on an ordinary day.
    pub(super) fn expect_people(&mut self, organization: &OrganizationId, usual: usize) {
        if let Some(at) = self.organization_index(organization) {
            self.organizations[at].usual = usual;
        }
    }

    /// The events of the organization, its directories and its groups, which come before the events
    /// of its people.
    pub(super) fn introduce(&mut self, organization: &OrganizationId, now: Timestamp) -> Vec<Body> {
        let Some(at) = self.organization_index(organization) else { return Vec::new() };
        let mut bodies =
            vec![self.write_event(at, now, |head| event::organization(head, Change::Created))];
        for (index, directory) in self.organizations[at].directories.clone().iter().enumerate() {
            bodies.push(self.write_event(at, now, |head| {
                event::directory(head, index, DirectoryChange::Enabled)
            }));
            for group in &directory.groups {
                bodies.push(self.write_event(at, now, |head| {
                    event::group(head, index, Change::Created, group)
                }));
            }
        }
        bodies
    }

    /// One `user_created` for each of the next `most` people after `from`, and the position to
    /// continue from.
    pub(super) fn introduce_people(
        &mut self,
        from: &Cursor,
        most: usize,
        now: Timestamp,
    ) -> (Vec<Body>, Option<Cursor>) {
        let Some(at) = self.organization_index(&from.organization) else {
            return (Vec::new(), None);
        };
        let Some(directory) = self.organizations[at].directories.get(from.directory) else {
            return (Vec::new(), None);
        };
        let people: Vec<_> = directory.people.after(from.person).take(most).cloned().collect();
        let next = match people.last() {
            Some(last) => Cursor { person: last.number, ..from.clone() },
            None => Cursor { directory: from.directory + 1, person: 0, ..from.clone() },
        };
        let bodies = people.iter().map(|person| {
            self.write_event(at, now, |head| {
                event::user(head, from.directory, Change::Created, person)
            })
        });
        (bodies.collect(), Some(next))
    }

    pub(super) fn organization_index(&self, organization: &OrganizationId) -> Option<usize> {
        self.organization_indexes.get(organization).copied()
    }

    pub(super) fn at(&mut self, organization_index: usize) -> (&mut Organization, &mut Dice) {
        (&mut self.organizations[organization_index], &mut self.rng)
    }

    pub(super) fn remove(&mut self, organization_index: usize) {
        self.organizations.remove(organization_index);
        self.find_places();
    }

    fn find_places(&mut self) {
        self.organization_indexes = self
            .organizations
            .iter()
            .enumerate()
            .map(|(index, organization)| (organization.id.clone(), index))
            .collect();
    }

    /// Writes one event of the organization at index `at`, a little later than the last event, and
    /// keeps it in the event log.
    pub(super) fn write_event(
        &mut self,
        at: usize,
        now: Timestamp,
        body: impl FnOnce(&Head<'_>) -> Body,
    ) -> Body {
        let moment = self.rng.moment(now);
        self.write_event_at(at, moment, body)
    }

    /// The same with exactly this time.
    pub(super) fn write_event_at(
        &mut self,
        at: usize,
        moment: Timestamp,
        body: impl FnOnce(&Head<'_>) -> Body,
    ) -> Body {
        let number = self.rng.number();
        let body = body(&Head {
            number,
            at: moment,
            environment: &self.environment,
            organization: &self.organizations[at],
        });
        self.log.add(number, moment, body.clone());
        body
    }
}

/// How far the first push of an organization's people has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) organization: OrganizationId,
    pub(super) directory: usize,
    pub(super) person: u64,
}
