//! The audit log records each change of an account or an organization with the actor's id and name;
//! it also records what was refused.

use std::time::Duration;

use domain::{
    access::{Role, Staff},
    id::{AccountId, OrganizationId},
    organization::SeatLimit,
    refusal::Refusal,
};
use seatkeeper::commands::{
    self, Actor, BulkReplay, Error, NewAccount, Notify, disable_account, enable_account,
    end_sessions, grant_membership, revoke_membership, set_password,
};

use crate::{
    replay::buried,
    support::world::{ACME, TestApp, operator, stories},
};

stories! {
    everything_done_to_an_account_is_kept,
    what_was_refused_is_kept_with_the_reason,
    the_actor_is_named_by_account_and_by_name,
    an_act_that_fails_half_way_leaves_no_row,
    a_revoked_membership_ends_the_sessions_and_the_right,
    ended_sessions_are_ended_everywhere,
    a_change_of_the_limit_is_shown_with_its_actor,
    a_bulk_replay_is_kept_with_who_began_and_who_ended_it,
}

const ADA: &str = "ada@acme.test";
const OTHER: &str = "org_1002";

fn lee() -> Actor {
    Actor::staff(Staff { account: AccountId::new("acc_lee"), name: "Lee Admin".to_owned() })
}

/// The rows of the changes under test, as
/// `organization|actor|actor's id|action|target|outcome|before|after|reason`.
async fn log(world: &TestApp) -> Vec<String> {
    let columns = [
        "organization_id",
        "actor",
        "actor_id",
        "action",
        "target",
        "outcome",
        "before_value",
        "after_value",
        "reason",
    ];
    let columns_sql = columns.map(|column| format!("coalesce({column}, '')")).join(" || '|' || ");
    world
        .texts(&format!("select {columns_sql} from audit_log where action not in ('add_organization', 'set_seat_limit') order by at, id"))
        .await
}

fn new(role: Role, organizations: &[&str], password: &str) -> NewAccount {
    let organizations = organizations.iter().map(|id| OrganizationId::new(*id)).collect();
    NewAccount {
        email: ADA.to_owned(),
        name: "Ada".to_owned(),
        role,
        organizations,
        password: password.to_owned(),
    }
}

async fn everything_done_to_an_account_is_kept(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.organization(OTHER, SeatLimit::Seats(5)).await;
    let (state, other) = (&world.state, [OrganizationId::new(OTHER)]);

    commands::add_account(state, &lee(), &new(Role::TenantAdmin, &[ACME], "correct horse battery"))
        .await
        .unwrap();
    grant_membership(state, &lee(), ADA, &other).await.unwrap();
    grant_membership(state, &lee(), ADA, &other).await.unwrap();
    revoke_membership(state, &lee(), ADA, &other).await.unwrap();
    set_password(state, &lee(), ADA, "another good horse".to_owned()).await.unwrap();
    end_sessions(state, &lee(), ADA).await.unwrap();
    disable_account(state, &lee(), ADA).await.unwrap();
    enable_account(state, &lee(), ADA).await.unwrap();

    let by_lee = |organization: &str, rest: &str| {
        let (action, values) = rest.split_once('|').unwrap();
        format!("{organization}|Lee Admin|acc_lee|{action}|{ADA}|done|{values}|")
    };
    let mut expected = vec![
        by_lee("", "create_account||tenant-admin of org_1001"),
        by_lee(ACME, "create_account||tenant-admin"),
        by_lee("", "grant_membership|tenant-admin of org_1001|tenant-admin of org_1001, org_1002"),
        by_lee(OTHER, "grant_membership||tenant-admin"),
        by_lee("", "revoke_membership|tenant-admin of org_1001, org_1002|tenant-admin of org_1001"),
        by_lee(OTHER, "revoke_membership|tenant-admin|"),
        by_lee("", "set_password||"),
        by_lee("", "end_sessions||"),
        by_lee("", "disable_account|enabled|disabled"),
        by_lee("", "enable_account|disabled|enabled"),
    ];
    let mut kept = log(&world).await;
    expected.sort();
    kept.sort();
    assert_eq!(kept, expected);
    let targets =
        world.texts("select distinct target_id from audit_log where target is not null").await;
    assert_eq!(targets, world.texts("select id from accounts").await);
}

async fn what_was_refused_is_kept_with_the_reason(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let state = &world.state;

    let weak =
        commands::add_account(state, &lee(), &new(Role::TenantAdmin, &[ACME], "password1234"))
            .await;
    assert!(matches!(weak, Err(Error::Refused(Refusal::PasswordTooWeak(_)))), "{weak:?}");
    let unknown = commands::add_account(
        state,
        &lee(),
        &new(Role::TenantAdmin, &["org_unknown"], "correct horse battery"),
    )
    .await;
    assert!(matches!(unknown, Err(Error::Missing)), "{unknown:?}");
    let missing = disable_account(state, &lee(), " unknown\0@seats.example").await;
    assert!(matches!(missing, Err(Error::Refused(Refusal::NoAccount(_)))), "{missing:?}");
    commands::add_account(state, &lee(), &new(Role::Staff, &[], "correct horse battery"))
        .await
        .unwrap();
    grant_membership(state, &lee(), ADA, &[OrganizationId::new(ACME)]).await.unwrap_err();

    let refused: Vec<_> =
        log(&world).await.into_iter().filter(|row| row.contains("|refused|")).collect();
    assert_eq!(refused.len(), 4, "{refused:?}");
    let all = refused.join("\n");
    for part in [
        "|Lee Admin|acc_lee|create_account|ada@acme.test|refused|||This password is too easy to guess.",
        "|Lee Admin|acc_lee|create_account|ada@acme.test|refused|||There is no such organization.",
        "|Lee Admin|acc_lee|disable_account|unknown\u{fffd}@seats.example|refused|||There is no account for",
        "|Lee Admin|acc_lee|grant_membership|ada@acme.test|refused|||Staff see every organization already.",
    ] {
        assert!(all.contains(part), "{part}\n{all}");
    }
    assert!(!all.contains("password1234"), "{all}");
}

