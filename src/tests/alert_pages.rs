//! The lists of alerts and of messages: who sees what, and what staff can do.

use std::collections::BTreeMap;

use domain::{
    access::{Role, Viewer},
    alert::{Message, SystemAlert, Threshold},
    id::{AccountId, MessageId, OrganizationId},
    organization::SeatLimit,
    refusal::Refusal,
};
use seatkeeper::{
    commands::{Again, Error, read_alerts, revoke_membership, send_again},
    jobs::retention,
    queries,
};
use views::{
    alerts::{AlertList, AlertRow, AlertsQuery, Fate, MessageFate},
    messages::{MessagesQuery, ShowMessages},
};

use crate::{
    alerts::{KIM, SAM, join, plan, subjects},
    support::world::{ACME, TestApp, operator, scope, staff, stories},
};

stories! {
    the_page_shows_open_alerts_first_and_who_was_notified,
    each_account_reads_its_alerts_for_itself,
    the_bell_lists_the_last_alerts_open_ones_first,
    a_banner_that_was_dismissed_comes_back_at_each_level,
    a_recipient_who_is_no_admin_is_named_for_staff_alone,
    the_pages_of_alerts_hold_every_alert_once,
    a_message_that_was_given_up_is_sent_again_when_staff_ask_for_it,
    each_list_of_messages_has_those_of_its_fate_on_all_its_pages,
}

/// The admin, as their session says.
fn kim() -> Viewer {
    Viewer {
        role: Role::TenantAdmin,
        organizations: BTreeMap::from([(OrganizationId::new(ACME), Role::TenantAdmin)]),
        ..staff()
    }
}

fn query(organization: Option<&str>) -> AlertsQuery {
    AlertsQuery { organization: organization.map(OrganizationId::new), ..AlertsQuery::default() }
}

async fn the_page_shows_open_alerts_first_and_who_was_notified(world: TestApp) {
    plan(&world, 2).await;
    join(&world, 0..2).await;
    world.sent().await;
    world.left(ACME, "p000").await;
    world.set_limit(ACME, SeatLimit::Seats(0)).await.unwrap();
    world.post("{").await;
    world.sent().await;

    let page = queries::alerts(&world.state, &staff(), &query(None)).await.unwrap();

    let (open, _) = page.open.unwrap();
    let shown: Vec<&str> = open.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(shown, ["A webhook could not be processed", "Over the limit"]);
    assert_eq!(page.open_count, 2);
    let (resolved, _) = page.resolved.unwrap();
    assert_eq!(resolved[0].title, "Only 1 seat is left");
    let to = |row: &AlertRow| -> Vec<Option<String>> {
        row.messages.iter().map(|one| one.recipient.as_ref().map(ToString::to_string)).collect()
    };
    assert_eq!(to(&open[1]), [Some(KIM.to_owned()), Some(SAM.to_owned())]);
    assert!(open[1].messages.iter().all(|one| matches!(one.fate, Fate::Sent(_))));

    let kim = kim();
    let own = queries::alerts(&world.state, &kim, &query(Some(ACME))).await.unwrap();
    let (open, _) = own.open.unwrap();
    assert_eq!((own.open_count, open.len()), (1, 1), "no alert about the installation");
    assert_eq!(to(&open[0]), [Some(KIM.to_owned()), None], "our staff stay unnamed");
    for other in [query(None), query(Some("org_2")), query(Some("org_none"))] {
        let refused = queries::alerts(&world.state, &kim, &other).await;
        assert!(matches!(refused, Err(Error::Missing)));
    }
    let kinds = AlertsQuery {
        kind: Some(Message::System(SystemAlert::DeadLetters)),
        list: Some(AlertList::Open),
        ..query(None)
    };
    let page = queries::alerts(&world.state, &staff(), &kinds).await.unwrap();
    assert_eq!((page.open.unwrap().0.len(), page.resolved), (1, None));
}

/// A member of staff and the admin, with their accounts.
async fn two(world: &TestApp) -> (Viewer, Viewer) {
    let ids = world.texts("select id from accounts order by email").await;
    let [kim_id, sam_id] = ids.as_slice() else { panic!("{ids:?}") };
    (
        Viewer { account: AccountId::new(sam_id), ..staff() },
        Viewer { account: AccountId::new(kim_id), ..kim() },
    )
}

