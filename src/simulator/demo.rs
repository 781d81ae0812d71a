//! Twelve invented customers that together show every seat status that an organization can have.

use super::world::{DirectoryPlan, Plan, Provider};
use domain::id::OrganizationId;

/// One of the twelve customers: its organization, its seat limits and its past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    pub plan: Plan,
    /// Its first seat limit, as a person types it; `None` leaves it *not set*.
    pub limit: Option<&'static str>,
    /// A later limit, and how many days ago it was set.
    pub later: Option<(&'static str, i64)>,
    /// How many days ago its directory was connected, and with how many people.
    pub days: i64,
    pub began_with: usize,
}

impl Customer {
    /// The limit of today.
    pub fn present_limit(&self) -> Option<&'static str> {
        self.later.map(|(limit, _)| limit).or(self.limit)
    }

    /// How many active people it has so many days ago: it grows evenly.
    pub(super) fn people(&self, ago: i64) -> usize {
        let share = |part: i64| usize::try_from(part).unwrap_or_default();
        let grown = self.plan.people().saturating_sub(self.began_with);
        self.began_with + grown * share(self.days - ago) / share(self.days).max(1)
    }
}

/// 2,349 people in 12 organizations.
pub fn organizations() -> Vec<Customer> {
    let (okta, google, entra) = (Provider::Okta, Provider::Google, Provider::Entra);
    let names = [
        ("Northwind Robotics", "northwind.test", okta),
        ("Halden & Moss", "halden-moss.example", google),
        ("Kestrel Analytics", "kestrel.test", entra),
        ("Atlas Freight", "atlas-freight.example", entra),
        ("Pinecone Legal", "pinecone.test", google),
        ("Three Oaks Studio", "three-oaks.example", google),
        ("Fernweh Travel", "fernweh.test", okta),
        ("Lumen Health", "lumen-health.example", entra),
        ("Brightwater Schools", "brightwater.test", google),
        ("Cobalt Energy", "cobalt-energy.example", okta),
        ("Solstice Games", "solstice.test", okta),
        ("Tidemark Insurance", "tidemark.example", entra),
    ];
    // groups, people, first limit, later limit and when, since when and with how many people
    let sizes = [
        // full, three people on the waitlist
        (8, 53, Some("40"), Some(("50", 150)), 364, 28),
        // nearly full
        (5, 23, Some("25"), None, 364, 4),
        // room
        (9, 121, Some("110"), Some(("200", 60)), 200, 30),
        (9, 1_800, Some("unlimited"), None, 364, 1_540),
        // not set, seven people on the waitlist
        (0, 7, None, None, 12, 7),
        // a small team, full
        (2, 3, Some("3"), None, 200, 3),
        // a trial that has not started: no seats at all
        (0, 4, Some("0"), None, 9, 4),
        // over the limit, since it was lowered
        (6, 72, Some("80"), Some(("65", 18)), 364, 50),
        // exactly full, with an empty waitlist
        (7, 120, Some("120"), None, 364, 84),
        // nearly full, from an Okta that pushes no groups
        (0, 81, Some("100"), None, 364, 56),
        // full, seven people on the waitlist
        (4, 47, Some("30"), Some(("40", 210)), 364, 20),
        // room: a customer that has just started
        (6, 18, Some("60"), None, 62, 6),
    ];
    let customer = |(number, ((name, domain, provider), size)): (u64, ((&str, &str, _), _))| {
        let (groups, people, limit, later, days, began_with) = size;
        let plan = Plan {
            id: organization_id(number),
            name: String::from(name),
            domain: String::from(domain),
            directories: vec![DirectoryPlan { provider, groups, people }],
        };
        Customer { plan, limit, later, days, began_with }
    };
    (1..).zip(names.into_iter().zip(sizes)).map(customer).collect()
}

/// The organizations of all twelve customers.
pub fn plans() -> Vec<Plan> {
    organizations().into_iter().map(|customer| customer.plan).collect()
}

fn organization_id(number: u64) -> OrganizationId {
    OrganizationId::new(format!("org_{}", 98_144_250_071_252_992 + number * 3_422_552_064))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use domain::organization::{SeatLimit, SeatStatus, Usage};

    #[test]
    fn the_first_look_shows_every_seat_status() {
        let seat_status = |customer: &Customer| {
            let limit = |text: Option<&str>| {
                text.map_or(SeatLimit::NotSet, |text| SeatLimit::parse(text).unwrap())
            };
            let people = i64::try_from(customer.plan.people()).unwrap();
            let (first, present) = (limit(customer.limit), limit(customer.present_limit()));
            // a person who has a seat keeps it when the limit is lowered
            let seats = |limit: SeatLimit| limit.free(0).unwrap_or(people);
            let used = people.min(seats(first).max(seats(present)));
            Usage { limit: present, used, waiting: people - used }.seat_status()
        };
        let all: BTreeSet<_> = organizations().iter().map(seat_status).collect();
        let every = [
            SeatStatus::Over,
            SeatStatus::Waiting,
            SeatStatus::NotSet,
            SeatStatus::Full,
            SeatStatus::NearlyFull,
            SeatStatus::Room,
            SeatStatus::Unlimited,
        ];
        assert_eq!(all, every.into_iter().collect());
    }

    #[test]
    fn each_customer_grew_to_the_people_of_its_plan() {
        for customer in organizations() {
            assert_eq!(customer.people(customer.days), customer.began_with);
            assert_eq!(customer.people(0), customer.plan.people());
            assert!((0..365).contains(&customer.days));
        }
    }

    #[test]
    fn the_demo_starts_quickly() {
        let people: usize = plans().iter().map(Plan::people).sum();
        assert_eq!(people, 2_349);
        let ids: BTreeSet<_> = plans().into_iter().map(|plan| plan.id).collect();
        assert_eq!(ids.len(), 12);
    }
}
