//! Staff set the name, the external id, the account manager and the notes of an organization.

use std::time::Duration;

use domain::{
    access::{Role, Viewer},
    audit::AuditAction,
    id::{AccountId, OrganizationId},
    organization::SeatLimit,
    refusal::Refusal,
};
use seatkeeper::{
    commands::{
        self, Actor, Error, NewDetails, NewNotes, NewOrganization, discard_draft, keep_draft,
        set_details, set_notes,
    },
    queries,
};
use views::{
    OverviewQuery,
    audit::AuditQuery,
    settings::{NewOrganizationQuery, NotesForm},
};

use crate::support::world::{ACME, TestApp, operator, scope, staff, stories};

stories! {
    an_organization_is_added_with_its_external_id,
    the_form_says_all_that_is_wrong_with_a_new_organization,
    the_newest_name_counts_whether_a_person_or_scalekit_said_it,
    a_late_event_with_a_name_is_not_stale_if_no_newer_one_had_a_name,
    two_people_cannot_overwrite_each_others_details,
    each_change_of_the_details_is_kept_with_both_values,
    an_account_manager_is_a_staff_account_that_can_sign_in,
    the_overview_finds_the_organizations_of_an_account_manager,
    what_the_second_person_typed_is_kept_beside_the_notes_of_the_first,
    a_tenant_gets_no_notes_and_no_entry_about_them,
}

const NOTE: &str = "Renewal in March.\nAsk for Noor.";

fn acme() -> OrganizationId {
    OrganizationId::new(ACME)
}

/// An organization event that happens now.
async fn event(world: &TestApp, kind: &str, data: &str) {
    let at = world.clock.now().rfc3339();
    said(world, (kind, &at), data).await;
}

async fn said(world: &TestApp, (kind, at): (&str, &str), data: &str) {
    let number = world.number();
    let body = format!(
        r#"{{"id":"evt_{number}","type":"organization.{kind}","occurred_at":"{at}","organization_id":"{ACME}","data":{{"id":"{ACME}"{data}}}}}"#
    );
    assert!(world.post(&body).await.is_success());
}

async fn details(world: &TestApp) -> String {
    let columns = "name || '|' || coalesce(external_id, '') || '|' || search_key";
    let sql = format!("select {columns} from organizations where id = '{ACME}'");
    world.texts(&sql).await.concat()
}

fn named(name: &str) -> NewDetails {
    NewDetails { name: Some(name.to_owned()), ..NewDetails::default() }
}

async fn settings(world: &TestApp, viewer: &Viewer) -> views::settings::SettingsPage {
    queries::settings(&world.state, &scope(ACME), viewer).await.unwrap()
}

async fn notes(world: &TestApp, viewer: &Viewer) -> NotesForm {
    settings(world, viewer).await.staff.unwrap().notes
}

/// An account of staff, and its viewer.
async fn member(world: &TestApp, name: &str) -> Viewer {
    let email = format!("{name}@seats.example");
    world.account(&email, Role::Staff, &[]).await;
    let account = queries::account_of(&world.state, &email).await.unwrap().unwrap();
    queries::viewer(&world.state, &account).await.unwrap().unwrap()
}

fn actor(viewer: &Viewer) -> Actor {
    Actor::staff(viewer.staff().unwrap())
}

fn typed(text: &str, expected_version: Option<i64>) -> NewNotes {
    NewNotes { organization: acme(), notes: text.to_owned(), expected_version }
}

async fn an_organization_is_added_with_its_external_id(world: TestApp) {
    let new = NewOrganization {
        id: acme(),
        name: " Acme ".to_owned(),
        external_id: Some(" crm-42 ".to_owned()),
        limit: Some(SeatLimit::Seats(5)),
    };

    commands::add_organization(&world.state, &operator(), &new).await.unwrap();

    assert_eq!(details(&world).await, format!("Acme|crm-42|acme {ACME}"));
    let entries = "select action || '|' || after_value from audit_log";
    assert_eq!(world.texts(entries).await, ["add_organization|5 seats, external id crm-42"]);
    let again = commands::add_organization(&world.state, &operator(), &new).await;
    assert!(matches!(again, Err(Error::Refused(Refusal::OrganizationExists(_)))), "{again:?}");
    world.check().await;
}

