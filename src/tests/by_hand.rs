//! Manual decisions of admins: what they change, what they refuse, and what is written about them.

use domain::{
    directory_user::SeatState,
    id::{DirectoryUserId, OrganizationId},
    manual_decision::ManualDecision,
    organization::SeatLimit,
    refusal::Refusal,
    time::Timestamp,
};
use seatkeeper::{
    commands::{ByHand, Chosen, DecidedByHand, Error, decide_by_hand},
    queries,
};
use views::waitlist::{ChosenPeople, WaitlistFilter, WaitlistPage, WaitlistQuery};

use crate::support::world::{ACME, TestApp, diruser, operator, scope, staff, stories};

stories! {
    the_last_person_is_moved_to_the_front_and_gets_the_next_seat,
    dismissing_a_person_with_a_seat_admits_the_next,
    an_undone_dismissal_leads_to_the_end_of_the_waitlist,
    a_free_seat_is_given_by_hand_and_no_other_one_is,
    one_person_may_be_refused_while_the_others_are_not,
    all_that_a_filter_matches_are_decided_about,
    a_decision_about_another_waitlist_than_the_previewed_one_is_refused,
    a_preview_says_what_the_decision_does_and_changes_nothing,
    the_page_lists_people_in_order_and_in_parts,
    a_note_has_a_limit_and_an_unknown_person_is_named,
    an_archived_organization_takes_no_decision,
}

fn id(name: &str) -> DirectoryUserId {
    DirectoryUserId::new(diruser(name))
}

fn ids(names: &[&str]) -> Chosen {
    Chosen::These(names.iter().map(|name| id(name)).collect())
}

fn about(decision: ManualDecision, chosen: Chosen) -> ByHand {
    ByHand {
        organization: OrganizationId::new(ACME),
        decision,
        chosen,
        note: "agreed with them".to_owned(),
        preview_mark: None,
    }
}

async fn decide(
    world: &TestApp,
    decision: ManualDecision,
    names: &[&str],
) -> Result<DecidedByHand, Error> {
    decide_by_hand(&world.state, &operator(), &about(decision, ids(names))).await
}

/// Ann has the seat; the others wait, in this order.
async fn with_waitlist(world: &TestApp, waiting: &[&str]) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.joined(ACME, "ann").await;
    for name in waiting {
        world.joined(ACME, name).await;
    }
}

async fn waitlist(world: &TestApp) -> Vec<String> {
    let query = WaitlistQuery::of(SeatState::Blocked);
    let page = queries::waitlist(&world.state, &scope(ACME), &query).await.unwrap();
    page.rows
        .iter()
        .map(|row| row.user.as_str().trim_start_matches("diruser_").to_owned())
        .collect()
}

async fn state_of(world: &TestApp, name: &str) -> SeatState {
    let people = world.people(ACME).await;
    people.into_iter().find(|row| row.user == id(name)).unwrap().state
}

fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

async fn the_last_person_is_moved_to_the_front_and_gets_the_next_seat(world: TestApp) {
    with_waitlist(&world, &["bob", "cleo", "dan"]).await;

    decide(&world, ManualDecision::MoveToFront, &["dan"]).await.unwrap();
    assert_eq!(waitlist(&world).await, ["dan", "bob", "cleo"]);
    world.deactivated(ACME, "ann").await;

    assert_eq!(state_of(&world, "dan").await, SeatState::Provisioned);
    assert_eq!(waitlist(&world).await, ["bob", "cleo"]);
    let entries = queries::audit_entries(&world.state, Some(&scope(ACME)), None).await.unwrap().0;
    let entry = entries.first().unwrap();
    assert_eq!(entry.actor, "command line (story)");
    assert_eq!(entry.action.as_str(), "move_person");
    assert_eq!(entry.target_id.as_deref(), Some(diruser("dan").as_str()));
    assert_eq!(entry.before.as_deref(), Some("Waiting, position 3"));
    assert_eq!(entry.after.as_deref(), Some("Waiting, position 1"));
    assert_eq!(entry.reason.as_deref(), Some("agreed with them"));
    world.check().await;
}

async fn dismissing_a_person_with_a_seat_admits_the_next(world: TestApp) {
    with_waitlist(&world, &["bob", "cleo"]).await;

    let decided = decide(&world, ManualDecision::Dismiss, &["ann"]).await.unwrap();

    assert_eq!(decided.admitted, [id("bob")]);
    assert_eq!(state_of(&world, "ann").await, SeatState::Dismissed);
    assert_eq!(state_of(&world, "bob").await, SeatState::Provisioned);
    assert_eq!(waitlist(&world).await, ["cleo"]);
    world.check().await;
}

async fn an_undone_dismissal_leads_to_the_end_of_the_waitlist(world: TestApp) {
    with_waitlist(&world, &["bob", "cleo"]).await;

    decide(&world, ManualDecision::Dismiss, &["bob"]).await.unwrap();
    world.joined(ACME, "bob").await;
    assert_eq!(
        state_of(&world, "bob").await,
        SeatState::Dismissed,
        "the directory reverses no decision"
    );
    decide(&world, ManualDecision::UndoDismissal, &["bob"]).await.unwrap();

    assert_eq!(waitlist(&world).await, ["cleo", "bob"]);
    let again = decide(&world, ManualDecision::UndoDismissal, &["bob"]).await;
    assert_eq!(refusal(again), Refusal::NotDismissed);
    world.check().await;
}

