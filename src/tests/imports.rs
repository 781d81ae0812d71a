//! Imports: people from a file, through the seat rules, and the directory that takes them over.

use std::{fmt::Write, time::Duration};

use domain::{
    decision::Outcome,
    directory::PlanWarning,
    id::{ImportId, OrganizationId, ResyncId},
    import::ImportFormat,
    organization::{SeatLimit, Usage},
    refusal::{ImportRefusal, Refusal},
    resync::{Resync, ResyncCounts, ResyncState},
};
use seatkeeper::{
    commands::{
        self, NewImport, Upload, remove_import_rows,
        resync::{Turn, confirm_resync, work_on},
    },
    queries::{
        self,
        export::{Export, ImportCells, ImportRows},
    },
};

use crate::support::world::{ACME, TestApp, diruser, operator, scope, stories};

stories! {
    people_get_seats_in_the_order_of_the_file_and_the_same_file_changes_nothing,
    a_row_that_cannot_be_taken_says_why_and_the_others_count,
    a_whole_file_removes_who_is_missing_once_a_person_confirms_it,
    a_whole_file_with_a_refused_row_removes_no_person,
    a_dry_run_changes_nothing_and_is_applied_as_planned,
    a_file_that_does_not_arrive_changes_nothing,
    an_import_that_is_killed_goes_on_and_repeats_nothing,
    a_directory_decides_about_its_people_whatever_a_file_says,
    a_person_that_a_directory_names_before_the_plan_is_applied_is_left_to_it,
    no_import_begins_beside_another_run,
    sixty_files_begin_in_an_hour_and_no_more,
}

fn acme() -> OrganizationId {
    OrganizationId::new(ACME)
}

pub fn csv() -> NewImport {
    NewImport { organization: acme(), format: ImportFormat::Csv, is_whole: false, dry_run: false }
}

pub fn whole() -> NewImport {
    NewImport { is_whole: true, ..csv() }
}

/// Sends a file a second later.
async fn send(
    world: &TestApp,
    new: NewImport,
    text: &str,
) -> Result<(ImportId, ResyncId), commands::Error> {
    world.clock.pass(Duration::from_secs(1));
    let mut upload = Upload::begin(&world.state, &operator(), new).await?;
    for part in text.as_bytes().chunks(1_000) {
        upload.push(part).await?;
    }
    upload.finish().await
}

async fn look(world: &TestApp, run: &ResyncId) -> Resync {
    queries::resync(&world.state, &scope(ACME), run).await.unwrap()
}

async fn work(world: &TestApp, run: &ResyncId) -> Resync {
    work_on(&world.state, &Turn::This(acme(), run.clone())).await.unwrap();
    look(world, run).await
}

/// Sends a file, and works on its run until it ends or waits.
pub async fn import(world: &TestApp, new: NewImport, text: &str) -> (ImportId, Resync) {
    let (id, run) = send(world, new, text).await.unwrap();
    (id, work(world, &run).await)
}

async fn rows(world: &TestApp, id: &ImportId) -> Vec<ImportCells> {
    let list = ImportRows::new(scope(ACME), id.clone());
    let mut rows = Export::new(world.state.clone(), list);
    rows.part().await.unwrap().unwrap()
}

/// `line change outcome` of each row.
pub async fn results(world: &TestApp, id: &ImportId) -> Vec<String> {
    let row = |row: ImportCells| {
        let outcome = row.outcome.map_or("-", Outcome::as_str);
        format!("{} {} {outcome}", row.line, row.change.unwrap_or("-"))
    };
    rows(world, id).await.into_iter().map(row).collect()
}

/// `id state` of each person, in order of id.
pub async fn people(world: &TestApp) -> Vec<String> {
    world.texts("select id || ' ' || state from directory_users order by id").await
}

async fn state_of(world: &TestApp, user: &str) -> Vec<String> {
    let statement = format!("select state from directory_users where id = '{}'", diruser(user));
    world.texts(&statement).await
}

pub async fn used(world: &TestApp) -> (i64, i64) {
    let Usage { used, waiting, .. } = world.usage(ACME).await;
    (used, waiting)
}

