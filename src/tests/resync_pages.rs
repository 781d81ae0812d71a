//! The data of the resync pages: the history page by page, a plan by kind of change, and the
//! actions of people on a run.

use std::time::Duration;

use domain::{
    access::{Role, Viewer},
    directory::{Change, PlanPart},
    id::{DirectoryUserId, OrganizationId, ResyncId},
    organization::SeatLimit,
};
use seatkeeper::{
    commands::{
        Error,
        resync::{cancel_resync, confirm_resync},
    },
    queries,
};
use views::resyncs::{ActKind, Plan, PlanRow, ResyncPage, ResyncQuery, ResyncsPage};

use crate::support::{
    scalekit::Scalekit,
    world::{ACME, TestApp, operator, scope, staff, stories},
};

stories! {
    a_plan_is_shown_by_its_parts_and_page_by_page,
    a_person_a_newer_webhook_changed_is_left_alone,
    what_people_did_to_a_run_is_shown_with_their_names,
    a_tenant_reads_their_own_name_and_no_other,
    the_history_comes_in_parts_and_names_what_is_under_way,
    a_run_of_another_organization_is_missing,
}

fn acme() -> OrganizationId {
    OrganizationId::new(ACME)
}

async fn page(scalekit: &Scalekit, id: &ResyncId, query: &ResyncQuery) -> ResyncPage {
    queries::resync_page(&scalekit.state, &scope(ACME), &staff(), id, query).await.unwrap()
}

/// Reads all pages of a part; each has at most fifty people, in order of their ids.
async fn all_pages(scalekit: &Scalekit, id: &ResyncId, part: PlanPart) -> Vec<PlanRow> {
    let (mut all, mut query) = (Vec::new(), ResyncQuery::of(part));
    loop {
        let mut plan = page(scalekit, id, &query).await.plan;
        let (_, rows) = plan.rows.pop().unwrap();
        assert!(rows.len() <= 50);
        all.extend(rows);
        query.before = plan.page.unwrap().older;
        if query.before.is_none() {
            break;
        }
    }
    assert!(all.is_sorted_by(|one, next| one.user < next.user));
    all
}

async fn history(scalekit: &Scalekit, before: Option<&ResyncId>) -> ResyncsPage {
    queries::resyncs_page(&scalekit.state, &scope(ACME), &staff(), before).await.unwrap()
}

async fn a_plan_is_shown_by_its_parts_and_page_by_page(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(20)).await;
    world.joined(ACME, "ghost").await;
    let scalekit = Scalekit::of(&world, &[120]).await;
    let run = scalekit.resync(true).await;

    let all = page(&scalekit, &run.id, &ResyncQuery::default()).await;
    let created = all_pages(&scalekit, &run.id, PlanPart::Of(Change::Created)).await;
    let blocked = all_pages(&scalekit, &run.id, PlanPart::Blocked).await;

    let counts = [
        (PlanPart::Of(Change::Removed), 1),
        (PlanPart::Of(Change::Created), 120),
        (PlanPart::Blocked, 100),
    ];
    assert_eq!(all.plan.counts, counts);
    let shown: Vec<_> = all.plan.rows.iter().map(|(part, rows)| (*part, rows.len())).collect();
    assert_eq!(
        shown,
        [
            (PlanPart::Of(Change::Removed), 1),
            (PlanPart::Of(Change::Created), usize::try_from(Plan::FIRST).unwrap())
        ]
    );
    assert_eq!((created.len(), blocked.len()), (120, 100));
    assert!(blocked.iter().all(|row| row.blocked && created.contains(row)));
    assert!(all.is_latest && all.progress.is_none());
}

