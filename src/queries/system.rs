//! The system page: the state of this process, and few rows by their index.

use std::time::Duration;

use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::Staff,
        alert::SystemAlert,
        invariant::{Removed, Round},
        time::Timestamp,
    },
    state::AppState,
    store::{deliveries, inspector, invariants, jobs, outbox, settings, system_alerts},
    views::system::{
        CheckSeen, Deliveries, Emails, Retention, Setup, SystemPage, Trouble, ViolationRow,
    },
};

const DAY: Duration = Duration::from_hours(24);

pub async fn system(state: &AppState, _staff: &Staff) -> Result<SystemPage, Error> {
    let problems = super::ready(state).await;
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let operations = &state.settings.operations;
    let settings = settings::values(&mut tx, &state.settings.fixed).await?;
    let violations = invariants::open(&mut tx, SystemPage::VIOLATIONS).await?;
    Ok(SystemPage {
        problems,
        violations: violations.into_iter().map(row).collect(),
        check: check(&mut tx).await?,
        check_minutes: whole(operations.check_every.as_secs() / 60),
        deliveries: inbox(&mut tx, state).await?,
        event_log: super::resyncs::event_log_of(&mut tx, None).await?,
        emails: emails(&mut tx, state).await?,
        retention: retention(&mut tx, settings.keep_bodies).await?,
        setup: setup(state),
        now: state.clock.now(),
    })
}

fn row(violation: invariants::Violation) -> ViolationRow {
    let invariants::Violation { finding, since } = violation;
    ViolationRow { organization: finding.organization, sentence: finding.sentence, since }
}

async fn check(tx: &mut Tx) -> sqlx::Result<Option<CheckSeen>> {
    let Some((Some(at), notes)) = jobs::last(tx, jobs::CHECK).await? else { return Ok(None) };
    let Round { organizations, people, .. } = serde_json::from_str(&notes).unwrap_or_default();
    Ok(Some(CheckSeen { at, organizations, people }))
}

async fn inbox(tx: &mut Tx, state: &AppState) -> sqlx::Result<Deliveries> {
    let refused = state.metrics.refusals().into_iter().filter(|(_, count)| *count > 0);
    Ok(Deliveries {
        last_at: deliveries::last_received(tx).await?,
        waiting: state.metrics.waiting(),
        outcomes: deliveries::outcomes(tx, state.clock.now().minus(DAY), SystemPage::MOST).await?,
        refused: refused.map(|(why, count)| (why.replace('_', " "), whole(count))).collect(),
        dead: inspector::dead(tx, SystemPage::MOST).await?,
    })
}

async fn emails(tx: &mut Tx, state: &AppState) -> sqlx::Result<Emails> {
    let now = state.clock.now();
    let backlog = outbox::backlog(tx, now).await?;
    let due_for = backlog.due_for(now);
    Ok(Emails {
        waiting: backlog.waiting,
        oldest_due: (!due_for.is_zero()).then(|| now.minus(due_for)),
        given_up: outbox::given_up(tx).await?,
        is_failing: system_alerts::open_kinds(tx).await?.contains(&SystemAlert::EmailFailing),
        last_trouble: outbox::last_error(tx).await?.map(|error| Trouble::of(&error)),
    })
}

async fn retention(tx: &mut Tx, keep: Option<Duration>) -> sqlx::Result<Retention> {
    let (_, notes) = jobs::last(tx, jobs::RETENTION).await?.unwrap_or_default();
    let removed: Removed = serde_json::from_str(&notes).unwrap_or_default();
    let days = keep.map(|keep| whole(keep.as_secs() / 86_400));
    Ok(Retention {
        days,
        until: (removed.until > Timestamp::default()).then_some(removed.until),
        removed: whole(removed.bodies),
    })
}

fn setup(state: &AppState) -> Setup {
    let operations = &state.settings.operations;
    Setup {
        engine: if state.db.is_postgres() { "Postgres" } else { "SQLite" }.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: state.health.started_at,
        mail_server: operations.mail_server.clone(),
        directory_api: operations.directory_api,
    }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
