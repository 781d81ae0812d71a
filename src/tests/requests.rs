//! Tenant admins ask for seats, and staff answer: who is told what, and what an approval does.

use std::time::Duration;

use domain::{
    access::{Role, Staff},
    id::{DirectoryUserId, OrganizationId, SeatRequestId},
    organization::{SeatLimit, Usage},
    refusal::Refusal,
    seat_request::{EntryKind, RequestState},
};
use futures_util::future::join_all;
use seatkeeper::{
    commands::{self, Actor, Error, NewApproval, NewEntry, NewRequest},
    queries,
};
use views::requests::{RequestList, RequestsQuery};

use crate::{
    alerts::{KIM, SAM, join, plan, subjects},
    deprovisioning::account,
    support::world::{ACME, TestApp, diruser, operator, scope, staff, stories},
};

stories! {
    an_approved_request_lets_the_waitlist_in_and_tells_both_sides,
    a_declined_request_changes_no_limit,
    a_question_and_its_answer_go_back_and_forth,
    a_request_is_refused_if_it_makes_no_sense,
    the_request_of_an_archived_organization_waits_without_questions,
    of_many_who_answer_at_once_one_is_heard,
    an_answer_to_an_old_page_is_refused,
    a_limit_that_was_raised_meanwhile_needs_only_the_answer,
    the_side_that_must_act_is_reminded_once_in_two_days,
    a_message_that_came_too_late_is_not_sent,
    a_person_who_was_known_by_address_stays_named,
    the_queue_has_the_oldest_first_and_the_answered_apart,
    another_tenant_finds_no_request,
}

async fn kim(world: &TestApp) -> Actor {
    Actor::tenant_admin(account(world, KIM).await, "Kim Park".to_owned())
}

async fn sam(world: &TestApp) -> Actor {
    Actor::staff(Staff { account: account(world, SAM).await, name: "Sam Rivera".to_owned() })
}

fn new(seats: &str, people: &[&str]) -> NewRequest {
    let people = people.iter().map(|user| DirectoryUserId::new(diruser(user))).collect();
    let reason = "Two teams start in May.".to_owned();
    NewRequest { organization: OrganizationId::new(ACME), seats: seats.to_owned(), reason, people }
}

async fn asked(world: &TestApp, seats: &str) -> SeatRequestId {
    commands::ask_for_seats(&world.state, &kim(world).await, &new(seats, &[])).await.unwrap()
}

fn approval(request: &SeatRequestId, limit: Option<SeatLimit>) -> NewApproval {
    NewApproval {
        organization: OrganizationId::new(ACME),
        request: request.clone(),
        limit,
        text: String::new(),
        expected_version: None,
        expected_limit_version: None,
    }
}

fn entry(request: &SeatRequestId, kind: EntryKind, text: &str) -> NewEntry {
    NewEntry {
        organization: OrganizationId::new(ACME),
        request: request.clone(),
        kind,
        text: text.to_owned(),
        expected_version: None,
    }
}

async fn writes(
    world: &TestApp,
    request: &SeatRequestId,
    kind: EntryKind,
    text: &str,
) -> Result<(), Error> {
    let actor = if kind.is_by_staff() { sam(world).await } else { kim(world).await };
    commands::add_to_request(&world.state, &actor, &entry(request, kind, text)).await
}

async fn state(world: &TestApp, request: &SeatRequestId) -> RequestState {
    let page = queries::request_page(&world.state, (&scope(ACME), &staff()), request, "").await;
    page.unwrap().row.state
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?} is not refused"),
    }
}

async fn an_approved_request_lets_the_waitlist_in_and_tells_both_sides(world: TestApp) {
    plan(&world, 3).await;
    join(&world, 0..8).await;
    assert_eq!(subjects(&world).await, ["kim@acme.test: Acme: 5 people are waiting for a seat"]);

    let actor = kim(&world).await;
    let new = new("5", &["p003", "p004", "p000", "p777"]);
    let request = commands::ask_for_seats(&world.state, &actor, &new).await.unwrap();
    assert_eq!(subjects(&world).await, ["sam@seats.example: Acme asks for 5 more seats"]);
    let page = queries::request_page(&world.state, (&scope(ACME), &staff()), &request, "").await;
    let page = page.unwrap();
    let wanted: Vec<&str> = page.people.iter().map(|person| person.user.as_str()).collect();
    assert_eq!(wanted, [diruser("p003"), diruser("p004")], "others do not wait");
    let preview = page.approval.unwrap();
    assert_eq!((preview.limit.as_str(), preview.preview.unwrap().admitted), ("8", 5));

    let sam = sam(&world).await;
    let admitted = commands::approve_request(&world.state, &sam, &approval(&request, None)).await;

    assert_eq!(admitted.unwrap().admitted(), 5);
    let all = Usage { limit: SeatLimit::Seats(8), used: 8, waiting: 0 };
    assert_eq!(world.usage(ACME).await, all);
    assert_eq!(
        subjects(&world).await,
        [
            "kim@acme.test: Acme: the waitlist is empty, 5 people got in",
            "kim@acme.test: Seat request approved: 5 more seats for Acme",
        ]
    );
    let set = world.page(ACME).await.limit_set.unwrap();
    assert_eq!(set.reason.unwrap(), "Approved the request for 5 more seats.");
    let log = world.texts("select action from audit_log order by id").await;
    assert_eq!(log[log.len() - 3..], ["ask_for_seats", "set_seat_limit", "approve_request"]);

    world.joined(ACME, "p099").await;
    assert_eq!(subjects(&world).await, ["kim@acme.test: Acme: 1 person is waiting for a seat"]);
    world.check().await;
}

