//! `seatkeeper organization`: adds an organization, and shows and changes what belongs to it.

use clap::{Args, Subcommand};
use domain::{
    admission::{AdmissionPolicy, GroupOrder},
    id::{GroupId, OrganizationId},
    limit_end::LimitEnd,
    organization::SeatLimit,
    refusal::Refusal,
};
use seatkeeper::commands::{self, NewLimit, NewOrganization, NewPolicy};

use super::{CliError, as_of::AsOf, details, true_up::TrueUp};

#[derive(Debug, Subcommand)]
pub enum Organization {
    /// Add an organization before its first event
    Add {
        /// Scalekit's id, org_…
        id: String,
        #[arg(long)]
        name: String,
        /// Its id in another system, for example in billing
        #[arg(long)]
        external_id: Option<String>,
        /// A number of seats, or "unlimited"; without it the default seat limit
        #[arg(long)]
        limit: Option<String>,
    },
    /// Set the seat limit; users on the waitlist get the free seats, in order
    SetLimit {
        /// Scalekit's id, org_…
        id: String,
        /// A number of seats, or "unlimited"
        limit: String,
        /// Why; kept in the audit log
        #[arg(long)]
        reason: String,
        /// The last day of the limit, in UTC, such as 2027-01-31; then the limit of now applies
        /// again
        #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
        until: String,
    },
    /// Set who gets a free seat; free seats are filled at once, unless the policy is by-hand
    Policy {
        /// Scalekit's id, org_…
        id: String,
        #[command(subcommand)]
        policy: Policy,
    },
    /// Rename an organization; a newer event from Scalekit may rename it again
    Rename {
        /// Scalekit's id, org_…
        id: String,
        name: String,
    },
    /// Set the id of an organization in another system, for example in billing
    ExternalId {
        /// Scalekit's id, org_…
        id: String,
        /// The id, or "none"
        external_id: String,
    },
    /// Set the staff account that looks after the customer
    Manager {
        /// Scalekit's id, org_…
        id: String,
        /// The e-mail address of a staff account, or "none"
        email: String,
    },
    /// Print the notes of staff about an organization, or set them
    Note {
        /// Scalekit's id, org_…
        id: String,
        /// The new notes, or "none"; without it they are printed
        notes: Option<String>,
    },
    /// Set at which shares of used seats the organization is notified
    Thresholds {
        /// Scalekit's id, org_…
        id: String,
        /// Percentages such as "80,90", "none", or "default" for those of the installation
        percentages: String,
    },
    /// Set where alerts are posted: an incoming webhook of Slack
    Slack {
        /// Scalekit's id, org_…
        id: String,
        /// The address, or "none"
        url: String,
    },
    /// Require single sign-on, or do so no more: the way back in if the identity provider fails
    Sso {
        /// Scalekit's id, org_…
        id: String,
        /// "on" or "off"
        #[arg(value_parser = ["on", "off"])]
        required: String,
    },
    /// Archive an organization: its people lose their seats, its history stays
    Archive {
        /// Scalekit's id, org_…
        id: String,
        /// Why; kept in the audit log
        #[arg(long)]
        reason: String,
    },
    /// Restore an organization that was archived by hand; it has no seat limit then
    Restore {
        /// Scalekit's id, org_…
        id: String,
    },
    /// Show an organization as it was at a moment, from its decisions
    AsOf(AsOf),
    /// Show the used seats of each month of a year, from the decisions
    TrueUp(TrueUp),
}

#[derive(Debug, Subcommand)]
pub enum Policy {
    /// The person who has waited longest
    FirstCome {
        #[command(flatten)]
        why: Why,
    },
    /// The highest of these groups first, and inside a group the person who has waited longest
    Groups {
        /// Scalekit's ids, dirgroup_…, the highest first
        #[arg(required = true, value_delimiter = ',', value_name = "ID")]
        groups: Vec<String>,
        #[command(flatten)]
        why: Why,
    },
    /// A person who is admitted by hand; new people get a seat only if no person waits
    ByHand {
        #[command(flatten)]
        why: Why,
    },
}

#[derive(Debug, Args)]
pub struct Why {
    /// Why; kept in the audit log
    #[arg(long)]
    reason: String,
}

