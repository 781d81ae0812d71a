//! Staff change a seat limit: waiting users are admitted in order, in the same transaction.

use super::{Actor, Error, update_alerts::update_alerts};
use crate::{
    domain::{
        directory_user::DirectoryUser,
        id::OrganizationId,
        organization::SeatLimit,
        refusal::Refusal,
        seats::{self, Command},
        text::is_visible,
        time::Timestamp,
    },
    state::AppState,
    store::{
        audit::{self, Entry},
        decisions::{self, DecisionRecord},
        directory_users,
        organizations::{self, Locked},
    },
};

/// The requested change.
#[derive(Clone, Debug)]
pub struct NewLimit {
    pub organization: OrganizationId,
    pub limit: SeatLimit,
    /// The reason, for the audit log. 1 to 500 characters.
    pub reason: String,
    /// The limit version that the form was made from; `None` overwrites any version.
    pub expected_version: Option<i64>,
}

/// Sets the limit and admits waiting users to the free seats, unless admission is by hand; gives
/// the number of admitted users.
pub async fn set_seat_limit(state: &AppState, actor: &Actor, new: &NewLimit) -> Result<usize, Error> {
    let reason = parse_reason(&new.reason)?;
    let mut tx = state.db.write().await?;
    // The time is taken after the write lock, so that timestamps follow the order of the commits.
    let now = state.clock.now();
    let mut organization = organizations::lock(&mut tx, &new.organization).await?.ok_or(Error::Missing)?;
    check(&organization, new)?;
    let before = organization.roster.limit;
    directory_users::load_waitlist(&mut tx, &mut organization, new.limit).await?;
    let decision = seats::decide(&mut organization.roster, &Command::SetLimit(new.limit), now)?;
    organization.limit_version += 1;
    let decided: Vec<DecisionRecord> =
        (0..).zip(decision.transitions).map(|(ordinal, step)| decided(&organization, ordinal, step, actor, now)).collect();
    organizations::save(&mut tx, &[&organization], now).await?;
    organizations::note_limit_set(&mut tx, &organization.scope, &actor.name(), reason, now).await?;
    let touched: Vec<(&OrganizationId, &DirectoryUser)> = organization.roster.touched().map(|user| (organization.id(), user)).collect();
    directory_users::save(&mut tx, &touched).await?;
    decisions::add(&mut tx, &decided).await?;
    let entry = Entry {
        id: &state.clock.id::<String>("aud"),
        actor: &actor.name(),
        actor_id: actor.account(),
        action: "set_seat_limit",
        before: Some(&before.to_string()),
        after: Some(&new.limit.to_string()),
        reason: Some(reason),
        ..Entry::default()
    };
    audit::add(&mut tx, &organization.scope, &entry, now).await?;
    update_alerts(&mut tx, state, std::iter::once(&organization), now).await?;
    tx.commit().await?;
    Ok(decided.len())
}

fn parse_reason(reason: &str) -> Result<&str, Refusal> {
    match reason.trim_matches(|c: char| c.is_whitespace() || c == '\0') {
        reason if reason.contains('\0') || !is_visible(reason) => Err(Refusal::ReasonMissing),
        long if long.chars().count() > 500 => Err(Refusal::ReasonTooLong),
        reason => Ok(reason),
    }
}

fn check(organization: &Locked, new: &NewLimit) -> Result<(), Refusal> {
    let limit = organization.roster.limit;
    if organization.roster.archived {
        return Err(Refusal::Archived);
    }
    if new.expected_version.is_some_and(|version| version != organization.limit_version) {
        return Err(Refusal::LimitChangedMeanwhile(limit));
    }
    if limit == new.limit {
        return Err(Refusal::LimitIsTheSame(limit));
    }
    Ok(())
}

fn decided(organization: &Locked, ordinal: i64, step: crate::domain::decision::Transition, actor: &Actor, at: Timestamp) -> DecisionRecord {
    DecisionRecord {
        organization: organization.id().clone(),
        revision: organization.revision,
        ordinal,
        step,
        cause: "set_seat_limit".to_owned(),
        event: None,
        actor: Some(actor.name()),
        at,
    }
}