async fn a_declined_request_changes_no_limit(world: TestApp) {
    plan(&world, 3).await;
    let request = asked(&world, "2").await;

    assert_eq!(
        refused(writes(&world, &request, EntryKind::Declined, " ").await),
        Refusal::RequestTextMissing
    );
    writes(&world, &request, EntryKind::Declined, "Talk to us first.").await.unwrap();

    assert_eq!(state(&world, &request).await, RequestState::Declined);
    assert_eq!(world.usage(ACME).await.limit, SeatLimit::Seats(3));
    assert_eq!(
        subjects(&world).await,
        ["kim@acme.test: Seat request declined: 2 more seats for Acme"]
    );
    asked(&world, "1").await;
}

async fn a_question_and_its_answer_go_back_and_forth(world: TestApp) {
    plan(&world, 3).await;
    let request = asked(&world, "2").await;
    subjects(&world).await;

    assert_eq!(refused(writes(&world, &request, EntryKind::Reply, "?").await), Refusal::NoQuestion);
    writes(&world, &request, EntryKind::Question, "From when on?").await.unwrap();
    assert_eq!(
        subjects(&world).await,
        ["kim@acme.test: A question about your seat request: 2 more seats for Acme"]
    );
    writes(&world, &request, EntryKind::Reply, "May.").await.unwrap();
    assert_eq!(
        subjects(&world).await,
        ["sam@seats.example: Your question was answered: 2 more seats for Acme"]
    );
    writes(&world, &request, EntryKind::Question, "And until when?").await.unwrap();
    assert_eq!(subjects(&world).await.len(), 1, "a second question is a message of its own");

    let ours = queries::request_page(&world.state, (&scope(ACME), &staff()), &request, "").await;
    let kinds: Vec<EntryKind> = ours.unwrap().entries.iter().map(|entry| entry.kind).collect();
    let (question, reply) = (EntryKind::Question, EntryKind::Reply);
    assert_eq!(kinds, [EntryKind::Asked, question, reply, question]);
}

async fn a_request_is_refused_if_it_makes_no_sense(world: TestApp) {
    plan(&world, 3).await;
    let kim = kim(&world).await;
    let ask = |new: NewRequest| {
        let (state, kim) = (world.state.clone(), kim.clone());
        async move { refused(commands::ask_for_seats(&state, &kim, &new).await) }
    };

    assert_eq!(ask(new("0", &[])).await, Refusal::RequestSeats);
    let silent = NewRequest { reason: "\u{200b}".to_owned(), ..new("1", &[]) };
    assert_eq!(ask(silent).await, Refusal::RequestReasonMissing);
    assert_eq!(ask(new("1", &["p"; 51])).await, Refusal::RequestPeople);
    asked(&world, "1").await;
    assert_eq!(ask(new("1", &[])).await, Refusal::RequestWaits);
    assert_eq!(world.texts("select id from seat_requests").await.len(), 1);

    world.set_limit(ACME, SeatLimit::Unlimited).await.unwrap();
    world.tamper("update seat_requests set state = 'withdrawn'").await;
    assert_eq!(ask(new("1", &[])).await, Refusal::RequestNotNeeded);
    world.tamper("update organizations set archived = true").await;
    assert_eq!(ask(new("1", &[])).await, Refusal::Archived);
}

async fn the_request_of_an_archived_organization_waits_without_questions(world: TestApp) {
    plan(&world, 1).await;
    let request = asked(&world, "1").await;
    world.tamper("update organizations set archived = true").await;

    let question = writes(&world, &request, EntryKind::Question, "Why?").await;
    assert_eq!(refused(question), Refusal::Archived);
    writes(&world, &request, EntryKind::Declined, "They left.").await.unwrap();
}

