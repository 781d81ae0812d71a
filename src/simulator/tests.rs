//! Tests that a receiver reads exactly what the simulator changes, and that the simulator retries
//! after a refusal.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};

use super::{
    delivery_log::{Answer, State as DeliveryState},
    people::Person,
    world::{Directory, DirectoryPlan, Organization, Plan, Provider},
    *,
};
use domain::{
    event::{Change, EventPayload, ParsedBody, UserPayload, event_number, read},
    id::{DirectoryUserId, GroupId, OrganizationId, WebhookId},
};
use seatkeeper::scalekit::signature::{self, Headers, Secrets};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(super) const NOW: Timestamp = Timestamp::from_seconds(1_770_802_269);

fn acme(groups: usize, people: usize) -> Plan {
    let (id, name, domain) =
        (OrganizationId::new("org_1"), "Acme & Sons".to_owned(), "acme.test".to_owned());
    Plan {
        id,
        name,
        domain,
        directories: vec![DirectoryPlan { provider: Provider::Okta, groups, people }],
    }
}

pub(super) fn world(groups: usize, people: usize) -> (World, OrganizationId) {
    (World::new(1, &[acme(groups, people)], NOW), OrganizationId::new("org_1"))
}

/// The only event, as a receiver reads it.
fn user_payload(bodies: &[Body]) -> UserPayload {
    let [body] = bodies else { panic!("{} events", bodies.len()) };
    match payload(body) {
        EventPayload::User(user_payload) => user_payload,
        other => panic!("{other:?}"),
    }
}

pub(super) fn payload(body: &Body) -> EventPayload {
    match read(&body.json) {
        ParsedBody::Event(event) => {
            assert_eq!((event.envelope.kind.as_str(), event.mismatch), (body.kind, false));
            assert_eq!(event.envelope.organization.as_ref(), Some(&body.organization));
            event.payload
        }
        other => panic!("{other:?}"),
    }
}

fn directory_groups(world: &World, person: &DirectoryUserId) -> Vec<GroupId> {
    let (directory, person) = world.organizations()[0].person(person).unwrap();
    directory.groups_of(person).map(|group| group.id.clone()).collect()
}

/// All bodies of the first push.
fn first_push(world: &mut World) -> Vec<Body> {
    let organizations: Vec<_> =
        world.organizations().iter().map(|organization| organization.id.clone()).collect();
    let mut bodies = Vec::new();
    for organization in organizations {
        bodies.extend(world.introduce(&organization, NOW));
        let mut next = Some(Cursor { organization, directory: 0, person: 0 });
        while let Some(cursor) = next {
            let (people, rest) = world.introduce_people(&cursor, 7, NOW);
            bodies.extend(people);
            next = rest;
        }
    }
    bodies
}

pub(super) fn first_person(world: &World) -> DirectoryUserId {
    world.organizations()[0].people().next().unwrap().1.id()
}

/// What a receiver knows after it has read all bodies.
fn known(bodies: &[Body]) -> BTreeMap<DirectoryUserId, (bool, Vec<GroupId>)> {
    let mut people = BTreeMap::new();
    for body in bodies {
        if let EventPayload::User(user_payload) = payload(body) {
            match (user_payload.user.unwrap(), user_payload.change) {
                (user, Change::Deleted) => drop(people.remove(&user)),
                (user, _) => {
                    let groups =
                        user_payload.groups.unwrap().into_iter().map(|(group, _)| group).collect();
                    people.insert(user, (user_payload.active.unwrap(), groups));
                }
            }
        }
    }
    people
}

fn truth(organization: &Organization) -> BTreeMap<DirectoryUserId, (bool, Vec<GroupId>)> {
    let groups = |(directory, person): (&Directory, &Person)| {
        directory.groups_of(person).map(|group| group.id.clone()).collect()
    };
    organization.people().map(|known| (known.1.id(), (known.1.active, groups(known)))).collect()
}

