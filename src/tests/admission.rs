//! Which person gets a free seat: the admission policies and the manual decisions, through real
//! webhooks.

use std::time::Duration;

use domain::{
    admission::{AdmissionPolicy, GroupOrder},
    directory_user::SeatState,
    id::{DirectoryUserId, GroupId, OrganizationId},
    organization::SeatLimit,
    refusal::Refusal,
    seats::{Command, SeatOutcome},
};
use seatkeeper::commands::{Cause, Error, NewPolicy, SeatTransaction, set_policy};

use crate::support::{
    scalekit::Scalekit,
    world::{ACME, TestApp, diruser, operator, stories},
};

stories! {
    the_highest_group_gets_the_first_seat_in_every_order_of_arrival,
    a_rank_follows_the_memberships_whatever_the_order_of_the_events,
    the_end_of_a_group_lowers_its_waiting_people_in_the_same_transaction,
    ranks_follow_the_groups_of_a_whole_directory_and_its_resyncs,
    by_hand_the_waitlist_waits_for_a_decision,
    a_manual_decision_outlives_events_and_a_resync_of_groups,
    people_are_moved_to_the_same_position_again_and_again,
    a_policy_needs_a_reason_and_is_not_overwritten_unseen,
}

const PILOTS: &str = "dirgroup_pilots";
const CREW: &str = "dirgroup_crew";

fn groups_first(groups: &[&str]) -> AdmissionPolicy {
    let groups = groups.iter().map(|group| GroupId::new(*group)).collect();
    AdmissionPolicy::GroupsFirst(GroupOrder::new(groups).unwrap())
}

/// An event of this second.
fn event(world: &TestApp, organization: &str, (kind, second): (&str, u32), data: &str) -> String {
    let number = world.number();
    format!(
        r#"{{"id":"evt_{number}","type":"organization.directory.{kind}","occurred_at":"2026-09-01T00:00:{second:02}Z","organization_id":"{organization}","data":{{{data}}}}}"#
    )
}

