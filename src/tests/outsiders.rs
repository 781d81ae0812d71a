//! What an admin of an organization can cause for people outside it, and learn about them.

use domain::{
    access::{Role, Viewer},
    id::OrganizationId,
    preference::{Frequency, Topic},
    refusal::Refusal,
};
use seatkeeper::{
    commands::{self, Actor, Error, NewEntry, NewRequest},
    queries,
};
use views::alerts::{AlertsQuery, Fate};

use crate::{
    alerts::{KIM, SAM, join, plan},
    deprovisioning::account,
    support::world::{ACME, TestApp, operator, stories},
};

stories! {
    an_address_that_was_entered_looks_the_same_whatever_accounts_have_it,
    an_account_of_strangers_reads_why_it_gets_the_email,
    settings_that_send_messages_are_changed_only_so_often,
    an_organization_asks_for_seats_only_so_often,
}

/// An admin of another customer, one of our staff, and an address without an account.
const ENTERED: [&str; 3] = ["noor@other.test", SAM, "billing@outside.test"];

async fn viewer(world: &TestApp, email: &str) -> Viewer {
    let account = account(world, email).await;
    queries::viewer(&world.state, &account).await.unwrap().unwrap()
}

async fn kim(world: &TestApp) -> Actor {
    let kim = viewer(world, KIM).await;
    Actor::tenant_admin(kim.account, kim.name)
}

async fn with_strangers(world: &TestApp) {
    plan(world, 30).await;
    world.organization("org_other", domain::organization::SeatLimit::Seats(1)).await;
    world.account(ENTERED[0], Role::TenantAdmin, &["org_other"]).await;
    let sam = viewer(world, SAM).await;
    let weekly = [(Topic::Usage, Frequency::Weekly)].into();
    let actor = operator();
    commands::set_preferences(&world.state, &actor, &sam, &weekly).await.unwrap();
}

async fn enter(world: &TestApp, text: &str) -> Result<bool, Error> {
    let actor = kim(world).await;
    commands::set_extra_recipients(&world.state, &actor, &OrganizationId::new(ACME), text).await
}

/// The recipients of the first open alert as the admin reads them, and whether it was sent to them.
async fn read(world: &TestApp) -> Vec<(Option<String>, bool)> {
    let organization = Some(OrganizationId::new(ACME));
    let query = AlertsQuery { organization, ..AlertsQuery::default() };
    let page = queries::alerts(&world.state, &viewer(world, KIM).await, &query).await.unwrap();
    let messages = page.open.unwrap().0.remove(0).messages.into_iter();
    let mut read: Vec<_> = messages
        .map(|one| {
            assert!(!one.is_former, "a tenant learns nothing about accounts");
            let recipient = one.recipient.map(|text| text.to_string());
            (recipient, matches!(one.fate, Fate::Sent(_)))
        })
        .collect();
    read.sort();
    read
}

async fn an_address_that_was_entered_looks_the_same_whatever_accounts_have_it(world: TestApp) {
    with_strangers(&world).await;
    enter(&world, &ENTERED.join(", ")).await.unwrap();
    join(&world, 0..24).await;
    world.sent().await;

    let mut named: Vec<_> =
        ENTERED.iter().chain([&KIM]).map(|address| (Some((*address).to_owned()), true)).collect();
    named.sort();
    assert_eq!(read(&world).await, named, "also the staff's choice of a digest is not told");

    enter(&world, "").await.unwrap();
    let unnamed = [(None, true), (None, true), (None, true), (Some(KIM.to_owned()), true)];
    assert_eq!(read(&world).await, unnamed);
}

async fn an_account_of_strangers_reads_why_it_gets_the_email(world: TestApp) {
    with_strangers(&world).await;
    enter(&world, &ENTERED.join(", ")).await.unwrap();
    join(&world, 0..24).await;

    let sent = world.sent().await;

    for address in ENTERED {
        let email = &sent.iter().find(|sent| sent.to == address).unwrap().email;
        assert!(email.text.contains("entered your address in Seatkeeper"), "{}", email.text);
        assert!(!email.text.contains("/preferences"), "{}", email.text);
    }
}

async fn settings_that_send_messages_are_changed_only_so_often(world: TestApp) {
    plan(&world, 30).await;
    let (id, kim) = (OrganizationId::new(ACME), kim(&world).await);
    for percent in 1..=20 {
        let text = percent.to_string();
        commands::set_thresholds(&world.state, &kim, &id, &text).await.unwrap();
    }

    let again = commands::set_thresholds(&world.state, &kim, &id, "50").await;
    assert!(matches!(again, Err(Error::Refused(Refusal::TooOften))), "{again:?}");
    commands::set_thresholds(&world.state, &operator(), &id, "50").await.unwrap();
    world.clock.pass(std::time::Duration::from_mins(61));
    commands::set_thresholds(&world.state, &kim, &id, "60").await.unwrap();
}

async fn an_organization_asks_for_seats_only_so_often(world: TestApp) {
    plan(&world, 3).await;
    let (id, kim) = (OrganizationId::new(ACME), kim(&world).await);
    let ask = async || {
        let (organization, people) = (id.clone(), Vec::new());
        let (seats, reason) = ("1".to_owned(), "One more.".to_owned());
        let new = NewRequest { organization, seats, reason, people };
        commands::ask_for_seats(&world.state, &kim, &new).await
    };
    for _ in 0..10 {
        let withdrawn = NewEntry {
            organization: id.clone(),
            request: ask().await.unwrap(),
            kind: domain::seat_request::EntryKind::Withdrawn,
            text: String::new(),
            expected_version: None,
        };
        commands::add_to_request(&world.state, &kim, &withdrawn).await.unwrap();
    }

    let again = ask().await;
    assert!(matches!(again, Err(Error::Refused(Refusal::TooOften))), "{again:?}");
    world.clock.pass(std::time::Duration::from_hours(25));
    ask().await.unwrap();
}