async fn each_account_reads_its_alerts_for_itself(world: TestApp) {
    plan(&world, 30).await;
    join(&world, 0..24).await;
    world.post("{").await;
    let acme = OrganizationId::new(ACME);
    let (sam, kim) = two(&world).await;
    let unread = async |viewer: &Viewer| {
        let person = queries::person(&world.state, viewer, Some(&acme)).await.unwrap();
        (person.unread, person.unread_here)
    };
    let banner = async |viewer: &Viewer| {
        let page = queries::organization(&world.state, &scope(ACME), viewer).await.unwrap();
        page.usage_high.map(|(_, threshold)| threshold)
    };
    assert_eq!((unread(&sam).await, unread(&kim).await), ((2, 1), (0, 1)));
    assert_eq!(banner(&kim).await, Some(Threshold::Percent(80)));

    read_alerts(&world.state, &kim, Some(&scope(ACME)), None).await.unwrap();

    assert_eq!((unread(&sam).await, unread(&kim).await), ((2, 1), (0, 0)));
    assert_eq!((banner(&kim).await, banner(&sam).await), (None, Some(Threshold::Percent(80))));
    let refused = read_alerts(&world.state, &kim, None, None).await;
    assert!(matches!(refused, Err(Error::Missing)));
    join(&world, 24..27).await;
    assert_eq!(banner(&kim).await, Some(Threshold::Percent(90)), "the state has changed");
    let page = queries::alerts(&world.state, &kim, &query(Some(ACME))).await.unwrap();
    let (open, _) = page.open.unwrap();
    let marks: Vec<(&str, bool)> =
        open.iter().map(|row| (row.title.as_str(), row.is_unread)).collect();
    assert_eq!((marks, page.has_unread), (vec![("90 % of the seats are used", true)], true));

    let one = open[0].id.clone();
    read_alerts(&world.state, &sam, None, Some(&one)).await.unwrap();
    assert_eq!(unread(&sam).await, (1, 0));
    read_alerts(&world.state, &sam, None, None).await.unwrap();
    read_alerts(&world.state, &sam, None, None).await.unwrap();
    assert_eq!((unread(&sam).await, unread(&kim).await), ((0, 0), (0, 1)));
    world.set_limit(ACME, SeatLimit::Unlimited).await.unwrap();
    world.tamper("update system_alerts set resolved_at = 1").await;
    retention::work_off(&world.state).await.unwrap();
    assert_eq!(world.texts("select alert_id from alert_reads").await, [""; 0]);
}

async fn the_bell_lists_the_last_alerts_open_ones_first(world: TestApp) {
    plan(&world, 30).await;
    let (sam, kim) = two(&world).await;
    let acme = OrganizationId::new(ACME);
    let bell = async |viewer: &Viewer, here: Option<&OrganizationId>| {
        let person = queries::person(&world.state, viewer, here).await.unwrap();
        let rows = person.bell?.into_iter();
        Some(rows.map(|row| (row.title, row.is_unread)).collect::<Vec<_>>())
    };
    let row = |title: &str, is_unread| (title.to_owned(), is_unread);
    assert_eq!(bell(&kim, Some(&acme)).await, Some(vec![]));
    assert_eq!(bell(&kim, None).await, Some(vec![]), "a tenant's only organization");
    let mut of_two = kim.clone();
    of_two.organizations.insert(OrganizationId::new("org_other"), Role::TenantAdmin);
    assert_eq!(bell(&of_two, None).await, None, "a page about none of two");

    join(&world, 0..24).await;
    world.set_limit(ACME, SeatLimit::Seats(60)).await.unwrap();
    world.post("{").await;
    world.set_limit(ACME, SeatLimit::Seats(20)).await.unwrap();

    let (high, over) = (row("80 % of the seats are used", false), row("Over the limit", true));
    assert_eq!(bell(&kim, Some(&acme)).await, Some(vec![over.clone(), high.clone()]));
    let webhook = row("A webhook could not be processed", true);
    assert_eq!(bell(&sam, None).await, Some(vec![over.clone(), webhook, high.clone()]));
    read_alerts(&world.state, &kim, Some(&scope(ACME)), None).await.unwrap();
    assert_eq!(bell(&kim, Some(&acme)).await.unwrap()[0], row("Over the limit", false));
    let other = OrganizationId::new("org_2");
    assert_eq!(bell(&kim, Some(&other)).await, None, "nothing of another organization");
    for n in 0..9 {
        let id = format!("org_full{n}");
        world.organization(&id, SeatLimit::Seats(0)).await;
        world.joined(&id, "ada").await;
    }
    assert_eq!(bell(&sam, None).await.unwrap().len(), 8);
}