/// A list of all groups of a person.
fn listed(
    world: &TestApp,
    organization: &str,
    (name, second): (&str, u32),
    groups: &[&str],
) -> String {
    let groups: Vec<_> = groups.iter().map(|group| format!(r#"{{"id":"{group}"}}"#)).collect();
    let data = format!(
        r#""id":"{}","email":"{name}@acme.test","name":"{name}","groups":[{}]"#,
        diruser(name),
        groups.join(",")
    );
    event(world, organization, ("user_updated", second), &data)
}

fn joins(world: &TestApp, organization: &str, (name, second): (&str, u32), group: &str) -> String {
    let data = format!(r#""group_id":"{group}","added_members":["{}"]"#, diruser(name));
    event(world, organization, ("group_membership_updated", second), &data)
}

fn leaves(world: &TestApp, organization: &str, (name, second): (&str, u32), group: &str) -> String {
    let data = format!(r#""group_id":"{group}","removed_members":["{}"]"#, diruser(name));
    event(world, organization, ("group_membership_updated", second), &data)
}

fn ends(world: &TestApp, organization: &str, group: &str, second: u32) -> String {
    let data = format!(r#""id":"{group}""#);
    event(world, organization, ("group_deleted", second), &data)
}

/// A manual decision.
async fn decided(world: &TestApp, command: Command) -> Result<SeatOutcome, Error> {
    let (organization, actor) = (OrganizationId::new(ACME), operator());
    let mut seats = SeatTransaction::begin(&world.state, &organization).await?;
    let cause = Cause::Actor { action: "by_hand", actor: &actor };
    let decided = seats.decide(&organization, &command, cause).await?;
    seats.commit().await?;
    Ok(decided)
}

fn id(name: &str) -> DirectoryUserId {
    DirectoryUserId::new(diruser(name))
}

/// The names of the people with seats.
async fn seated(world: &TestApp, organization: &str) -> Vec<String> {
    let names = format!(
        "select name from directory_users where organization_id = '{organization}' and state = 'provisioned' order by name"
    );
    world.texts(&names).await
}

/// The waiting people whose stored rank is not that of their stored groups.
async fn misranked(world: &TestApp, groups: &[&str]) -> Vec<String> {
    let cases: Vec<_> = groups
        .iter()
        .zip(1..)
        .map(|(group, rank)| {
            format!(
                "when exists (select 1 from memberships m where m.organization_id = u.organization_id and m.user_id = u.id \
                 and m.group_id = '{group}') then {rank}"
            )
        })
        .collect();
    let wrong = format!(
        "select u.id from directory_users u where u.waitlist_position is not null and not u.waitlist_by_hand \
         and u.waitlist_rank <> case {} else {} end order by u.id",
        cases.join(" "),
        groups.len() + 1
    );
    world.texts(&wrong).await
}

/// Every order of the first `length` numbers.
fn orders(length: usize) -> Vec<Vec<usize>> {
    if length == 0 {
        return vec![Vec::new()];
    }
    let with_last = |order: Vec<usize>| {
        (0..length).map(move |at| {
            let mut order = order.clone();
            order.insert(at, length - 1);
            order
        })
    };
    orders(length - 1).into_iter().flat_map(with_last).collect()
}

async fn the_highest_group_gets_the_first_seat_in_every_order_of_arrival(world: TestApp) {
    let people: [(&str, &[&str]); 3] =
        [("ann", &["dirgroup_others"]), ("cleo", &[CREW]), ("pia", &[CREW, PILOTS])];
    for (number, order) in orders(3).into_iter().enumerate() {
        let organization = format!("org_2{number}");
        world.organization(&organization, SeatLimit::Seats(0)).await;
        world.set_policy(&organization, groups_first(&[PILOTS, CREW])).await.unwrap();
        for (at, second) in order.into_iter().zip(1..) {
            let (name, groups) = people[at];
            world.post(&listed(&world, &organization, (name, second), groups)).await;
        }
        assert_eq!(world.waitlist(&organization).await, ["pia", "cleo", "ann"]);

        for (seats, names) in
            [(1, &["pia"][..]), (2, &["cleo", "pia"]), (3, &["ann", "cleo", "pia"])]
        {
            world.set_limit(&organization, SeatLimit::Seats(seats)).await.unwrap();
            assert_eq!(seated(&world, &organization).await, names);
        }
    }
    world.check().await;
}

async fn a_rank_follows_the_memberships_whatever_the_order_of_the_events(world: TestApp) {
    for (number, order) in orders(4).into_iter().enumerate() {
        let organization = format!("org_3{number}");
        world.organization(&organization, SeatLimit::Seats(0)).await;
        world.set_policy(&organization, groups_first(&[PILOTS, CREW])).await.unwrap();
        for (name, second, groups) in
            [("cleo", 1, &[CREW][..]), ("ann", 2, &[]), ("pia", 20, &[PILOTS])]
        {
            world.post(&listed(&world, &organization, (name, second), groups)).await;
        }
        assert_eq!(world.waitlist(&organization).await, ["pia", "cleo", "ann"]);

        world.post(&joins(&world, &organization, ("cleo", 3), PILOTS)).await;
        assert_eq!(world.waitlist(&organization).await, ["cleo", "pia", "ann"]);

        let events = [
            listed(&world, &organization, ("ann", 4), &[CREW]),
            ends(&world, &organization, PILOTS, 5),
            joins(&world, &organization, ("ann", 6), PILOTS),
            leaves(&world, &organization, ("cleo", 7), CREW),
        ];
        for at in &order {
            world.post(&events[*at]).await;
            assert_eq!(misranked(&world, &[PILOTS, CREW]).await, [""; 0], "{order:?}, after {at}");
        }

        // Ann is a pilot again, and came before Pia
        assert_eq!(world.waitlist(&organization).await, ["ann", "pia", "cleo"], "{order:?}");
    }
    world.check().await;
}

async fn the_end_of_a_group_lowers_its_waiting_people_in_the_same_transaction(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.set_policy(ACME, groups_first(&[PILOTS, CREW])).await.unwrap();
    for (name, second, groups) in [
        ("zoe", 1, &[][..]),
        ("ann", 2, &[]),
        ("cleo", 3, &[CREW]),
        ("pia", 4, &[PILOTS]),
        ("max", 5, &[PILOTS, CREW]),
    ] {
        world.post(&listed(&world, ACME, (name, second), groups)).await;
    }
    assert_eq!(world.waitlist(ACME).await, ["pia", "max", "cleo", "ann"]);

    world.post(&ends(&world, ACME, PILOTS, 9)).await;

    assert_eq!(world.waitlist(ACME).await, ["cleo", "max", "ann", "pia"]);
    let reasons = "select user_id from decisions where reason = 'groups_changed' order by user_id";
    assert_eq!(world.texts(reasons).await, ["diruser_max", "diruser_pia"]);
    world.left(ACME, "zoe").await;
    assert_eq!(seated(&world, ACME).await, ["cleo"]);
    world.check().await;
}

async fn ranks_follow_the_groups_of_a_whole_directory_and_its_resyncs(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(3)).await;
    let (scalekit, acme) = (Scalekit::of(&world, &[30]).await, OrganizationId::new(ACME));
    let groups: Vec<GroupId> = scalekit.simulator.look(|world| {
        let directory = &world.organization(&acme).unwrap().directories[0];
        directory.groups.iter().take(3).map(|group| group.id.clone()).collect()
    });
    let listed: Vec<&str> = groups.iter().map(GroupId::as_str).collect();
    scalekit.settled(ACME).await.unwrap();
    world.set_policy(ACME, groups_first(&listed)).await.unwrap();
    assert_eq!(misranked(&world, &listed).await, [""; 0]);
    assert!(world.usage(ACME).await.waiting > 10);

    // webhooks arrive late, not at all, or in the wrong order; then a resync corrects everything
    for round in 0..3_usize {
        let mut bodies = Vec::new();
        for person in scalekit.ids().into_iter().skip(round).step_by(3) {
            bodies.extend(
                scalekit
                    .happens(&world, |invented, now| invented.move_group(&acme, &person, now))
                    .await,
            );
        }
        if let Some(group) = groups.get(round).filter(|_| round > 0) {
            bodies.extend(
                scalekit
                    .happens(&world, |invented, now| invented.delete_group(&acme, group, now))
                    .await,
            );
        }
        for body in bodies.iter().rev().step_by(2) {
            world.post(body).await;
        }
        assert_eq!(misranked(&world, &listed).await, [""; 0], "after the webhooks");
        scalekit.settled(ACME).await.unwrap();
        assert_eq!(misranked(&world, &listed).await, [""; 0], "after the resync");
        assert_eq!(scalekit.ours(&world).await, scalekit.theirs());
        world.check().await;
    }
}

async fn by_hand_the_waitlist_waits_for_a_decision(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.set_policy(ACME, AdmissionPolicy::ByHand).await.unwrap();
    for name in ["ada", "bob", "cleo"] {
        world.joined(ACME, name).await;
    }
    world.left(ACME, "ada").await;
    assert_eq!(world.waitlist(ACME).await, ["bob", "cleo"], "the seat stays free");

    world.joined(ACME, "dan").await;
    assert_eq!(world.waitlist(ACME).await, ["bob", "cleo", "dan"]);
    let why = "select reason from decisions where user_id = 'diruser_dan'";
    assert_eq!(world.texts(why).await, ["others_wait"]);

    let admitted = decided(&world, Command::Admit(id("cleo"))).await.unwrap();
    assert_eq!(admitted.transitions.len(), 1);
    let refused = decided(&world, Command::Admit(id("bob"))).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::NoFreeSeat))), "{refused:?}");
    decided(&world, Command::MoveTo(id("dan"), 1)).await.unwrap();
    assert_eq!(world.waitlist(ACME).await, ["dan", "bob"]);
    world.check().await;

    world.set_limit(ACME, SeatLimit::Seats(2)).await.unwrap();
    assert_eq!(world.set_policy(ACME, AdmissionPolicy::FirstCome).await.unwrap(), 1);
    assert_eq!(seated(&world, ACME).await, ["cleo", "dan"]);
    world.check().await;
}

