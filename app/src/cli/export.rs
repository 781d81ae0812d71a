//! `seatkeeper export`: lists as CSV on standard output.

use clap::Subcommand;
use domain::{
    access::{OrganizationScope, Staff, Viewer},
    audit::AuditAction,
    condition::Condition,
    directory::PlanPart,
    directory_user::SeatState,
    history::HistoryRange,
    id::{GroupId, ImportId, OrganizationId, ResyncId},
    refusal::Refusal,
    time::Day,
};
use seatkeeper::{
    clock::Clock,
    commands::Error,
    queries::export::{
        Activity, Alerts, Changes, Deliveries, Export as Running, Groups, History, ImportRows,
        Members, Organizations, People, Plan, Requests, Resyncs, Unused, Waitlist,
    },
};
use views::{
    OverviewQuery, PeopleQuery,
    alerts::AlertsQuery,
    audit::AuditQuery,
    deliveries::{DeliveriesQuery, Show},
    groups::{GroupQuery, GroupsQuery},
    history::HistoryQuery,
    members::AccountsQuery,
    reclaim::ReclaimList,
    requests::{RequestList, RequestsQuery},
    waitlist::WaitlistFilter,
};

use app::export::{Csv, header_row, rows};

use super::{
    CliError,
    output::{Reader, print},
};

