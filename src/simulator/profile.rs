//! How real directories behave: their provider, whether they push groups, and when they send
//! changes.

use std::{fmt, str::FromStr, time::Duration};

use super::{
    names,
    world::{DirectoryPlan, Plan, Provider},
};
use domain::id::OrganizationId;

/// The number of groups of an organization that pushes groups.
const GROUPS: usize = 5;
const TRADES: [&str; 8] =
    ["Robotics", "Analytics", "Freight", "Legal", "Studio", "Health", "Energy", "Insurance"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Sends every change at once and pushes no groups.
    Okta,
    /// Sends its changes together every forty minutes and writes booleans as strings.
    Entra,
    /// Scalekit asks it once an hour, so its changes come together.
    Google,
}

impl Profile {
    pub const ALL: [Self; 3] = [Self::Okta, Self::Entra, Self::Google];

    pub fn name(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Entra => "entra",
            Self::Google => "google",
        }
    }

    /// How long changes are collected before they are sent; `None` means that they are sent at
    /// once.
    pub fn cycle(self) -> Option<Duration> {
        match self {
            Self::Okta => None,
            Self::Entra => Some(Duration::from_mins(40)),
            Self::Google => Some(Duration::from_hours(1)),
        }
    }

    fn directory(self, people: usize) -> DirectoryPlan {
        let (provider, groups) = match self {
            Self::Okta => (Provider::Okta, 0),
            Self::Entra => (Provider::Entra, GROUPS),
            Self::Google => (Provider::Google, GROUPS),
        };
        DirectoryPlan { provider, groups, people }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|profile| profile.name() == text);
        named.ok_or_else(|| {
            format!(
                "there is no profile “{text}”; there are {}",
                Self::ALL.map(Self::name).join(", ")
            )
        })
    }
}

/// Plans this many organizations with this many people in all, evenly spread. Without a profile the
/// organizations take turns between Okta, Entra ID and Google, and all of them push groups.
pub fn plans(people: usize, organizations: usize, profile: Option<Profile>) -> Vec<Plan> {
    let plan = |at: usize| {
        let share = people / organizations + usize::from(at < people % organizations);
        let directory = match profile {
            Some(profile) => profile.directory(share),
            None => DirectoryPlan {
                groups: GROUPS,
                ..Profile::ALL[at % Profile::ALL.len()].directory(share)
            },
        };
        let (family, trade) = (
            names::FAMILY[at % names::FAMILY.len()],
            TRADES[at / names::FAMILY.len() % TRADES.len()],
        );
        let (name, number) = (format!("{family} {trade}"), at + 1);
        let domain = format!("{}-{}-{number}.test", names::ascii(family), names::ascii(trade));
        Plan { id: organization_id(number), name, domain, directories: vec![directory] }
    };
    (0..organizations).map(plan).collect()
}

/// The id of an organization by its number, from 1, for callers that need the ids in advance.
pub fn organization_id(number: usize) -> OrganizationId {
    OrganizationId::new(format!("org_{}", 80_000_000_000_000_000 + number))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_person_is_in_some_organization() {
        for (people, organizations) in [(10, 3), (1_000, 7), (2, 5), (0, 1)] {
            let plans = plans(people, organizations, None);
            assert_eq!(
                (plans.iter().map(Plan::people).sum::<usize>(), plans.len()),
                (people, organizations)
            );
        }
        let plans = plans(0, 2_000, Some(Profile::Okta));
        let unique: BTreeSet<_> = plans.iter().map(|plan| plan.domain.clone()).collect();
        assert_eq!(unique.len(), 2_000);
        assert!(plans.iter().all(|plan| plan.directories[0].groups == 0), "an Okta pushes none");
    }
}