#[test]
fn the_same_seed_gives_the_same_world_and_the_same_days() {
    let days = |seed| {
        let mut world = World::new(seed, &demo::plans(), NOW);
        let mut bodies = first_push(&mut world);
        (0..200).for_each(|_| bodies.extend(world.next_turn(NOW)));
        bodies
    };
    assert!(days(7) == days(7));
    assert!(days(7) != days(8));
}

#[test]
fn the_events_name_every_person() {
    let mut world = World::new(3, &[acme(4, 30)], NOW);
    let mut bodies = first_push(&mut world);
    for second in 0..2_000 {
        bodies.extend(world.next_turn(NOW.plus(Duration::from_secs(second))));
    }
    let organization = &world.organizations()[0];
    assert_eq!(known(&bodies), truth(organization));
    assert!((20..=40).contains(&organization.active()), "{}", organization.active());
}

#[test]
fn events_grow_in_time_and_in_number() {
    let (mut world, acme) = world(2, 5);
    let mut bodies = first_push(&mut world).split_off(1 + 1 + 2);
    bodies.extend(world.burst(&acme, 60, NOW));
    let heads = bodies.iter().map(|body| match read(&body.json) {
        ParsedBody::Event(event) => {
            (event.envelope.occurred_at.unwrap(), event_number(&event.envelope.event.unwrap()))
        }
        other => panic!("{other:?}"),
    });
    let heads: Vec<_> = heads.collect();
    assert_eq!(heads.len(), 65);
    assert!(heads.is_sorted_by(|one, next| one.0 < next.0 && one.1 < next.1));
    assert_eq!(heads[0].1.to_string().len(), "111962867057559304".len());
}

#[test]
fn a_hired_person_reads_back_with_everything() {
    let (mut world, acme) = world(3, 0);
    let hired = user_payload(&world.hire(&acme, NOW));
    let organization = world.organization(&acme).unwrap();
    let (directory, person) = organization.people().next().unwrap();
    let profile = hired.profile.unwrap();
    assert_eq!(
        (hired.user.as_ref(), hired.change, hired.active),
        (Some(&person.id()), Change::Created, Some(true))
    );
    assert_eq!(profile.name, Some(person.name()));
    assert_eq!(profile.email.as_deref(), Some(person.email().as_str()));
    assert_eq!(profile.external_id.as_deref(), Some(person.external_id().as_str()));
    assert!(person.email().ends_with("@acme.test") && person.email().is_ascii());
    let group = directory.groups_of(person).next().unwrap();
    assert_eq!(hired.groups, Some(vec![(group.id.clone(), Some(group.name.clone()))]));
    assert_eq!(hired.roles, Some(vec![directory.role_of(person).to_owned()]));
}

#[test]
fn every_act_is_reported_as_it_happened() {
    let (mut world, acme) = world(3, 3);
    let person = first_person(&world);
    assert_eq!(user_payload(&world.deactivate(&acme, &person, NOW)).active, Some(false));
    assert_eq!(user_payload(&world.reactivate(&acme, &person, NOW)).active, Some(true));
    let before = directory_groups(&world, &person);
    let moved = user_payload(&world.move_group(&acme, &person, NOW)).groups.unwrap();
    assert!(moved.len() == 1 && moved[0].0 != before[0]);
    let renamed = user_payload(&world.rename(&acme, &person, NOW)).profile.unwrap();
    assert_eq!(renamed.name, Some(world.organizations()[0].person(&person).unwrap().1.name()));
    let gone = user_payload(&world.fire(&acme, &person, NOW));
    assert_eq!(
        (gone.user.as_ref(), gone.change, gone.active, gone.groups),
        (Some(&person), Change::Deleted, None, None)
    );
    assert!(world.fire(&acme, &person, NOW).is_empty(), "no person is fired twice");
    assert!(world.hire(&OrganizationId::new("org_2"), NOW).is_empty());
}

