//! Changes of a seat limit that wait for a second staff member: one with its preview, and what
//! staff do about it.

use domain::id::{OrganizationId, ProposalId};
use leptos::prelude::*;
use views::proposals::ProposalPage;

use super::AppError;

/// One proposal; staff only.
#[server(prefix = "/api", endpoint = "load_proposal")]
pub async fn load_proposal(
    id: OrganizationId,
    proposal: ProposalId,
) -> Result<ProposalPage, AppError> {
    let staff = super::staff().await?;
    let scope = super::scope(&id).await?;
    Ok(seatkeeper::queries::proposal_page(&super::state()?, (&staff, &scope), &proposal).await?)
}

/// Sets the proposed limit, and goes to the organization. After a refusal the proposal comes back
/// with what an approval would do now.
#[server(prefix = "/api", endpoint = "approve_proposal")]
pub async fn approve_proposal(
    id: OrganizationId,
    proposal: ProposalId,
    limit_version: i64,
) -> Result<(), AppError> {
    use crate::paths;
    use seatkeeper::commands;

    let actor = super::staff_actor().await?;
    let new = answer_to(&id, &proposal, (String::new(), Some(limit_version)));
    let approved = commands::approve_proposal(&super::state()?, &actor, &new).await;
    let to = |admitted: usize| {
        paths::with_query(&paths::organization(&id), &[("saved", &admitted.to_string())])
    };
    super::settled(approved.map(to), &paths::proposal(&id, &proposal))
}

/// Rejects the proposal with a sentence. After a refusal the form comes back with what was typed.
#[server(prefix = "/api", endpoint = "reject_proposal")]
pub async fn reject_proposal(
    id: OrganizationId,
    proposal: ProposalId,
    #[server(default)] text: String,
) -> Result<(), AppError> {
    use crate::paths;
    use seatkeeper::commands;

    let actor = super::staff_actor().await?;
    let new = answer_to(&id, &proposal, (text, None));
    let rejected = commands::reject_proposal(&super::state()?, &actor, &new).await;
    let (here, typed) = (paths::proposal(&id, &proposal), new.text.chars().take(1_100));
    let back = paths::with_query(&here, &[("text", &typed.collect::<String>())]);
    super::settled(rejected.map(|()| paths::with_query(&here, &[("done", "rejected")])), &back)
}

/// Withdraws a proposal; for the person who made it.
#[server(prefix = "/api", endpoint = "withdraw_proposal")]
pub async fn withdraw_proposal(id: OrganizationId, proposal: ProposalId) -> Result<(), AppError> {
    use crate::paths;
    use seatkeeper::commands;

    let actor = super::staff_actor().await?;
    let new = answer_to(&id, &proposal, (String::new(), None));
    let withdrawn = commands::withdraw_proposal(&super::state()?, &actor, &new).await;
    let here = paths::proposal(&id, &proposal);
    super::settled(withdrawn.map(|()| paths::with_query(&here, &[("done", "withdrawn")])), &here)
}

#[cfg(feature = "ssr")]
fn answer_to(
    id: &OrganizationId,
    proposal: &ProposalId,
    (text, expected_limit_version): (String, Option<i64>),
) -> seatkeeper::commands::NewProposalAnswer {
    seatkeeper::commands::NewProposalAnswer {
        organization: id.clone(),
        proposal: proposal.clone(),
        text,
        expected_limit_version,
    }
}