/// So many people, each in a line.
fn file(people: std::ops::Range<u32>) -> String {
    let mut text = "external_id,email,name\n".to_owned();
    for number in people {
        writeln!(text, "e-{number},p{number:05}@acme.test,Person {number}").unwrap();
    }
    text
}

/// A webhook about a person of the directory, who has an external id.
pub async fn webhook(world: &TestApp, user: &str, external_id: &str, change: &str, active: bool) {
    world.clock.pass(Duration::from_secs(1));
    let kind = format!("organization.directory.user_{change}");
    let facts = format!("\"active\":{active},\"dp_id\":\"{external_id}\",");
    let body = world.body(ACME, user, &kind, &facts);
    world.post(&body).await;
}

async fn people_get_seats_in_the_order_of_the_file_and_the_same_file_changes_nothing(
    world: TestApp,
) {
    world.organization(ACME, SeatLimit::Seats(2)).await;
    let text = "email,name\nzoe@acme.test,Zoe\nada@acme.test,Ada\nbob@acme.test,\n";

    let (id, run) = import(&world, csv(), text).await;

    assert_eq!(run.state, ResyncState::Done, "{run:?}");
    assert_eq!((run.counts.created, run.counts.blocked, run.listed), (3, 1, 3));
    assert_eq!(
        people(&world).await,
        [
            "email:ada@acme.test provisioned",
            "email:bob@acme.test blocked",
            "email:zoe@acme.test provisioned"
        ]
    );
    assert_eq!(
        results(&world, &id).await,
        ["2 created admitted", "3 created admitted", "4 created blocked"]
    );
    let blocked: Vec<bool> = rows(&world, &id).await.iter().map(|row| row.blocked).collect();
    assert_eq!(blocked, [false, false, true]);
    let causes = world.texts("select distinct cause from decisions order by 1").await;
    assert_eq!(causes, ["import"]);

    let (id, again) = import(&world, whole(), text).await;

    assert_eq!((again.state, again.counts), (ResyncState::Done, ResyncCounts::default()));
    assert_eq!(results(&world, &id).await, ["2 unchanged -", "3 unchanged -", "4 unchanged -"]);
    let off = "{\"email\":\"ZOE@acme.test\",\"active\":false}";
    let ndjson = NewImport { format: ImportFormat::Ndjson, ..csv() };
    let (id, _) = import(&world, ndjson, off).await;
    assert_eq!(results(&world, &id).await, ["1 deactivated released"]);
    assert_eq!(used(&world).await, (2, 0), "the waiting person got the seat");
    world.check().await;
}

async fn a_row_that_cannot_be_taken_says_why_and_the_others_count(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.joined(ACME, "kim").await;

    let text = "email,external_id\nada,\nada@acme.test,1\nkim@acme.test,\nbob@acme.test,1\n";
    let (id, run) = import(&world, csv(), text).await;

    assert_eq!((run.state, run.counts.created, run.set_aside), (ResyncState::Done, 1, 2));
    let found = rows(&world, &id).await;
    let said = |row: &ImportCells| {
        let [change, column, why] = [
            row.change.unwrap_or("-"),
            row.column.as_deref().unwrap_or("-"),
            row.why.as_deref().unwrap_or("-"),
        ];
        format!("{} {change} {column} {why}", row.line)
    };
    assert_eq!(
        found.iter().map(said).collect::<Vec<_>>(),
        [
            "2 refused email This is no e-mail address.",
            "3 created - -",
            "4 left_to_directory - -",
            "5 refused external_id Line 3 has the same external id.",
        ]
    );
    let record = queries::import(&world.state, &scope(ACME), &id).await.unwrap().import;
    assert_eq!((record.row_count, record.refused, record.of_directory), (4, 2, 1));
    let shown = "select entry_id || ' ' || why from resync_set_aside order by fingerprint";
    assert_eq!(
        world.texts(shown).await,
        [
            "line 2, email This is no e-mail address.",
            "line 5, external_id Line 3 has the same external id."
        ]
    );
    let nothing = send(&world, csv(), "email\n").await.unwrap_err();
    assert!(matches!(nothing, commands::Error::Refused(Refusal::Import(ImportRefusal::Empty))));
}

