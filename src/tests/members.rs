//! Members of an organization and staff accounts: their roles, their end, and the last admin.

use std::time::Duration;

use domain::{
    access::{FreshProof, Role, StaffAdmin, Viewer},
    id::{AccountId, GroupId, OrganizationId},
    organization::SeatLimit,
    refusal::Refusal,
    role::GroupRoles,
};
use seatkeeper::{
    commands::{
        Error, MemberChange, NewGroupRoles, NewMemberChange, NewStaffChange, StaffChange,
        change_member, change_staff_account, set_group_roles,
    },
    queries::{self, export},
};
use views::members::{AccountsQuery, MembersPage};

use crate::support::{
    lists::exported,
    world::{ACME, TestApp, operator, scope, staff, stories},
};

stories! {
    a_member_who_becomes_a_viewer_has_the_role_here_alone_and_another_token,
    a_member_who_is_removed_is_out_at_once_and_the_account_stays,
    the_last_admin_can_neither_become_a_viewer_nor_leave,
    of_two_admins_who_remove_each_other_one_stays,
    a_role_of_a_group_is_not_taken_away_by_hand,
    what_changed_meanwhile_is_not_overwritten,
    members_are_listed_by_address_and_searched,
    an_account_remembers_its_last_use_after_its_session,
    a_staff_account_is_changed_and_the_last_staff_admin_stays,
    of_two_staff_admins_who_disable_each_other_one_stays,
}

const KIM: &str = "kim@acme.test";
const LEE: &str = "lee@acme.test";
const OTHER: &str = "org_1002";
const IT: &str = "dirgroup_it";

async fn account(world: &TestApp, email: &str) -> AccountId {
    queries::account_of(&world.state, email).await.unwrap().unwrap()
}

async fn viewer(world: &TestApp, email: &str) -> Viewer {
    queries::viewer(&world.state, &account(world, email).await).await.unwrap().unwrap()
}

/// Kim and Lee are admins of Acme; Lee is a viewer elsewhere.
async fn ready(world: &TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.organization(OTHER, SeatLimit::Unlimited).await;
    world.account(KIM, Role::TenantAdmin, &[ACME]).await;
    world.account(LEE, Role::TenantAdmin, &[ACME, OTHER]).await;
}

async fn change(world: &TestApp, email: &str, change: MemberChange) -> Result<bool, Error> {
    let (organization, account) = (OrganizationId::new(ACME), account(world, email).await);
    let new = NewMemberChange { organization, account, change, expected: None };
    change_member(&world.state, &operator(), &new).await
}

fn refused<T: std::fmt::Debug>(done: Result<T, Error>) -> Refusal {
    match done {
        Err(Error::Refused(refusal)) => refusal,
        done => panic!("{done:?}"),
    }
}

async fn page(world: &TestApp, query: &AccountsQuery) -> MembersPage {
    queries::members_page(&world.state, (&scope(ACME), &staff()), query).await.unwrap()
}

async fn entries(world: &TestApp, action: &str) -> Vec<String> {
    let columns = "target || ': ' || coalesce(before_value, '') || ' → ' || \
                   coalesce(after_value, '')";
    world
        .texts(&format!(
            "select {columns} from audit_log where action = '{action}' order by at, id"
        ))
        .await
}

async fn a_member_who_becomes_a_viewer_has_the_role_here_alone_and_another_token(world: TestApp) {
    ready(&world).await;
    let cookie = world.cookie_of(&account(&world, LEE).await).await;

    assert!(change(&world, LEE, MemberChange::Role(Role::TenantViewer)).await.unwrap());

    assert!(world.renewed_cookie(&cookie).await.is_some_and(|renewed| renewed != cookie));
    let lee = viewer(&world, LEE).await;
    let role = |id| lee.role_in(&OrganizationId::new(id));
    assert_eq!((role(ACME), role(OTHER)), (Some(Role::TenantViewer), Some(Role::TenantAdmin)));
    assert!(!change(&world, LEE, MemberChange::Role(Role::TenantViewer)).await.unwrap(), "again");
    assert_eq!(
        entries(&world, "change_dashboard_role").await,
        ["lee@acme.test: tenant-admin → tenant-viewer"]
    );
    let staff_role = change(&world, KIM, MemberChange::Role(Role::Staff)).await;
    assert_eq!(refused(staff_role), Refusal::InvitationRole);
    assert!(change(&world, LEE, MemberChange::Role(Role::TenantAdmin)).await.unwrap());
    assert_eq!(viewer(&world, LEE).await.highest_role(), Role::TenantAdmin);
}

