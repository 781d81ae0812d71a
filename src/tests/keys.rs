//! The keys of the tables, as the database itself lists them: they let the tables be distributed by
//! organization. And what the keys of deliveries mean.

use std::collections::BTreeSet;

use domain::{decision::Outcome, delivery::HistoryAction, id::DeliveryId, organization::SeatLimit};
use seatkeeper::{
    commands::{Actor, Notify, ReplayContext, replay, reveal_personal_data},
    queries,
};
use views::deliveries::DeliveriesQuery;

use crate::{
    replay::dead,
    support::{
        tables::names,
        world::{ACME, TestApp, operator, staff, stories},
    },
};

stories! {
    every_table_belongs_to_organizations_or_to_the_installation,
    every_key_of_an_organizations_table_has_the_organization,
    no_foreign_key_cascades_on_update_or_leaves_its_organization,
    the_same_ids_with_another_organization_are_another_event,
    a_message_whose_organization_is_known_later_is_applied_once,
    a_replay_that_finds_the_organization_moves_the_delivery_there,
}

/// The tables with the data of organizations, with the column that holds the organization's id.
const OF_ORGANIZATIONS: [(&str, &str); 50] = [
    ("account_organizations", "organization_id"),
    ("alert_reads", "organization_id"),
    ("alerts", "organization_id"),
    ("api_keys", "organization_id"),
    ("audit_log", "organization_id"),
    ("change_points", "organization_id"),
    ("daily_rollups", "organization_id"),
    ("decisions", "organization_id"),
    ("deliveries", "organization_id"),
    ("delivery_history", "organization_id"),
    ("directories", "organization_id"),
    ("directory_groups", "organization_id"),
    ("directory_user_attributes", "organization_id"),
    ("directory_users", "organization_id"),
    ("extra_recipients", "organization_id"),
    ("failing_channels", "organization_id"),
    ("former_addresses", "organization_id"),
    ("idempotency_keys", "organization_id"),
    ("identity_providers", "organization_id"),
    ("ignored_suggestions", "organization_id"),
    ("import_rows", "organization_id"),
    ("imports", "organization_id"),
    ("invitation_links", "organization_id"),
    ("invitations", "organization_id"),
    ("limit_decisions", "organization_id"),
    ("limit_ends", "organization_id"),
    ("limit_proposals", "organization_id"),
    ("membership_changes", "organization_id"),
    ("membership_updates", "organization_id"),
    ("memberships", "organization_id"),
    ("note_drafts", "organization_id"),
    ("organization_notes", "organization_id"),
    ("organization_seen", "organization_id"),
    ("organization_visits", "organization_id"),
    ("organizations", "id"),
    ("outbox", "organization_id"),
    ("outgoing_events", "organization_id"),
    ("resync_directories", "organization_id"),
    ("resync_groups", "organization_id"),
    ("resync_people", "organization_id"),
    ("resync_schedule", "organization_id"),
    ("resync_set_aside", "organization_id"),
    ("resyncs", "organization_id"),
    ("role_changes", "organization_id"),
    ("role_mappings", "organization_id"),
    ("seat_request_entries", "organization_id"),
    ("seat_request_people", "organization_id"),
    ("seat_requests", "organization_id"),
    ("sign_on_domains", "organization_id"),
    ("usage_signals", "organization_id"),
];

/// The tables of the whole installation, with the reason why no organization owns their rows.
const OF_THE_INSTALLATION: [(&str, &str); 26] = [
    ("_sqlx_migrations", "the migrator's own"),
    ("account_link_tokens", "of a link"),
    ("account_links", "an account may belong to several organizations"),
    ("accounts", "one account may belong to several organizations, and staff to none"),
    ("authenticator_apps", "belongs to an account"),
    ("factor_steps", "belongs to an account"),
    ("recovery_codes", "belongs to an account"),
    ("passkey_ceremonies", "waits before it is known who signs in"),
    ("passkeys", "belongs to an account"),
    ("bulk_replays", "one replay may be about all organizations, and one runs at a time"),
    ("digests", "one digest may tell of several organizations"),
    ("event_log", "one row: how far the event log of all organizations is followed"),
    ("event_sequence", "one row: the newest number of the outgoing events of all organizations"),
    ("identities", "belongs to an account"),
    ("jobs", "each job works for the whole installation"),
    ("known_devices", "belongs to an account"),
    ("sessions", "belongs to an account"),
    ("settings", "they hold for the whole installation"),
    ("sign_in_counters", "counts before it is known who signs in"),
    ("sign_on_flows", "waits before it is known who signs in"),
    ("system_alerts", "about Seatkeeper itself"),
    ("violations", "the checks read all organizations, and only staff see what they found"),
    ("webhook_deliveries", "belongs to an endpoint"),
    ("webhook_endpoints", "an endpoint of the product may get the events of all organizations"),
    ("webhook_secrets", "belongs to an endpoint"),
    ("preferences", "a person chooses once for all of their organizations"),
];

