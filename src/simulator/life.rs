//! The ordinary changes: a person joins, moves or leaves.

use super::{
    event::Body,
    people::Person,
    world::{Organization, World},
};
use domain::{
    id::{DirectoryUserId, OrganizationId},
    time::Timestamp,
};

/// The kinds of ordinary changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Hire,
    Return,
    Fire,
    Deactivate,
    Move,
    Rename,
}

impl World {
    /// Makes the next change in a random organization. All organizations are equally likely, and
    /// each varies around its usual size, so that seats are released and filled all the time and
    /// full organizations stay full.
    pub fn next_turn(&mut self, now: Timestamp) -> Vec<Body> {
        let at = self.rng.below(self.organizations().len());
        let Some(organization) = self.organizations().get(at) else { return Vec::new() };
        let (id, weights) = (organization.id.clone(), weights(organization));
        let turn = self.turn(weights);
        let drawn = |world: &mut Self, active: bool| world.draw_person(&id, active);
        match turn {
            Turn::Hire => self.hire(&id, now),
            Turn::Return => match drawn(self, false) {
                Some(person) => self.reactivate(&id, &person, now),
                None => self.hire(&id, now),
            },
            other => match drawn(self, true) {
                None => self.hire(&id, now),
                Some(person) if other == Turn::Fire => self.fire(&id, &person, now),
                Some(person) if other == Turn::Deactivate => self.deactivate(&id, &person, now),
                Some(person) if other == Turn::Move => self.move_group(&id, &person, now),
                Some(person) => self.rename(&id, &person, now),
            },
        }
    }

    /// Deletes a random group of an enabled directory, if there is one.
    pub(super) fn lose_a_group(&mut self, now: Timestamp) -> Vec<Body> {
        let groups = |organization: &Organization| {
            let on = organization.directories.iter().filter(|directory| directory.enabled);
            on.flat_map(|directory| &directory.groups)
                .map(|group| (organization.id.clone(), group.id.clone()))
                .collect::<Vec<_>>()
        };
        let all: Vec<_> = self.organizations().iter().flat_map(groups).collect();
        let draw = self.rng.below(all.len());
        all.get(draw)
            .map(|(organization, group)| self.delete_group(organization, group, now))
            .unwrap_or_default()
    }

    /// Deletes a random organization, but never the last one.
    pub(super) fn lose_an_organization(&mut self, now: Timestamp) -> Vec<Body> {
        let all = self.organizations().len();
        let draw = self.rng.below(all);
        let id = self
            .organizations()
            .get(draw)
            .filter(|_| all > 1)
            .map(|organization| organization.id.clone());
        id.map(|id| self.delete_organization(&id, now)).unwrap_or_default()
    }

    fn turn(&mut self, weights: [(Turn, usize); 6]) -> Turn {
        let mut draw = self.rng.below(weights.iter().map(|(_, weight)| weight).sum());
        for (turn, weight) in weights {
            match draw.checked_sub(weight) {
                Some(rest) => draw = rest,
                None => return turn,
            }
        }
        Turn::Hire
    }

    fn draw_person(
        &mut self,
        organization: &OrganizationId,
        active: bool,
    ) -> Option<DirectoryUserId> {
        let people = self
            .organization(organization)?
            .directories
            .iter()
            .map(|directory| directory.people.count(active))
            .sum();
        let mut draw = self.rng.below(people);
        for directory in &self.organization(organization)?.directories {
            match draw.checked_sub(directory.people.count(active)) {
                Some(rest) => draw = rest,
                None => return directory.people.pick(active, draw).map(Person::id),
            }
        }
        None
    }
}

/// The further the organization is below its usual size, the more likely a person joins; the
/// further it is above, the more likely a person leaves.
fn weights(organization: &Organization) -> [(Turn, usize); 6] {
    let (active, usual) = (organization.active(), organization.usual);
    let slack = (usual / 20).max(1);
    let joining = 4 + 8 * usual.saturating_sub(active) / slack;
    let leaving = 4 + 8 * active.saturating_sub(usual) / slack;
    [
        (Turn::Hire, joining * 3),
        (Turn::Return, joining * 2),
        (Turn::Fire, leaving * 3),
        (Turn::Deactivate, leaving * 2),
        (Turn::Move, 6),
        (Turn::Rename, 3),
    ]
}
