//! Previews a new limit: a seat transaction decides it and is rolled back.

use crate::{
    commands::{Cause, Error, SeatTransaction},
    domain::{
        access::OrganizationScope,
        directory_user::{DirectoryUser, SeatState},
        organization::SeatLimit,
        seats::Command,
        text::{ExternalText, called},
    },
    state::AppState,
    views::LimitPreview,
};

/// `Missing` if there is no such organization; refused if the organization is archived.
pub async fn limit_preview(
    state: &AppState,
    scope: &OrganizationScope,
    limit: SeatLimit,
) -> Result<LimitPreview, Error> {
    let mut seats = SeatTransaction::preview(state, scope).await?;
    let unchanged = seats.organization(scope.id())?;
    let (before, limit_version) = (unchanged.roster.usage(), unchanged.limit_version);
    let decision = seats.decide(scope.id(), &Command::SetLimit(limit), Cause::Preview).await?;
    let organization = seats.organization(scope.id())?;
    let admitted: Vec<&DirectoryUser> = decision
        .transitions
        .iter()
        .filter(|step| step.to == SeatState::Provisioned)
        .filter_map(|step| organization.roster.person(&step.user))
        .collect();
    let called = |user: &&DirectoryUser| {
        called(user.profile.name.as_deref(), user.profile.email.as_deref(), user.id.as_str())
    };
    let names = usize::try_from(LimitPreview::NAMES).unwrap_or(0);
    let preview = LimitPreview {
        organization: scope.id().clone(),
        name: ExternalText::or_id(&organization.details.name, scope.id().as_str()),
        before,
        after: organization.roster.usage(),
        admitted: i64::try_from(admitted.len()).unwrap_or(i64::MAX),
        first_admitted: admitted.iter().take(names).map(called).collect(),
        limit_version,
    };
    seats.rollback().await?;
    Ok(preview)
}
