//! Large changes of a seat limit need two staff members: who may decide, what an approval does, and
//! what happens when the facts change meanwhile.

use std::time::Duration;

use domain::{
    access::{Role, Staff},
    id::{OrganizationId, ProposalId},
    limit_proposal::ProposalState,
    organization::SeatLimit,
    refusal::Refusal,
    setting::SettingName,
};
use futures_util::future::join_all;
use seatkeeper::{
    commands::{self, Actor, Error, LimitOutcome, NewLimit, NewProposalAnswer},
    queries,
};
use views::{
    proposals::ProposalPage,
    requests::{RequestList, RequestsQuery},
};

use crate::{
    alerts::{KIM, SAM, join, plan, subjects},
    deprovisioning::account,
    support::world::{ACME, TestApp, operator, scope, stories},
};

stories! {
    a_large_change_waits_for_a_second_person_and_names_both,
    a_small_change_and_the_command_line_need_no_second_person,
    no_person_approves_their_own_proposal,
    of_two_who_approve_at_once_one_is_heard,
    a_limit_that_was_changed_meanwhile_is_decided_anew,
    a_person_who_lost_the_rights_proposes_and_approves_nothing,
    an_archived_organization_gets_no_proposed_limit,
    a_rejection_needs_a_sentence_and_reaches_the_proposer,
    a_proposal_expires_after_seven_days,
    an_organization_has_one_open_proposal,
    a_temporary_limit_does_not_stay_without_a_second_person,
    tenants_learn_nothing_of_a_proposal,
    the_queue_counts_what_others_proposed,
}

pub const NOOR: &str = "noor@seats.example";

/// Two staff members, and changes of more than 20 seats need both.
pub async fn two_people(world: &TestApp) {
    plan(world, 3).await;
    world.account(NOOR, Role::Staff, &[]).await;
    world.change_setting(SettingName::ApprovalAbove, "20").await.unwrap();
}

pub async fn actor(world: &TestApp, email: &str) -> Actor {
    Actor::staff(member(world, email).await)
}

async fn member(world: &TestApp, email: &str) -> Staff {
    let name = if email == SAM { "Sam Rivera" } else { "Noor Haddad" };
    Staff { account: account(world, email).await, name: name.to_owned() }
}

fn change(limit: i64) -> NewLimit {
    NewLimit {
        organization: OrganizationId::new(ACME),
        limit: SeatLimit::Seats(limit),
        until: None,
        reason: "Contract of 2027.".to_owned(),
        expected_version: None,
    }
}

async fn sets(world: &TestApp, email: &str, new: &NewLimit) -> Result<LimitOutcome, Error> {
    commands::set_seat_limit(&world.state, &actor(world, email).await, new).await
}

pub async fn proposed(world: &TestApp, limit: i64) -> ProposalId {
    match sets(world, SAM, &change(limit)).await.unwrap() {
        LimitOutcome::Proposed(id) => id,
        LimitOutcome::Set(_) => panic!("one person set {limit} seats"),
    }
}

fn answer(proposal: &ProposalId, text: &str) -> NewProposalAnswer {
    NewProposalAnswer {
        organization: OrganizationId::new(ACME),
        proposal: proposal.clone(),
        text: text.to_owned(),
        expected_limit_version: None,
    }
}

pub async fn approves(world: &TestApp, email: &str, id: &ProposalId) -> Result<usize, Error> {
    commands::approve_proposal(&world.state, &actor(world, email).await, &answer(id, "")).await
}

pub async fn page(world: &TestApp, id: &ProposalId) -> ProposalPage {
    let noor = member(world, NOOR).await;
    queries::proposal_page(&world.state, (&noor, &scope(ACME)), id).await.unwrap()
}

pub async fn state(world: &TestApp, id: &ProposalId) -> ProposalState {
    page(world, id).await.row.state
}

pub fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?} is not refused"),
    }
}

pub async fn limit(world: &TestApp) -> SeatLimit {
    world.usage(ACME).await.limit
}

