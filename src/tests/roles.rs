//! Roles that follow from groups: application roles of people, and dashboard roles of accounts.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    access::Role,
    id::{AccountId, DirectoryUserId, GroupId, OrganizationId},
    organization::SeatLimit,
    refusal::Refusal,
    role::{GroupRoles, RoleName},
    setting::SettingName,
};
use seatkeeper::{
    commands::{self, Error, NewGroupRoles, set_group_roles},
    queries,
};
use views::{
    PeopleQuery,
    roles::{RolesPage, RolesPreview, RolesQuery},
};

use crate::support::world::{ACME, TestApp, diruser, operator, scope, staff, stories};

stories! {
    a_person_has_the_roles_of_their_groups_or_the_default_role,
    a_change_of_a_membership_changes_roles_and_leaves_an_entry,
    a_preview_says_what_saving_then_does,
    a_mapping_of_another_version_is_not_overwritten,
    only_roles_of_the_list_are_given_and_a_role_in_use_stays_on_it,
    people_are_found_by_their_roles,
    a_group_makes_its_members_admins_until_they_leave_it,
    the_last_admin_stays_an_admin,
    a_role_of_another_organization_gives_nothing_here,
    an_account_gets_the_role_of_its_group_when_it_gets_access,
    an_admin_who_is_enabled_again_is_there_for_the_last_one,
}

const OTHER: &str = "org_1002";
const SALES: &str = "dirgroup_sales";
const IT: &str = "dirgroup_it";

async fn in_groups(world: &TestApp, user: &str, groups: &[&str]) {
    in_groups_of(world, ACME, user, groups).await;
}

