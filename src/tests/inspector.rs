//! Staff look into the inbox: with filters, page by page, and one delivery in full.

use std::time::Duration;

use domain::{
    access::Staff,
    decision::Outcome,
    delivery::HistoryAction,
    id::{DeliveryId, OrganizationId},
    organization::SeatLimit,
};
use seatkeeper::{
    commands::{self, Actor, Error, Notify, ReplayContext},
    queries,
};
use views::deliveries::{Body, Deliveries, DeliveriesQuery, DeliveryPage, Show};

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use crate::support::world::{ACME, TestApp, operator, staff, stories};

stories! {
    every_filter_shows_what_it_says,
    the_inbox_is_read_in_parts_and_nothing_is_left_out,
    what_is_rare_among_many_is_found_by_looking_further_back,
    a_delivery_is_found_by_any_of_its_ids,
    a_delivery_is_shown_with_what_it_decided_and_its_repeats,
    personal_data_are_shown_for_ten_minutes_to_the_person_who_asked,
    what_a_webhook_decided_names_no_person_before_a_reveal,
    every_way_into_the_inbox_has_an_index,
}

async fn every_filter_shows_what_it_says(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.joined(ACME, "ada").await;
    world.joined(ACME, "bob").await;
    world.joined("org_2", "eve").await;
    world.post("not json").await;
    world.post(r#"{"id":"evt_u","type":"user.login","organization_id":"org_2"}"#).await;
    let body = world.body(ACME, "cleo", "organization.directory.user_created", "");
    world.deliver("msg_twice", &body).await;
    world.deliver("msg_twice", &body.replace("cleo", "dan")).await;

    let count = async |show, organization: &str, kind: &str| {
        let organization = OrganizationId::parse(organization);
        let query = DeliveriesQuery {
            show,
            organization,
            kind: kind.to_owned(),
            ..DeliveriesQuery::default()
        };
        seen(&world, &query).await.rows.len()
    };
    let created = "organization.directory.user_created";
    assert_eq!(count(Show::All, "", "").await, 7);
    assert_eq!(count(Show::All, ACME, "").await, 4);
    assert_eq!(count(Show::All, "", created).await, 5);
    assert_eq!(count(Show::All, ACME, "user.login").await, 0);
    assert_eq!(count(Show::Of(Outcome::Blocked), "", "").await, 3);
    assert_eq!(count(Show::Of(Outcome::Blocked), ACME, created).await, 2);
    assert_eq!(count(Show::Of(Outcome::Dead), "", "").await, 1);
    assert_eq!(count(Show::Of(Outcome::Dead), ACME, "").await, 0);
    assert_eq!(count(Show::Of(Outcome::Ignored), "org_2", "user.login").await, 1);
    assert_eq!(count(Show::Of(Outcome::Duplicate), "", created).await, 1);
    assert_eq!(count(Show::Suspicious, "", "").await, 1);
    assert_eq!(count(Show::Suspicious, "org_2", "").await, 0);
    for outcome in Outcome::ALL {
        let rows = seen(
            &world,
            &DeliveriesQuery { show: Show::Of(outcome), ..DeliveriesQuery::default() },
        )
        .await
        .rows;
        assert!(rows.iter().all(|row| row.outcome == outcome), "{outcome:?}");
    }
    let all = seen(&world, &DeliveriesQuery::default()).await;
    assert_eq!((all.dead, all.suspicious, all.replayable), (1, 1, 1));
    assert!(all.rows[0].suspicious && all.rows.is_sorted_by(|a, b| a.received_at >= b.received_at));
}

async fn the_inbox_is_read_in_parts_and_nothing_is_left_out(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    for n in 0..120 {
        world.joined(ACME, &format!("p{n}")).await;
    }
    // Several deliveries have the same time; their ids decide the order.
    world.tamper("update deliveries set received_at = 5 where occurred_at % 2 = 0").await;
    for (show, organization) in [
        (Show::All, None),
        (Show::Of(Outcome::Admitted), None),
        (Show::All, Some(OrganizationId::new(ACME))),
    ] {
        let mut query = DeliveriesQuery { show, organization, ..DeliveriesQuery::default() };
        let mut ids = Vec::new();
        let mut parts = 0;
        loop {
            let part = seen(&world, &query).await;
            parts += 1;
            ids.extend(part.rows.into_iter().map(|row| row.id));
            query.before = part.page.older;
            if query.before.is_none() {
                break;
            }
        }
        ids.sort();
        ids.dedup();
        assert_eq!((ids.len(), parts), (120, 3), "{show:?}");
    }
}

async fn what_is_rare_among_many_is_found_by_looking_further_back(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.joined(ACME, "ada").await;
    many(&world, Deliveries::LOOKED_THROUGH + 10).await;
    let mut query =
        DeliveriesQuery { show: Show::Of(Outcome::Blocked), ..DeliveriesQuery::default() };

    let first = seen(&world, &query).await;
    assert!(first.rows.is_empty() && first.looked_through);

    query.before = first.page.older;
    let second = seen(&world, &query).await;
    assert_eq!((second.rows.len(), second.looked_through, second.page.older), (1, false, None));
}

async fn a_delivery_is_found_by_any_of_its_ids(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.joined("org_2", "bob").await;
    let body = world.body(ACME, "ada", "organization.directory.user_created", "");
    world.deliver("msg_a", &body).await;
    world.deliver("msg_b", &body).await;
    let event =
        world.texts("select event_id from deliveries where webhook_id = 'msg_a'").await.remove(0);

    let found = async |search: &str, organization: Option<&str>| {
        let organization = organization.map(OrganizationId::new);
        let query = DeliveriesQuery {
            search: search.to_owned(),
            organization,
            ..DeliveriesQuery::default()
        };
        seen(&world, &query).await.rows.iter().map(|row| row.outcome.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(found("msg_b", None).await, ["duplicate"]);
    assert_eq!(found(&event, None).await, ["duplicate", "admitted"]);
    assert_eq!(found("diruser_ada", Some(ACME)).await, ["admitted"]);
    assert_eq!(found("diruser_ada", Some("org_2")).await, [""; 0]);
    assert_eq!(found(&event, Some("org_2")).await, [""; 0]);
    assert_eq!(found("evt", None).await, [""; 0]);
}

async fn a_delivery_is_shown_with_what_it_decided_and_its_repeats(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.joined(ACME, "ada").await;
    world.joined(ACME, "bob").await;
    let body = world.body(ACME, "ada", "organization.directory.user_deleted", "");
    world.deliver("msg_a", &body).await;
    world.deliver("msg_a", &body).await;
    let ids = world
        .texts("select id from deliveries where webhook_id = 'msg_a' order by received_at")
        .await;

    let first = whole(&world, &ids[0]).await;
    let second = whole(&world, &ids[1]).await;

    let moved: Vec<_> =
        first.decisions.iter().map(|row| (row.user.as_str(), row.reason.as_str())).collect();
    assert_eq!(moved, [("diruser_ada", "deleted"), ("diruser_bob", "next_on_waitlist")]);
    assert_eq!(first.row.organization.as_ref().unwrap().1, *format!("{ACME} Ltd"));
    assert_eq!(
        first.repeats.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
        [ids[1].as_str()]
    );
    assert!(second.decisions.is_empty() && second.body == Body::KeptWithTheFirst);
    assert_eq!(second.repeats[0].id.as_str(), ids[0]);
    world.tamper("update deliveries set body = null").await;
    assert_eq!(whole(&world, &ids[0]).await.body, Body::Removed);
    let missing = queries::delivery(&world.state, &sam(), &DeliveryId::new("dlv_unknown")).await;
    assert!(matches!(missing, Err(Error::Missing)));
}

async fn personal_data_are_shown_for_ten_minutes_to_the_person_who_asked(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.joined(ACME, "ada").await;
    world.post("ada@acme.test is no json").await;
    world.post(&odd(r#"{"id":"diruser_9","dp_id":"ada@dp.test","external_id":"ada@ext.test","ada@key.test":1}"#)).await;
    let ids = world.texts("select id from deliveries order by received_at").await;
    let text = async |id: &str| match whole(&world, id).await.body {
        Body::Kept { text, .. } => text,
        other => panic!("{other:?}"),
    };
    for id in &ids {
        assert!(
            !format!("{:?}", whole(&world, id).await).to_lowercase().contains("ada@"),
            "hidden: {id}"
        );
        commands::reveal_personal_data(&world.state, &Actor::staff(sam()), &DeliveryId::new(id))
            .await
            .unwrap();
        assert!(text(id).await.contains("ada@"), "shown");
        assert_eq!(whole(&world, id).await.history[0].done, HistoryAction::Shown);
    }

    let kim = Staff { account: domain::id::AccountId::new("acc_kim"), name: "Kim".to_owned() };
    let page = queries::delivery(&world.state, &kim, &DeliveryId::new(&ids[0])).await.unwrap();
    assert!(
        page.shown_until.is_none() && !format!("{page:?}").contains("ada@"),
        "not to another person"
    );
    world.clock.pass(Duration::from_mins(11));
    assert!(!format!("{:?}", whole(&world, &ids[0]).await).contains("ada@"));
    commands::replay(
        &world.state,
        &ReplayContext::by(&operator(), Notify::Suppressed),
        &DeliveryId::new(&ids[1]),
    )
    .await
    .unwrap();
    assert_eq!(
        whole(&world, &ids[1]).await.history[0].done,
        HistoryAction::Replayed(Outcome::Dead)
    );
    let audit = "select actor || ' ' || action || ' ' || coalesce(after_value, '-') from audit_log \
                 where action in ('reveal_personal_data', 'replay_delivery') order by at, id";
    let shown = "Sam reveal_personal_data -";
    assert_eq!(
        world.texts(audit).await,
        [shown, shown, shown, "command line (story) replay_delivery dead"],
        "the audit log has what staff did"
    );
}

/// A body with e-mail addresses in fields that normally hold none.
fn odd(data: &str) -> String {
    format!(
        r#"{{"id":"ada@id.test","type":"ada@type.test","organization_id":"{ACME}","data":{data}}}"#
    )
}

async fn what_a_webhook_decided_names_no_person_before_a_reveal(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let data = r#"{"organization_id":"org_1001","email":"Ada@Acme.test","name":"Ada Lovelace","active":true}"#;
    let body = format!(
        r#"{{"id":"evt_1","type":"organization.directory.user_created","organization_id":"{ACME}","data":{data}}}"#
    );
    world.post(&body).await;
    let id = world.deliveries().await.remove(0);

    let hidden = whole(&world, &id).await;
    assert_eq!(hidden.decisions.len(), 1);
    assert!(!format!("{hidden:?}").to_lowercase().contains("ada"), "{hidden:?}");

    world.tamper("update deliveries set body = null").await;
    commands::reveal_personal_data(&world.state, &Actor::staff(sam()), &DeliveryId::new(&id))
        .await
        .unwrap();
    let shown = whole(&world, &id).await;
    assert_eq!(shown.decisions[0].name.as_ref().unwrap(), &"Ada Lovelace");
    assert_eq!(shown.history[0].done, HistoryAction::Shown, "also without a body");
}

async fn every_way_into_the_inbox_has_an_index(world: TestApp) {
    many(&world, 20_000).await;
    world.tamper("analyze").await;
    let key = if world.state.db.is_postgres() {
        "deliveries_pkey"
    } else {
        "sqlite_autoindex_deliveries_1"
    };
    let ways = [
        ("outcome = 'dead'", "deliveries_dead"),
        ("suspicious", "deliveries_suspicious"),
        (
            "outcome = 'mismatch' and (outcome = 'mismatch' or outcome = 'archived' \
             or outcome = 'ignored' or outcome = 'stale')",
            "deliveries_remarkable",
        ),
        ("organization_id = 'org_1'", key),
        ("kind = 'user.login'", "deliveries_by_kind"),
        ("'' = ''", "deliveries_by_time"),
    ];
    for (way, index) in ways {
        let select = format!(
            "select id from deliveries where {way} and (received_at, id) < (1790000200000000000, 'x') order by received_at desc, id desc limit 51"
        );
        let plan = plan(&world, &select).await;
        assert!(plan.contains(index), "{way}: {plan}");
    }
}

async fn plan(world: &TestApp, select: &str) -> String {
    if world.state.db.is_postgres() {
        return world.texts(&format!("explain {select}")).await.join("\n");
    }
    let mut connection = SqliteConnection::connect(&world.url).await.unwrap();
    let explain = AssertSqlSafe(format!("explain query plan {select}"));
    let steps: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(explain).fetch_all(&mut connection).await.unwrap();
    steps.into_iter().map(|step| step.3).collect::<Vec<_>>().join("\n")
}

/// Adds deliveries of unknown types that are newer than all others.
async fn many(world: &TestApp, many: i64) {
    let insert = format!(
        "insert into deliveries (organization_id, id, webhook_id, event_id, kind, occurred_at, received_at, outcome, original, suspicious, body_hash) \
         with recursive n(n) as (select 1 union all select n + 1 from n where n < {many}) \
         select '', 'dlv_' || n, 'msg_many_' || n, 'evt_many_' || n, 'k' || n % 9, 0, 1790000100000000000 + n, 'updated', true, false, '' from n"
    );
    world.tamper(&insert).await;
}

fn sam() -> Staff {
    staff().staff().unwrap()
}

async fn seen(world: &TestApp, query: &DeliveriesQuery) -> Deliveries {
    queries::deliveries(&world.state, &sam(), query).await.unwrap()
}

async fn whole(world: &TestApp, id: &str) -> DeliveryPage {
    queries::delivery(&world.state, &sam(), &DeliveryId::new(id)).await.unwrap()
}