async fn a_person_a_newer_webhook_changed_is_left_alone(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[12]).await;
    scalekit.resync(false).await;
    let ids: Vec<DirectoryUserId> = scalekit
        .simulator
        .look(|w| w.organization(&acme()).unwrap().people().map(|(_, p)| p.id()).collect());
    for id in &ids[..2] {
        scalekit.happens(&world, |world, now| world.deactivate(&acme(), id, now)).await;
    }
    let run = scalekit.resync(true).await;
    assert_eq!(
        page(&scalekit, &run.id, &ResyncQuery::default()).await.plan.count(PlanPart::LeftAlone),
        0
    );
    world.clock.pass(Duration::from_secs(1));
    for body in scalekit.happens(&world, |world, now| world.reactivate(&acme(), &ids[0], now)).await
    {
        world.post(&body).await;
    }

    confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, None).await.unwrap();
    scalekit.work_on(&run.id).await;

    let left = page(&scalekit, &run.id, &ResyncQuery::of(PlanPart::LeftAlone)).await;
    assert_eq!(
        left.plan.counts,
        [(PlanPart::Of(Change::Deactivated), 2), (PlanPart::LeftAlone, 1)]
    );
    assert_eq!(left.plan.rows[0].1.iter().map(|row| &row.user).collect::<Vec<_>>(), [&ids[0]]);
}

async fn what_people_did_to_a_run_is_shown_with_their_names(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[3]).await;
    let run = scalekit.resync(true).await;
    world.clock.pass(Duration::from_mins(1));
    confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, None).await.unwrap();

    let seen = page(&scalekit, &run.id, &ResyncQuery::default()).await;
    world.clock.pass(Duration::from_secs(1));
    cancel_resync(&scalekit.state, &operator(), &acme(), &run.id).await.unwrap();

    let acts: Vec<_> = seen.commands.iter().map(|act| (act.what, act.by.clone())).collect();
    let name = Some(operator().name());
    assert_eq!(acts, [(ActKind::Previewed, name.clone()), (ActKind::Confirmed, name)]);
    assert_eq!(seen.progress.unwrap().total, Some(3));
    assert_eq!(
        page(&scalekit, &run.id, &ResyncQuery::default()).await.commands.last().unwrap().what,
        ActKind::Cancelled
    );
}

async fn a_tenant_reads_their_own_name_and_no_other(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[3]).await;
    let run = scalekit.resync(true).await;
    confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, None).await.unwrap();
    let starter = operator().name();

    for (reader, seen) in [("Kim", None), (starter.as_str(), Some(starter.clone()))] {
        let tenant = Viewer { name: reader.to_owned(), role: Role::TenantAdmin, ..staff() };
        let query = ResyncQuery::default();
        let page =
            queries::resync_page(&scalekit.state, &scope(ACME), &tenant, &run.id, &query).await;
        let history = queries::resyncs_page(&scalekit.state, &scope(ACME), &tenant, None).await;

        let (page, history) = (page.unwrap(), history.unwrap());
        assert!(page.commands.len() == 2 && page.commands.iter().all(|act| act.by == seen));
        assert_eq!((&page.run.by, &page.run.confirmed_by), (&seen, &seen));
        assert!(history.rows.iter().chain(&history.open).all(|run| run.by == seen), "{reader}");
    }
}

async fn the_history_comes_in_parts_and_names_what_is_under_way(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[1]).await;
    let most = usize::try_from(ResyncsPage::ROWS).unwrap();
    for _ in 0..=most {
        let id = scalekit.start(true).await;
        cancel_resync(&scalekit.state, &operator(), &acme(), &id).await.unwrap();
        world.clock.pass(Duration::from_millis(2));
    }
    let open = scalekit.start(false).await;

    let first = history(&scalekit, None).await;
    let rest = history(&scalekit, first.page.older.as_ref()).await;

    assert_eq!((first.rows.len(), first.rows[0].id.clone()), (most, open.clone()));
    assert_eq!(first.open.map(|run| run.id), Some(open.clone()));
    assert_eq!((rest.rows.len(), rest.page.older), (2, None));
    assert!(rest.rows.iter().all(|run| run.id < *first.rows.last().map(|run| &run.id).unwrap()));
    assert_eq!(rest.open.map(|run| run.id), Some(open));
}

async fn a_run_of_another_organization_is_missing(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.organization("org_other", SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[1]).await;
    let run = scalekit.resync(true).await;

    let theirs = queries::resync_page(
        &scalekit.state,
        &scope("org_other"),
        &staff(),
        &run.id,
        &ResyncQuery::default(),
    )
    .await;
    let nowhere =
        queries::resyncs_page(&scalekit.state, &scope("org_nowhere"), &staff(), None).await;

    assert!(matches!(theirs, Err(Error::Missing)));
    assert!(matches!(nowhere, Err(Error::Missing)));
}
