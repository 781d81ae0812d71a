//! Twelve invented customers that together show every seat status that an organization can have.

use super::world::{DirectoryPlan, Plan, Provider};
use domain::id::OrganizationId;

/// One of the twelve customers: its organization and its seat limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    pub plan: Plan,
    /// The seat limit to set before the first push, as a person types it; `None` leaves it *not
    /// set*.
    pub limit: Option<&'static str>,
    /// A lower seat limit to set after the first push, so that more seats are used than the limit
    /// allows.
    pub lower_to: Option<&'static str>,
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
    // groups, people, limit, lowered to
    let sizes = [
        (8, 53, Some("50"), None),   // full, three people on the waitlist
        (5, 23, Some("25"), None),   // nearly full
        (9, 121, Some("200"), None), // room
        (9, 1_800, Some("unlimited"), None),
        (0, 7, None, None),              // not set, seven people on the waitlist
        (2, 3, Some("3"), None),         // a small team, full
        (0, 4, Some("0"), None),         // a trial that has not started: no seats at all
        (6, 72, Some("80"), Some("65")), // over the limit by seven, once it is lowered
        (7, 120, Some("120"), None),     // exactly full, with an empty waitlist
        (0, 81, Some("100"), None),      // nearly full, from an Okta that pushes no groups
        (4, 47, Some("40"), None),       // full, seven people on the waitlist
        (6, 18, Some("60"), None),       // room: a customer that has just started
    ];
    let customer =
        |(number, ((name, domain, provider), (groups, people, limit, lower_to)))| Customer {
            plan: Plan {
                id: organization_id(number),
                name: String::from(name),
                domain: String::from(domain),
                directories: vec![DirectoryPlan { provider, groups, people }],
            },
            limit,
            lower_to,
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
        let seat_status = |customer: &Customer, limit: Option<&str>| {
            let limit = limit.map_or(SeatLimit::NotSet, |text| SeatLimit::parse(text).unwrap());
            let people = i64::try_from(customer.plan.people()).unwrap();
            let before =
                customer.limit.map_or(SeatLimit::NotSet, |text| SeatLimit::parse(text).unwrap());
            let used = people.min(before.free(0).unwrap_or(people));
            Usage { limit, used, waiting: people - used }.seat_status()
        };
        let all: BTreeSet<_> = organizations()
            .iter()
            .map(|customer| seat_status(customer, customer.lower_to.or(customer.limit)))
            .collect();
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
    fn the_demo_starts_quickly() {
        let people: usize = plans().iter().map(Plan::people).sum();
        assert_eq!(people, 2_349);
        let ids: BTreeSet<_> = plans().into_iter().map(|plan| plan.id).collect();
        assert_eq!(ids.len(), 12);
    }
}