async fn in_groups_of(world: &TestApp, organization: &str, user: &str, groups: &[&str]) {
    world.clock.pass(Duration::from_secs(1));
    let groups: Vec<String> = groups
        .iter()
        .map(|id| format!(r#"{{"id":"{id}","name":"{}"}}"#, id.trim_start_matches("dirgroup_")))
        .collect();
    let groups = format!(r#""active":true,"groups":[{}],"#, groups.join(","));
    let body = world.body(organization, user, "organization.directory.user_updated", &groups);
    world.post(&body).await;
}

/// An organization with seats for everyone, and the application roles of the installation.
async fn ready(world: &TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.change_setting(SettingName::ApplicationRoles, "editor, reader, member").await.unwrap();
    in_groups(world, "ada", &[SALES]).await;
    in_groups(world, "bob", &[SALES, IT]).await;
    in_groups(world, "cy", &[]).await;
}

fn roles(application: &[&str], dashboard: Option<Role>) -> GroupRoles {
    let application = application.iter().map(|name| RoleName::parse(name).unwrap());
    GroupRoles { application: application.collect::<BTreeSet<_>>(), dashboard }
}

fn new(group: &str, roles: GroupRoles, expected_version: Option<i64>) -> NewGroupRoles {
    let (organization, group) = (OrganizationId::new(ACME), GroupId::new(group));
    NewGroupRoles { organization, group, roles, expected_version }
}

async fn map(world: &TestApp, group: &str, roles: GroupRoles) {
    set_group_roles(&world.state, &operator(), &new(group, roles, None)).await.unwrap();
}

/// The roles of a person on their page, as `editor from sales`, or `member by default`.
async fn roles_of(world: &TestApp, user: &str) -> Vec<String> {
    let id = DirectoryUserId::new(diruser(user));
    let page = queries::person_page(&world.state, &scope(ACME), &staff(), &id, None).await.unwrap();
    let role = |role: &views::roles::PersonRole| {
        let groups: Vec<String> = role.groups.iter().map(|(_, name)| name.to_string()).collect();
        match groups.as_slice() {
            [] => format!("{} by default", role.role),
            groups => format!("{} from {}", role.role, groups.join("+")),
        }
    };
    page.roles.iter().map(role).collect()
}

/// The entries of the audit log about an action, as `actor: target: before → after`.
async fn entries(world: &TestApp, action: &str) -> Vec<String> {
    let columns = "actor || ': ' || target || ': ' || before_value || ' → ' || after_value";
    world
        .texts(&format!(
            "select {columns} from audit_log where action = '{action}' order by at, id"
        ))
        .await
}

async fn page(world: &TestApp, query: &RolesQuery) -> RolesPage {
    queries::roles_page(&world.state, &scope(ACME), query).await.unwrap()
}

async fn preview(world: &TestApp, group: &str, roles: GroupRoles) -> Result<RolesPreview, Refusal> {
    let query = RolesQuery { group: Some(GroupId::new(group)), asked: Some(roles) };
    page(world, &query).await.change.unwrap().preview.unwrap()
}

async fn a_person_has_the_roles_of_their_groups_or_the_default_role(world: TestApp) {
    ready(&world).await;
    assert_eq!(roles_of(&world, "ada").await, [""; 0]);

    world.change_setting(SettingName::DefaultRole, "member").await.unwrap();
    map(&world, SALES, roles(&["editor", "reader"], None)).await;
    map(&world, IT, roles(&["reader"], Some(Role::TenantAdmin))).await;

    assert_eq!(roles_of(&world, "ada").await, ["editor from sales", "reader from sales"]);
    assert_eq!(roles_of(&world, "bob").await, ["editor from sales", "reader from it+sales"]);
    assert_eq!(roles_of(&world, "cy").await, ["member by default"]);
    world.left(ACME, "bob").await;
    assert_eq!(roles_of(&world, "bob").await, [""; 0], "a removed person has no role");

    let records = queries::role_records(&world.state, &scope(ACME)).await.unwrap();
    let told: Vec<String> = records
        .iter()
        .map(|record| {
            let name = record.name.as_deref().unwrap_or_default();
            format!("{name} {} {:?}", record.members, record.dashboard_role)
        })
        .collect();
    assert_eq!(told, ["it 0 Some(\"tenant-admin\")", "sales 1 None"]);
}

async fn a_change_of_a_membership_changes_roles_and_leaves_an_entry(world: TestApp) {
    ready(&world).await;
    world.change_setting(SettingName::DefaultRole, "member").await.unwrap();
    map(&world, SALES, roles(&["editor"], None)).await;
    map(&world, IT, roles(&["reader"], None)).await;
    assert_eq!(entries(&world, "change_roles").await, [""; 0], "the mapping has its own entries");
    let given =
        ["command line (story): sales: none → editor", "command line (story): it: none → reader"];
    assert_eq!(entries(&world, "set_group_roles").await, given);

    in_groups(&world, "dan", &[IT]).await;
    in_groups(&world, "ada", &[IT]).await;
    in_groups(&world, "cy", &["dirgroup_other"]).await;
    in_groups(&world, "bob", &[]).await;

    assert_eq!(roles_of(&world, "ada").await, ["reader from it"]);
    let ada = "directory: ada: editor → reader";
    let bob = "directory: bob: editor, reader → member";
    let dan = "directory: dan: none → reader";
    assert_eq!(entries(&world, "change_roles").await, [dan, ada, bob]);

    let body = format!(
        r#"{{"id":"evt_9","type":"organization.directory.group_deleted","occurred_at":"{}","organization_id":"{ACME}","data":{{"id":"{IT}"}}}}"#,
        world.clock.now().rfc3339()
    );
    world.post(&body).await;
    assert_eq!(roles_of(&world, "ada").await, ["member by default"]);
    let ended = "directory: ada: reader → member";
    let also = "directory: dan: reader → member";
    assert_eq!(entries(&world, "change_roles").await, [dan, ada, bob, ended, also]);
}

async fn a_preview_says_what_saving_then_does(world: TestApp) {
    ready(&world).await;
    map(&world, SALES, roles(&["editor"], None)).await;
    map(&world, IT, roles(&["editor"], None)).await;

    let preview = preview(&world, SALES, roles(&["reader"], None)).await.unwrap();

    let told: Vec<String> = preview
        .effects
        .iter()
        .map(|row| format!("{} +{} -{}", row.role, row.gained.count, row.lost.count))
        .collect();
    assert_eq!(told, ["editor +0 -1", "reader +2 -0"]);
    assert_eq!(preview.effects[0].lost.first[0].1.to_string(), "ada");
    map(&world, SALES, roles(&["reader"], None)).await;
    assert_eq!(roles_of(&world, "ada").await, ["reader from sales"]);
    assert_eq!(roles_of(&world, "bob").await, ["editor from it", "reader from sales"]);
    let query =
        RolesQuery { group: Some(GroupId::new(SALES)), asked: Some(roles(&["reader"], None)) };
    let again = page(&world, &query).await.change.unwrap().preview;
    assert_eq!(again, Some(Err(Refusal::RolesAreTheSame)));
}

async fn a_mapping_of_another_version_is_not_overwritten(world: TestApp) {
    ready(&world).await;
    let seen = page(&world, &RolesQuery::default()).await.roles_version;
    map(&world, SALES, roles(&["editor"], None)).await;

    let late = new(IT, roles(&["reader"], None), Some(seen));
    let refused = set_group_roles(&world.state, &operator(), &late).await;

    assert!(matches!(refused, Err(Error::Refused(Refusal::RolesChangedMeanwhile))), "{refused:?}");
    let rows = page(&world, &RolesQuery::default()).await.rows;
    assert_eq!(rows.len(), 1, "{rows:?}");
    let unknown = new("dirgroup_none", roles(&[], None), None);
    let missing = set_group_roles(&world.state, &operator(), &unknown).await;
    assert!(matches!(missing, Err(Error::Missing)), "{missing:?}");
}

async fn only_roles_of_the_list_are_given_and_a_role_in_use_stays_on_it(world: TestApp) {
    ready(&world).await;
    let unknown = new(SALES, roles(&["owner"], None), None);
    let refused = set_group_roles(&world.state, &operator(), &unknown).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::NoRole(_)))), "{refused:?}");
    let refused = world.change_setting(SettingName::DefaultRole, "owner").await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::NoRole(_)))), "{refused:?}");

    map(&world, SALES, roles(&["editor"], None)).await;
    world.change_setting(SettingName::DefaultRole, "member").await.unwrap();
    for less in ["reader, member", "editor, reader"] {
        let refused = world.change_setting(SettingName::ApplicationRoles, less).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::RoleInUse(_)))), "{refused:?}");
    }
    world.change_setting(SettingName::ApplicationRoles, "editor, member").await.unwrap();
    map(&world, SALES, roles(&[], None)).await;
    world.change_setting(SettingName::ApplicationRoles, "member").await.unwrap();
}

