//! Random changes in a few directories, and the webhooks about them: in order, each once.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::time::Timestamp;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

/// One webhook as the sender has it.
#[derive(Clone, Debug)]
pub struct Sent {
    pub webhook_id: String,
    pub body: String,
}

/// The webhooks of some organizations, in the order in which the events happened.
pub struct History {
    pub deliveries: Vec<Sent>,
    pub until: Timestamp,
}

/// What happens to an organization while its people come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Lives,
    /// The organization is deleted half-way; webhooks about its people continue.
    Ends,
    /// The organization is deleted, and created again later.
    Returns,
}

impl History {
    /// `length` events in these organizations, from `since` on, and at the end four webhooks that
    /// are about none of these organizations.
    pub fn random(
        seed: u64,
        since: Timestamp,
        organizations: &[(&str, Fate)],
        length: usize,
    ) -> Self {
        let mut builder = EventBuilder {
            rng: StdRng::seed_from_u64(seed),
            now: since,
            number: 0,
            deliveries: Vec::new(),
        };
        let mut directories: Vec<_> =
            organizations.iter().map(|(id, fate)| (Directory::of(id), *fate)).collect();
        for step in 0..length {
            let at = builder.below(directories.len());
            directories[at].0.lives_on(&mut builder);
            for (directory, fate) in &directories {
                match fate {
                    Fate::Ends | Fate::Returns if step == length / 2 => {
                        directory.organization(&mut builder, "deleted");
                    }
                    Fate::Returns if step == length * 3 / 4 => {
                        directory.organization(&mut builder, "created");
                    }
                    _ => {}
                }
            }
        }
        for (directory, _) in &mut directories {
            directory.name_all_people(&mut builder);
        }
        builder.noise();
        Self { deliveries: builder.deliveries, until: builder.now }
    }
}

/// The clock, the random numbers and the webhooks so far.
struct EventBuilder {
    rng: StdRng,
    now: Timestamp,
    number: u64,
    deliveries: Vec<Sent>,
}

impl EventBuilder {
    fn below(&mut self, end: usize) -> usize {
        self.rng.random_range(0..end)
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }

    /// Advances the clock by a random time, from nothing to an hour, and adds a webhook.
    fn deliver(&mut self, kind: &str, organization: &str, data: &Value) {
        let passed = [0, 0, 1, 1_000, 1_000_000_000, 3_600_000_000_000][self.below(6)];
        self.now = self.now.plus(Duration::from_nanos(passed));
        let event = self.next();
        let body = json!({
            "spec_version": "1", "id": format!("evt_{event}"), "type": kind, "occurred_at": self.now.rfc3339(),
            "environment_id": "env_1", "organization_id": organization, "data": data,
        });
        self.post(&body.to_string());
    }

    fn post(&mut self, body: &str) {
        self.deliveries
            .push(Sent { webhook_id: format!("msg_{:06}", self.number), body: body.to_owned() });
    }

    fn next(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// Webhooks that Seatkeeper cannot apply: an unknown type, two that cannot be read, and one
    /// whose envelope and data disagree.
    fn noise(&mut self) {
        for body in [
            r#"{"id":"evt_login","type":"user.login","data":{}}"#,
            "{",
            r#"{"id":"evt_unknown","type":"organization.directory.user_created","organization_id":"org_nowhere","data":{}}"#,
            r#"{"id":"evt_torn","type":"organization.directory.user_created","organization_id":"org_a","data":{"id":"diruser_1","organization_id":"org_b"}}"#,
        ] {
            self.next();
            self.post(body);
        }
    }
}

/// The state of one organization's directory.
struct Directory {
    organization: String,
    people: BTreeMap<u64, Person>,
    groups: BTreeMap<u64, String>,
    /// Groups that were deleted; a new group may get an old id.
    gone: BTreeMap<u64, String>,
}

#[derive(Clone, Debug)]
struct Person {
    name: String,
    email: String,
    active: bool,
    roles: Vec<&'static str>,
    groups: BTreeSet<u64>,
    /// Whether webhooks name the id; until then the e-mail address identifies the person.
    has_id: bool,
    /// Whether a webhook may leave out the address: the first webhook with an id must say which
    /// placeholder it belongs to.
    has_always_had_id: bool,
}

impl Directory {
    fn of(organization: &str) -> Self {
        Self {
            organization: organization.to_owned(),
            people: BTreeMap::new(),
            groups: BTreeMap::new(),
            gone: BTreeMap::new(),
        }
    }

