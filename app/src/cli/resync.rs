//! `seatkeeper resync`: compares an organization with its directory. This process or a running
//! server does the work.

use std::{collections::BTreeMap, time::Duration};

use clap::Args;
use domain::{
    access::{OrganizationScope, Role, Viewer},
    id::{AccountId, OrganizationId, ResyncId},
    organization::{grouped, people},
    refusal::Refusal,
    resync::{Resync as Run, ResyncCause, ResyncState},
    time::Timestamp,
};
use seatkeeper::{
    commands::{
        self, Actor,
        resync::{Turn, confirm_resync, start_resync, work_on},
    },
    db, queries,
    state::AppState,
};
use serde_json::Value;

use super::CliError;

/// How often this process checks whether a run of another process has ended.
const PAUSE: Duration = Duration::from_millis(300);

#[derive(Debug, Args)]
pub struct Resync {
    /// Scalekit's id, org_…
    organization: String,
    /// Make the plan and show it; change nothing
    #[arg(long)]
    dry_run: bool,
    /// Apply the plan that waits to be confirmed: the number of people that it removes, or adds
    #[arg(long, value_name = "PEOPLE", conflicts_with = "dry_run")]
    confirm: Option<i64>,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

impl Resync {
    pub async fn run(self) -> Result<(), CliError> {
        let id = &self.organization;
        let organization = OrganizationId::parse(id)
            .ok_or_else(|| CliError::refused(Refusal::OrganizationId(id.clone())))?;
        let state = super::open().await?;
        let actor = super::operator();
        let scope = scope(&actor.name(), &organization)?;
        let id = match self.confirm {
            Some(people) => confirmed(&state, &actor, &scope, people).await?,
            None => {
                start_resync(
                    &state,
                    Some(&actor),
                    &organization,
                    ResyncCause::CommandLine,
                    self.dry_run,
                )
                .await?
            }
        };
        let run = worked_off(&state, &scope, &id).await?;
        if self.json {
            println!("{}", printed(&run).map_err(CliError::failed)?);
        }
        ended(&run)
    }
}

/// Works on a run until it ends or waits for a person. A server may be working on it, too.
pub(super) async fn worked_off(
    state: &AppState,
    scope: &OrganizationScope,
    id: &ResyncId,
) -> Result<Run, CliError> {
    // There may be no running server that does this
    tokio::spawn(db::count_new_tables(state.db.clone()));
    let turn = Turn::This(scope.id().clone(), id.clone());
    loop {
        work_on(state, &turn).await?;
        let run = queries::resync(state, scope, id).await?;
        let goes_on =
            matches!(run.state, ResyncState::Queued | ResyncState::Listing | ResyncState::Applying);
        if !goes_on {
            return Ok(run);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Confirms the plan that waits, and returns the id of its run.
async fn confirmed(
    state: &AppState,
    actor: &Actor,
    scope: &OrganizationScope,
    people: i64,
) -> Result<ResyncId, CliError> {
    let runs = queries::resyncs(state, scope, None).await?;
    let waiting = runs.into_iter().find(|run| run.state == ResyncState::Waiting);
    let id = waiting.map(|run| run.id).ok_or_else(|| CliError::refused(Refusal::PlanNotOpen))?;
    confirm_resync(state, actor, scope.id(), &id, Some(people)).await?;
    Ok(id)
}

/// The operator of the machine, who may read every organization, like staff.
pub(super) fn viewer(name: &str) -> Viewer {
    Viewer {
        account: AccountId::new("acc_command_line"),
        name: name.to_owned(),
        email: String::new(),
        role: Role::Staff,
        organizations: BTreeMap::new(),
        view_as: None,
    }
}

pub(super) fn scope(
    name: &str,
    organization: &OrganizationId,
) -> Result<OrganizationScope, CliError> {
    viewer(name).scope(organization).ok_or_else(|| commands::Error::Missing.into())
}

/// The run as JSON for scripts, with times in RFC 3339.
pub(super) fn printed(run: &Run) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(run)?;
    let times = [
        ("created_at", Some(run.created_at)),
        ("started_at", run.started_at),
        ("planned_at", run.planned_at),
        ("finished_at", run.finished_at),
    ];
    for (name, at) in times {
        value[name] = at.map(Timestamp::rfc3339).into();
    }
    Ok(value)
}

/// Says how a run has ended, or what it waits for.
pub(super) fn ended(run: &Run) -> Result<(), CliError> {
    let says = summary(run);
    match (run.state, &run.error) {
        (ResyncState::Done, _) => {
            eprintln!("{says}");
            Ok(())
        }
        (ResyncState::Waiting, _) => {
            let warning = run.warning.map_or("", |warning| warning.sentence());
            Err(CliError {
                code: 3,
                says: format!(
                    "{warning} {says} To apply it: seatkeeper resync {} --confirm {}",
                    run.organization,
                    run.to_confirm().unwrap_or_default()
                ),
            })
        }
        (_, Some((code, message))) => Err(CliError::failed(format!("{message} ({code})"))),
        _ => Err(CliError::failed("The resync was cancelled.")),
    }
}

fn summary(run: &Run) -> String {
    let counts = &run.counts;
    if run.is_import() && run.is_empty() {
        return format!(
            "Nothing differs: {} {} compared.",
            grouped(run.listed),
            people(run.listed)
        );
    }
    if counts.people() == 0 && counts.groups == 0 {
        return format!(
            "Nothing differs: {} {} compared, {} calls.",
            grouped(run.listed),
            people(run.listed),
            grouped(run.calls)
        );
    }
    let parts = [
        (counts.created, "created"),
        (counts.updated, "updated"),
        (counts.reactivated, "reactivated"),
        (counts.deactivated, "deactivated"),
        (counts.removed, "removed"),
        (counts.blocked, "without a free seat"),
        (counts.groups, "groups changed"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{} {word}", grouped(n)))
        .collect();
    let what = if run.state == ResyncState::Done && !run.dry_run { "Applied" } else { "The plan" };
    format!("{what}: {}.", parts.join(", "))
}