async fn people_are_found_by_their_roles(world: TestApp) {
    ready(&world).await;
    world.change_setting(SettingName::DefaultRole, "member").await.unwrap();
    map(&world, IT, roles(&["reader"], None)).await;
    let found = |role: &str| {
        let query = PeopleQuery { role: role.to_owned(), ..PeopleQuery::default() };
        let world = &world;
        async move {
            let people = queries::people(&world.state, &scope(ACME), &query).await.unwrap();
            let name = |row: &views::PersonRow| row.name.clone().unwrap().to_string();
            people.rows.iter().map(name).collect::<Vec<_>>()
        }
    };
    assert_eq!(found("reader").await, ["bob"]);
    assert_eq!(found("member").await, ["ada", "cy"]);
    assert_eq!(found("editor").await, [""; 0]);
}

async fn account(world: &TestApp, user: &str, role: Role) -> AccountId {
    let email = format!("{user}@acme.test");
    world.account(&email, role, &[ACME]).await;
    queries::account_of(&world.state, &email).await.unwrap().unwrap()
}

async fn role_of(world: &TestApp, account: &AccountId) -> Option<Role> {
    let viewer = queries::viewer(&world.state, account).await.unwrap()?;
    viewer.role_in(&OrganizationId::new(ACME))
}

async fn a_group_makes_its_members_admins_until_they_leave_it(world: TestApp) {
    ready(&world).await;
    account(&world, "kim", Role::TenantAdmin).await;
    let bob = account(&world, "bob", Role::TenantViewer).await;
    let cookie = world.cookie_of(&bob).await;
    let asked = roles(&[], Some(Role::TenantAdmin));
    let preview = preview(&world, IT, asked.clone()).await.unwrap();
    assert_eq!(preview.accounts, [("bob@acme.test".into(), Role::TenantAdmin)]);
    assert_eq!(role_of(&world, &bob).await, Some(Role::TenantViewer), "only a preview");

    map(&world, IT, asked).await;

    assert_eq!(role_of(&world, &bob).await, Some(Role::TenantAdmin));
    assert!(world.renewed_cookie(&cookie).await.is_some(), "a token is for one set of rights");
    let accounts = queries::accounts(&world.state).await.unwrap();
    let listed = accounts.iter().find(|row| row.email == "bob@acme.test").unwrap();
    assert_eq!((listed.role, listed.organizations[0].role), ("tenant-viewer", "tenant-admin"));
    in_groups(&world, "ada", &[IT]).await;
    assert_eq!(role_of(&world, &bob).await, Some(Role::TenantAdmin));
    in_groups(&world, "bob", &[SALES]).await;
    assert_eq!(role_of(&world, &bob).await, Some(Role::TenantViewer));
    let changes = [
        "role mapping: bob@acme.test: tenant-viewer → tenant-admin",
        "role mapping: bob@acme.test: tenant-admin → tenant-viewer",
    ];
    assert_eq!(entries(&world, "change_dashboard_role").await, changes);
}

