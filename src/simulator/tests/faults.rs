//! Tests each delivery fault as a receiver sees it.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    event::{Change, EventPayload, UserPayload},
    id::OrganizationId,
};
use seatkeeper::scalekit::{
    payload::{ParsedBody, read},
    signature::Secret,
};

use super::{NOW, Receiver, first_person, payload, playing, settled, world};
use crate::{
    Simulator,
    delivery_log::{Answer, State},
    event::Body,
    fault::{Fault, FaultRate},
};

/// A simulator with one person and two groups, and a fault that always hits.
async fn with(fault: Fault) -> (Simulator, Receiver, OrganizationId) {
    let (world, acme) = world(2, 1);
    let (simulator, receiver) = playing(world, 0).await;
    simulator.faults().switch_on(FaultRate { fault, amount: 1.0 });
    (simulator, receiver, acme)
}

/// The bodies that arrived, after no message is in progress any more.
async fn taken(simulator: &Simulator, receiver: &Receiver) -> Vec<Body> {
    settled(simulator).await;
    receiver.taken.lock().unwrap().iter().map(|(.., body)| body.clone()).collect()
}

fn text(body: &Body) -> &str {
    std::str::from_utf8(&body.json).unwrap()
}

/// The event type and the payload, whatever shape the body has.
fn parsed(body: &Body) -> (String, EventPayload) {
    match read(&body.json) {
        ParsedBody::Event(event) => (event.envelope.kind, event.payload),
        other => panic!("{other:?}"),
    }
}

/// The payload of the only event, which is about a user.
fn user_payload(bodies: &[Body]) -> UserPayload {
    match bodies {
        [body] => match parsed(body) {
            (_, EventPayload::User(user_payload)) => user_payload,
            other => panic!("{other:?}"),
        },
        bodies => panic!("{} events", bodies.len()),
    }
}

#[tokio::test]
async fn a_lost_message_is_never_sent() {
    let (simulator, receiver, acme) = with(Fault::Loss).await;
    assert_eq!(simulator.play(|world, now| world.hire(&acme, now)).await, 0);
    assert!(taken(&simulator, &receiver).await.is_empty());
    assert_eq!(
        (simulator.deliveries()[0].state, simulator.deliveries()[0].attempts.len()),
        (State::Lost, 0)
    );
}

#[tokio::test]
async fn the_next_message_alone_can_be_lost_and_is_sent_again_by_hand() {
    let (world, acme) = world(0, 0);
    let (simulator, receiver) = playing(world, 0).await;
    simulator.faults().once(Fault::Loss);

    simulator.play(|world, now| world.burst(&acme, 3, now)).await;

    assert_eq!(taken(&simulator, &receiver).await.len(), 2);
    let lost = simulator.deliveries().pop().unwrap();
    assert_eq!(lost.state, State::Lost);
    assert!(simulator.resend(&lost.webhook_id).await);
    assert_eq!(receiver.taken.lock().unwrap()[2].0, lost.webhook_id);
    assert_eq!(simulator.deliveries().pop().unwrap().state, State::Delivered);
}

#[tokio::test]
async fn a_duplicate_has_the_same_id_and_body() {
    let (simulator, receiver, acme) = with(Fault::Duplicate).await;
    assert_eq!(simulator.play(|world, now| world.hire(&acme, now)).await, 1);
    let taken = receiver.taken.lock().unwrap().clone();
    assert_eq!(taken.len(), 2);
    assert_eq!((&taken[0].0, &taken[0].2.json), (&taken[1].0, &taken[1].2.json));
}

#[tokio::test]
async fn a_message_held_back_is_overtaken() {
    let (world, acme) = world(0, 0);
    let (simulator, receiver) = playing(world, 0).await;
    simulator.faults().once(Fault::Reorder);

    simulator.play(|world, now| world.burst(&acme, 2, now)).await;

    let people: Vec<_> = taken(&simulator, &receiver)
        .await
        .iter()
        .map(|body| user_payload(std::slice::from_ref(body)).user.unwrap())
        .collect();
    assert_eq!(people.len(), 2);
    assert!(people[0] > people[1], "{people:?}");
}

#[tokio::test]
async fn a_late_message_comes_in_the_end() {
    let (simulator, receiver, acme) = with(Fault::Late).await;
    assert_eq!(simulator.play(|world, now| world.hire(&acme, now)).await, 0, "not at once");
    assert_eq!(taken(&simulator, &receiver).await.len(), 1);
}

#[tokio::test]
async fn what_is_signed_wrongly_or_long_ago_is_refused_until_it_is_over() {
    for fault in [Fault::OldTimestamp, Fault::WrongSecret] {
        let (simulator, receiver, acme) = with(fault).await;
        simulator.play(|world, now| world.hire(&acme, now)).await;
        assert!(taken(&simulator, &receiver).await.is_empty(), "{fault}");
        let refused = |answer: &Answer| matches!(answer, Answer::Status { code: 400, .. });
        let delivery = simulator.deliveries().remove(0);
        assert!(
            delivery.attempts.len() == 8
                && delivery.attempts.iter().all(|attempt| refused(&attempt.answer)),
            "{delivery:?}"
        );

        simulator.faults().switch_off(fault);
        assert!(simulator.resend(&delivery.webhook_id).await, "{fault}");
    }
}