async fn a_manual_decision_outlives_events_and_a_resync_of_groups(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.set_policy(ACME, groups_first(&[PILOTS, CREW])).await.unwrap();
    for (name, second, groups) in
        [("zoe", 1, &[][..]), ("ann", 2, &[]), ("cleo", 3, &[CREW]), ("pia", 4, &[PILOTS])]
    {
        world.post(&listed(&world, ACME, (name, second), groups)).await;
    }
    decided(&world, Command::MoveToFront(id("ann"))).await.unwrap();
    let released = decided(&world, Command::Dismiss(id("zoe"))).await.unwrap();
    assert_eq!(released.transitions.last().map(|step| step.to), Some(SeatState::Provisioned));
    assert_eq!(seated(&world, ACME).await, ["ann"]);

    decided(&world, Command::MoveToFront(id("cleo"))).await.unwrap();
    for (name, second) in [("zoe", 10), ("zoe", 5), ("cleo", 11), ("pia", 12)] {
        world.post(&listed(&world, ACME, (name, second), &[PILOTS])).await;
    }
    world.joined(ACME, "zoe").await;

    assert_eq!(world.waitlist(ACME).await, ["cleo", "pia"]);
    assert_eq!(
        world.texts("select state from directory_users where id = 'diruser_zoe'").await,
        ["dismissed"]
    );
    decided(&world, Command::UndoDismiss(id("zoe"))).await.unwrap();
    assert_eq!(world.waitlist(ACME).await, ["cleo", "pia", "zoe"], "a pilot, too");
    world.check().await;
}