#[derive(Debug, Subcommand)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub enum Export {
    /// Print all organizations as CSV, the most urgent first
    ///
    /// The columns: organization_id (Scalekit's id), name, seat_limit (a number, unlimited or
    /// not_set), used, waiting, seat_status (over, waiting, not-set, full, nearly-full, room,
    /// unlimited or archived), account_manager. A cell that begins with = + - @, a tab or a
    /// carriage return has an apostrophe before it, so that no spreadsheet runs it; so it is in
    /// each list.
    Organizations {
        /// Only organizations that meet this condition: waiting, over, not-set, nearly-full,
        /// trouble, open-requests or archived
        #[arg(long, value_name = "CONDITION")]
        condition: Option<String>,
    },
    /// Print the people of an organization as CSV, in order of name
    ///
    /// The columns: user_id (Scalekit's directory-user id), name, email, state (provisioned,
    /// blocked, dismissed, inactive or removed), position (in the waitlist; 1 is next), since (when
    /// the state began, RFC 3339), roles, directory_roles (as the directory sent them) and groups
    /// (each separated by "; "), duplicate_email (yes: another person has the same address),
    /// attributes (those that are kept, as a JSON object; empty: none).
    People {
        /// Scalekit's id of the organization, org_…
        organization: String,
        /// Only people in this state; without it all except removed people
        #[arg(long)]
        state: Option<String>,
        /// Only the members of this group, dirgroup_…
        #[arg(long)]
        group: Option<String>,
    },
    /// Print the members of an organization as CSV, in order of e-mail address
    ///
    /// The columns: account_id, name, email, role (tenant-admin or tenant-viewer), given_role (the
    /// role that people gave; a group may give a higher one), disabled (yes or no), last_used_at
    /// (RFC 3339; empty: never), member_since.
    Members {
        /// Scalekit's id of the organization, org_…
        organization: String,
    },
    /// Print the groups of an organization as CSV, in order of name; deleted groups come last
    ///
    /// The columns: group_id (Scalekit's id), name, directory_id, deleted (yes or no), members, and
    /// how many of them are provisioned (they hold a seat), blocked (they wait), dismissed and
    /// inactive, roles (separated by "; ") and dashboard_role (tenant-admin or tenant-viewer).
    Groups {
        /// Scalekit's id of the organization, org_…
        organization: String,
    },
    /// Print the seat history of an organization by day as CSV, the newest day first
    ///
    /// The columns: day (in UTC; a day without a change has no row), used, seat_limit (a number,
    /// unlimited or not_set) and waiting (at its end), most_used, most_waiting and most_over (its
    /// largest numbers), blocked and admitted (how often a person was put on the waitlist, and got
    /// a seat).
    History {
        /// Scalekit's id of the organization, org_…
        organization: String,
    },
    /// Print who joined a group and who left it as CSV, the newest change first
    ///
    /// The columns: at (in the directory, RFC 3339), change (joined or left), user_id, name, email,
    /// state_now, recorded_at (when Seatkeeper heard of it, RFC 3339).
    Changes {
        /// Scalekit's id of the organization, org_…
        organization: String,
        /// Scalekit's id of the group, dirgroup_…
        group: String,
    },
    /// Print who waits for a seat as CSV, the next person first
    ///
    /// The columns: position (1 is next), user_id, name, email, state, since (RFC 3339),
    /// moved_by_hand (yes: an admin moved the person), groups (separated by "; "), why, and
    /// duplicate_email.
    Waitlist {
        /// Scalekit's id of the organization, org_…
        organization: String,
        /// Instead, the people who were dismissed or who are provisioned, in order of name
        #[arg(long)]
        state: Option<String>,
    },
    /// Print who holds a seat and seems not to use it as CSV, the longest time without use first
    ///
    /// The columns: user_id, name, email, seat_since (RFC 3339, as all times), last_used_at (empty:
    /// no usage signal named the person), reasons (separated by "; "), kept_at and kept_by (of a
    /// person who keeps the seat because an admin ignored the suggestion).
    Reclaim {
        /// Scalekit's id of the organization, org_…
        organization: String,
        /// Instead, those who keep the seat, the last one first
        #[arg(long)]
        kept: bool,
    },
    /// Print the audit log as CSV, the newest entry first
    ///
    /// The columns: entry_id, at (RFC 3339), organization_id (empty: about the installation),
    /// actor, actor_id, action, target_id, target, outcome (done or refused), before, after,
    /// reason, address, request_id.
    Activity {
        /// Only what concerns this organization
        #[arg(long, value_name = "ID")]
        organization: Option<String>,
        /// Only this action, for example set_seat_limit
        #[arg(long)]
        action: Option<String>,
    },
    /// Print the alerts as CSV, first the open ones, then the resolved ones, each the newest first
    ///
    /// The columns: alert_id, organization_id (empty: about the installation), kind, target (a
    /// threshold of usage: 80%, 1-left), opened_at (RFC 3339), resolved_at (empty: it is open),
    /// notice (sent, suppressed, owed or covered).
    Alerts {
        /// Only those of this organization
        #[arg(long, value_name = "ID")]
        organization: Option<String>,
    },
    /// Print the seat requests that are not answered as CSV, the oldest first
    ///
    /// The columns: request_id, organization_id, state (open, question, approved, declined,
    /// withdrawn), seats (how many more), reason, asked_by, asked_at (RFC 3339), changed_at.
    Requests {
        /// All of this organization, the newest first
        #[arg(long, value_name = "ID")]
        organization: Option<String>,
        /// Those that were answered or withdrawn, the last one first
        #[arg(long, conflicts_with = "organization")]
        answered: bool,
    },
    /// Print the received webhooks as CSV, the newest first, without personal data
    ///
    /// The columns: delivery_id, received_at (RFC 3339), type, organization_id, organization (its
    /// name), event_id, outcome, suspicious (yes: another one has the same id and a different
    /// body).
    Deliveries {
        /// Only those of this organization
        #[arg(long, value_name = "ID")]
        organization: Option<String>,
        /// Only those with this outcome, for example dead; or suspicious
        #[arg(long, value_name = "OUTCOME")]
        show: Option<String>,
    },
    /// Print the resyncs of an organization as CSV, the newest first
    ///
    /// The columns: resync_id, created_at (RFC 3339, as all times), cause (form, command_line,
    /// schedule, new_directory or inconsistency), by (empty: it started automatically), state
    /// (queued, listing, waiting, applying, done, cancelled or failed), dry_run, complete (yes:
    /// every list was read to its end), started_at, planned_at, finished_at; how many people the
    /// plan has as created, updated, reactivated, deactivated and removed, and how many of them get
    /// no_free_seat; groups, confirmed_by, calls (of the Directory API), error_code, error.
    Resyncs {
        /// Scalekit's id of the organization, org_…
        organization: String,
    },
    /// Print the people of a resync's plan as CSV, in order of id
    ///
    /// The columns: user_id, name, email, change (created, updated, reactivated, deactivated or
    /// removed), state_before (empty: not known), active (in the directory), no_free_seat (yes: the
    /// person has to wait), outcome (empty: not applied yet).
    Plan {
        /// Scalekit's id of the organization, org_…
        organization: String,
        /// The id of the run, rsn_…
        run: String,
        /// Only this change; or blocked: who has to wait; or left-alone
        #[arg(long, value_name = "CHANGE")]
        only: Option<String>,
    },
    /// Print what became of each row of an import as CSV, in the order of the file
    ///
    /// The columns: line, external_id, email, user_id, change (created, updated, reactivated,
    /// deactivated, unchanged, left_to_directory or refused; empty: not compared yet), no_free_seat
    /// (yes: the person has to wait), outcome (empty: not applied), column and reason (of a refused
    /// row).
    Import {
        /// Scalekit's id of the organization, org_…
        organization: String,
        /// The id of the import, imp_…
        import: String,
    },
}

