//! The form for the admission policy, and the preview of a new one: a seat transaction decides it
//! and is rolled back.

use std::collections::BTreeSet;

use super::decision_preview::{Places, admitted, count, line};
use crate::{
    commands::{Cause, Error, SeatTransaction},
    db::Reach,
    domain::{
        access::OrganizationScope,
        admission::AdmissionPolicy,
        directory_user::SeatState,
        id::{DirectoryUserId, GroupId},
        refusal::Refusal,
        seats::Command,
        text::ExternalText,
    },
    state::AppState,
    store::{groups, organizations},
    views::policy::{PolicyForm, PolicyPreview},
};

/// The organization as it is, and what the policy that is asked for would do. `Missing` if there is
/// no such organization.
pub async fn policy_form(
    state: &AppState,
    scope: &OrganizationScope,
    asked: Option<&Result<AdmissionPolicy, Refusal>>,
) -> Result<PolicyForm, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let named = groups::names(&mut tx, scope, PolicyForm::GROUPS).await?;
    let chosen = card.policy.groups().iter().chain(groups_of(asked)).cloned().collect();
    let others = groups::named(&mut tx, scope, &chosen).await?;
    drop(tx);
    let mut groups: Vec<(GroupId, ExternalText)> = Vec::new();
    for (id, name) in named.into_iter().chain(others) {
        if groups.iter().all(|(known, _)| *known != id) {
            let name = ExternalText::or_id(name.as_deref().unwrap_or_default(), id.as_str());
            groups.push((id, name));
        }
    }
    let preview = match asked {
        None => None,
        Some(Err(refusal)) => Some(Err(refusal.clone())),
        Some(Ok(policy)) => Some(preview(state, scope, policy).await?),
    };
    Ok(PolicyForm {
        organization: scope.id().clone(),
        organization_name: card.called(scope),
        revision: card.revision,
        usage: card.usage,
        archived: card.archived,
        policy: card.policy,
        policy_version: card.policy_version,
        groups,
        preview,
    })
}

fn groups_of(asked: Option<&Result<AdmissionPolicy, Refusal>>) -> &[GroupId] {
    match asked {
        Some(Ok(policy)) => policy.groups(),
        _ => &[],
    }
}

async fn preview(
    state: &AppState,
    scope: &OrganizationScope,
    policy: &AdmissionPolicy,
) -> Result<Result<PolicyPreview, Refusal>, Error> {
    let mut seats = SeatTransaction::preview(state, scope).await?;
    let unchanged = &seats.organization(scope.id())?.roster;
    if unchanged.policy == *policy {
        return Ok(Err(Refusal::PolicyIsTheSame));
    }
    if unchanged.archived {
        return Ok(Err(Refusal::Archived));
    }
    let decided =
        seats.decide(scope.id(), &Command::SetPolicy(policy.clone()), Cause::Preview).await?;
    let after = seats.organization(scope.id())?.roster.usage();
    let got_in: Vec<DirectoryUserId> = decided
        .transitions
        .iter()
        .filter(|step| step.to == SeatState::Provisioned)
        .map(|step| step.user.clone())
        .collect();
    let places = Places { chosen: &BTreeSet::new(), known: &[] };
    let preview = PolicyPreview {
        policy: policy.clone(),
        after,
        admitted: admitted(&seats, scope, &got_in)?,
        admitted_count: count(got_in.len()),
        line: line(&mut seats, scope, places).await?,
    };
    seats.rollback().await?;
    Ok(Ok(preview))
}