/// The unique indexes that contain the organization without beginning with it, with the reason.
const IN_ANOTHER_ORDER: [(&str, &str); 2] = [
    ("deliveries_by_webhook", ENTRIES_STAY_TOGETHER),
    ("deliveries_by_event", ENTRIES_STAY_TOGETHER),
];
const ENTRIES_STAY_TOGETHER: &str = "new ids are the largest, so all of a batch are on few pages; \
    with the organization first a batch changes 43 % more pages on SQLite and takes 30 % longer";

fn column_of(table: &str) -> Option<&'static str> {
    OF_ORGANIZATIONS.iter().find(|(known, _)| *known == table).map(|(_, column)| *column)
}

async fn every_table_belongs_to_organizations_or_to_the_installation(world: TestApp) {
    let tables = if world.state.db.is_postgres() {
        "select tablename::text from pg_tables where schemaname = 'public'"
    } else {
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
    };
    let tables: BTreeSet<String> = world.texts(tables).await.into_iter().collect();

    let of_organizations = OF_ORGANIZATIONS.iter().map(|(table, _)| *table);
    let of_the_installation = OF_THE_INSTALLATION.iter().map(|(table, _)| *table);
    let listed = of_organizations.chain(of_the_installation).map(str::to_owned).collect();

    assert_eq!(tables, listed, "a new table belongs in one of the two lists");
    let optional = if world.state.db.is_postgres() {
        "select table_name::text from information_schema.columns \
         where table_schema = 'public' and column_name = 'organization_id' and is_nullable = 'YES'"
    } else {
        "select m.name from sqlite_master m join pragma_table_info(m.name) c \
         where m.type = 'table' and c.name = 'organization_id' and c.\"notnull\" = 0"
    };
    let optional = world.texts(optional).await;
    assert!(optional.iter().all(|table| column_of(table).is_none()), "{optional:?}");
}

async fn every_key_of_an_organizations_table_has_the_organization(world: TestApp) {
    // each as `table index column,column,…`
    let keys = if world.state.db.is_postgres() {
        "select t.relname || ' ' || i.relname || ' ' || ( \
           select string_agg(a.attname, ',' order by k.place) \
           from unnest(x.indkey::int[]) with ordinality k(attnum, place) \
           join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum \
         ) \
         from pg_index x \
         join pg_class i on i.oid = x.indexrelid \
         join pg_class t on t.oid = x.indrelid \
         join pg_namespace n on n.oid = t.relnamespace \
         where x.indisunique and n.nspname = 'public' \
         order by 1"
    } else {
        "select m.name || ' ' || l.name || ' ' || ( \
           select group_concat(name, ',') \
           from (select name from pragma_index_info(l.name) order by seqno) \
         ) \
         from sqlite_master m \
         join pragma_index_list(m.name) l \
         where m.type = 'table' and l.\"unique\" \
         order by 1"
    };
    let keys = world.texts(keys).await;

    let mut with_a_key = BTreeSet::new();
    for key in &keys {
        let [table, index, columns] = key.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{key}: a key of plain columns was expected");
        };
        let Some(organization) = column_of(table) else { continue };
        let mut columns = columns.split(',');
        let is_an_exception = IN_ANOTHER_ORDER.iter().any(|(known, _)| *known == index);
        let has_the_organization = if is_an_exception {
            columns.any(|column| column == organization)
        } else {
            columns.next() == Some(organization)
        };
        assert!(has_the_organization, "{key}");
        with_a_key.insert(table);
    }
    assert_eq!(with_a_key.len(), OF_ORGANIZATIONS.len(), "each has a key: {with_a_key:?}");
}

async fn no_foreign_key_cascades_on_update_or_leaves_its_organization(world: TestApp) {
    // each as `table, referenced table, first column, action on update`
    let keys = if world.state.db.is_postgres() {
        "select t.relname || ' ' || r.relname || ' ' || a.attname || ' ' || c.confupdtype::text \
         from pg_constraint c \
         join pg_class t on t.oid = c.conrelid \
         join pg_class r on r.oid = c.confrelid \
         join pg_attribute a on a.attrelid = t.oid and a.attnum = c.conkey[1] \
         where c.contype = 'f'"
    } else {
        "select m.name || ' ' || f.\"table\" || ' ' || f.\"from\" || ' ' \
           || case f.on_update when 'NO ACTION' then 'a' else f.on_update end \
         from sqlite_master m \
         join pragma_foreign_key_list(m.name) f \
         where m.type = 'table' and f.seq = 0"
    };
    let keys = world.texts(keys).await;

    assert!(keys.len() > 10, "{keys:?}");
    for key in &keys {
        let [table, referenced, first, action] = key.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{key}: four words were expected");
        };
        assert_eq!(action, "a", "{key}");
        if column_of(referenced).is_some() {
            assert_eq!(Some(first), column_of(table), "{key}");
        }
    }
}