async fn a_free_seat_is_given_by_hand_and_no_other_one_is(world: TestApp) {
    with_waitlist(&world, &["bob", "cleo", "dan"]).await;
    world.set_policy(ACME, domain::admission::AdmissionPolicy::ByHand).await.unwrap();
    assert_eq!(
        refusal(decide(&world, ManualDecision::Admit, &["cleo"]).await),
        Refusal::NoFreeSeat
    );
    world.deactivated(ACME, "ann").await;

    let decided = decide(&world, ManualDecision::Admit, &["dan", "cleo"]).await.unwrap();

    let after: Vec<_> =
        decided.people.iter().map(|one| (one.user.clone(), one.after.clone())).collect();
    assert_eq!(
        after,
        [(id("cleo"), Ok(SeatState::Provisioned)), (id("dan"), Err(Refusal::NoFreeSeat)),],
        "the one who waits longer comes first"
    );
    assert_eq!(waitlist(&world).await, ["bob", "dan"]);
    world.check().await;
}

async fn one_person_may_be_refused_while_the_others_are_not(world: TestApp) {
    with_waitlist(&world, &["bob", "cleo"]).await;

    let decided =
        decide(&world, ManualDecision::MoveToFront, &["ann", "cleo", "zed"]).await.unwrap();

    let refused: Vec<_> = decided
        .people
        .iter()
        .filter_map(|one| Some((one.user.clone(), one.after.clone().err()?)))
        .collect();
    assert!(refused.contains(&(id("ann"), Refusal::NotWaiting)));
    assert!(refused.contains(&(id("zed"), Refusal::NoPerson(diruser("zed")))));
    assert_eq!(waitlist(&world).await, ["cleo", "bob"]);
    let entries = queries::audit_entries(&world.state, Some(&scope(ACME)), None).await.unwrap().0;
    let outcomes: Vec<_> = entries
        .iter()
        .filter(|entry| entry.action.as_str() == "move_person")
        .map(|entry| entry.outcome)
        .collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "refused").count(), 2);
    assert_eq!(outcomes.len(), 3);
    world.check().await;
}

async fn all_that_a_filter_matches_are_decided_about(world: TestApp) {
    with_waitlist(&world, &["bob", "bella", "cleo", "boris"]).await;
    let filter = WaitlistFilter { search: "bo".into(), ..WaitlistFilter::default() };
    let all = queries::chosen(ChosenPeople::All(filter, None), world.state.clock.now());

    let decided =
        decide_by_hand(&world.state, &operator(), &about(ManualDecision::Dismiss, all)).await;

    assert_eq!(decided.unwrap().people.len(), 2);
    assert_eq!(waitlist(&world).await, ["bella", "cleo"]);
    let none = queries::chosen(
        ChosenPeople::All(WaitlistFilter::default(), Some(Timestamp::from_seconds(1))),
        world.state.clock.now(),
    );
    let none = about(ManualDecision::Dismiss, none);
    let none = decide_by_hand(&world.state, &operator(), &none).await;
    assert_eq!(refusal(none), Refusal::PersonMissing, "all of them waited later");
    world.check().await;
}

async fn a_decision_about_another_waitlist_than_the_previewed_one_is_refused(world: TestApp) {
    with_waitlist(&world, &["bob", "cleo", "dan"]).await;
    let (acme, sam) = (scope(ACME), staff());
    let chosen = || ChosenPeople::These(vec![id("dan")]);
    let look = || {
        queries::decision_preview(
            &world.state,
            (&acme, &sam),
            ManualDecision::MoveToFront,
            chosen(),
            None,
        )
    };
    let preview = look().await.unwrap();
    // other people come and go: that changes nothing about this decision
    world.joined(ACME, "eve").await;
    assert_eq!(look().await.unwrap().mark, preview.mark);
    decide(&world, ManualDecision::MoveTo(2), &["dan"]).await.unwrap();

    let mut confirmed = about(ManualDecision::MoveToFront, ids(&["dan"]));
    confirmed.preview_mark = Some(preview.mark);
    let late = decide_by_hand(&world.state, &operator(), &confirmed).await;

    assert_eq!(refusal(late), Refusal::WaitlistChangedMeanwhile);
    assert_eq!(waitlist(&world).await, ["bob", "dan", "cleo", "eve"], "nothing was changed");
    confirmed.preview_mark = Some(look().await.unwrap().mark);
    decide_by_hand(&world.state, &operator(), &confirmed).await.unwrap();
    assert_eq!(waitlist(&world).await, ["dan", "bob", "cleo", "eve"]);
}

