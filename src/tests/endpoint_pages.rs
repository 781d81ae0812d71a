//! The pages of the API keys and of the endpoints of outgoing webhooks.

use std::time::Duration;

use domain::{
    access::{FreshProof, Role, StaffAdmin, Viewer},
    api_key::{KeyScope, KeyState},
    id::{ApiKeyId, OrganizationId, OutgoingEventId, WebhookEndpointId},
    organization::SeatLimit,
    webhook_endpoint::{EndpointState, EventFilter},
};
use seatkeeper::{
    commands::{
        self, Error, NewApiKey,
        webhook_endpoints::{rotate_secret, send_test_event, set_endpoint_state},
    },
    queries::{self, export},
};
use views::webhook_endpoints::{DeliveryState, EndpointPage};

use crate::support::{
    lists::exported,
    product::{Answer, Product, added, at_home, proof, sent},
    world::{ACME, TestApp, operator, staff, stories},
};

stories! {
    the_list_of_keys_has_the_state_and_the_organization_of_each,
    a_new_key_is_shown_beside_the_one_whose_place_it_takes,
    the_page_of_an_endpoint_has_what_it_got_and_how_old_its_secrets_are,
    the_log_of_an_endpoint_has_pages,
    an_endpoint_that_is_not_there_is_missing,
}

fn admin() -> StaffAdmin {
    Viewer { role: Role::StaffAdmin, ..staff() }.staff_admin().unwrap()
}

async fn made(world: &TestApp, name: &str, organization: Option<&str>, days: &str) -> ApiKeyId {
    let new = NewApiKey {
        organization: organization.map(OrganizationId::new),
        name: name.to_owned(),
        scopes: "write,import".to_owned(),
        days: days.to_owned(),
    };
    let proof = FreshProof::of_command_line();
    commands::create_api_key(&world.state, &operator(), &proof, &new).await.unwrap().0.id
}

async fn rotated(world: &TestApp, id: &ApiKeyId) -> ApiKeyId {
    let proof = FreshProof::of_command_line();
    let made = commands::rotate_api_key(&world.state, &operator(), &proof, (None, id), "24").await;
    made.unwrap().0.id
}

async fn the_list_of_keys_has_the_state_and_the_organization_of_each(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let all = made(&world, "Billing", None, "").await;
    let own = made(&world, "Product", Some(ACME), "1").await;
    rotated(&world, &all).await;

    let page = queries::api_keys_page(&world.state, &admin(), None).await.unwrap();

    let said: Vec<_> = page.rows.iter().map(|row| (row.name.to_string(), row.state)).collect();
    let expected = [
        ("Billing".to_owned(), KeyState::Works),
        ("Product".to_owned(), KeyState::Works),
        ("Billing".to_owned(), KeyState::Replaced),
    ];
    assert_eq!(said, expected, "the newest first");
    assert_eq!(page.rows[1].scopes, [KeyScope::Write, KeyScope::Import]);
    assert_eq!(page.rows[1].organization.as_ref().unwrap().0.as_str(), ACME);
    assert_eq!(page.rows[0].organization, None);
    let offered: Vec<_> = page.organizations.rows.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!((offered, page.organizations.is_cut), (vec![ACME], false), "by name, in the form");
    let cells = exported(&world, export::ApiKeys::new(&admin(), world.clock.now())).await.unwrap();
    let cells = cells.into_iter().map(|key| (key.name, key.state));
    assert!(cells.eq(said), "the CSV has the same keys in the same order");
    world.clock.pass(Duration::from_hours(25));
    let page = queries::api_keys_page(&world.state, &admin(), Some(&own)).await.unwrap();
    assert_eq!(page.rows.len(), 1);
    assert_eq!((&page.rows[0].id, page.rows[0].state), (&all, KeyState::Expired));
}

async fn a_new_key_is_shown_beside_the_one_whose_place_it_takes(world: TestApp) {
    let old = made(&world, "Billing", None, "").await;
    let new = rotated(&world, &old).await;
    let other = made(&world, "Other", None, "").await;
    let shown = async |made: &ApiKeyId, old: Option<&ApiKeyId>| {
        queries::made_key(&world.state, &admin(), (made, old)).await.unwrap()
    };

    let both = shown(&new, Some(&old)).await.unwrap();
    assert_eq!((both.key.id, both.old.unwrap().state), (new.clone(), KeyState::Replaced));
    assert_eq!(shown(&new, Some(&other)).await.unwrap().old, None, "it takes no place of this one");
    assert_eq!(shown(&other, None).await.unwrap().old, None);
    assert!(shown(&ApiKeyId::new("key_none"), None).await.is_none());
}

