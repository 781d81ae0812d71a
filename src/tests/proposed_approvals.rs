//! A seat request whose approval is so large that a second staff member decides about it.

use domain::{
    id::{OrganizationId, SeatRequestId},
    limit_proposal::ProposalState,
    organization::SeatLimit,
    refusal::Refusal,
    seat_request::{EntryKind, RequestState},
};
use seatkeeper::{
    commands::{self, Actor, LimitOutcome, NewApproval, NewEntry, NewRequest},
    queries,
};

use crate::{
    alerts::{KIM, SAM, subjects},
    deprovisioning::account,
    limit_proposals::{NOOR, actor, approves, limit, page, proposed, refused, state, two_people},
    support::world::{ACME, TestApp, scope, staff, stories},
};

stories! {
    a_large_approval_of_a_request_leaves_it_open_until_then,
    a_request_that_is_over_takes_its_proposal_with_it,
}

async fn asked(world: &TestApp, seats: &str) -> SeatRequestId {
    let kim = Actor::tenant_admin(account(world, KIM).await, "Kim Park".to_owned());
    let (organization, reason) = (OrganizationId::new(ACME), "Two teams start.".to_owned());
    let new = NewRequest { organization, seats: seats.to_owned(), reason, people: Vec::new() };
    commands::ask_for_seats(&world.state, &kim, &new).await.unwrap()
}

fn approval(request: &SeatRequestId) -> NewApproval {
    NewApproval {
        organization: OrganizationId::new(ACME),
        request: request.clone(),
        limit: None,
        text: "Welcome.".to_owned(),
        expected_version: None,
        expected_limit_version: None,
    }
}

async fn request_state(world: &TestApp, request: &SeatRequestId) -> RequestState {
    let page = queries::request_page(&world.state, (&scope(ACME), &staff()), request, "").await;
    page.unwrap().row.state
}

async fn a_large_approval_of_a_request_leaves_it_open_until_then(world: TestApp) {
    two_people(&world).await;
    let request = asked(&world, "50").await;
    let sam = actor(&world, SAM).await;

    let outcome = commands::approve_request(&world.state, &sam, &approval(&request)).await;

    let Ok(LimitOutcome::Proposed(id)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(request_state(&world, &request).await, RequestState::Open);
    let asked = queries::request_page(&world.state, (&scope(ACME), &staff()), &request, "").await;
    let asked = asked.unwrap();
    assert_eq!(asked.proposal.unwrap().id, id, "the page says so");
    assert!(asked.approval.is_none(), "and offers no second approval");
    let twice = commands::approve_request(&world.state, &sam, &approval(&request)).await;
    assert_eq!(refused(twice), Refusal::ProposalWaits);
    subjects(&world).await;

    approves(&world, NOOR, &id).await.unwrap();

    assert_eq!(request_state(&world, &request).await, RequestState::Approved);
    assert_eq!(limit(&world).await, SeatLimit::Seats(53));
    let told = subjects(&world).await;
    assert!(
        told.iter().any(|it| it.starts_with("kim@acme.test: Seat request approved")),
        "{told:?}"
    );
    let log = "select actor from audit_log where action = 'approve_request'";
    assert_eq!(world.texts(log).await, ["Noor Haddad (proposed by Sam Rivera)"]);
    let text = "select text from seat_request_entries where kind = 'approved'";
    assert_eq!(world.texts(text).await, ["Welcome."]);
    world.check().await;
}

async fn a_request_that_is_over_takes_its_proposal_with_it(world: TestApp) {
    two_people(&world).await;
    let request = asked(&world, "50").await;
    let sam = actor(&world, SAM).await;
    let outcome = commands::approve_request(&world.state, &sam, &approval(&request)).await;
    let Ok(LimitOutcome::Proposed(id)) = outcome else { panic!("{outcome:?}") };
    let entry = |kind| NewEntry {
        organization: OrganizationId::new(ACME),
        request: request.clone(),
        kind,
        text: "A sentence.".to_owned(),
        expected_version: None,
    };

    commands::add_to_request(&world.state, &sam, &entry(EntryKind::Question)).await.unwrap();
    assert!(page(&world, &id).await.is_open, "a question ends nothing");
    commands::add_to_request(&world.state, &sam, &entry(EntryKind::Declined)).await.unwrap();

    assert_eq!(state(&world, &id).await, ProposalState::Withdrawn);
    assert_eq!(refused(approves(&world, NOOR, &id).await), Refusal::ProposalOver);
    proposed(&world, 40).await;
}
