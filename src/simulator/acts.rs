//! The changes that can happen to organizations and their people. A disabled directory is not
//! synced: nothing changes in it.

use super::{
    event::{self, Body},
    names,
    people::{self, Person},
    world::{Directory, Group, World},
};
use domain::{
    event::{Change, DirectoryChange},
    id::{DirectoryId, DirectoryUserId, GroupId, OrganizationId},
    time::Timestamp,
};

/// Where a person is: the index of the organization, the index of the directory, and the person's
/// number.
type Whereabouts = (usize, usize, u64);

impl World {
    /// Adds one new person.
    pub fn hire(&mut self, organization: &OrganizationId, now: Timestamp) -> Vec<Body> {
        self.burst(organization, 1, now)
    }

    /// Adds many new people at once, each with their own event, in any of the enabled directories.
    pub fn burst(
        &mut self,
        organization: &OrganizationId,
        people: usize,
        now: Timestamp,
    ) -> Vec<Body> {
        let Some(at) = self.organization_index(organization) else { return Vec::new() };
        let on = |(directory_index, directory): (usize, &Directory)| {
            directory.enabled.then_some(directory_index)
        };
        let open: Vec<_> =
            self.organizations()[at].directories.iter().enumerate().filter_map(on).collect();
        if open.is_empty() {
            return Vec::new();
        }
        let hired = |_| {
            let moment = self.rng.moment(now);
            let directory = open[self.rng.below(open.len())];
            let (organization, rng) = self.at(at);
            let person = organization.hire(directory, moment, rng);
            self.write_event_at(at, moment, |head| {
                event::user(head, directory, Change::Created, &person)
            })
        };
        (0..people).map(hired).collect()
    }

    /// The identity provider deletes the person: `user_deleted`.
    pub fn fire(
        &mut self,
        organization: &OrganizationId,
        person: &DirectoryUserId,
        now: Timestamp,
    ) -> Vec<Body> {
        let Some((at, directory_index, number)) = self.whereabouts(organization, person) else {
            return Vec::new();
        };
        let moment = self.rng.moment(now);
        let directory = &mut self.at(at).0.directories[directory_index];
        let Some(gone) = directory.people.remove(number) else { return Vec::new() };
        directory.people_updated = moment;
        directory.count_out(&gone);
        vec![self.write_event_at(at, moment, |head| {
            event::user(head, directory_index, Change::Deleted, &gone)
        })]
    }

    /// A deleted person comes back with the same e-mail address, under a new id or under the old
    /// one.
    pub fn rehire(
        &mut self,
        organization: &OrganizationId,
        gone: &Person,
        keeps_id: bool,
        now: Timestamp,
    ) -> Vec<Body> {
        let Some(at) = self.organization_index(organization) else { return Vec::new() };
        let fits = |directory: &Directory| directory.enabled && directory.provider == gone.provider;
        let Some(directory_index) = self.organizations()[at].directories.iter().position(fits)
        else {
            return Vec::new();
        };
        if self.organizations()[at].person(&gone.id()).is_some() {
            return Vec::new(); // the person is there already
        }
        let moment = self.rng.moment(now);
        let number = if keeps_id { gone.number } else { self.rng.number() };
        let directory = &mut self.at(at).0.directories[directory_index];
        let is_there = |group: &u64| directory.groups.iter().any(|other| other.number == *group);
        let groups = gone.groups.iter().copied().filter(is_there).collect();
        let person = Person { number, groups, active: true, updated: moment, ..gone.clone() };
        directory.count_in(&person);
        directory.people_updated = moment;
        directory.people.add(person.clone());
        vec![self.write_event_at(at, moment, |head| {
            event::user(head, directory_index, Change::Created, &person)
        })]
    }

    /// The identity provider deactivates the person: `user_updated` with `active: false`.
    pub fn deactivate(
        &mut self,
        organization: &OrganizationId,
        person: &DirectoryUserId,
        now: Timestamp,
    ) -> Vec<Body> {
        self.update(organization, person, now, |_, person| person.active = false)
    }

    pub fn reactivate(
        &mut self,
        organization: &OrganizationId,
        person: &DirectoryUserId,
        now: Timestamp,
    ) -> Vec<Body> {
        self.update(organization, person, now, |_, person| person.active = true)
    }

    /// Gives the person another family name; the e-mail address stays.
    pub fn rename(
        &mut self,
        organization: &OrganizationId,
        person: &DirectoryUserId,
        now: Timestamp,
    ) -> Vec<Body> {
        let name = self.rng.one_of(&names::FAMILY);
        self.update(organization, person, now, |_, person| person.family = name)
    }

    /// Moves the person from all their groups into another one. The event is a `user_updated` with
    /// all groups of the person.
    pub fn move_group(
        &mut self,
        organization: &OrganizationId,
        person: &DirectoryUserId,
        now: Timestamp,
    ) -> Vec<Body> {
        let draw = self.rng.below(usize::MAX);
        self.update(organization, person, now, |groups, person| {
            let others: Vec<_> =
                groups.iter().filter(|group| !person.groups.contains(&group.number)).collect();
            if let Some(group) = others.get(draw.checked_rem(others.len()).unwrap_or(0)) {
                person.groups = vec![group.number];
            }
        })
    }