    /// The next event of this directory.
    fn lives_on(&mut self, builder: &mut EventBuilder) {
        let person = self.person(builder);
        match (builder.below(20), person) {
            (6..8, Some(id)) => self.leaves(builder, id),
            (8..10, Some(id)) => self.changes(builder, id, |person, _| person.active = false),
            (10..12, Some(id)) => self.changes(builder, id, |person, _| person.active = true),
            (12..14, Some(id)) => self.changes(builder, id, |person, builder| {
                person.name = format!("Name {}", builder.below(99));
            }),
            (14, Some(id)) => {
                self.changes(builder, id, |person, _| person.roles = vec!["admin", "member"]);
            }
            (15..17, Some(id)) => self.moves(builder, id),
            (17, _) => self.group_is_renamed(builder),
            (18, _) => self.group_goes(builder),
            (19, _) => self.itself(builder),
            _ => self.joins(builder),
        }
    }

    fn person(&self, builder: &mut EventBuilder) -> Option<u64> {
        let at = builder.below(self.people.len().max(1));
        self.people.keys().nth(at).copied()
    }

    fn joins(&mut self, builder: &mut EventBuilder) {
        let id = builder.next();
        let active = !builder.one_in(8);
        let has_id = !builder.one_in(6);
        let email = format!("{id}@acme.test");
        let person = Person {
            name: format!("Person {id}"),
            email,
            active,
            roles: vec!["member"],
            groups: BTreeSet::new(),
            has_id,
            has_always_had_id: has_id,
        };
        self.people.insert(id, person);
        self.deliver_user(builder, id, "created");
    }

    fn changes(
        &mut self,
        builder: &mut EventBuilder,
        id: u64,
        how: impl FnOnce(&mut Person, &mut EventBuilder),
    ) {
        if let Some(person) = self.people.get_mut(&id) {
            how(person, builder);
        }
        self.deliver_user(builder, id, "updated");
    }

    /// The webhook is about the person, or about the group's memberships.
    fn moves(&mut self, builder: &mut EventBuilder, id: u64) {
        let group = match self.groups.keys().nth(builder.below(4)) {
            Some(group) => *group,
            None => self.new_group(builder),
        };
        let has_id = self.people.get(&id).is_some_and(|person| person.has_id);
        if !has_id || builder.one_in(2) {
            self.changes(builder, id, |person, _| toggle(person, group));
        } else if let Some(person) = self.people.get_mut(&id) {
            toggle(person, group);
            let (member, nothing) = ([diruser(id)], []);
            let (added, removed) = if person.groups.contains(&group) {
                (&member[..], &nothing[..])
            } else {
                (&nothing[..], &member[..])
            };
            let data = json!({"group_id": dirgroup(group), "added_members": added, "removed_members": removed});
            builder.deliver(
                "organization.directory.group_membership_updated",
                &self.organization,
                &data,
            );
        }
    }

    /// Some groups have no webhook of their own; a new group may get the id of a deleted one.
    fn new_group(&mut self, builder: &mut EventBuilder) -> u64 {
        let (group, name) = match self.gone.pop_first() {
            Some(again) if builder.one_in(2) => again,
            _ => {
                let group = builder.next();
                (group, format!("Group {group}"))
            }
        };
        if !builder.one_in(3) {
            let data =
                json!({"id": dirgroup(group), "directory_id": "dir_1", "display_name": name});
            builder.deliver("organization.directory.group_created", &self.organization, &data);
        }
        self.groups.insert(group, name);
        group
    }

    /// A deletion has few fields; sometimes the person comes back at once, under the same id.
    fn leaves(&mut self, builder: &mut EventBuilder, id: u64) {
        let Some(person) = self.people.get(&id).filter(|person| person.has_id).cloned() else {
            return;
        };
        let data = json!({"id": diruser(id), "organization_id": self.organization, "dp_id": format!("00u{id}"), "email": person.email});
        builder.deliver("organization.directory.user_deleted", &self.organization, &data);
        if builder.one_in(3) {
            self.deliver_user(builder, id, "created");
        } else {
            self.people.remove(&id);
        }
    }

