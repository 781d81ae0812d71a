//! The start page of the staff.

use super::pattern;
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{access::Staff, condition::Condition},
    state::AppState,
    store::{
        deliveries, inspector, invariants, limit_proposals, outbox,
        overview::{self, Filter},
        seat_requests, system_alerts,
    },
    views::start::{Checklist, Decision, SetUpStep, StartPage},
};

pub async fn start(state: &AppState, staff: &Staff) -> Result<StartPage, Error> {
    let is_ready = super::ready(state).await.is_empty();
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let pattern = pattern("");
    let all = Filter { pattern: &pattern, condition: None, account_manager: "" };
    let counts = overview::count(&mut tx, all).await?;
    let of = |condition| counts.of(condition);
    let waiting =
        Decision::Waiting { organizations: of(Condition::Waiting), people: counts.people_waiting };
    let (most, now) = (StartPage::MOST, state.clock.now());
    let proposals = limit_proposals::count_for(&mut tx, &staff.account, now, most).await?;
    let mut failing = system_alerts::open_kinds(&mut tx).await?;
    failing.retain(|alert| alert.is_about_a_channel());
    let decisions = [
        (!is_ready).then_some(Decision::NotReady),
        some(whole(invariants::open(&mut tx, most).await?.len()), Decision::Violations),
        (of(Condition::Waiting) > 0).then_some(waiting),
        some(of(Condition::Over), Decision::Over),
        some(seat_requests::listing::count_open(&mut tx, most).await?, Decision::Requests),
        some(proposals, Decision::Proposals),
        some(inspector::dead(&mut tx, most).await?, Decision::FailedDeliveries),
        some(of(Condition::Trouble), Decision::Trouble),
        some(of(Condition::LimitNotSet), Decision::LimitNotSet),
        some(outbox::given_up(&mut tx).await?, Decision::MessagesGivenUp),
        (!failing.is_empty()).then_some(Decision::ChannelFailing),
    ];
    let organizations = counts.organizations - of(Condition::Archived);
    let checklist = checklist(&mut tx, state, organizations > of(Condition::LimitNotSet)).await?;
    Ok(StartPage {
        decisions: decisions.into_iter().flatten().collect(),
        organizations,
        checklist: (!checklist.left.is_empty()).then_some(checklist),
    })
}

async fn checklist(tx: &mut Tx, state: &AppState, has_limit: bool) -> Result<Checklist, Error> {
    let operations = &state.settings.operations;
    let has_webhook = deliveries::last_received(tx).await?.is_some();
    let steps = [
        (SetUpStep::Webhook, has_webhook),
        (SetUpStep::Credentials, operations.directory_api),
        (SetUpStep::MailServer, operations.mail_server.is_some()),
        (SetUpStep::Limit, has_limit),
    ];
    Ok(Checklist {
        webhook_url: format!("{}/webhooks/scalekit", &*state.settings.public_url),
        left: steps.into_iter().filter(|(_, done)| !done).map(|(step, _)| step).collect(),
    })
}

fn some(count: i64, decision: impl Fn(i64) -> Decision) -> Option<Decision> {
    (count > 0).then(|| decision(count))
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