async fn of_many_who_answer_at_once_one_is_heard(world: TestApp) {
    plan(&world, 3).await;
    join(&world, 0..5).await;
    let (request, sam) = (asked(&world, "2").await, sam(&world).await);
    let (other, twice) = (world.beside().await, approval(&request, None));
    let no = entry(&request, EntryKind::Declined, "No.");
    let answers = join_all((0..6).map(|n| {
        let there = if n % 2 == 0 { &world.state } else { &other.state };
        let (sam, twice, no) = (&sam, &twice, &no);
        async move {
            if n < 3 {
                commands::approve_request(there, sam, twice).await.map(|_| ())
            } else {
                commands::add_to_request(there, sam, no).await
            }
        }
    }));

    let (heard, late): (Vec<_>, Vec<_>) = answers.await.into_iter().partition(Result::is_ok);

    assert_eq!((heard.len(), late.len()), (1, 5));
    for answer in late {
        assert_eq!(refused(answer), Refusal::RequestOver);
    }
    let is_approved = state(&world, &request).await == RequestState::Approved;
    let limit = if is_approved { 5 } else { 3 };
    assert_eq!(world.usage(ACME).await.limit, SeatLimit::Seats(limit));
    let answers = "select id from seat_request_entries where kind in ('approved', 'declined')";
    assert_eq!(world.texts(answers).await.len(), 1);
    world.check().await;
    other.close().await;
}

async fn an_answer_to_an_old_page_is_refused(world: TestApp) {
    plan(&world, 3).await;
    let request = asked(&world, "2").await;
    writes(&world, &request, EntryKind::Question, "Why?").await.unwrap();
    let sam = sam(&world).await;

    let old = NewEntry { expected_version: Some(1), ..entry(&request, EntryKind::Declined, "No.") };
    let late = commands::add_to_request(&world.state, &sam, &old).await;
    assert_eq!(refused(late), Refusal::RequestChangedMeanwhile);

    let seen = world.page(ACME).await.limit_version;
    world.set_limit(ACME, SeatLimit::Seats(4)).await.unwrap();
    let old = NewApproval { expected_limit_version: Some(seen), ..approval(&request, None) };
    let late = commands::approve_request(&world.state, &sam, &old).await;
    assert!(matches!(refused(late), Refusal::LimitChangedMeanwhile(_)));
    let less = approval(&request, Some(SeatLimit::Seats(3)));
    let less = commands::approve_request(&world.state, &sam, &less).await;
    assert_eq!(refused(less), Refusal::ApprovalLowers);
    assert_eq!(state(&world, &request).await, RequestState::Question);
}

async fn a_limit_that_was_raised_meanwhile_needs_only_the_answer(world: TestApp) {
    plan(&world, 3).await;
    let request = asked(&world, "2").await;
    world.set_limit(ACME, SeatLimit::Seats(5)).await.unwrap();

    let same = approval(&request, Some(SeatLimit::Seats(5)));
    commands::approve_request(&world.state, &sam(&world).await, &same).await.unwrap();

    assert_eq!(state(&world, &request).await, RequestState::Approved);
    let changes = "select id from audit_log where action = 'set_seat_limit'";
    assert_eq!(world.texts(changes).await.len(), 1);
}

async fn the_side_that_must_act_is_reminded_once_in_two_days(world: TestApp) {
    plan(&world, 3).await;
    let request = asked(&world, "2").await;
    subjects(&world).await;
    let remind = || commands::remind_of_requests(&world.state);

    world.clock.pass(Duration::from_hours(47));
    assert_eq!(remind().await.unwrap(), 0);
    world.clock.pass(Duration::from_hours(1));
    assert_eq!((remind().await.unwrap(), remind().await.unwrap()), (1, 0));
    assert_eq!(subjects(&world).await, ["sam@seats.example: Acme still waits for 2 more seats"]);
    world.clock.pass(Duration::from_hours(100));
    assert_eq!(remind().await.unwrap(), 0, "once is enough");

    writes(&world, &request, EntryKind::Question, "From when on?").await.unwrap();
    subjects(&world).await;
    world.clock.pass(Duration::from_hours(48));
    assert_eq!(remind().await.unwrap(), 1);
    assert_eq!(
        subjects(&world).await,
        ["kim@acme.test: Acme: A question about your seat request waits"]
    );
    writes(&world, &request, EntryKind::Withdrawn, "").await.unwrap();
    world.clock.pass(Duration::from_hours(100));
    assert_eq!(remind().await.unwrap(), 0, "it is over");
}