async fn a_member_who_is_removed_is_out_at_once_and_the_account_stays(world: TestApp) {
    ready(&world).await;
    let cookie = world.cookie_of(&account(&world, LEE).await).await;

    assert!(change(&world, LEE, MemberChange::Remove).await.unwrap());

    assert!(world.viewer(&cookie, &[]).await.is_none());
    let lee = viewer(&world, LEE).await;
    assert_eq!(lee.role_in(&OrganizationId::new(ACME)), None);
    assert_eq!(lee.role_in(&OrganizationId::new(OTHER)), Some(Role::TenantAdmin));
    assert_eq!(entries(&world, "revoke_membership").await, ["lee@acme.test: tenant-admin → "]);
    let again = change(&world, LEE, MemberChange::Remove).await;
    assert!(matches!(again, Err(Error::Missing)), "{again:?}");

    let cookie = world.cookie_of(&account(&world, KIM).await).await;
    assert!(change(&world, KIM, MemberChange::SignOut).await.unwrap());
    assert!(world.viewer(&cookie, &[]).await.is_none());
    assert_eq!(page(&world, &AccountsQuery::default()).await.members, 1);
}

async fn the_last_admin_can_neither_become_a_viewer_nor_leave(world: TestApp) {
    ready(&world).await;
    change(&world, LEE, MemberChange::Role(Role::TenantViewer)).await.unwrap();

    for last in [MemberChange::Role(Role::TenantViewer), MemberChange::Remove] {
        assert_eq!(refused(change(&world, KIM, last).await), Refusal::LastAdmin);
    }
    change(&world, LEE, MemberChange::Role(Role::TenantAdmin)).await.unwrap();
    seatkeeper::commands::disable_account(&world.state, &operator(), LEE).await.unwrap();
    let disabled = change(&world, KIM, MemberChange::Remove).await;
    assert_eq!(refused(disabled), Refusal::LastAdmin, "a disabled account is no admin");
    change(&world, LEE, MemberChange::Remove).await.expect("a disabled one may go");
}

async fn of_two_admins_who_remove_each_other_one_stays(world: TestApp) {
    ready(&world).await;

    let (one, other) = tokio::join!(
        change(&world, KIM, MemberChange::Remove),
        change(&world, LEE, MemberChange::Role(Role::TenantViewer))
    );

    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let admins = format!(
        "select account_id from account_organizations \
         where organization_id = '{ACME}' and role = 'tenant-admin'"
    );
    assert_eq!(world.texts(&admins).await.len(), 1);
}