async fn a_banner_that_was_dismissed_comes_back_at_each_level(world: TestApp) {
    plan(&world, 30).await;
    let (_, kim) = two(&world).await;
    let acme = OrganizationId::new(ACME);
    // the banner and the bell, before and after the viewer dismisses what is there
    let seen = async || {
        let page = queries::organization(&world.state, &scope(ACME), &kim).await.unwrap();
        let person = queries::person(&world.state, &kim, Some(&acme)).await.unwrap();
        (page.usage_high.map(|(_, threshold)| threshold), person.unread_here)
    };
    let dismissed = async || {
        let before = seen().await;
        if let Some((alert, _)) =
            queries::organization(&world.state, &scope(ACME), &kim).await.unwrap().usage_high
        {
            read_alerts(&world.state, &kim, Some(&scope(ACME)), Some(&alert)).await.unwrap();
        }
        assert_eq!(seen().await, (None, 0));
        before
    };
    let (eighty, ninety) = (Some(Threshold::Percent(80)), Some(Threshold::Percent(90)));

    join(&world, 0..24).await;
    assert_eq!(dismissed().await, (eighty, 1));
    join(&world, 24..27).await;
    assert_eq!(dismissed().await, (ninety, 1));
    join(&world, 27..29).await;
    assert_eq!(dismissed().await, (None, 0), "one seat is left: the state is the same");
    join(&world, 29..30).await;
    assert_eq!(dismissed().await, (ninety, 1), "no seat is left, although the alert is the same");
    world.left(ACME, "p000").await;
    join(&world, 30..31).await;
    assert_eq!(dismissed().await, (None, 0), "each state is dismissed once");
    world.set_limit(ACME, SeatLimit::Seats(60)).await.unwrap();
    world.set_limit(ACME, SeatLimit::Seats(30)).await.unwrap();
    assert_eq!(dismissed().await, (ninety, 1), "another alert");
}

async fn a_recipient_who_is_no_admin_is_named_for_staff_alone(world: TestApp) {
    const LEE: &str = "lee@acme.test";
    const MAX: &str = "max@acme.test";
    plan(&world, 1).await;
    for admin in [LEE, MAX] {
        world.account(admin, Role::TenantAdmin, &[ACME]).await;
    }
    join(&world, 0..1).await;
    world.set_limit(ACME, SeatLimit::Seats(0)).await.unwrap();
    world.sent().await;
    let acme = [OrganizationId::new(ACME)];
    revoke_membership(&world.state, &operator(), LEE, &acme).await.unwrap();
    // an address that no account has any more
    world
        .tamper("update outbox set recipient = 'old@acme.test' where recipient = 'max@acme.test'")
        .await;
    let to = async |viewer: &Viewer| -> Vec<(Option<String>, bool)> {
        let page = queries::alerts(&world.state, viewer, &query(Some(ACME))).await.unwrap();
        let mut messages = page.open.unwrap().0.remove(0).messages;
        messages.sort_by_key(|one| one.recipient.as_ref().map(ToString::to_string));
        let name = |one: &MessageFate| one.recipient.as_ref().map(ToString::to_string);
        messages.iter().map(|one| (name(one), one.is_former)).collect()
    };
    let named = |name: &str, is_former| (Some(name.to_owned()), is_former);

    let mut unnamed = to(&kim()).await;
    unnamed.sort();

    assert_eq!(
        unnamed,
        [(None, false), (None, false), (None, false), named(KIM, false)],
        "who is no admin now is unnamed: a tenant does not learn whether an address is of staff"
    );
    assert_eq!(
        to(&staff()).await,
        [named(KIM, false), named(LEE, true), named("old@acme.test", true), named(SAM, false)]
    );
}