async fn the_same_ids_with_another_organization_are_another_event(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.organization("org_2", SeatLimit::Seats(5)).await;
    let body = world.body(ACME, "ada", "organization.directory.user_created", "");
    let elsewhere = body.replace(ACME, "org_2");

    for body in [&body, &elsewhere, &elsewhere, &body] {
        world.deliver("msg_a", body).await;
    }

    assert_eq!(world.outcomes().await, ["admitted", "admitted", "duplicate", "duplicate"]);
    assert_eq!((world.usage(ACME).await.used, world.usage("org_2").await.used), (1, 1));
    assert_eq!(world.suspicious_deliveries().await, [""; 0]);
    world.check().await;
}

const GROUP: &str = r#"{"id":"evt_crew","type":"organization.directory.group_created","occurred_at":"2026-09-01T00:00:00Z","organization_id":"org_1001","data":{"id":"dirgroup_1","display_name":"Crew"}}"#;
/// Names a group and no organization.
const JOINED: &str = r#"{"id":"evt_joined","type":"organization.directory.group_membership_updated","occurred_at":"2026-09-01T00:00:01Z","data":{"group_id":"dirgroup_1","added_members":["diruser_ada"],"removed_members":[]}}"#;

/// Ada is known, and a message about a group arrived before the group: a dead letter.
async fn before_the_group(world: &TestApp) -> DeliveryId {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.joined(ACME, "ada").await;
    world.deliver("msg_joined", JOINED).await;
    world.deliver("msg_joined", JOINED).await;
    assert_eq!(world.outcomes().await, ["admitted", "dead", "duplicate"]);
    world.post(GROUP).await;
    dead(world).await.remove(0)
}

async fn replayed(world: &TestApp, id: &DeliveryId) -> Outcome {
    let by = ReplayContext::by(&operator(), Notify::Suppressed);
    replay(&world.state, &by, id).await.unwrap()
}

async fn a_message_whose_organization_is_known_later_is_applied_once(world: TestApp) {
    let dead_letter = before_the_group(&world).await;

    world.deliver("msg_joined", JOINED).await;
    world.deliver("msg_joined", JOINED).await;
    assert_eq!(world.outcomes().await[4..], ["updated", "duplicate"]);
    let outcome = replayed(&world, &dead_letter).await;

    assert_eq!(outcome, Outcome::Duplicate);
    let originals = "select organization_id || ' ' || outcome from deliveries \
                     where webhook_id = 'msg_joined' and original";
    assert_eq!(world.texts(originals).await, ["org_1001 updated"]);
    assert_eq!(names(&world.people(ACME).await[0].groups), ["Crew"]);
}

async fn a_replay_that_finds_the_organization_moves_the_delivery_there(world: TestApp) {
    let dead_letter = before_the_group(&world).await;
    let sam = staff().staff().unwrap();
    reveal_personal_data(&world.state, &Actor::staff(sam.clone()), &dead_letter).await.unwrap();

    let outcome = replayed(&world, &dead_letter).await;
    world.deliver("msg_joined", JOINED).await;

    assert_eq!(outcome, Outcome::Updated);
    assert_eq!(names(&world.people(ACME).await[0].groups), ["Crew"]);
    let page = queries::delivery(&world.state, &sam, &dead_letter).await.unwrap();
    assert_eq!(page.row.organization.unwrap().0.as_str(), ACME);
    assert!(page.original && page.shown_until.is_some(), "the history moved with it");
    let done: Vec<HistoryAction> = page.history.into_iter().map(|entry| entry.done).collect();
    assert_eq!(done, [HistoryAction::Replayed(Outcome::Updated), HistoryAction::Shown]);
    let query = DeliveriesQuery {
        organization: Some(domain::id::OrganizationId::new(ACME)),
        ..DeliveriesQuery::default()
    };
    let found = queries::deliveries(&world.state, &sam, &query).await.unwrap();
    assert!(found.rows.iter().any(|row| row.id == dead_letter));
    assert_eq!(world.outcomes().await.last().unwrap(), "duplicate", "of the replayed one");
    world.check().await;
}