async fn a_role_of_a_group_is_not_taken_away_by_hand(world: TestApp) {
    ready(&world).await;
    world.clock.pass(Duration::from_secs(1));
    let groups = format!(r#""active":true,"groups":[{{"id":"{IT}","name":"IT"}}],"#);
    let body = world.body(ACME, "lee", "organization.directory.user_updated", &groups);
    world.post(&body).await;
    change(&world, LEE, MemberChange::Role(Role::TenantViewer)).await.unwrap();
    let roles = GroupRoles { dashboard: Some(Role::TenantAdmin), ..GroupRoles::default() };
    let (organization, group) = (OrganizationId::new(ACME), GroupId::new(IT));
    let new = NewGroupRoles { organization, group, roles, expected_version: None };
    set_group_roles(&world.state, &operator(), &new).await.unwrap();

    let listed = page(&world, &AccountsQuery::default()).await;
    let lee = &listed.rows[1];
    assert_eq!((lee.role, lee.own), (Role::TenantAdmin, Role::TenantViewer));
    assert_eq!(lee.groups[0].1.to_string(), "IT");
    change(&world, LEE, MemberChange::Role(Role::TenantAdmin)).await.unwrap();
    let by_hand = change(&world, LEE, MemberChange::Role(Role::TenantViewer)).await;
    assert_eq!(refused(by_hand), Refusal::RoleOfGroup);
    change(&world, KIM, MemberChange::Remove).await.expect("a group keeps an admin");
}

async fn what_changed_meanwhile_is_not_overwritten(world: TestApp) {
    ready(&world).await;
    let (organization, account) = (OrganizationId::new(ACME), account(&world, LEE).await);
    let expected = Some(Role::TenantViewer);
    let new = |change| NewMemberChange {
        organization: organization.clone(),
        account: account.clone(),
        change,
        expected,
    };
    for stale in [MemberChange::Remove, MemberChange::Role(Role::TenantAdmin)] {
        let done = change_member(&world.state, &operator(), &new(stale)).await;
        assert_eq!(refused(done), Refusal::MemberChangedMeanwhile);
    }
    let elsewhere = NewMemberChange {
        organization: OrganizationId::new("org_404"),
        ..new(MemberChange::SignOut)
    };
    let done = change_member(&world.state, &operator(), &elsewhere).await;
    assert!(matches!(done, Err(Error::Missing)), "{done:?}");
}

async fn members_are_listed_by_address_and_searched(world: TestApp) {
    ready(&world).await;
    let insert =
        "insert into accounts (id, email, email_key, name, role, password_hash, created_at)";
    world
        .tamper(&format!(
            "{insert} with recursive numbers (n) as \
             (select 1 union all select n + 1 from numbers where n < 60) \
             select 'acc_' || (1000 + n), 'p' || (1000 + n) || '@acme.test', \
             'p' || (1000 + n) || '@acme.test', 'José ' || n, 'tenant-viewer', 'x', 0 from numbers"
        ))
        .await;
    world
        .tamper(&format!(
            "insert into account_organizations (organization_id, account_id, role) \
             select '{ACME}', id, role from accounts where id like 'acc_1___'"
        ))
        .await;

    let mut query = AccountsQuery::default();
    let mut rows = Vec::new();
    loop {
        let listed = page(&world, &query).await;
        assert_eq!((listed.members, listed.rows.len() <= 50), (62, true));
        rows.extend(listed.rows.into_iter().map(|row| row.email.to_string()));
        query.before = listed.page.older;
        if query.before.is_none() {
            break;
        }
    }
    assert_eq!(rows.len(), 62);
    assert!(rows.is_sorted() && rows[0] == KIM, "{rows:?}");
    let list = export::Members::new(scope(ACME), AccountsQuery::default());
    let cells: Vec<_> =
        exported(&world, list).await.unwrap().into_iter().map(|record| record.email).collect();
    assert_eq!(cells, rows);
    let found = |search: &str| AccountsQuery { search: search.to_owned(), before: None };
    assert_eq!(page(&world, &found("jose 60")).await.rows.len(), 1);
    assert_eq!(page(&world, &found("LEE@")).await.rows.len(), 1);
    assert_eq!(page(&world, &found("%")).await.rows.len(), 0);
    let kim = viewer(&world, KIM).await;
    let (acme, query) = (scope(ACME), found("kim"));
    let of_kim = queries::members_page(&world.state, (&acme, &kim), &query).await.unwrap();
    assert!(of_kim.may_change && of_kim.rows[0].is_own);
}

async fn an_account_remembers_its_last_use_after_its_session(world: TestApp) {
    ready(&world).await;
    assert_eq!(page(&world, &AccountsQuery::default()).await.rows[0].last_used_at, None);
    let cookie = world.cookie_of(&account(&world, KIM).await).await;
    world.clock.pass(Duration::from_mins(5));
    let used = world.clock.now();
    assert!(world.viewer(&cookie, &[]).await.is_some());
    world.clock.pass(Duration::from_mins(5));
    world.end_session(&cookie).await;

    let listed = page(&world, &AccountsQuery::default()).await;

    assert_eq!(listed.rows[0].last_used_at, Some(used));
}

async fn change_staff(
    world: &TestApp,
    email: &str,
    change: StaffChange,
    expected: Option<(Role, bool)>,
) -> Result<bool, Error> {
    let account = account(world, email).await;
    let new = NewStaffChange { account, change, expected };
    change_staff_account(&world.state, &operator(), &FreshProof::of_command_line(), &new).await
}

async fn staff_admin(world: &TestApp, email: &str) -> StaffAdmin {
    viewer(world, email).await.staff_admin().unwrap()
}

const SAM: &str = "sam@seats.example";
const NOOR: &str = "noor@seats.example";

async fn a_staff_account_is_changed_and_the_last_staff_admin_stays(world: TestApp) {
    ready(&world).await;
    world.account(SAM, Role::StaffAdmin, &[]).await;
    world.account(NOOR, Role::Staff, &[]).await;
    let cookie = world.cookie_of(&account(&world, NOOR).await).await;

    assert!(change_staff(&world, NOOR, StaffChange::Disable, None).await.unwrap());
    assert!(world.viewer(&cookie, &[]).await.is_none());
    assert!(!change_staff(&world, NOOR, StaffChange::Disable, None).await.unwrap());
    for last in [StaffChange::Disable, StaffChange::Role(Role::Staff)] {
        let done = change_staff(&world, SAM, last, None).await;
        assert_eq!(refused(done), Refusal::LastStaffAdmin);
    }
    let stale = Some((Role::Staff, false));
    let done = change_staff(&world, NOOR, StaffChange::Enable, stale).await;
    assert_eq!(refused(done), Refusal::AccountChangedMeanwhile);
    let seen = Some((Role::Staff, true));
    assert!(change_staff(&world, NOOR, StaffChange::Enable, seen).await.unwrap());
    let admin = StaffChange::Role(Role::StaffAdmin);
    assert!(change_staff(&world, NOOR, admin, None).await.unwrap());
    assert!(change_staff(&world, SAM, StaffChange::Role(Role::Staff), None).await.unwrap());
    assert_eq!(viewer(&world, SAM).await.role, Role::Staff);
    assert!(change_staff(&world, SAM, StaffChange::SignOut, None).await.unwrap());
    let tenant = change_staff(&world, KIM, StaffChange::Disable, None).await;
    assert!(matches!(tenant, Err(Error::Missing)), "{tenant:?}");
    assert_eq!(
        entries(&world, "change_staff_role").await,
        ["noor@seats.example: staff → staff-admin", "sam@seats.example: staff-admin → staff"]
    );
    assert_eq!(
        entries(&world, "disable_account").await,
        ["noor@seats.example: enabled → disabled"]
    );

    let noor = staff_admin(&world, NOOR).await;
    let query = AccountsQuery { search: "SAM".to_owned(), before: None };
    let found = queries::staff_accounts(&world.state, &noor, &query).await.unwrap();
    assert_eq!((found.accounts, found.rows.len()), (2, 1));
    let list = export::StaffAccounts::new(&noor, AccountsQuery::default());
    let cells: Vec<_> =
        exported(&world, list).await.unwrap().into_iter().map(|one| one.email).collect();
    assert_eq!(cells, [NOOR, SAM]);
}

async fn of_two_staff_admins_who_disable_each_other_one_stays(world: TestApp) {
    for email in [SAM, NOOR] {
        world.account(email, Role::StaffAdmin, &[]).await;
    }

    let (one, other) = tokio::join!(
        change_staff(&world, SAM, StaffChange::Disable, None),
        change_staff(&world, NOOR, StaffChange::Role(Role::Staff), None)
    );

    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let left = "select id from accounts where role = 'staff-admin' and disabled_at is null";
    assert_eq!(world.texts(left).await.len(), 1);
}
