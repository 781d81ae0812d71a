//! One person of an organization: why they hold or lack a seat, and everything that happened.

mod history;
mod record;

use self::history::{Which, history, history_row};
pub use self::record::{
    HistoryRecord, PersonFacts, PersonRecord, RoleRecord, person_facts, person_record,
};
use super::roles::Roles;
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Viewer},
        attribute::Attributes,
        directory_user::{DirectoryUser, SeatState},
        id::{DirectoryUserId, GroupId},
        seat_reason::{Decided, SeatReason},
        text::{ExternalText, called},
    },
    state::AppState,
    store::{
        attributes, directory_users, groups,
        organizations::{self, Card},
        person_history,
    },
    views::person::{DuplicateRow, HistoryCursor, PersonPage},
};

/// The page of a person, with the history before the given point, as the viewer may see it.
/// `Missing` if there is no such organization or no such person.
pub async fn person_page(
    state: &AppState,
    scope: &OrganizationScope,
    viewer: &Viewer,
    user: &DirectoryUserId,
    before: Option<&HistoryCursor>,
) -> Result<PersonPage, Error> {
    let is_staff = viewer.role.is_staff();
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let known = known(&mut tx, scope, user).await?;
    let which = Which { scope, user, is_staff, before, most: PersonPage::ROWS };
    let (entries, page) = history(&mut tx, which).await?;
    let label = |text: &String| ExternalText::label(text);
    let Known { card, user, .. } = &known;
    let groups: Vec<(GroupId, ExternalText)> =
        known.groups.iter().map(|(group, name)| (group.clone(), label(name))).collect();
    Ok(PersonPage {
        organization: scope.id().clone(),
        organization_name: card.called(scope),
        revision: card.revision,
        why: known.why(),
        user: user.id.clone(),
        name: user.profile.name.as_deref().and_then(ExternalText::seen),
        email: user.profile.email.as_deref().and_then(ExternalText::seen),
        state: user.state,
        position: known.position,
        since: user.since,
        roles: known.roles.of(user.state, &groups),
        groups,
        directory_roles: user.roles.iter().map(label).collect(),
        attributes: known.attributes.iter().map(attribute).collect(),
        external_id: user.profile.external_id.as_deref().and_then(ExternalText::seen),
        duplicates: known.duplicates.iter().map(duplicate_row).collect(),
        history: entries.into_iter().map(|entry| history_row(entry, is_staff)).collect(),
        page,
        now: state.clock.now(),
    })
}

fn attribute((name, value): (&String, &String)) -> (ExternalText, ExternalText) {
    (ExternalText::label(name), ExternalText::new(value))
}

/// What is known about a person, apart from the history.
struct Known {
    card: Card,
    user: DirectoryUser,
    position: Option<i64>,
    decided: Option<Decided>,
    /// The groups with their names.
    groups: Vec<(GroupId, String)>,
    roles: Roles,
    attributes: Attributes,
    duplicates: Vec<DirectoryUser>,
}

impl Known {
    fn why(&self) -> String {
        let Card { usage, policy, archived, .. } = &self.card;
        let rank = self.user.waitlist_place.map(|place| place.rank);
        let (state, decided, position) = (self.user.state, self.decided, self.position);
        let (usage, archived) = (*usage, *archived);
        SeatReason { state, decided, position, rank, usage, policy, archived }.sentence()
    }
}

async fn known(
    tx: &mut Tx,
    scope: &OrganizationScope,
    id: &DirectoryUserId,
) -> Result<Known, Error> {
    let card = organizations::card(tx, scope).await?.ok_or(Error::Missing)?;
    let key = (scope.id().clone(), id.clone());
    let found = directory_users::with_ids(tx, std::slice::from_ref(&key)).await?.pop();
    let (_, user) = found.ok_or(Error::Missing)?;
    let position = match user.waitlist_place {
        Some(place) => Some(directory_users::position(tx, scope, &place.key(id)).await?),
        None => None,
    };
    let decided = person_history::last_change(tx, scope, id).await?;
    let decided = decided.filter(|decision| decision.to == user.state);
    let groups = groups::of_people(tx, scope, &[id.as_str().to_owned()]).await?;
    let attributes = attributes::of_users(tx, std::slice::from_ref(&key)).await?.remove(id);
    Ok(Known {
        attributes: attributes.map(|(attributes, _)| attributes).unwrap_or_default(),
        roles: Roles::load(tx, scope).await?,
        duplicates: duplicates(tx, scope, &user).await?,
        groups: groups.into_iter().map(|(_, group, name)| (group, name)).collect(),
        decided: decided.map(|decision| Decided {
            from: decision.from,
            reason: decision.reason,
            limit: decision.limit,
            used: decision.used,
        }),
        position,
        card,
        user,
    })
}

/// The other live users with the same e-mail address, in order of their ids.
async fn duplicates(
    tx: &mut Tx,
    scope: &OrganizationScope,
    user: &DirectoryUser,
) -> sqlx::Result<Vec<DirectoryUser>> {
    let Some(key) = user.email_key().filter(|_| user.state != SeatState::Removed) else {
        return Ok(Vec::new());
    };
    let found = directory_users::with_emails(tx, &[(scope.id().clone(), key)]).await?;
    let others = found.into_iter().map(|(_, other)| other).filter(|other| other.id != user.id);
    let mut others: Vec<_> = others.collect();
    others.sort_by(|one, other| one.id.cmp(&other.id));
    others.truncate(PersonPage::DUPLICATES);
    Ok(others)
}

fn duplicate_row(user: &DirectoryUser) -> DuplicateRow {
    let (name, email) = (user.profile.name.as_deref(), user.profile.email.as_deref());
    DuplicateRow {
        called: called(name, email, user.id.as_str()),
        state: user.state,
        user: user.id.clone(),
    }
}