impl Export {
    pub async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Organizations { condition } => printed(organizations(condition)?).await,
            Self::People { organization, state, group } => {
                let state = parsed(state, SeatState::parse, STATES)?;
                let group = parsed(group, GroupId::parse, "The id of a group is dirgroup_…")?;
                let query = PeopleQuery { state, group, ..PeopleQuery::default() };
                printed(People::new(scope(&organization)?, query)).await
            }
            Self::Members { organization } => {
                printed(Members::new(scope(&organization)?, AccountsQuery::default())).await
            }
            Self::Groups { organization } => {
                printed(Groups::new(scope(&organization)?, GroupsQuery::default())).await
            }
            Self::History { organization } => {
                let query = HistoryQuery { range: HistoryRange::All, before: None };
                let today = Day::of(Clock::machine().now());
                printed(History::new(scope(&organization)?, query, today)).await
            }
            Self::Changes { organization, group } => {
                let group = GroupId::parse(&group)
                    .ok_or_else(|| CliError::refused("The id of a group is dirgroup_…"))?;
                let missing = format!("{organization} has no group “{group}”.");
                let list = Changes::new(scope(&organization)?, group, GroupQuery::default());
                printed_or(list, Some(&missing)).await
            }
            Self::Waitlist { organization, state } => {
                let listed = |word: &str| {
                    SeatState::parse(word).filter(|state| WaitlistFilter::STATES.contains(state))
                };
                let state = parsed(state, listed, "A state is blocked, dismissed or provisioned.")?;
                let state = state.unwrap_or(SeatState::Blocked);
                let filter = WaitlistFilter { state, ..WaitlistFilter::default() };
                printed(Waitlist::new(scope(&organization)?, filter)).await
            }
            Self::Reclaim { organization, kept } => {
                let list = if kept { ReclaimList::Kept } else { ReclaimList::Unused };
                let now = Clock::machine().now();
                printed(Unused::new(scope(&organization)?, viewer(), list, now)).await
            }
            Self::Activity { organization, action } => {
                let unknown = "There is no such action; the column action has their names.";
                let action = parsed(action, AuditAction::parse, unknown)?;
                let query = AuditQuery { action, ..AuditQuery::default() };
                printed(match organization {
                    Some(id) => Activity::of(scope(&id)?, &viewer(), query),
                    None => Activity::all(&staff()?, query),
                })
                .await
            }
            Self::Alerts { organization } => {
                printed(match organization {
                    Some(id) => Alerts::of(scope(&id)?, &viewer(), AlertsQuery::default()),
                    None => Alerts::all(&staff()?, AlertsQuery::default()),
                })
                .await
            }
            Self::Requests { organization, answered } => {
                let list = if answered { RequestList::Over } else { RequestList::Open };
                let query = RequestsQuery { list, ..RequestsQuery::default() };
                printed(match organization {
                    Some(id) => Requests::of(scope(&id)?, query),
                    None => Requests::all(&staff()?, query),
                })
                .await
            }
            Self::Deliveries { organization, show } => {
                let known = |word: &str| Some(Show::parse(word)).filter(|show| *show != Show::All);
                let unknown = "There is no such outcome; the column outcome has their names.";
                let show = parsed(show, known, unknown)?.unwrap_or_default();
                let organization = organization.map(|id| parse(&id)).transpose()?;
                let query = DeliveriesQuery { show, organization, ..DeliveriesQuery::default() };
                printed(Deliveries::new(&staff()?, query)).await
            }
            Self::Resyncs { organization } => {
                printed(Resyncs::new(scope(&organization)?, viewer())).await
            }
            Self::Plan { organization, run, only } => {
                let unknown = "A part of a plan is created, updated, reactivated, deactivated, \
                               removed, blocked or left-alone.";
                let only = parsed(only, PlanPart::parse, unknown)?;
                let run = ResyncId::parse(&run)
                    .ok_or_else(|| CliError::refused("The id of a run is rsn_…"))?;
                let missing = format!("{organization} has no resync “{run}”.");
                printed_or(Plan::new(scope(&organization)?, run, only), Some(&missing)).await
            }
            Self::Import { organization, import } => {
                let id = ImportId::parse(&import)
                    .ok_or_else(|| CliError::refused("The id of an import is imp_…"))?;
                let missing = format!("{organization} has no import “{import}”.");
                printed_or(ImportRows::new(scope(&organization)?, id), Some(&missing)).await
            }
        }
    }
}

