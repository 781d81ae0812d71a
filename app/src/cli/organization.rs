//! `seatkeeper organization add` and `set-limit`.

use clap::Subcommand;
use domain::{id::OrganizationId, organization::SeatLimit, refusal::Refusal};
use seatkeeper::commands::{self, NewLimit, NewOrganization};

use super::CliError;

#[derive(Debug, Subcommand)]
pub enum Organization {
    /// Add an organization before its first event
    Add {
        /// Scalekit's id, org_…
        id: String,
        #[arg(long)]
        name: String,
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
    },
}

impl Organization {
    pub async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Add { id, name, limit } => {
                let limit = limit
                    .as_deref()
                    .map(SeatLimit::parse)
                    .transpose()
                    .map_err(CliError::refused)?;
                let (id, state) = (parse(&id)?, super::open_or_make().await?);
                let new = NewOrganization {
                    id,
                    name,
                    limit: limit.unwrap_or(state.settings.default_seat_limit),
                };
                commands::add_organization(&state, &super::operator(), &new).await?;
                eprintln!("{} was added, with {}.", new.id, seats(new.limit));
            }
            Self::SetLimit { id, limit, reason } => {
                let limit = SeatLimit::parse(&limit).map_err(CliError::refused)?;
                let new =
                    NewLimit { organization: parse(&id)?, limit, reason, expected_version: None };
                match commands::set_seat_limit(&super::open().await?, &super::operator(), &new)
                    .await
                {
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

fn parse(id: &str) -> Result<OrganizationId, CliError> {
    OrganizationId::parse(id)
        .ok_or_else(|| CliError::refused(Refusal::OrganizationId(id.to_owned())))
}