async fn the_form_says_all_that_is_wrong_with_a_new_organization(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let sam = staff().staff().unwrap();
    let form = async |typed: &NewOrganizationQuery| {
        queries::new_organization(&world.state, &sam, typed).await.unwrap()
    };

    let fresh = form(&NewOrganizationQuery::default()).await;
    assert_eq!((fresh.limit.as_str(), fresh.refusals), ("", vec![]));

    let wrong = NewOrganizationQuery {
        organization: "Acme".to_owned(),
        name: " ".to_owned(),
        external_id: "a\u{202e}b".to_owned(),
        limit: Some("plenty".to_owned()),
        refused: true,
    };
    let fields: Vec<_> = form(&wrong).await.refusals.iter().filter_map(Refusal::field).collect();
    assert_eq!(fields, ["organization", "name", "external_id", "limit"]);

    let taken = NewOrganizationQuery {
        organization: ACME.to_owned(),
        name: "Acme".to_owned(),
        refused: true,
        ..NewOrganizationQuery::default()
    };
    let taken = form(&taken).await;
    assert_eq!(taken.refusals, [Refusal::OrganizationExists(acme())]);
    assert_eq!(
        taken.existing.map(|(id, name)| (id, name.to_string())),
        Some((acme(), format!("{ACME} Ltd")))
    );
}