async fn a_large_change_waits_for_a_second_person_and_names_both(world: TestApp) {
    two_people(&world).await;
    join(&world, 0..8).await;
    subjects(&world).await;

    let id = proposed(&world, 30).await;

    assert_eq!(limit(&world).await, SeatLimit::Seats(3), "nothing was changed yet");
    assert_eq!(subjects(&world).await, [format!("{NOOR}: Acme: 30 seats need a second person")]);
    let preview = page(&world, &id).await.preview.unwrap();
    assert_eq!((preview.admitted, preview.needs_second_person), (5, true));

    assert_eq!(approves(&world, NOOR, &id).await.unwrap(), 5);

    assert_eq!(
        (limit(&world).await, state(&world, &id).await),
        (SeatLimit::Seats(30), ProposalState::Approved)
    );
    let told = subjects(&world).await;
    let answered = format!("{SAM}: Acme: Noor Haddad approved 30 seats");
    assert!(told.contains(&answered), "{told:?}");
    let both = "Noor Haddad (proposed by Sam Rivera)";
    let log =
        "select actor from audit_log where action = 'set_seat_limit' order by id desc limit 1";
    assert_eq!(world.texts(log).await, [both]);
    assert_eq!(world.texts("select limit_set_by from organizations").await, [both]);
    let decided = "select distinct actor from decisions where cause = 'set_seat_limit'";
    assert_eq!(world.texts(decided).await, [both], "each person who got in");
    world.check().await;
}

async fn a_small_change_and_the_command_line_need_no_second_person(world: TestApp) {
    two_people(&world).await;

    assert_eq!(sets(&world, SAM, &change(23)).await.unwrap(), LimitOutcome::Set(0));
    assert_eq!(world.texts("select id from limit_proposals").await, [""; 0]);

    let urgent = commands::set_seat_limit(&world.state, &operator(), &change(500)).await;
    assert_eq!(urgent.unwrap(), LimitOutcome::Set(0));
    let log = "select action from audit_log order by id desc limit 2";
    assert_eq!(world.texts(log).await, ["skip_approval", "set_seat_limit"]);

    let endless = NewLimit { limit: SeatLimit::Unlimited, ..change(0) };
    let endless = sets(&world, SAM, &endless).await.unwrap();
    assert!(matches!(endless, LimitOutcome::Proposed(_)), "larger than all");
    world.change_setting(SettingName::ApprovalAbove, "off").await.unwrap();
    assert_eq!(sets(&world, SAM, &change(3)).await.unwrap(), LimitOutcome::Set(0));
}

async fn no_person_approves_their_own_proposal(world: TestApp) {
    two_people(&world).await;
    let id = proposed(&world, 30).await;
    let (sam, noor) = (actor(&world, SAM).await, actor(&world, NOOR).await);

    assert_eq!(refused(approves(&world, SAM, &id).await), Refusal::OwnProposal);
    let no = answer(&id, "No.");
    let own = commands::reject_proposal(&world.state, &sam, &no).await;
    assert_eq!(refused(own), Refusal::OwnProposal);
    let other = commands::withdraw_proposal(&world.state, &noor, &no).await;
    assert_eq!(refused(other), Refusal::ProposalOfAnother);
    let machine = commands::approve_proposal(&world.state, &operator(), &no).await;
    assert!(matches!(machine, Err(Error::Missing)), "{machine:?}");

    commands::withdraw_proposal(&world.state, &sam, &no).await.unwrap();
    assert_eq!(state(&world, &id).await, ProposalState::Withdrawn);
    assert_eq!(refused(approves(&world, NOOR, &id).await), Refusal::ProposalOver);
    assert_eq!(limit(&world).await, SeatLimit::Seats(3));
}

async fn of_two_who_approve_at_once_one_is_heard(world: TestApp) {
    two_people(&world).await;
    join(&world, 0..8).await;
    let id = proposed(&world, 30).await;
    let (noor, other, yes) = (actor(&world, NOOR).await, world.beside().await, answer(&id, "No."));
    let answers = join_all((0..6).map(|n| {
        let there = if n % 2 == 0 { &world.state } else { &other.state };
        let (noor, yes) = (&noor, &yes);
        async move {
            if n < 4 {
                commands::approve_proposal(there, noor, yes).await.map(|_| ())
            } else {
                commands::reject_proposal(there, noor, yes).await
            }
        }
    }));

    let (heard, late): (Vec<_>, Vec<_>) = answers.await.into_iter().partition(Result::is_ok);

    assert_eq!((heard.len(), late.len()), (1, 5));
    for answer in late {
        assert_eq!(refused(answer), Refusal::ProposalOver);
    }
    let is_approved = state(&world, &id).await == ProposalState::Approved;
    let expected = SeatLimit::Seats(if is_approved { 30 } else { 3 });
    assert_eq!(limit(&world).await, expected);
    world.check().await;
    other.close().await;
}

