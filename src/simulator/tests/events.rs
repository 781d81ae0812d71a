//! A receiver reads exactly what the simulator changes.

use std::collections::BTreeMap;

use domain::{
    event::{Change, EventPayload, UserPayload, event_number},
    id::{DirectoryUserId, GroupId, OrganizationId},
};

use super::*;
use crate::{
    people::Person,
    world::{Directory, Organization, Provider},
};

/// The only event, as a receiver reads it.
fn user_payload(bodies: &[Body]) -> UserPayload {
    let [body] = bodies else { panic!("{} events", bodies.len()) };
    match payload(body) {
        EventPayload::User(user_payload) => user_payload,
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
fn an_invented_year_leads_to_the_people_of_each_plan() {
    let customers = demo::organizations();
    let mut world = World::before(51, &customers, NOW);

    let days = world.live_through(&customers, NOW);

    assert_eq!(days.len(), 365);
    assert!(days.is_sorted_by(|one, next| one.at < next.at && one.ago == next.ago + 1));
    assert!(days.last().is_some_and(|today| today.ago == 0 && today.at < NOW));
    let bodies: Vec<Body> = days.into_iter().flat_map(|day| day.bodies).collect();
    assert!((2_600..3_600).contains(&bodies.len()), "the demo starts quickly: {}", bodies.len());
    let all = known(&bodies);
    for customer in &customers {
        let organization = world.organization(&customer.plan.id).unwrap();
        assert_eq!(organization.active(), customer.plan.people(), "{}", customer.plan.name);
        assert_eq!(organization.usual, customer.plan.people());
        let people = truth(organization);
        assert!(people.iter().all(|(id, person)| all.get(id) == Some(person)));
    }
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