async fn the_newest_name_counts_whether_a_person_or_scalekit_said_it(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let before = world.clock.now().rfc3339();
    event(&world, "created", r#","display_name":"Acme","external_id":"crm-1""#).await;
    assert_eq!(details(&world).await, format!("Acme|crm-1|acme {ACME}"));
    world.clock.pass(Duration::from_mins(1));

    set_details(&world.state, &operator(), &acme(), &named("Acme East")).await.unwrap();
    let no_id = NewDetails { external_id: Some(String::new()), ..NewDetails::default() };
    set_details(&world.state, &operator(), &acme(), &no_id).await.unwrap();
    said(&world, ("updated", &before), r#","display_name":"Acme","external_id":"crm-1""#).await;
    assert_eq!(details(&world).await, format!("Acme East||acme east {ACME}"));

    world.clock.pass(Duration::from_mins(1));
    event(&world, "updated", r#","display_name":"Acme West","external_id":"crm-2""#).await;
    assert_eq!(details(&world).await, format!("Acme West|crm-2|acme west {ACME}"));
    world.check().await;
}

async fn a_late_event_with_a_name_is_not_stale_if_no_newer_one_had_a_name(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let before = world.clock.now().rfc3339();
    world.clock.pass(Duration::from_mins(1));

    event(&world, "updated", "").await;
    said(&world, ("created", &before), r#","display_name":"Acme""#).await;

    assert_eq!(details(&world).await, format!("Acme||acme {ACME}"));
    assert_eq!(world.outcomes().await, ["updated", "updated"]);
}

async fn two_people_cannot_overwrite_each_others_details(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let version = settings(&world, &staff()).await.staff.unwrap().details.version;
    let from_the_form = |name: &str| NewDetails { expected_version: Some(version), ..named(name) };

    let [first, second] = ["Acme East", "Acme West"].map(from_the_form);
    set_details(&world.state, &operator(), &acme(), &first).await.unwrap();
    let refused = set_details(&world.state, &operator(), &acme(), &second).await;

    assert!(matches!(refused, Err(Error::Refused(Refusal::DetailsChangedMeanwhile))));
    assert_eq!(settings(&world, &staff()).await.name, "Acme East");

    let version = settings(&world, &staff()).await.staff.unwrap().details.version;
    event(&world, "updated", r#","display_name":"Acme North""#).await;
    let stale = NewDetails { expected_version: Some(version), ..named("Acme West") };
    let refused = set_details(&world.state, &operator(), &acme(), &stale).await;
    assert!(
        matches!(refused, Err(Error::Refused(Refusal::DetailsChangedMeanwhile))),
        "Scalekit renamed it"
    );
}

async fn each_change_of_the_details_is_kept_with_both_values(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let kim = member(&world, "kim").await;
    let all = NewDetails {
        name: Some("Acme".to_owned()),
        external_id: Some("crm-1".to_owned()),
        account_manager: Some(Some(kim.account.clone())),
        expected_version: None,
    };

    assert!(set_details(&world.state, &actor(&kim), &acme(), &all).await.unwrap());
    assert!(!set_details(&world.state, &actor(&kim), &acme(), &all).await.unwrap());
    let none = NewDetails { account_manager: Some(None), ..named("Acme East") };
    assert!(set_details(&world.state, &actor(&kim), &acme(), &none).await.unwrap());

    let columns = ["action", "actor", "before_value", "after_value"];
    let columns = columns.map(|column| format!("coalesce({column}, '')")).join(" || '|' || ");
    let sql = format!(
        "select {columns} from audit_log where organization_id = '{ACME}' and action <> 'add_organization' order by id"
    );
    assert_eq!(
        world.texts(&sql).await,
        [
            format!("rename_organization|{name}|{ACME} Ltd|Acme", name = kim.name),
            format!("set_external_id|{}||crm-1", kim.name),
            format!("set_account_manager|{name}||{name}", name = kim.name),
            format!("rename_organization|{}|Acme|Acme East", kim.name),
            format!("set_account_manager|{name}|{name}|", name = kim.name),
        ]
    );
}

async fn an_account_manager_is_a_staff_account_that_can_sign_in(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let kim = member(&world, "kim").await;
    world.account("ada@acme.test", Role::TenantAdmin, &[ACME]).await;
    let ada = queries::account_of(&world.state, "ada@acme.test").await.unwrap().unwrap();
    let managed_by = async |account: AccountId| {
        let new = NewDetails { account_manager: Some(Some(account)), ..NewDetails::default() };
        set_details(&world.state, &operator(), &acme(), &new).await
    };

    for wrong in [ada, AccountId::new("acc_404")] {
        let refused = managed_by(wrong).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::AccountManager))), "{refused:?}");
    }
    managed_by(kim.account.clone()).await.unwrap();
    assert_eq!(settings(&world, &staff()).await.account_manager.unwrap(), kim.name.as_str());

    // she stays until another one is chosen, and cannot be chosen again
    commands::disable_account(&world.state, &operator(), &kim.email).await.unwrap();
    let page = settings(&world, &staff()).await;
    let managers = page.staff.unwrap().details.account_managers;
    assert_eq!(managers.iter().map(|(id, _)| id).collect::<Vec<_>>(), [&kim.account]);
    set_details(&world.state, &operator(), &acme(), &named("Acme")).await.unwrap();
    assert_eq!(world.page(ACME).await.account_manager.unwrap(), kim.name.as_str());
}

async fn the_overview_finds_the_organizations_of_an_account_manager(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.organization("org_other", SeatLimit::Seats(5)).await;
    let kim = member(&world, "kim").await;
    let manager = Some(Some(kim.account.clone()));
    let new = NewDetails { account_manager: manager, ..NewDetails::default() };
    set_details(&world.state, &operator(), &acme(), &new).await.unwrap();

    let found = async |mine, viewer: &Viewer| {
        let query = OverviewQuery { mine, ..OverviewQuery::default() };
        let staff = viewer.staff().unwrap();
        let overview = queries::overview(&world.state, &staff, &query).await.unwrap();
        let rows: Vec<_> = overview
            .rows
            .iter()
            .map(|row| (row.id.to_string(), row.account_manager.as_ref().map(ToString::to_string)))
            .collect();
        (rows, overview.counts.all)
    };

    let mine = (ACME.to_owned(), Some(kim.name.clone()));
    assert_eq!(found(true, &kim).await, (vec![mine.clone()], 1));
    assert_eq!(found(true, &staff()).await, (vec![], 0));
    let other = ("org_other".to_owned(), None);
    assert_eq!(found(false, &kim).await, (vec![mine, other], 2));
}

async fn what_the_second_person_typed_is_kept_beside_the_notes_of_the_first(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let (kim, lee) = (member(&world, "kim").await, member(&world, "lee").await);
    let version = notes(&world, &kim).await.version;

    set_notes(&world.state, &actor(&kim), &typed(NOTE, Some(version))).await.unwrap();
    let second = typed("Pays late.\r\n<b>Really</b>", Some(version));
    let refused = set_notes(&world.state, &actor(&lee), &second).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::NotesChangedMeanwhile))));
    keep_draft(&world.state, &actor(&lee), &acme(), &second.notes).await.unwrap();

    let seen = notes(&world, &lee).await;
    assert_eq!(seen.draft.as_deref(), Some("Pays late.\n<b>Really</b>"));
    assert_eq!(
        seen.lines.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["Renewal in March.", "Ask for Noor."]
    );
    assert_eq!(seen.changed.unwrap().0, kim.name.as_str());
    assert_eq!(notes(&world, &kim).await.draft, None, "a draft belongs to its author");

    // having compared both, the second person saves
    let both = typed(&format!("{NOTE}\nPays late."), Some(seen.version));
    assert!(set_notes(&world.state, &actor(&lee), &both).await.unwrap());
    let seen = notes(&world, &lee).await;
    assert_eq!((seen.version, seen.draft), (2, None));
    let again = typed(&both.notes, Some(seen.version));
    assert!(!set_notes(&world.state, &actor(&lee), &again).await.unwrap());

    let long = "x".repeat(4_001);
    let refused = set_notes(&world.state, &actor(&lee), &typed(&long, Some(2))).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::NotesTooLong))));
    keep_draft(&world.state, &actor(&lee), &acme(), &long).await.unwrap();
    assert_eq!(notes(&world, &lee).await.draft, Some(long));
    discard_draft(&world.state, &actor(&lee), &acme()).await.unwrap();
    assert_eq!(notes(&world, &lee).await.draft, None);
    let kept = "select before_value || ' → ' || after_value from audit_log where action = 'set_notes' and before_value is not null";
    assert_eq!(world.texts(kept).await, [format!("{NOTE} → {NOTE}\nPays late.")]);
}