async fn a_limit_that_was_changed_meanwhile_is_decided_anew(world: TestApp) {
    two_people(&world).await;
    let id = proposed(&world, 30).await;
    let seen = page(&world, &id).await;
    assert!(!seen.is_changed);
    assert_eq!(sets(&world, NOOR, &change(10)).await.unwrap(), LimitOutcome::Set(0));

    let noor = actor(&world, NOOR).await;
    let old =
        |version| NewProposalAnswer { expected_limit_version: Some(version), ..answer(&id, "") };
    let late = commands::approve_proposal(&world.state, &noor, &old(seen.limit_version)).await;

    assert_eq!(refused(late), Refusal::LimitChangedMeanwhile(SeatLimit::Seats(10)));
    let now = page(&world, &id).await;
    assert!(now.is_changed && now.is_open);
    assert_eq!(now.preview.unwrap().before.limit, SeatLimit::Seats(10), "computed anew");
    commands::approve_proposal(&world.state, &noor, &old(now.limit_version)).await.unwrap();
    assert_eq!(limit(&world).await, SeatLimit::Seats(30));
}

async fn a_person_who_lost_the_rights_proposes_and_approves_nothing(world: TestApp) {
    two_people(&world).await;
    let id = proposed(&world, 30).await;
    let disabled =
        |email, at| format!("update accounts set disabled_at = {at} where email = '{email}'");

    world.tamper(&disabled(SAM, "1")).await;
    assert_eq!(refused(approves(&world, NOOR, &id).await), Refusal::ProposerLeft);
    world.tamper(&disabled(SAM, "null")).await;
    let noor = actor(&world, NOOR).await;
    world.tamper(&disabled(NOOR, "1")).await;
    let late = commands::approve_proposal(&world.state, &noor, &answer(&id, "")).await;
    assert!(matches!(late, Err(Error::Missing)), "{late:?}");
    world.tamper(&disabled(NOOR, "null")).await;
    world.tamper(&disabled(SAM, "1")).await;

    commands::reject_proposal(&world.state, &noor, &answer(&id, "Sam left.")).await.unwrap();
    assert_eq!(limit(&world).await, SeatLimit::Seats(3));
    subjects(&world).await;
    let sent = "select recipient from outbox where message = 'limit_proposal_answered'";
    assert_eq!(world.texts(sent).await, [""; 0], "an account that is disabled gets no e-mail");
}

async fn an_archived_organization_gets_no_proposed_limit(world: TestApp) {
    two_people(&world).await;
    let id = proposed(&world, 30).await;
    world.tamper("update organizations set archived = true").await;

    assert_eq!(refused(approves(&world, NOOR, &id).await), Refusal::Archived);
    let page = page(&world, &id).await;
    assert!(page.archived && page.is_open && page.preview.is_none());
    let noor = actor(&world, NOOR).await;
    commands::reject_proposal(&world.state, &noor, &answer(&id, "They left.")).await.unwrap();
}

async fn a_rejection_needs_a_sentence_and_reaches_the_proposer(world: TestApp) {
    two_people(&world).await;
    let id = proposed(&world, 30).await;
    subjects(&world).await;
    let noor = actor(&world, NOOR).await;

    let silent = commands::reject_proposal(&world.state, &noor, &answer(&id, " \u{200b}")).await;
    assert_eq!(refused(silent), Refusal::RequestTextMissing);
    let no = answer(&id, "The contract says 20.");
    commands::reject_proposal(&world.state, &noor, &no).await.unwrap();

    assert_eq!(subjects(&world).await, [format!("{SAM}: Acme: Noor Haddad rejected 30 seats")]);
    let log =
        "select actor || ', ' || target || ', ' || reason from audit_log order by id desc limit 1";
    assert_eq!(world.texts(log).await, ["Noor Haddad, Sam Rivera, The contract says 20."]);
    assert_eq!(page(&world, &id).await.answer.unwrap().text.as_str(), "The contract says 20.");
}