async fn the_last_admin_stays_an_admin(world: TestApp) {
    ready(&world).await;
    let bob = account(&world, "bob", Role::TenantViewer).await;
    let ada = account(&world, "ada", Role::TenantViewer).await;
    map(&world, IT, roles(&[], Some(Role::TenantAdmin))).await;

    in_groups(&world, "bob", &[]).await;

    assert_eq!(role_of(&world, &bob).await, Some(Role::TenantAdmin));
    let page = page(&world, &RolesQuery::default()).await;
    assert_eq!(page.last_admin, Some("bob@acme.test".into()));
    in_groups(&world, "ada", &[IT]).await;
    assert_eq!(role_of(&world, &bob).await, Some(Role::TenantViewer), "there is another one");
    assert_eq!(role_of(&world, &ada).await, Some(Role::TenantAdmin));
}

async fn a_role_of_another_organization_gives_nothing_here(world: TestApp) {
    ready(&world).await;
    world.organization(OTHER, SeatLimit::Unlimited).await;
    in_groups_of(&world, OTHER, "dan", &[SALES]).await;
    let theirs = NewGroupRoles {
        organization: OrganizationId::new(OTHER),
        ..new(SALES, roles(&["editor"], None), None)
    };
    set_group_roles(&world.state, &operator(), &theirs).await.unwrap();

    assert_eq!(roles_of(&world, "ada").await, [""; 0]);
    assert!(page(&world, &RolesQuery::default()).await.rows.is_empty());
    let query = RolesQuery { group: Some(GroupId::new("dirgroup_none")), asked: None };
    let missing = queries::roles_page(&world.state, &scope(ACME), &query).await;
    assert!(matches!(missing, Err(commands::Error::Missing)), "{missing:?}");
}

async fn an_account_gets_the_role_of_its_group_when_it_gets_access(world: TestApp) {
    ready(&world).await;
    account(&world, "kim", Role::TenantAdmin).await;
    map(&world, IT, roles(&[], Some(Role::TenantAdmin))).await;

    let bob = account(&world, "bob", Role::TenantViewer).await;
    let cy = account(&world, "cy", Role::TenantViewer).await;

    assert_eq!(role_of(&world, &bob).await, Some(Role::TenantAdmin));
    assert_eq!(role_of(&world, &cy).await, Some(Role::TenantViewer));
}

async fn an_admin_who_is_enabled_again_is_there_for_the_last_one(world: TestApp) {
    ready(&world).await;
    account(&world, "kim", Role::TenantAdmin).await;
    let bob = account(&world, "bob", Role::TenantViewer).await;
    map(&world, IT, roles(&[], Some(Role::TenantAdmin))).await;
    commands::disable_account(&world.state, &operator(), "kim@acme.test").await.unwrap();
    in_groups(&world, "bob", &[]).await;
    assert_eq!(role_of(&world, &bob).await, Some(Role::TenantAdmin), "the last one");

    commands::enable_account(&world.state, &operator(), "kim@acme.test").await.unwrap();

    assert_eq!(role_of(&world, &bob).await, Some(Role::TenantViewer));
}