async fn a_whole_file_removes_who_is_missing_once_a_person_confirms_it(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(8)).await;
    world.joined(ACME, "kim").await;
    import(&world, csv(), &file(0..10)).await;
    assert_eq!(used(&world).await, (8, 3));

    let (_, run) = import(&world, whole(), &file(6..12)).await;

    assert_eq!((run.state, run.warning), (ResyncState::Waiting, Some(PlanWarning::RemovesMany)));
    assert_eq!((run.counts.removed, run.counts.created, run.counts.blocked), (6, 2, 0));
    assert_eq!(used(&world).await, (8, 3), "nothing is changed yet");
    let wrong = confirm_resync(&world.state, &operator(), &acme(), &run.id, Some(5)).await;
    assert!(wrong.is_err());
    confirm_resync(&world.state, &operator(), &acme(), &run.id, Some(6)).await.unwrap();
    let run = work(&world, &run.id).await;
    assert_eq!(run.state, ResyncState::Done);
    assert_eq!(used(&world).await, (7, 0), "six of the file, and the person of the directory");
    assert_eq!(state_of(&world, "kim").await, ["provisioned"]);

    let (_, back) = import(&world, csv(), &file(0..1)).await;
    assert_eq!(back.counts.reactivated, 1, "{back:?}");
    world.check().await;
}

async fn a_whole_file_with_a_refused_row_removes_no_person(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    import(&world, csv(), &file(0..3)).await;

    let (_, run) = import(&world, whole(), "email\nnot an address\np00000@acme.test\n").await;

    assert_eq!((run.state, run.is_complete, run.counts.removed), (ResyncState::Done, false, 0));
    assert_eq!(used(&world).await, (3, 0));
    let (_, run) = import(&world, whole(), "email\np00000@acme.test\n").await;
    assert_eq!((run.state, run.counts.removed), (ResyncState::Done, 2));
}

async fn a_dry_run_changes_nothing_and_is_applied_as_planned(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(2)).await;
    let dry = NewImport { dry_run: true, ..csv() };

    let (id, run) = import(&world, dry, &file(0..3)).await;

    assert_eq!((run.state, run.dry_run, run.counts.blocked), (ResyncState::Done, true, 1));
    assert_eq!(people(&world).await, Vec::<String>::new());
    assert_eq!(results(&world, &id).await, ["2 created -", "3 created -", "4 created -"]);
    confirm_resync(&world.state, &operator(), &acme(), &run.id, None).await.unwrap();
    assert_eq!(work(&world, &run.id).await.state, ResyncState::Done);
    assert_eq!(used(&world).await, (2, 1));
}

async fn a_file_that_does_not_arrive_changes_nothing(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let mut upload = Upload::begin(&world.state, &operator(), csv()).await.unwrap();
    upload.push(file(0..2_500).as_bytes()).await.unwrap();
    drop(upload);
    let torn = send(&world, csv(), "email\n\"ada@acme.test\n").await.unwrap_err();
    assert!(matches!(
        torn,
        commands::Error::Refused(Refusal::Import(ImportRefusal::QuoteNotClosed(2)))
    ));

    assert!(!work_on(&world.state, &Turn::Next).await.unwrap(), "there is nothing to do");
    assert_eq!(world.texts("select count(*) || '' from import_rows").await, ["2500"]);
    assert!(!remove_import_rows(&world.state).await.unwrap(), "it may still arrive");
    world.clock.pass(Duration::from_hours(2));
    while remove_import_rows(&world.state).await.unwrap() {}
    assert_eq!(world.texts("select count(*) || '' from import_rows").await, ["0"]);
    assert_eq!(import(&world, csv(), &file(0..2)).await.1.counts.created, 2);
}