#[tokio::test]
async fn bodies_are_written_over_many_lines_or_with_every_escape_and_say_the_same() {
    for (fault, sign) in
        [(Fault::PrettyBody, "{\n  \"data\": {\n"), (Fault::EscapedBody, "\"type\":")]
    {
        let (simulator, receiver, acme) = with(fault).await;
        simulator.play(|world, now| world.burst(&acme, 30, now)).await;
        let bodies = taken(&simulator, &receiver).await;
        assert_eq!(bodies.len(), 30);
        assert!(bodies.iter().all(|body| text(body).contains(sign)));
        assert_eq!(bodies.iter().all(|body| text(body).is_ascii()), fault == Fault::EscapedBody);
        let names: BTreeSet<_> = bodies
            .iter()
            .map(|body| user_payload(std::slice::from_ref(body)).profile.unwrap().name.unwrap())
            .collect();
        let known: BTreeSet<_> = simulator.look(|world| {
            world.organizations()[0].people().skip(1).map(|(_, person)| person.name()).collect()
        });
        assert_eq!(names, known);
        assert!(names.iter().any(|name| !name.is_ascii()), "some names need an escape");
    }
}

#[tokio::test]
async fn groups_are_null_or_not_there() {
    let said = async |fault| {
        let (simulator, receiver, acme) = with(fault).await;
        simulator.play(|world, now| world.hire(&acme, now)).await;
        user_payload(&taken(&simulator, &receiver).await).groups
    };
    assert_eq!(said(Fault::GroupsNull).await, Some(vec![]));
    assert_eq!(said(Fault::GroupsAbsent).await, None);
}

#[tokio::test]
async fn a_deactivated_person_is_reported_as_deleted() {
    let (simulator, receiver, acme) = with(Fault::DeactivateByDelete).await;
    let person = simulator.look(first_person);
    simulator.play(|world, now| world.deactivate(&acme, &person, now)).await;
    simulator.play(|world, now| world.reactivate(&acme, &person, now)).await;

    let bodies = taken(&simulator, &receiver).await;
    let gone = user_payload(&bodies[..1]);
    assert_eq!(
        (gone.user.as_ref(), gone.change, gone.active),
        (Some(&person), Change::Deleted, None)
    );
    assert_eq!(
        (user_payload(&bodies[1..]).change, user_payload(&bodies[1..]).active),
        (Change::Updated, Some(true))
    );
}

#[tokio::test]
async fn simplified_and_legacy_bodies_are_read_as_the_same_update() {
    for (fault, kind) in [
        (Fault::SimplifiedShape, "organization.directory.user_created"),
        (Fault::LegacyShape, "scalekit.dir.user.create"),
    ] {
        let (simulator, receiver, acme) = with(fault).await;
        simulator.play(|world, now| world.hire(&acme, now)).await;
        let bodies = taken(&simulator, &receiver).await;
        let (written, EventPayload::User(user_payload)) = parsed(&bodies[0]) else { panic!() };
        let hired =
            simulator.look(|world| world.organizations()[0].people().last().unwrap().1.clone());
        assert_eq!(
            (text(&bodies[0]).contains(&format!("\"type\":\"{kind}\"")), user_payload.change),
            (true, Change::Created),
            "{written}"
        );
        assert_eq!(
            (user_payload.user, user_payload.active),
            (Some(hired.id()), Some(true)),
            "{fault}"
        );
        assert_eq!(text(&bodies[0]).contains("spec_version"), fault == Fault::LegacyShape);
    }
}

#[tokio::test]
async fn groups_and_customers_are_lost_in_the_course_of_life() {
    let (simulator, receiver, _) = with(Fault::GroupDelete).await;
    let until = async {
        while receiver.taken.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    simulator.live(1_000.0, until).await;
    let bodies = taken(&simulator, &receiver).await;
    assert!(matches!(parsed(&bodies[0]).1, EventPayload::Group { change: Change::Deleted, .. }));
    assert!(simulator.look(|world| world.organizations()[0].directories[0].groups.len()) < 2);

    simulator.faults().switch_on(FaultRate { fault: Fault::OrganizationDelete, amount: 1.0 });
    assert!(simulator.next_turn().is_empty(), "the last customer stays");
}

#[test]
fn a_customer_who_leaves_is_one_event() {
    let (mut world, acme) = world(2, 20);
    let bodies = world.delete_organization(&acme, NOW);
    assert_eq!(bodies.len(), 1);
    assert!(matches!(
        payload(&bodies[0]),
        EventPayload::Organization { change: Change::Deleted, .. }
    ));
    assert!(world.organization(&acme).is_none() && world.hire(&acme, NOW).is_empty());
}

#[tokio::test]
async fn during_a_rotation_both_secrets_sign_and_then_the_new_one_alone() {
    let (world, acme) = world(0, 0);
    // The receiver knows only the first secret.
    let (simulator, receiver) = playing(world, 0).await;
    let simulator = simulator
        .with_spare_secrets([Secret::parse("whsec_9vx5xtFNxQMZFcjLLGporL6TGkcSRNHb").unwrap()]);

    assert_eq!(simulator.rotate_secret(), Ok(None), "the receiver knows the next one");
    assert!(simulator.overlaps_until().is_some());
    assert_eq!(
        simulator.play(|world, now| world.hire(&acme, now)).await,
        1,
        "the old one signs, too"
    );
    receiver.clock.pass(Duration::from_hours(25));

    assert_eq!(simulator.overlaps_until(), None);
    simulator.play(|world, now| world.hire(&acme, now)).await;
    let refused = simulator.deliveries().remove(0);
    assert!(refused.attempts.iter().all(|attempt| !attempt.answer.is_accepted()), "{refused:?}");
    assert_eq!(simulator.rotate_secret(), Ok(None), "round again");
    assert_eq!(simulator.play(|world, now| world.hire(&acme, now)).await, 1);
}