#[test]
fn a_deleted_group_is_reported_once_and_then_for_each_of_its_members() {
    let (mut world, acme) = world(2, 20);
    let group = world.organizations()[0].directories[0].groups[1].clone();
    let members = truth(&world.organizations()[0])
        .values()
        .filter(|(_, groups)| groups.contains(&group.id))
        .count();
    assert_eq!(group.members, members);
    let bodies = world.delete_group(&acme, &group.id, NOW);
    assert!(matches!(payload(&bodies[0]), EventPayload::Group { change: Change::Deleted, .. }));
    assert_eq!(bodies.len(), 1 + members);
    assert!(
        bodies[1..]
            .iter()
            .all(|body| user_payload(std::slice::from_ref(body)).groups == Some(vec![]))
    );
}

#[test]
fn bodies_are_compact_and_escaped_like_those_of_go() {
    let (mut world, acme) = world(0, 0);
    let push = first_push(&mut world);
    let organization = std::str::from_utf8(&push[0].json).unwrap();
    assert!(organization.starts_with(r#"{"data":{"create_time":"#), "{organization}");
    assert!(organization.contains(r#""display_name":"Acme \u0026 Sons""#), "{organization}");
    assert_eq!(
        payload(&push[0]),
        EventPayload::Organization {
            name: Some("Acme & Sons".into()),
            external_id: Some("acme".into()),
            change: Change::Created
        }
    );
    let hired = String::from_utf8(world.hire(&acme, NOW).remove(0).json.to_vec()).unwrap();
    assert!(
        hired.contains(r#""groups":null"#) && hired.contains(r#""object":"DirectoryUser""#),
        "{hired}"
    );
}

/// A receiver that verifies everything and refuses the first few deliveries.
#[derive(Clone)]
pub(super) struct Receiver {
    refusals: Arc<AtomicUsize>,
    pub(super) taken: Arc<Mutex<Vec<(WebhookId, Timestamp, Body)>>>,
    pub(super) clock: Clock,
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let secrets = Secrets::parse(SECRET).unwrap();
    let Ok(verified) =
        signature::verify(&secrets, Headers::from(&headers), &body, receiver.clock.now())
    else {
        return StatusCode::BAD_REQUEST;
    };
    let body =
        Body { kind: "", organization: OrganizationId::new(""), about: String::new(), json: body };
    receiver.taken.lock().unwrap().push((verified.webhook_id, verified.timestamp, body));
    // A new second for every attempt, so that each has its own timestamp and signature.
    receiver.clock.pass(Duration::from_secs(1));
    let refused = receiver
        .refusals
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
        .is_ok();
    if refused { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

/// A simulator a million times faster than real time, and its receiver.
pub(super) async fn playing(world: World, refusals: usize) -> (Simulator, Receiver) {
    let _installed_before: Result<_, _> =
        rustls::crypto::ring::default_provider().install_default();
    let clock = Clock::still(NOW, 1);
    let receiver = Receiver {
        refusals: Arc::new(AtomicUsize::new(refusals)),
        taken: Arc::default(),
        clock: clock.clone(),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = format!("http://{}/webhooks/scalekit", listener.local_addr().unwrap());
    let router =
        Router::new().route("/webhooks/scalekit", post(receive)).with_state(receiver.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (
        Simulator::with_time_factor(world, &to, Secret::parse(SECRET).unwrap(), clock, 1e-6)
            .unwrap(),
        receiver,
    )
}

/// Waits until no message is in progress.
pub(super) async fn settled(simulator: &Simulator) {
    let open =
        || simulator.deliveries().iter().any(|delivery| delivery.state == DeliveryState::Retrying);
    while open() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_refused_delivery_comes_again_with_a_new_signature() {
    let (world, acme) = world(0, 0);
    let (simulator, receiver) = playing(world, 3).await;

    let at_once = simulator.play(|world, now| world.hire(&acme, now)).await;
    settled(&simulator).await;

    assert_eq!(at_once, 0);
    let taken = receiver.taken.lock().unwrap().clone();
    assert_eq!(taken.len(), 4);
    assert!(
        taken.iter().all(|(id, _, body)| (id, &body.json) == (&taken[0].0, &taken[0].2.json)),
        "one id, one body"
    );
    assert!(taken.is_sorted_by(|one, next| one.1 < next.1), "a new time for each attempt");
    let [delivery] = &simulator.deliveries()[..] else { panic!() };
    let codes: Vec<_> = delivery.attempts.iter().map(|attempt| attempt.answer.clone()).collect();
    let status = |code| Answer::Status { code, retry_after: None };
    assert_eq!(
        (delivery.state, codes),
        (DeliveryState::Delivered, vec![status(503), status(503), status(503), status(200)])
    );
}

#[tokio::test]
async fn after_eight_attempts_it_gives_up() {
    let (world, acme) = world(0, 0);
    let (simulator, receiver) = playing(world, 1_000).await;

    simulator.play(|world, now| world.hire(&acme, now)).await;
    settled(&simulator).await;

    assert_eq!(receiver.taken.lock().unwrap().len(), 8);
    assert_eq!(simulator.deliveries()[0].state, DeliveryState::GivenUp);
    assert_eq!(simulator.totals(), Totals { messages: 1, attempts: 8, delivered: 0, given_up: 1 });
}

#[tokio::test]
async fn a_first_push_sends_everything_and_activity_goes_on_until_it_is_stopped() {
    let (world, _) = world(3, 40);
    let (simulator, receiver) = playing(world, 0).await;

    assert_eq!(simulator.first_push().await, 1 + 1 + 3 + 40);
    let enough = async {
        while receiver.taken.lock().unwrap().len() < 60 {
            tokio::task::yield_now().await;
        }
    };
    simulator.live(1_000.0, enough).await;

    let bodies: Vec<_> =
        receiver.taken.lock().unwrap().iter().map(|(_, _, body)| body.clone()).collect();
    let people = simulator.look(|world| world.organizations()[0].people().count());
    assert!(people > 0 && bodies.len() >= 60);
    assert_eq!(simulator.play(World::next_turn).await, 0, "nothing leaves after the stop");
}

#[tokio::test]
async fn a_directory_with_cycles_sends_until_it_is_stopped() {
    let (world, _) = world(3, 40);
    let (simulator, receiver) = playing(world, 0).await;
    let messages = || receiver.taken.lock().unwrap().len();
    let enough = async {
        while messages() < 30 {
            tokio::task::yield_now().await;
        }
    };

    // Each cycle has 30 changes, so the first burst is enough.
    simulator.live_in_cycles(300.0, Duration::from_millis(100), enough).await;

    settled(&simulator).await;
    assert!(messages() >= 30, "{}", messages());
}

#[test]
fn a_cycle_has_the_changes_of_its_time_and_keeps_a_fraction_for_the_next() {
    let changes = |per_second, millis| {
        let mut cycles = Cycles::new(per_second, Duration::from_millis(millis));
        [(); 4].map(|()| cycles.next())
    };
    assert_eq!(changes(300.0, 100), [30, 30, 30, 30]);
    assert_eq!(changes(2.5, 1_000), [2, 3, 2, 3]);
    assert_eq!(changes(0.0, 100), [0; 4]);
    assert_eq!(changes(f64::NAN, 1_000), [1; 4]);
}

#[test]
fn entra_writes_its_booleans_as_texts_and_is_understood() {
    let mut plan = acme(0, 1);
    plan.directories[0].provider = Provider::Entra;
    let mut world = World::new(1, &[plan], NOW);
    let (organization, person) = (OrganizationId::new("org_1"), first_person(&world));

    let bodies = world.deactivate(&organization, &person, NOW);

    assert!(
        std::str::from_utf8(&bodies[0].json)
            .unwrap()
            .contains(r#""raw_attributes":{"active":"False""#)
    );
    assert_eq!(user_payload(&bodies).active, Some(false));
}

#[test]
fn what_is_no_address_is_refused() {
    let secret = || Secret::parse(SECRET).unwrap();
    for bad in ["", "localhost", "mailto:ada@acme.test", "/webhooks/scalekit"] {
        assert!(
            matches!(
                WebhookSender::new(bad, secret(), Clock::machine(), 1.0, Faults::new(1)),
                Err(Error::Address(_))
            ),
            "{bad}"
        );
    }
}