    /// Deletes a group: one `group_deleted`, and a `user_updated` for each of its members.
    pub fn delete_group(
        &mut self,
        organization: &OrganizationId,
        group: &GroupId,
        now: Timestamp,
    ) -> Vec<Body> {
        let Some(at) = self.organization_index(organization) else { return Vec::new() };
        let (organization, rng) = self.at(at);
        let find = |directory: &Directory| {
            directory
                .groups
                .iter()
                .position(|other| &other.id == group)
                .filter(|_| directory.enabled)
        };
        let found = organization
            .directories
            .iter()
            .enumerate()
            .find_map(|(directory_index, directory)| Some((directory_index, find(directory)?)));
        let Some((directory_index, group)) = found else { return Vec::new() };
        let moment = rng.moment(now);
        let directory = &mut organization.directories[directory_index];
        let gone = directory.groups.remove(group);
        directory.groups_updated = moment;
        let members = directory
            .people
            .iter()
            .filter(|person| person.groups.contains(&gone.number))
            .map(|person| person.number);
        let members: Vec<_> = members.collect();
        let mut bodies = vec![self.write_event_at(at, moment, |head| {
            event::group(head, directory_index, Change::Deleted, &gone)
        })];
        let leave =
            |_: &[Group], person: &mut Person| person.groups.retain(|other| *other != gone.number);
        bodies.extend(
            members
                .into_iter()
                .filter_map(|member| self.update_at((at, directory_index, member), now, leave)),
        );
        bodies
    }

    /// Enables or disables a whole directory; its people do not change. There is no event if it
    /// already has that state.
    pub fn switch_directory(
        &mut self,
        organization: &OrganizationId,
        id: &DirectoryId,
        enabled: bool,
        now: Timestamp,
    ) -> Vec<Body> {
        let Some(at) = self.organization_index(organization) else { return Vec::new() };
        let directories = &mut self.at(at).0.directories;
        let Some(directory_index) = directories
            .iter()
            .position(|directory| &directory.id == id && directory.enabled != enabled)
        else {
            return Vec::new();
        };
        directories[directory_index].enabled = enabled;
        let change = if enabled { DirectoryChange::Enabled } else { DirectoryChange::Disabled };
        vec![self.write_event(at, now, |head| event::directory(head, directory_index, change))]
    }

    /// Deletes the organization. There is one event, and none for its people, as Scalekit documents
    /// it.
    pub fn delete_organization(
        &mut self,
        organization: &OrganizationId,
        now: Timestamp,
    ) -> Vec<Body> {
        let Some(at) = self.organization_index(organization) else { return Vec::new() };
        let bodies =
            vec![self.write_event(at, now, |head| event::organization(head, Change::Deleted))];
        self.remove(at);
        bodies
    }

    /// Changes one person; there is no event if the person is not in an enabled directory.
    fn update(
        &mut self,
        organization: &OrganizationId,
        person: &DirectoryUserId,
        now: Timestamp,
        change: impl FnOnce(&[Group], &mut Person),
    ) -> Vec<Body> {
        let found = self.whereabouts(organization, person);
        found.and_then(|whereabouts| self.update_at(whereabouts, now, change)).into_iter().collect()
    }

    fn update_at(
        &mut self,
        (at, directory_index, number): Whereabouts,
        now: Timestamp,
        change: impl FnOnce(&[Group], &mut Person),
    ) -> Option<Body> {
        let moment = self.rng.moment(now);
        let directory = &mut self.at(at).0.directories[directory_index];
        let before = directory.people.get(number)?.clone();
        let person = directory.people.change(number, |person| {
            change(&directory.groups, person);
            person.updated = moment;
        })?;
        directory.people_updated = moment;
        directory.count_out(&before);
        directory.count_in(&person);
        Some(self.write_event_at(at, moment, |head| {
            event::user(head, directory_index, Change::Updated, &person)
        }))
    }

    /// Finds a person in an enabled directory.
    fn whereabouts(
        &self,
        organization: &OrganizationId,
        person: &DirectoryUserId,
    ) -> Option<Whereabouts> {
        let (at, number) = (self.organization_index(organization)?, people::number(person)?);
        let holds =
            |directory: &Directory| directory.enabled && directory.people.get(number).is_some();
        let directory_index = self.organizations()[at].directories.iter().position(holds)?;
        Some((at, directory_index, number))
    }
}

impl Directory {
    pub(super) fn count_in(&mut self, person: &Person) {
        self.groups
            .iter_mut()
            .filter(|group| person.groups.contains(&group.number))
            .for_each(|group| group.members += 1);
    }

    fn count_out(&mut self, person: &Person) {
        let of = self.groups.iter_mut().filter(|group| person.groups.contains(&group.number));
        of.for_each(|group| group.members = group.members.saturating_sub(1));
    }
}