    fn group_is_renamed(&mut self, builder: &mut EventBuilder) {
        let at = builder.below(self.groups.len().max(1));
        let Some((group, name)) = self.groups.iter_mut().nth(at) else { return };
        *name = format!("Team {}", builder.below(99));
        if builder.one_in(2) {
            return; // the members' webhooks carry the new name
        }
        let data = json!({"id": dirgroup(*group), "directory_id": "dir_1", "display_name": name});
        let kind = if builder.one_in(2) {
            "organization.directory.group_created"
        } else {
            "organization.directory.group_updated"
        };
        builder.deliver(kind, &self.organization, &data);
    }

    /// One deletion, and an update of each member.
    fn group_goes(&mut self, builder: &mut EventBuilder) {
        let at = builder.below(self.groups.len().max(1));
        let Some((group, name)) =
            self.groups.iter().nth(at).map(|(group, name)| (*group, name.clone()))
        else {
            return;
        };
        self.groups.remove(&group);
        self.gone.insert(group, name.clone());
        let data = json!({"id": dirgroup(group), "directory_id": "dir_1", "display_name": name, "dp_id": format!("00g{group}")});
        builder.deliver("organization.directory.group_deleted", &self.organization, &data);
        let members: Vec<u64> = self
            .people
            .iter()
            .filter(|(_, person)| person.groups.contains(&group))
            .map(|(id, _)| *id)
            .collect();
        for id in members {
            self.changes(builder, id, |person, _| {
                person.groups.remove(&group);
            });
        }
    }

    fn itself(&self, builder: &mut EventBuilder) {
        let change = ["created", "enabled", "disabled", "deleted"][builder.below(4)];
        let data = json!({"id": format!("dir_{}", builder.below(2)), "organization_id": self.organization, "provider": "OKTA"});
        builder.deliver(&format!("organization.directory_{change}"), &self.organization, &data);
    }

    fn organization(&self, builder: &mut EventBuilder, change: &str) {
        let data = json!({"id": self.organization, "display_name": format!("{} {change}", self.organization), "external_id": null});
        builder.deliver(&format!("organization.{change}"), &self.organization, &data);
    }

    /// At the end each person has had a webhook with an id.
    fn name_all_people(&mut self, builder: &mut EventBuilder) {
        for id in self.people.keys().copied().collect::<Vec<_>>() {
            if !self.people[&id].has_id {
                self.changes(builder, id, |person, _| person.has_id = true);
            }
        }
    }

    fn name(&self, group: u64) -> Option<&String> {
        self.groups.get(&group).or_else(|| self.gone.get(&group))
    }

    /// Adds a webhook with a person's state; some of the fields are left out at random.
    fn deliver_user(&self, builder: &mut EventBuilder, id: u64, change: &str) {
        let person = &self.people[&id];
        let groups: Vec<_> = person
            .groups
            .iter()
            .map(|group| json!({"id": dirgroup(*group), "name": self.name(*group)}))
            .collect();
        let roles: Vec<_> = person.roles.iter().map(|role| json!({"role_name": role})).collect();
        let mut data = json!({
            "id": diruser(id), "organization_id": self.organization, "email": person.email, "name": person.name, "active": person.active,
            "groups": if groups.is_empty() { Value::Null } else { Value::from(groups) },
            "roles": roles, "dp_id": format!("00u{id}"),
        });
        let mut leave_out = |field: &str, is_left_out: bool| {
            if is_left_out && let Some(data) = data.as_object_mut() {
                data.remove(field);
            }
        };
        leave_out("id", !person.has_id);
        leave_out("groups", builder.one_in(4));
        leave_out("roles", builder.one_in(4));
        leave_out("active", builder.one_in(5) && person.active);
        leave_out("email", builder.one_in(6) && person.has_always_had_id);
        builder.deliver(
            &format!("organization.directory.user_{change}"),
            &self.organization,
            &data,
        );
    }
}

fn toggle(person: &mut Person, group: u64) {
    if !person.groups.remove(&group) {
        person.groups.insert(group);
    }
}

fn diruser(id: u64) -> String {
    format!("diruser_{id}")
}

fn dirgroup(id: u64) -> String {
    format!("dirgroup_{id}")
}