async fn the_pages_of_alerts_hold_every_alert_once(world: TestApp) {
    world.account(SAM, Role::Staff, &[]).await;
    for n in 0..120 {
        let id = format!("org_{n:03}");
        world.organization(&id, SeatLimit::Seats(0)).await;
        world.joined(&id, "ada").await;
        if n % 2 == 0 {
            world.left(&id, "ada").await;
        }
    }
    for list in AlertList::ALL {
        let (mut seen, mut query) = (Vec::new(), AlertsQuery { list: Some(list), ..query(None) });
        loop {
            let page = queries::alerts(&world.state, &staff(), &query).await.unwrap();
            let (rows, page) = page.open.or(page.resolved).unwrap();
            let opened = |one: &&MessageFate| one.message != Message::SeatsFree;
            let to_staff = |row: &AlertRow| row.messages.iter().filter(opened).count();
            assert!(rows.iter().all(|row| to_staff(row) == 1));
            seen.extend(rows.into_iter().map(|row| row.organization.unwrap().0.to_string()));
            query.before = page.older;
            if query.before.is_none() {
                break;
            }
        }
        let rest = usize::from(list == AlertList::Open);
        let expected: Vec<String> =
            (0..120).rev().filter(|n| n % 2 == rest).map(|n| format!("org_{n:03}")).collect();
        assert_eq!(seen, expected);
    }
}

async fn a_message_that_was_given_up_is_sent_again_when_staff_ask_for_it(world: TestApp) {
    plan(&world, 0).await;
    join(&world, 0..1).await;
    world.tamper("update outbox set failed_at = 1, attempts = 1, last_error = 'permanent error (550): no such user kim@acme.test'").await;
    assert_eq!(subjects(&world).await, [""; 0]);
    let failed = MessagesQuery { show: ShowMessages::Failed, before: None };
    let page = queries::messages(&world.state, &staff().staff().unwrap(), &failed).await.unwrap();
    assert_eq!((page.failed, page.waiting, page.rows.len()), (1, 0, 1));
    let why = |row: &AlertRow| match &row.messages[0].fate {
        Fate::Failed(_, why) => why.to_string(),
        other => panic!("{other:?}"),
    };
    let rows = async |viewer: &Viewer| {
        queries::alerts(&world.state, viewer, &query(Some(ACME))).await.unwrap().open.unwrap().0
    };
    assert!(why(&rows(&staff()).await[0]).contains("no such user kim@acme.test"));
    let kim = kim();
    assert_eq!(why(&rows(&kim).await[0]), "The mail server refused with code 550.");

    let unknown = Again::One(MessageId::new("out_unknown"));
    let refused = send_again(&world.state, &operator(), &unknown).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::NoMessageGivenUp))));
    let again = Again::One(page.rows[0].id.clone());
    assert_eq!(send_again(&world.state, &operator(), &again).await.unwrap(), 1);

    assert_eq!(subjects(&world).await, ["kim@acme.test: Acme: 1 person is waiting for a seat"]);
    let none = send_again(&world.state, &operator(), &Again::All).await;
    assert!(matches!(none, Err(Error::Refused(Refusal::NoMessageGivenUp))));
    let entries = "select action || ' ' || after_value from audit_log where action = 'send_again'";
    assert_eq!(world.texts(entries).await, ["send_again 1 message"]);
}

async fn each_list_of_messages_has_those_of_its_fate_on_all_its_pages(world: TestApp) {
    for n in 0..240 {
        let columns = match n % 4 {
            0 => "1, null, null",
            1 => "null, 1, null",
            2 => "null, null, 1",
            _ => "null, null, null",
        };
        // two at a time, so that the id decides which of them comes first
        let at = n / 2;
        world
            .tamper(&format!(
                "insert into outbox (organization_id, id, about_id, message, channel, recipient, \
                 subject, created_at, due_at, attempts, sent_at, failed_at, dropped_at) \
                 values ('', 'msg_{n:03}', 'alr_1', 'drift', 'email', 'p{n}@seats.example', '', \
                 {at}, 0, 0, {columns})"
            ))
            .await;
    }
    for (show, rest) in [
        (ShowMessages::All, None),
        (ShowMessages::Sent, Some(0)),
        (ShowMessages::Failed, Some(1)),
        (ShowMessages::Dropped, Some(2)),
        (ShowMessages::Waiting, Some(3)),
    ] {
        let (mut seen, mut query) = (Vec::new(), MessagesQuery { show, before: None });
        loop {
            let staff = staff().staff().unwrap();
            let page = queries::messages(&world.state, &staff, &query).await.unwrap();
            seen.extend(page.rows.into_iter().map(|row| row.id.to_string()));
            query.before = page.page.older;
            if query.before.is_none() {
                break;
            }
        }
        let of_this = |n: &usize| rest.is_none_or(|rest| n % 4 == rest);
        let expected: Vec<String> =
            (0..240).rev().filter(of_this).map(|n| format!("msg_{n:03}")).collect();
        assert_eq!(seen, expected, "{show:?}");
    }
}