const STATES: &str = "A state is provisioned, blocked, dismissed, inactive or removed.";

fn organizations(condition: Option<String>) -> Result<Organizations, CliError> {
    let condition = parsed(
        condition,
        Condition::parse,
        "A condition is waiting, over, not-set, nearly-full, trouble, open-requests or archived.",
    )?;
    let query = OverviewQuery { condition, ..OverviewQuery::default() };
    Ok(Organizations::new(staff()?, query))
}

/// The value of an option; `unknown` says what it may be.
fn parsed<T>(
    word: Option<String>,
    parse: impl Fn(&str) -> Option<T>,
    unknown: &str,
) -> Result<Option<T>, CliError> {
    word.map(|word| parse(&word).ok_or_else(|| CliError::refused(unknown))).transpose()
}

fn parse(id: &str) -> Result<OrganizationId, CliError> {
    OrganizationId::parse(id)
        .ok_or_else(|| CliError::refused(Refusal::OrganizationId(id.to_owned())))
}

fn viewer() -> Viewer {
    super::resync::viewer("command line")
}

fn staff() -> Result<Staff, CliError> {
    viewer().staff().ok_or_else(|| CliError::failed("The command line is not staff."))
}

fn scope(organization: &str) -> Result<OrganizationScope, CliError> {
    super::resync::scope("command line", &parse(organization)?)
}

async fn printed<L: Csv>(list: L) -> Result<(), CliError> {
    printed_or(list, None).await
}

/// Prints the list, part by part. `missing` says what is not there, if it is not the organization.
async fn printed_or<L: Csv>(list: L, missing: Option<&str>) -> Result<(), CliError> {
    let mut export = Running::new(super::open().await?, list);
    let mut text = header_row::<L>();
    let failed = |error| match (error, missing) {
        (Error::Missing, Some(missing)) => CliError::refused(missing),
        (error, _) => error.into(),
    };
    while let Some(part) = export.part().await.map_err(failed)? {
        text.extend(rows::<L>(&part));
        // the cells are texts, so the bytes are UTF-8
        if print(&String::from_utf8_lossy(&text))? == Reader::Gone {
            return Ok(());
        }
        text.clear();
    }
    Ok(())
}
