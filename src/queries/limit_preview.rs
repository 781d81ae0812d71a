//! Previews a new limit: a seat transaction decides it and is rolled back.

use crate::{
    commands::{Cause, Error, SeatTransaction},
    db::Reach,
    domain::{
        access::OrganizationScope,
        directory_user::{DirectoryUser, SeatState},
        limit_proposal::LimitTerms,
        organization::{SeatLimit, TypedLimit},
        seats::Command,
        text::{ExternalText, called},
    },
    queries::organization::limit_change,
    state::AppState,
    store::{audit_log, limit_ends},
    views::{LimitChange, LimitPreview},
};

/// `Missing` if there is no such organization; refused if the organization is archived, or if
/// seats are added to a limit that is no number.
pub async fn limit_preview(
    state: &AppState,
    scope: &OrganizationScope,
    limit: impl Into<TypedLimit>,
) -> Result<LimitPreview, Error> {
    let limit = limit.into();
    let mut seats = SeatTransaction::preview(state, scope).await?;
    let unchanged = seats.organization(scope.id())?;
    let (before, limit_version) = (unchanged.roster.usage(), unchanged.limit_version);
    let limit = limit.beside(before.limit)?;
    let needs_second_person = needs_second_person(&mut seats, scope, limit).await?;
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
        needs_second_person,
    };
    seats.rollback().await?;
    Ok(preview)
}

/// The newest change of the limit.
pub async fn last_limit_change(
    state: &AppState,
    scope: &OrganizationScope,
) -> Result<Option<LimitChange>, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let changes = audit_log::limit_changes(&mut tx, scope, 1).await?;
    Ok(changes.first().map(limit_change))
}

/// Whether one staff member cannot set the limit alone, if it ends when the limit of now does.
async fn needs_second_person(
    seats: &mut SeatTransaction<'_>,
    scope: &OrganizationScope,
    limit: SeatLimit,
) -> Result<bool, Error> {
    let Some(above) = seats.settings().await?.approval_above else { return Ok(false) };
    let locked = seats.organization(scope.id())?;
    let (now, version) = (locked.roster.limit, locked.limit_version);
    let end = limit_ends::find(seats.tx(), scope, version).await?;
    let kept = end.filter(|end| end.then != limit);
    let (before, after) = (LimitTerms { limit: now, end }, LimitTerms { limit, end: kept });
    Ok(before.changes_more_than(above, &after))
}