async fn a_message_that_came_too_late_is_not_sent(world: TestApp) {
    plan(&world, 3).await;
    let request = asked(&world, "2").await;
    writes(&world, &request, EntryKind::Withdrawn, "We found room.").await.unwrap();

    assert_eq!(subjects(&world).await, [""; 0], "staff need not hear of it any more");
    let why = world.texts("select last_error from outbox").await;
    assert_eq!(why, ["The request moved on before the message left."]);
    asked(&world, "3").await;
    world.tamper("update accounts set disabled_at = 1 where role = 'staff'").await;
    assert_eq!(subjects(&world).await, [""; 0], "nor an account that is disabled");
}

async fn a_person_who_was_known_by_address_stays_named(world: TestApp) {
    plan(&world, 0).await;
    let by_address = r#""email":"ada@acme.test","name":"Ada""#;
    joins(&world, by_address).await;
    let ada = DirectoryUserId::by_email("ada@acme.test");
    let new = NewRequest { people: vec![ada], ..new("1", &[]) };
    let request = commands::ask_for_seats(&world.state, &kim(&world).await, &new).await.unwrap();

    joins(&world, r#""id":"diruser_ada","email":"ada@acme.test","active":true"#).await;

    let page = queries::request_page(&world.state, (&scope(ACME), &staff()), &request, "").await;
    let people: Vec<String> =
        page.unwrap().people.iter().map(|person| person.user.to_string()).collect();
    assert_eq!(people, ["diruser_ada"]);
}

async fn joins(world: &TestApp, data: &str) {
    let number = world.number();
    let event = "organization.directory.user_created";
    let body = format!(
        r#"{{"id":"evt_{number}","type":"{event}","occurred_at":"2026-09-01T00:00:{:02}Z","organization_id":"{ACME}","data":{{{data},"organization_id":"{ACME}"}}}}"#,
        number % 60
    );
    world.post(&body).await;
}

async fn the_queue_has_the_oldest_first_and_the_answered_apart(world: TestApp) {
    plan(&world, 3).await;
    let first = asked(&world, "1").await;
    world.organization("org_1002", SeatLimit::Seats(1)).await;
    world.account("noor@other.test", Role::TenantAdmin, &["org_1002"]).await;
    world.clock.pass(Duration::from_secs(5));
    let noor = Actor::tenant_admin(account(&world, "noor@other.test").await, "Noor".to_owned());
    let other = NewRequest { organization: OrganizationId::new("org_1002"), ..new("7", &[]) };
    let second = commands::ask_for_seats(&world.state, &noor, &other).await.unwrap();
    let list = |list| {
        let (query, state) = (RequestsQuery { list, ..RequestsQuery::default() }, &world.state);
        async move {
            let page = queries::requests(state, &staff(), &query).await.unwrap();
            let ids: Vec<SeatRequestId> = page.rows.into_iter().map(|row| row.id).collect();
            (ids, page.waiting)
        }
    };

    assert_eq!(list(RequestList::Open).await, (vec![first.clone(), second.clone()], 2));
    writes(&world, &first, EntryKind::Question, "Why?").await.unwrap();
    assert_eq!(list(RequestList::Open).await.1, 1, "a question waits for the organization");
    let sam = sam(&world).await;
    commands::approve_request(&world.state, &sam, &approval(&first, None)).await.unwrap();
    assert_eq!(list(RequestList::Open).await, (vec![second.clone()], 1));
    world.tamper("update organizations set archived = true where id = 'org_1002'").await;
    assert_eq!(list(RequestList::Open).await, (vec![], 0), "its organization has ended");
    world.tamper("update organizations set archived = false where id = 'org_1002'").await;
    assert_eq!(list(RequestList::Open).await, (vec![second], 1));
    assert_eq!(list(RequestList::Over).await, (vec![first], 1));
}

async fn another_tenant_finds_no_request(world: TestApp) {
    plan(&world, 3).await;
    let request = asked(&world, "1").await;
    world.organization("org_1002", SeatLimit::Seats(1)).await;

    let elsewhere = scope("org_1002");
    let page = queries::request_page(&world.state, (&elsewhere, &staff()), &request, "").await;
    assert!(matches!(page, Err(Error::Missing)), "{page:?}");
    let answer = NewEntry {
        organization: OrganizationId::new("org_1002"),
        ..entry(&request, EntryKind::Withdrawn, "")
    };
    let answer = commands::add_to_request(&world.state, &operator(), &answer).await;
    assert!(matches!(answer, Err(Error::Missing)), "{answer:?}");
    assert_eq!(state(&world, &request).await, RequestState::Open);
}
