//! Staff change the admission policy of an organization: every waiting user gets the rank of the
//! new policy, and free seats are filled, in the same transaction.
//!
//! This loads the whole waitlist, and writes each user whose rank changes, with a decision.

use super::{
    Actor, Error,
    seat_transaction::{Cause, SeatTransaction},
    set_seat_limit::parse_reason,
};
use crate::{
    domain::{
        admission::AdmissionPolicy, audit::AuditAction, directory_user::SeatState,
        id::OrganizationId, refusal::Refusal, seats::Command,
    },
    state::AppState,
    store::{audit_log::Entry, organizations::Locked},
};

const ACTION: AuditAction = AuditAction::SetPolicy;

/// The requested change.
#[derive(Clone, Debug)]
pub struct NewPolicy {
    pub organization: OrganizationId,
    pub policy: AdmissionPolicy,
    /// The reason, for the audit log. 1 to 500 characters.
    pub reason: String,
    /// The policy version that the form was made from; `None` overwrites any version.
    pub expected_version: Option<i64>,
}

/// Sets the policy; gives the number of users who got a free seat by it.
pub async fn set_policy(state: &AppState, actor: &Actor, new: &NewPolicy) -> Result<usize, Error> {
    let reason = parse_reason(&new.reason, Refusal::PolicyReasonMissing)?;
    let mut seats = SeatTransaction::begin(state, &new.organization).await?;
    let locked = seats.organization(&new.organization)?;
    check(locked, new)?;
    let before = locked.roster.policy.to_string();
    let cause = Cause::Actor { action: ACTION.as_str(), actor };
    let command = Command::SetPolicy(new.policy.clone());
    let decided = seats.decide(&new.organization, &command, cause).await?;
    let after = new.policy.to_string();
    let entry = Entry {
        before: Some(&before),
        after: Some(&after),
        reason: Some(reason),
        ..actor.entry(ACTION)
    };
    seats.audit(&new.organization, entry).await?;
    seats.commit().await?;
    let admitted = decided.transitions.iter().filter(|step| step.to == SeatState::Provisioned);
    Ok(admitted.count())
}

fn check(organization: &Locked, new: &NewPolicy) -> Result<(), Refusal> {
    if organization.roster.archived {
        return Err(Refusal::Archived);
    }
    if new.expected_version.is_some_and(|version| version != organization.policy_version) {
        return Err(Refusal::PolicyChangedMeanwhile);
    }
    if organization.roster.policy == new.policy {
        return Err(Refusal::PolicyIsTheSame);
    }
    Ok(())
}