async fn the_actor_is_named_by_account_and_by_name(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let tenant = Actor::tenant_admin(AccountId::new("acc_ada"), "Ada".to_owned());
    let limit = commands::NewLimit {
        organization: OrganizationId::new(ACME),
        limit: SeatLimit::Seats(9),
        until: None,
        reason: "More".to_owned(),
        expected_version: None,
    };

    commands::set_seat_limit(&world.state, &lee(), &limit).await.unwrap();

    let who = "select actor || '|' || coalesce(actor_id, '') from audit_log where action = ";
    assert_eq!(world.texts(&format!("{who} 'set_seat_limit'")).await, ["Lee Admin|acc_lee"]);
    assert_eq!(world.texts(&format!("{who} 'add_organization'")).await, ["command line (story)|"]);
    assert_eq!(
        (tenant.name().as_str(), tenant.account().map(AccountId::as_str)),
        ("Ada", Some("acc_ada"))
    );
}

async fn an_act_that_fails_half_way_leaves_no_row(world: TestApp) {
    world.account(ADA, Role::Staff, &[]).await;
    // ending the sessions fails after the account was disabled
    world.tamper("alter table sessions rename to gone").await;

    disable_account(&world.state, &lee(), ADA).await.unwrap_err();

    let kept: Vec<_> =
        log(&world).await.into_iter().filter(|row| row.contains("disable_account")).collect();
    assert_eq!(kept, [""; 0]);
    assert_eq!(world.texts("select email from accounts where disabled_at is null").await, [ADA]);
}

async fn a_revoked_membership_ends_the_sessions_and_the_right(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.organization(OTHER, SeatLimit::Seats(5)).await;
    world.account(ADA, Role::TenantAdmin, &[ACME, OTHER]).await;
    let account = AccountId::new(world.texts("select id from accounts").await.concat());
    let cookie = world.cookie_of(&account).await;

    let revoked =
        revoke_membership(&world.state, &lee(), ADA, &[OrganizationId::new(ACME)]).await.unwrap();

    assert_eq!((revoked, world.viewer(&cookie, &[]).await), (1, None));
    let again = world.cookie_of(&account).await;
    let viewer = world.viewer(&again, &[]).await.unwrap();
    assert!(viewer.organizations.keys().eq([&OrganizationId::new(OTHER)]), "{viewer:?}");
    assert_eq!(
        revoke_membership(&world.state, &lee(), ADA, &[OrganizationId::new(ACME)]).await.unwrap(),
        0
    );
    assert!(world.viewer(&again, &[]).await.is_some(), "nothing changed");
}

async fn ended_sessions_are_ended_everywhere(world: TestApp) {
    world.account(ADA, Role::Staff, &[]).await;
    let account = AccountId::new(world.texts("select id from accounts").await.concat());
    let cookies = [world.cookie_of(&account).await, world.cookie_of(&account).await];

    assert_eq!(end_sessions(&world.state, &lee(), ADA).await.unwrap(), 2);

    for cookie in cookies {
        assert_eq!(world.viewer(&cookie, &[]).await, None);
    }
}

async fn a_change_of_the_limit_is_shown_with_its_actor(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.set_limit(ACME, SeatLimit::Seats(6)).await.unwrap();

    let changes = world.page(ACME).await.limit_changes;

    assert_eq!(changes.len(), 1);
    assert_eq!(
        (changes[0].by.as_str(), changes[0].to.as_str()),
        ("command line (story)", "6 seats")
    );
}

async fn a_bulk_replay_is_kept_with_who_began_and_who_ended_it(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    buried(&world, ACME, 2).await;
    let kind = Some("organization.directory.user_created".to_owned());
    let of_acme =
        BulkReplay { organization: Some(OrganizationId::new(ACME)), kind, notify: Notify::Sent };

    let first = commands::start_replay(&world.state, &lee(), &of_acme).await.unwrap();
    commands::start_replay(&world.state, &lee(), &BulkReplay::default()).await.unwrap_err();
    commands::cancel_replay(&world.state, &lee(), &first).await.unwrap();
    commands::cancel_replay(&world.state, &lee(), &first).await.unwrap_err();
    world.clock.pass(Duration::from_secs(1));
    let second =
        commands::start_replay(&world.state, &operator(), &BulkReplay::default()).await.unwrap();

    assert_eq!(
        log(&world).await,
        [
            "|Lee Admin|acc_lee|start_replay||done||2 dead letters of org_1001, organization.directory.user_created, with e-mails|",
            "|Lee Admin|acc_lee|cancel_replay||done|running|cancelled|",
            "|command line (story)||start_replay||done||2 dead letters|",
        ]
    );
    let targets = world
        .texts("select target_id from audit_log where target_id is not null order by at, id")
        .await;
    assert_eq!(targets, [first.as_str(), first.as_str(), second.as_str()]);
}
