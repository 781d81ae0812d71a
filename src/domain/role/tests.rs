use super::*;
use crate::{
    id::{AccountId, DirectoryUserId},
    time::Timestamp,
};

fn role(name: &str) -> RoleName {
    RoleName::parse(name).unwrap()
}

fn group(name: &str) -> GroupId {
    GroupId::new(name)
}

fn mapping(groups: &[(&str, &[&str], Option<Role>)]) -> RoleMapping {
    let mut mapping = RoleMapping::default();
    for (name, roles, dashboard) in groups {
        let application = roles.iter().map(|name| role(name)).collect();
        mapping.set(group(name), GroupRoles { application, dashboard: *dashboard });
    }
    mapping
}

#[test]
fn a_role_has_a_plain_name() {
    for good in ["a", "billing_admin", "Tier-2", &"a".repeat(64)] {
        assert_eq!(RoleName::parse(good).map(String::from), Some(good.to_owned()));
    }
    for bad in ["", " a", "a b", "a,b", "ä", "a.b", "=1", &"a".repeat(65)] {
        assert_eq!(RoleName::parse(bad), None, "{bad}");
    }
}

#[test]
fn application_roles_of_all_groups_add_up() {
    let mapping = mapping(&[
        ("sales", &["reader", "editor"], None),
        ("it", &["reader"], Some(Role::TenantAdmin)),
        ("all", &[], Some(Role::TenantViewer)),
    ]);
    let roles = |groups: &[&str]| {
        let groups: Vec<_> = groups.iter().map(|name| group(name)).collect();
        let found = mapping.application(groups.iter(), Some(&role("member")));
        let told = found.into_iter().map(|(role, sources)| {
            let source = |source: &RoleSource| match source {
                RoleSource::Group(group) => group.to_string(),
                RoleSource::Default => "default".to_owned(),
            };
            format!("{role} {}", sources.iter().map(source).collect::<Vec<_>>().join("+"))
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(roles(&["it", "sales"]), ["editor sales", "reader it+sales"]);
    assert_eq!(roles(&["it", "other"]), ["reader it"]);
    assert_eq!(roles(&["other"]), ["member default"], "no mapped group");
    assert_eq!(roles(&["all"]), ["member default"], "a dashboard role is no application role");
}

#[test]
fn the_highest_dashboard_role_wins() {
    let mapping = mapping(&[
        ("it", &[], Some(Role::TenantAdmin)),
        ("all", &[], Some(Role::TenantViewer)),
        ("sales", &["reader"], None),
    ]);
    let highest = |groups: &[&str]| {
        let groups: Vec<_> = groups.iter().map(|name| group(name)).collect();
        mapping.dashboard(groups.iter())
    };
    assert_eq!(highest(&["all", "it", "sales"]), Some(Role::TenantAdmin));
    assert_eq!(highest(&["it", "all"]), Some(Role::TenantAdmin));
    assert_eq!(highest(&["all"]), Some(Role::TenantViewer));
    assert_eq!(highest(&["sales"]), None);
}

#[test]
fn a_group_without_roles_leaves_the_mapping() {
    let mut mapping = mapping(&[("sales", &["reader"], None)]);
    assert_eq!(mapping.of(&group("sales")).to_string(), "reader");
    mapping.set(group("sales"), GroupRoles::default());
    assert!(mapping.is_empty());
    assert_eq!(mapping.of(&group("sales")).to_string(), "none");
    let both = GroupRoles {
        application: [role("a"), role("b")].into(),
        dashboard: Some(Role::TenantAdmin),
    };
    assert_eq!(both.to_string(), "a, b; dashboard: tenant-admin");
}

fn member(name: &str, own: Role, role: Role, groups: &[&str]) -> DashboardMember {
    DashboardMember {
        account: AccountId::new(name),
        own,
        role,
        granted_at: Timestamp::from_seconds(i64::from(name.as_bytes()[0])),
        is_disabled: false,
        by_group: false,
        groups: groups.iter().map(|name| group(name)).collect(),
    }
}

fn told(members: &[DashboardMember], mapping: &RoleMapping) -> (Vec<String>, Option<String>) {
    let (changes, last) = dashboard_changes(members, mapping);
    let told = |change: DashboardChange| format!("{}: {}", change.account, change.after.as_str());
    (changes.into_iter().map(told).collect(), last.map(String::from))
}

const ADMIN: Role = Role::TenantAdmin;
const VIEWER: Role = Role::TenantViewer;

#[test]
fn a_group_makes_an_account_an_admin_and_its_end_makes_it_a_viewer() {
    let it = mapping(&[("it", &[], Some(ADMIN))]);
    let members = [
        member("ada", ADMIN, ADMIN, &[]),
        member("bob", VIEWER, VIEWER, &["it"]),
        member("cy", VIEWER, ADMIN, &[]),
    ];
    let changed = vec!["bob: tenant-admin".to_owned(), "cy: tenant-viewer".to_owned()];
    assert_eq!(told(&members, &it), (changed, None));
}

#[test]
fn the_last_admin_stays_an_admin_until_there_is_another_one() {
    let none = RoleMapping::default();
    let members = [
        member("cy", VIEWER, ADMIN, &["it"]),
        member("bob", VIEWER, ADMIN, &["it"]),
        member("dan", VIEWER, VIEWER, &[]),
    ];
    let demoted = vec!["cy: tenant-viewer".to_owned()];
    assert_eq!(told(&members, &none), (demoted, Some("bob".to_owned())), "the longest access");

    let last = [member("bob", VIEWER, ADMIN, &[]), member("dan", VIEWER, VIEWER, &["it"])];
    let it = mapping(&[("it", &[], Some(ADMIN))]);
    let changed = vec!["bob: tenant-viewer".to_owned(), "dan: tenant-admin".to_owned()];
    assert_eq!(told(&last, &it), (changed, None));
}

#[test]
fn a_disabled_account_is_no_admin_that_another_one_could_lean_on() {
    let none = RoleMapping::default();
    let disabled = DashboardMember { is_disabled: true, ..member("ada", ADMIN, ADMIN, &[]) };
    let members = [disabled, member("bob", VIEWER, ADMIN, &[])];
    assert_eq!(told(&members, &none), (vec![], Some("bob".to_owned())));
    let viewers = [member("bob", VIEWER, VIEWER, &[])];
    assert_eq!(told(&viewers, &none), (vec![], None), "no admin to protect");
}

#[test]
fn a_membership_that_a_group_gives_ends_with_the_last_such_group() {
    let it = mapping(&[("it", &[], Some(VIEWER))]);
    let by_group = |name, groups: &[&str]| DashboardMember {
        by_group: true,
        ..member(name, VIEWER, VIEWER, groups)
    };
    let members = [
        by_group("ada", &["it"]),
        by_group("bob", &["sales"]),
        member("cy", VIEWER, VIEWER, &["sales"]),
        by_group("dan", &[]),
    ];
    let dan = AccountId::new("dan");

    let ended = ended_memberships(&members, &it, Some(&dan));

    assert_eq!(ended, [AccountId::new("bob")].into(), "dan is the last admin and stays");
}

#[test]
fn a_preview_says_who_gets_and_who_loses_a_role() {
    let before = mapping(&[("sales", &["editor"], None)]);
    let after = mapping(&[("sales", &["reader"], None), ("it", &["editor"], None)]);
    let person = |name: &str, groups: &[&str]| {
        (DirectoryUserId::new(name), groups.iter().map(|name| group(name)).collect())
    };
    let people = [
        person("ada", &["sales"]),
        person("bob", &["sales", "it"]),
        person("cy", &["it"]),
        person("dan", &["other"]),
    ];

    let effects = role_effects((&before, &after), &people.into(), Some(&role("member")));

    let told = |(role, effect): (RoleName, RoleEffect)| {
        format!("{role} +{:?} -{:?}", effect.gained, effect.lost)
    };
    let told: Vec<String> = effects.into_iter().map(told).collect();
    assert_eq!(told, ["editor +[cy] -[ada]", "member +[] -[cy]", "reader +[ada, bob] -[]"]);
}

#[test]
fn the_last_admin_is_the_only_one_who_can_sign_in() {
    let it = mapping(&[("it", &[], Some(ADMIN))]);
    let none = RoleMapping::default();
    let last = |members: &[DashboardMember], mapping: &RoleMapping, name: &str| {
        is_last_admin(members, mapping, &AccountId::new(name))
    };
    let ada = member("ada", ADMIN, ADMIN, &[]);
    let bob = member("bob", VIEWER, ADMIN, &["it"]);
    let cy = member("cy", VIEWER, VIEWER, &[]);
    let members = [ada.clone(), bob, cy.clone()];

    assert!(!last(&members, &it, "ada"), "a group keeps bob an admin");
    assert!(last(&members, &none, "ada"), "bob is no admin any more without the group");
    assert!(!last(&members, &none, "cy"), "a viewer is no admin");
    let disabled = DashboardMember { is_disabled: true, ..member("dan", ADMIN, ADMIN, &[]) };
    assert!(last(&[ada.clone(), disabled.clone(), cy], &none, "ada"));
    assert!(!last(&[disabled, ada], &none, "dan"), "a disabled account is none either");
}