/// More people are moved to one position than are loaded around it, so that the gap between two
/// neighbours is used up.
async fn people_are_moved_to_the_same_position_again_and_again(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    let mut expected: Vec<String> = (0..120).map(|n| format!("p{n:03}")).collect();
    for name in &expected {
        world.joined(ACME, name).await;
    }
    for n in (20..120).rev() {
        let name = format!("p{n:03}");
        decided(&world, Command::MoveTo(id(&name), 2)).await.unwrap();
        expected.retain(|other| *other != name);
        expected.insert(1, name);
    }

    let waitlist = "select name from directory_users order by waitlist_rank, waitlist_position, id";
    assert_eq!(world.texts(waitlist).await, expected);
    let (people, shown) = (world.people(ACME).await, expected.iter().zip(1_i64..));
    for (row, (name, position)) in people.iter().zip(shown) {
        assert!(row.name.as_ref().is_some_and(|shown| *shown == **name), "{row:?}");
        assert_eq!(row.position, Some(position));
    }
    world.check().await;
}

async fn a_policy_needs_a_reason_and_is_not_overwritten_unseen(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.clock.pass(Duration::from_secs(1));
    let change = |policy: AdmissionPolicy, reason: &str, expected_version| NewPolicy {
        organization: OrganizationId::new(ACME),
        policy,
        reason: reason.to_owned(),
        expected_version,
    };
    let policy = groups_first(&[PILOTS]);
    let saved =
        set_policy(&world.state, &operator(), &change(policy.clone(), "Pilots fly", Some(0))).await;
    assert_eq!(saved.unwrap(), 0);

    for (new, refusal) in [
        (change(AdmissionPolicy::ByHand, "", None), Refusal::PolicyReasonMissing),
        (change(AdmissionPolicy::ByHand, "Mine", Some(0)), Refusal::PolicyChangedMeanwhile),
        (change(policy, "Again", None), Refusal::PolicyIsTheSame),
    ] {
        let refused = set_policy(&world.state, &operator(), &new).await;
        assert!(matches!(&refused, Err(Error::Refused(why)) if *why == refusal), "{refused:?}");
    }
    let log = "select action || ': ' || before_value || ' > ' || after_value || ': ' || reason from audit_log where action = 'set_policy'";
    assert_eq!(
        world.texts(log).await,
        ["set_policy: first come, first served > groups first: dirgroup_pilots: Pilots fly"]
    );
    let stored = "select policy || ' ' || policy_groups || ' ' || cast(policy_version as text) from organizations";
    assert_eq!(world.texts(stored).await, [r#"groups ["dirgroup_pilots"] 1"#]);
}