async fn a_tenant_gets_no_notes_and_no_entry_about_them(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let kim = member(&world, "kim").await;
    set_notes(&world.state, &actor(&kim), &typed(NOTE, None)).await.unwrap();
    set_details(&world.state, &actor(&kim), &acme(), &named("Acme")).await.unwrap();
    world.account("ada@acme.test", Role::TenantAdmin, &[ACME]).await;
    let ada = queries::account_of(&world.state, "ada@acme.test").await.unwrap().unwrap();
    let ada = queries::viewer(&world.state, &ada).await.unwrap().unwrap();

    let page = settings(&world, &ada).await;
    assert_eq!((page.name.as_str(), page.staff), ("Acme", None));
    let actions = async |viewer: &Viewer, action| {
        let query = AuditQuery { organization: Some(acme()), action, ..AuditQuery::default() };
        let page = queries::audit(&world.state, viewer, &query).await.unwrap();
        page.rows.into_iter().map(|row| row.action).collect::<Vec<_>>()
    };
    let set_notes = AuditAction::SetNotes;
    assert!(actions(&ada, None).await.contains(&AuditAction::RenameOrganization));
    assert!(!actions(&ada, None).await.contains(&set_notes));
    assert_eq!(actions(&ada, Some(set_notes)).await, []);
    assert_eq!(actions(&kim, Some(set_notes)).await, [set_notes]);
}