impl Policy {
    fn parse(self) -> Result<(AdmissionPolicy, String), CliError> {
        match self {
            Self::FirstCome { why } => Ok((AdmissionPolicy::FirstCome, why.reason)),
            Self::ByHand { why } => Ok((AdmissionPolicy::ByHand, why.reason)),
            Self::Groups { groups, why } => {
                let group = |id: &String| GroupId::parse(id).ok_or(Refusal::GroupId(id.clone()));
                let groups = groups.iter().map(group).collect::<Result<_, _>>();
                let order = groups.and_then(GroupOrder::new).map_err(CliError::refused)?;
                Ok((AdmissionPolicy::GroupsFirst(order), why.reason))
            }
        }
    }
}

impl Organization {
    pub async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Add { id, name, external_id, limit } => {
                let limit = limit
                    .as_deref()
                    .map(SeatLimit::parse)
                    .transpose()
                    .map_err(CliError::refused)?;
                let id = OrganizationId::parse_new(&id).map_err(CliError::refused)?;
                let state = super::open_or_make().await?;
                let new = NewOrganization { id, name, external_id, limit };
                let limit = commands::add_organization(&state, &super::operator(), &new).await?;
                eprintln!("{} was added, with {}.", new.id, seats(limit));
            }
            Self::SetLimit { id, limit, reason, until } => {
                let limit = SeatLimit::parse(&limit).map_err(CliError::refused)?;
                let (organization, state) = (parse(&id)?, super::open().await?);
                let until =
                    LimitEnd::parse(&until, state.clock.now()).map_err(CliError::refused)?;
                let new = NewLimit { organization, limit, until, reason, expected_version: None };
                let set = commands::set_seat_limit(&state, &super::operator(), &new).await;
                match set.map(|outcome| outcome.admitted()) {
                    Ok(0) => eprintln!("{} has {} now.", new.organization, seats(new.limit)),
                    Ok(1) => eprintln!(
                        "{} has {} now; 1 person got in.",
                        new.organization,
                        seats(new.limit)
                    ),
                    Ok(n) => eprintln!(
                        "{} has {} now; {n} people got in.",
                        new.organization,
                        seats(new.limit)
                    ),
                    // a script may run twice: the limit is already what it asks for
                    Err(commands::Error::Refused(Refusal::LimitIsTheSame(limit))) => {
                        eprintln!("{} has {} already.", new.organization, seats(limit));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            Self::Policy { id, policy } => {
                let (organization, (policy, reason)) = (parse(&id)?, policy.parse()?);
                let new = NewPolicy { organization, policy, reason, expected_version: None };
                let set =
                    commands::set_policy(&super::open().await?, &super::operator(), &new).await;
                let (organization, policy) = (&new.organization, &new.policy);
                match set {
                    Ok(0) => eprintln!("{organization} admits {policy} now."),
                    Ok(1) => eprintln!("{organization} admits {policy} now; 1 person got in."),
                    Ok(n) => eprintln!("{organization} admits {policy} now; {n} people got in."),
                    // a script may run twice: the policy is already what it asks for
                    Err(commands::Error::Refused(Refusal::PolicyIsTheSame)) => {
                        eprintln!("{organization} admits {policy} already.");
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            Self::Rename { id, name } => details::rename(&parse(&id)?, name).await?,
            Self::ExternalId { id, external_id } => {
                details::set_external_id(&parse(&id)?, external_id).await?;
            }
            Self::Manager { id, email } => details::set_manager(&parse(&id)?, &email).await?,
            Self::Note { id, notes: Some(notes) } => details::set_notes(parse(&id)?, notes).await?,
            Self::Note { id, notes: None } => details::print_notes(&parse(&id)?).await?,
            Self::Thresholds { id, percentages } => {
                details::thresholds(&parse(&id)?, &percentages).await?;
            }
            Self::Slack { id, url } => details::slack(&parse(&id)?, &url).await?,
            Self::Sso { id, required } => details::sign_on(&parse(&id)?, required == "on").await?,
            Self::Archive { id, reason } => details::archive(parse(&id)?, reason).await?,
            Self::Restore { id } => details::restore(&parse(&id)?).await?,
            Self::AsOf(as_of) => as_of.run().await?,
            Self::TrueUp(true_up) => true_up.run().await?,
        }
        Ok(())
    }
}

fn seats(limit: SeatLimit) -> String {
    match limit {
        SeatLimit::NotSet => "no seat limit yet".to_owned(),
        SeatLimit::Unlimited => "unlimited seats".to_owned(),
        SeatLimit::Seats(_) => limit.to_string(),
    }
}

pub(super) fn parse(id: &str) -> Result<OrganizationId, CliError> {
    OrganizationId::parse(id)
        .ok_or_else(|| CliError::refused(Refusal::OrganizationId(id.to_owned())))
}