async fn page(state: &seatkeeper::state::AppState, id: &WebhookEndpointId) -> EndpointPage {
    queries::endpoint_page(state, &admin(), (id, None)).await.unwrap()
}

async fn the_page_of_an_endpoint_has_what_it_got_and_how_old_its_secrets_are(world: TestApp) {
    let (product, state) = (Product::start().await, at_home(&world));
    world.organization(ACME, SeatLimit::Seats(9)).await;
    let types = EventFilter::parse_types("seat.admitted").unwrap();
    let filter = EventFilter { organization: Some(OrganizationId::new(ACME)), types };
    let (id, _) = added(&state, &product, filter).await;
    world.joined(ACME, "ada").await;
    sent(&state).await;
    product.answers(Answer::Status(503));
    world.clock.pass(Duration::from_secs(1));
    world.joined(ACME, "bob").await;
    sent(&state).await;

    let shown = page(&state, &id).await;
    assert_eq!(shown.url.to_string(), product.url);
    assert_eq!(shown.endpoint.shown.to_string(), "http://127.0.0.1/…");
    assert_eq!(shown.endpoint.organization.as_ref().unwrap().0.as_str(), ACME);
    assert!(shown.endpoint.failing_since.is_some());
    let [bob, ada] = &shown.deliveries[..] else { panic!("{:?}", shown.deliveries) };
    assert!(matches!(bob.state, DeliveryState::Waits(at) if at > shown.now), "{bob:?}");
    assert_eq!(
        (ada.state, ada.last.as_ref().unwrap().status),
        (DeliveryState::Delivered, Some(204))
    );
    let one = queries::event_delivery(&state, &admin(), (&id, &ada.event)).await.unwrap();
    assert_eq!(one.row, *ada);
    assert!(one.body.contains("\"type\": \"seat.admitted\""), "{}", one.body);

    assert_eq!(shown.secrets.len(), 1);
    rotate_secret(&state, &operator(), &proof(), &id).await.unwrap();
    let [newest, other] = page(&state, &id).await.secrets[..] else { panic!("two secrets sign") };
    assert_eq!((newest.ends_at, other.ends_at.is_some()), (None, true));
    let made = queries::made_secret(&state, &admin(), &id).await.unwrap();
    assert_eq!(made.other_ends_at, other.ends_at);
    world.clock.pass(Duration::from_hours(24));
    assert_eq!(page(&state, &id).await.secrets.len(), 1);

    set_endpoint_state(&state, &operator(), &proof(), (&id, false)).await.unwrap();
    let list = queries::endpoints_page(&state, &admin()).await.unwrap();
    assert_eq!(list.rows[0].state, EndpointState::Disabled);
    let cells = exported(&world, export::WebhookEndpoints::new(&admin())).await.unwrap();
    let cells: Vec<_> = cells.iter().map(|one| (one.url.as_str(), one.state)).collect();
    assert_eq!(cells, [(list.rows[0].shown.as_str(), "disabled")], "no more than the page");
}

async fn the_log_of_an_endpoint_has_pages(world: TestApp) {
    let (product, state) = (Product::start().await, at_home(&world));
    let (id, _) = added(&state, &product, EventFilter::default()).await;
    for _ in 0..52 {
        send_test_event(&state, &operator(), &id).await.unwrap();
        world.clock.pass(Duration::from_millis(1));
    }

    let first = page(&state, &id).await;
    let behind = first.page.older.as_ref();
    let second = queries::endpoint_page(&state, &admin(), (&id, behind)).await.unwrap();

    assert_eq!((first.deliveries.len(), second.deliveries.len()), (50, 2));
    assert!(first.page.is_first() && second.page.older.is_none());
    assert!(first.deliveries.iter().all(|one| !second.deliveries.contains(one)));
}

async fn an_endpoint_that_is_not_there_is_missing(world: TestApp) {
    let (id, event) = (WebhookEndpointId::new("wep_none"), OutgoingEventId::new("oev_none"));
    let (state, admin) = (&world.state, admin());

    let page = queries::endpoint_page(state, &admin, (&id, None)).await;
    let secret = queries::made_secret(state, &admin, &id).await;
    let delivery = queries::event_delivery(state, &admin, (&id, &event)).await;

    assert!(matches!(page, Err(Error::Missing)), "{page:?}");
    assert!(matches!(secret, Err(Error::Missing)), "{secret:?}");
    assert!(matches!(delivery, Err(Error::Missing)), "{delivery:?}");
    let product = Product::start().await;
    let (known, _) = added(&at_home(&world), &product, EventFilter::default()).await;
    let delivery = queries::event_delivery(state, &admin, (&known, &event)).await;
    assert!(matches!(delivery, Err(Error::Missing)), "{delivery:?}");
}