async fn an_import_that_is_killed_goes_on_and_repeats_nothing(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(700)).await;
    let (id, run) = send(&world, csv(), &file(0..1_200)).await.unwrap();
    let turn = Turn::This(acme(), run.clone());
    for enough in
        [(|run: &Resync| run.listed > 0) as fn(&Resync) -> bool, |run: &Resync| run.applied > 0]
    {
        tokio::select! {
            _ = work_on(&world.state, &turn) => panic!("it was over before it could be killed"),
            () = async {
                while !enough(&look(&world, &run).await) {
                    tokio::task::yield_now().await;
                }
            } => {}
        }
        world.clock.pass(Duration::from_mins(1));
    }

    let done = work(&world, &run).await;

    assert_eq!((done.state, done.counts.created), (ResyncState::Done, 1_200), "{done:?}");
    assert_eq!((done.listed, done.counts.blocked), (1_200, 500));
    assert_eq!(used(&world).await, (700, 500));
    let decisions = "select count(*) || '' from decisions";
    assert_eq!(world.texts(decisions).await, ["1200"], "each person once");
    let last = "select max(r.line) || '' from import_rows r join directory_users u \
                on u.organization_id = r.organization_id and u.id = r.user_id \
                where u.state = 'provisioned'";
    assert_eq!(world.texts(last).await, ["701"], "the first 700 rows have the seats");
    let first = results(&world, &id).await;
    assert_eq!(first[0], "2 created admitted");
    world.check().await;
}

async fn a_directory_decides_about_its_people_whatever_a_file_says(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    for user in ["ada", "bob", "cy"] {
        webhook(&world, user, &format!("e-{user}"), "created", true).await;
    }
    webhook(&world, "bob", "e-bob", "updated", false).await;
    world.left(ACME, "cy").await;
    let before = people(&world).await;

    let text = "external_id,email,active\n,ada@acme.test,false\ne-bob,b@acme.test,true\n,cy@acme.test,true\n";
    let (id, run) = import(&world, whole(), text).await;

    assert_eq!((run.state, run.counts), (ResyncState::Done, ResyncCounts::default()));
    assert_eq!(
        results(&world, &id).await,
        ["2 left_to_directory -", "3 left_to_directory -", "4 left_to_directory -"]
    );
    assert_eq!(people(&world).await, before);
}

async fn a_person_that_a_directory_names_before_the_plan_is_applied_is_left_to_it(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let dry = NewImport { dry_run: true, ..csv() };
    let text = "external_id,email,name\ne-1,ada@acme.test,From the file\n,bob@acme.test,Bob\n";
    let (id, run) = import(&world, dry, text).await;
    webhook(&world, "ada", "e-1", "created", false).await;

    confirm_resync(&world.state, &operator(), &acme(), &run.id, None).await.unwrap();
    assert_eq!(work(&world, &run.id).await.state, ResyncState::Done);

    assert_eq!(results(&world, &id).await, ["2 created stale", "3 created admitted"]);
    assert_eq!(used(&world).await, (1, 0));
    assert_eq!(state_of(&world, "ada").await, ["inactive"]);
    world.check().await;
}

async fn no_import_begins_beside_another_run(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    send(&world, csv(), &file(0..2)).await.unwrap();

    let second = send(&world, csv(), &file(0..2)).await.unwrap_err();

    assert!(matches!(second, commands::Error::Refused(Refusal::ResyncUnderWay)));
    let unknown = NewImport { organization: OrganizationId::new("org_0"), ..csv() };
    assert!(matches!(
        send(&world, unknown, &file(0..2)).await.unwrap_err(),
        commands::Error::Missing
    ));
}

async fn sixty_files_begin_in_an_hour_and_no_more(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(10)).await;
    for _ in 0..60 {
        Upload::begin(&world.state, &operator(), csv()).await.unwrap();
    }

    let refused = send(&world, csv(), "email\nada@acme.test\n").await;
    assert!(matches!(refused, Err(commands::Error::Refused(Refusal::TooOften))), "{refused:?}");
    world.clock.pass(Duration::from_hours(1));
    let (_, run) = import(&world, csv(), "email\nada@acme.test\n").await;

    assert_eq!(run.state, ResyncState::Done);
}