async fn a_proposal_expires_after_seven_days(world: TestApp) {
    two_people(&world).await;
    let id = proposed(&world, 30).await;
    subjects(&world).await;

    world.clock.pass(Duration::from_hours(7 * 24 - 1));
    assert_eq!(commands::expire_proposals(&world.state).await.unwrap(), 0);
    assert!(page(&world, &id).await.is_open);
    world.clock.pass(Duration::from_hours(1));
    assert_eq!(state(&world, &id).await, ProposalState::Expired, "before any job has run");
    assert_eq!(refused(approves(&world, NOOR, &id).await), Refusal::ProposalOver);

    let expire = || commands::expire_proposals(&world.state);
    assert_eq!((expire().await.unwrap(), expire().await.unwrap()), (1, 0));
    assert_eq!(subjects(&world).await, [format!("{SAM}: Acme: The proposal of 30 seats expired")]);
    let second = proposed(&world, 40).await;
    world.clock.pass(Duration::from_hours(8 * 24));
    let third = proposed(&world, 50).await;
    assert_eq!(state(&world, &second).await, ProposalState::Expired, "it made room");
    assert!(page(&world, &third).await.is_open);
}

async fn an_organization_has_one_open_proposal(world: TestApp) {
    two_people(&world).await;
    proposed(&world, 30).await;

    let second = sets(&world, NOOR, &change(40)).await;

    assert_eq!(refused(second), Refusal::ProposalWaits);
    let same = sets(&world, NOOR, &change(3)).await;
    assert_eq!(refused(same), Refusal::LimitIsTheSame(SeatLimit::Seats(3)));
    let silent = NewLimit { reason: " ".to_owned(), ..change(40) };
    assert_eq!(refused(sets(&world, NOOR, &silent).await), Refusal::ReasonMissing);
    assert_eq!(world.texts("select id from limit_proposals").await.len(), 1);
}

async fn a_temporary_limit_does_not_stay_without_a_second_person(world: TestApp) {
    two_people(&world).await;
    let until = |days: u64| Some(world.clock.now().plus(Duration::from_hours(24 * days)));
    let first = NewLimit { until: until(2), ..change(30) };
    let LimitOutcome::Proposed(id) = sets(&world, SAM, &first).await.unwrap() else { panic!() };
    approves(&world, NOOR, &id).await.unwrap();

    let longer = sets(&world, SAM, &NewLimit { until: until(9), ..change(30) }).await.unwrap();

    assert!(matches!(longer, LimitOutcome::Proposed(_)), "a week more");
    world.clock.pass(Duration::from_hours(24 * 3));
    commands::end_limits(&world.state).await.unwrap();
    assert_eq!(limit(&world).await, SeatLimit::Seats(3), "the end was approved with the limit");
    let LimitOutcome::Proposed(_) = longer else { panic!() };
    world.check().await;
}

async fn tenants_learn_nothing_of_a_proposal(world: TestApp) {
    two_people(&world).await;
    let id = proposed(&world, 30).await;
    let kim = crate::invitations::viewer(&world, KIM).await;

    let page = queries::organization(&world.state, &scope(ACME), &kim).await.unwrap();
    assert_eq!(page.proposal, None);
    let query = views::audit::AuditQuery {
        organization: Some(OrganizationId::new(ACME)),
        ..views::audit::AuditQuery::default()
    };
    let log = queries::audit(&world.state, &kim, &query).await.unwrap();
    let seen = log.rows.iter().filter(|row| row.action.is_for_staff()).count();
    assert_eq!(seen, 0);
    let ours = world.page(ACME).await.proposal.unwrap();
    assert_eq!((ours.id, ours.by.as_str()), (id, "Sam Rivera"));
}

async fn the_queue_counts_what_others_proposed(world: TestApp) {
    two_people(&world).await;
    let id = proposed(&world, 30).await;
    let counts = |email: &'static str| {
        let world = &world;
        async move {
            let viewer = crate::invitations::viewer(world, email).await;
            let here = OrganizationId::new(ACME);
            let person = queries::person(&world.state, &viewer, Some(&here)).await.unwrap();
            (person.requests, person.has_request_here)
        }
    };

    assert_eq!((counts(SAM).await, counts(NOOR).await), ((0, false), (1, true)));
    let noor = crate::invitations::viewer(&world, NOOR).await;
    let rows = |list| {
        let (query, noor) = (RequestsQuery { list, ..RequestsQuery::default() }, &noor);
        let state = &world.state;
        async move { queries::requests(state, noor, &query).await.unwrap().proposals }
    };
    let ids: Vec<_> = rows(RequestList::Open).await.into_iter().map(|row| row.id).collect();
    assert_eq!((ids, rows(RequestList::Over).await), (vec![id.clone()], vec![]));
    let records = queries::proposal_records(&world.state).await.unwrap();
    assert_eq!((records[0].from.as_str(), records[0].to.as_str()), ("3 seats", "30"));
    approves(&world, NOOR, &id).await.unwrap();
    assert_eq!(counts(NOOR).await, (0, false));
}
