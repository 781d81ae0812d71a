//! Previews a new limit: the seat rules decide on a roster that is then thrown away.

use crate::{
    commands::Error,
    domain::{
        access::OrganizationScope,
        directory_user::{DirectoryUser, SeatState},
        organization::SeatLimit,
        page::LimitPreview,
        seats::{self, Command},
        text::{ExternalText, called},
    },
    state::AppState,
    store::{directory_users, organizations},
};

/// `Missing` if there is no such organization; refused if the organization is archived.
pub async fn limit_preview(state: &AppState, scope: &OrganizationScope, limit: SeatLimit) -> Result<LimitPreview, Error> {
    let mut tx = state.db.read_for_page().await?;
    let mut organization = organizations::unlocked(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let before = organization.roster.usage();
    directory_users::load_waitlist(&mut tx, &mut organization, limit).await?;
    let decision = seats::decide(&mut organization.roster, &Command::SetLimit(limit), state.clock.now())?;
    let admitted: Vec<&DirectoryUser> = decision
        .transitions
        .iter()
        .filter(|step| step.to == SeatState::Provisioned)
        .filter_map(|step| organization.roster.person(&step.user))
        .collect();
    let called = |user: &&DirectoryUser| called(user.profile.name.as_deref(), user.profile.email.as_deref(), user.id.as_str());
    let names = usize::try_from(LimitPreview::NAMES).unwrap_or(0);
    Ok(LimitPreview {
        organization: scope.id().clone(),
        name: ExternalText::or_id(&organization.name, scope.id().as_str()),
        before,
        after: organization.roster.usage(),
        admitted: i64::try_from(admitted.len()).unwrap_or(i64::MAX),
        first_admitted: admitted.iter().take(names).map(called).collect(),
        limit_version: organization.limit_version,
    })
}