async fn a_preview_says_what_the_decision_does_and_changes_nothing(world: TestApp) {
    with_waitlist(&world, &["bob", "cleo", "dan"]).await;
    let before = world.page(ACME).await.revision;
    let look = |decision, names: &[&str]| {
        let people = ChosenPeople::These(names.iter().map(|name| id(name)).collect());
        let (state, scope, viewer) = (world.state.clone(), scope(ACME), staff());
        async move {
            queries::decision_preview(&state, (&scope, &viewer), decision, people, None)
                .await
                .unwrap()
        }
    };

    let front = look(ManualDecision::MoveToFront, &["dan"]).await;
    let places: Vec<_> =
        front.line.iter().map(|place| (place.user.clone(), place.was, place.is_chosen)).collect();
    assert_eq!(
        places,
        [(id("dan"), Some(3), true), (id("bob"), Some(1), false), (id("cleo"), Some(2), false),]
    );
    assert_eq!((front.done, front.refused, front.admitted_count), (1, 0, 0));

    let dismissal = look(ManualDecision::Dismiss, &["ann", "cleo"]).await;
    assert_eq!(dismissal.admitted_count, 1);
    assert_eq!(dismissal.admitted[0].to_string(), "bob");
    assert_eq!(
        dismissal.line.iter().map(|place| place.user.clone()).collect::<Vec<_>>(),
        [id("dan")]
    );
    assert_eq!((dismissal.after.used, dismissal.after.waiting), (1, 1));

    assert_eq!(world.page(ACME).await.revision, before);
    assert_eq!(waitlist(&world).await, ["bob", "cleo", "dan"]);
}

async fn the_page_lists_people_in_order_and_in_parts(world: TestApp) {
    let names: Vec<String> = (10..80).map(|n| format!("p{n}")).collect();
    with_waitlist(&world, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    decide(&world, ManualDecision::MoveTo(60), &["p10"]).await.unwrap();
    let look = |query: WaitlistQuery| {
        let (state, scope) = (world.state.clone(), scope(ACME));
        async move { queries::waitlist(&state, &scope, &query).await.unwrap() }
    };

    let first = look(WaitlistQuery::of(SeatState::Blocked)).await;
    let mut query = WaitlistQuery::of(SeatState::Blocked);
    query.after.clone_from(&first.page.older);
    let second = look(query).await;

    assert_eq!(first.rows.len(), usize::try_from(WaitlistPage::ROWS).unwrap());
    assert_eq!((first.matching, second.page.older), (70, None));
    let positions: Vec<_> =
        first.rows.iter().chain(&second.rows).map(|row| row.position.unwrap()).collect();
    assert_eq!(positions, (1..=70).collect::<Vec<_>>());
    let moved: Vec<_> =
        second.rows.iter().filter(|row| row.moved).map(|row| row.position).collect();
    assert_eq!(moved, [Some(60)]);

    let mut query = WaitlistQuery::of(SeatState::Blocked);
    query.filter.search = "p7".into();
    let found = look(query).await;
    assert_eq!((found.matching, found.rows[0].position), (10, Some(61)));
    let seated = look(WaitlistQuery::of(SeatState::Provisioned)).await;
    assert_eq!((seated.matching, seated.rows[0].user.clone()), (1, id("ann")));

    let (entries, next) =
        queries::waitlist_entries(&world.state, &scope(ACME), None).await.unwrap();
    assert_eq!((entries.len(), entries[59].user.clone(), next), (70, id("p10"), None));
    assert!(entries[0].why.as_deref().unwrap().starts_with("No seat was free"));
}

async fn a_note_has_a_limit_and_an_unknown_person_is_named(world: TestApp) {
    with_waitlist(&world, &["bob"]).await;
    let mut long = about(ManualDecision::MoveToFront, ids(&["bob"]));
    long.note = "x".repeat(501);

    let long = decide_by_hand(&world.state, &operator(), &long).await;
    let unknown = decide(&world, ManualDecision::MoveToFront, &["zed"]).await;
    let position = decide(&world, ManualDecision::MoveTo(2), &["bob"]).await;

    assert_eq!(refusal(long), Refusal::NoteTooLong);
    assert_eq!(refusal(unknown), Refusal::NoPerson(diruser("zed")));
    assert_eq!(refusal(position), Refusal::WaitlistPosition(1));
    let entries = queries::audit_entries(&world.state, Some(&scope(ACME)), None).await.unwrap().0;
    assert!(entries.iter().all(|entry| entry.action.as_str() != "move_person"));
}

async fn an_archived_organization_takes_no_decision(world: TestApp) {
    with_waitlist(&world, &["bob"]).await;
    let number = world.number();
    let gone = format!(
        r#"{{"id":"evt_{number}","type":"organization.deleted","occurred_at":"2026-09-02T00:00:00Z","organization_id":"{ACME}","data":{{"id":"{ACME}"}}}}"#
    );
    world.post(&gone).await;

    let late = decide(&world, ManualDecision::MoveToFront, &["bob"]).await;

    assert_eq!(refusal(late), Refusal::Archived);
    let missing = ByHand {
        organization: OrganizationId::new("org_unknown"),
        ..about(ManualDecision::Admit, ids(&["bob"]))
    };
    let missing = decide_by_hand(&world.state, &operator(), &missing).await;
    assert!(matches!(missing, Err(Error::Missing)));
}
