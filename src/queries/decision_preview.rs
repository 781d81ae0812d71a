//! Previews a manual decision: a seat transaction decides it and is rolled back.

use std::collections::{BTreeMap, BTreeSet};

use super::waitlist::{changes, filter};
use crate::{
    commands::{
        ByHand, Cause, Chosen, Decided, DecidedByHand, Error, SeatTransaction, carry_out,
        in_waitlist_order, mark,
    },
    domain::{
        access::{OrganizationScope, Viewer},
        directory_user::DirectoryUser,
        id::DirectoryUserId,
        manual_decision::ManualDecision,
        text::{ExternalText, called},
        time::Timestamp,
        waitlist::PlaceKey,
    },
    state::AppState,
    store::directory_users,
    views::waitlist::{ChosenPeople, DecisionPreview, PreviewedPerson, PreviewedPlace},
};

/// `since` is the time of an earlier preview. `Missing` if there is no such organization; refused
/// if it is archived, and if no person is chosen.
pub async fn decision_preview(
    state: &AppState,
    (scope, viewer): (&OrganizationScope, &Viewer),
    decision: ManualDecision,
    people: ChosenPeople,
    since: Option<Timestamp>,
) -> Result<DecisionPreview, Error> {
    let mut seats = SeatTransaction::preview(state, scope).await?;
    let new = ByHand {
        organization: scope.id().clone(),
        decision,
        chosen: chosen(people, seats.now()),
        note: String::new(),
        preview_mark: None,
    };
    let unchanged = seats.organization(scope.id())?;
    let (before, revision) = (unchanged.roster.usage(), unchanged.revision - 1);
    let decided = carry_out(&mut seats, &new, Cause::Preview).await?;
    let organization = seats.organization(scope.id())?;
    let after = organization.roster.usage();
    let organization_name = ExternalText::or_id(&organization.details.name, scope.id().as_str());
    let refused = decided.people.iter().filter(|one| one.after.is_err()).count();
    let listed = listed(&decided);
    let users: Vec<DirectoryUserId> = decided.people.iter().map(|one| one.user.clone()).collect();
    let places = Places { chosen: &users.iter().cloned().collect(), known: &listed };
    let line = line(&mut seats, scope, places).await?;
    let names = admitted(&seats, scope, &decided.admitted)?;
    let changes = match since {
        Some(since) => changes(seats.tx(), scope, viewer, (&users, since)).await?,
        None => Vec::new(),
    };
    let preview = DecisionPreview {
        organization: scope.id().clone(),
        organization_name,
        revision,
        decision,
        before,
        after,
        people: listed,
        done: count(decided.people.len() - refused),
        refused: count(refused),
        admitted: names,
        admitted_count: count(decided.admitted.len()),
        line,
        mark: mark(&decided),
        changes,
        now: seats.now(),
    };
    seats.rollback().await?;
    Ok(preview)
}

/// The people that a decision is about.
pub fn chosen(people: ChosenPeople, now: Timestamp) -> Chosen {
    match people {
        ChosenPeople::These(users) => Chosen::These(users),
        ChosenPeople::All(list, until) => {
            Chosen::Matching(list.state, filter(&list, until.unwrap_or(now)))
        }
    }
}

pub(super) fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The first of the chosen people, in the order of the waitlist.
fn listed(decided: &DecidedByHand) -> Vec<PreviewedPerson> {
    let mut people: Vec<&Decided> = decided.people.iter().collect();
    people.sort_by_key(|one| in_waitlist_order(one));
    let previewed = |one: &Decided| {
        let profile = one.before.as_ref().map(|user| &user.profile);
        let seen = |text: Option<&String>| text.and_then(|text| ExternalText::seen(text));
        PreviewedPerson {
            user: one.user.clone(),
            name: seen(profile.and_then(|profile| profile.name.as_ref())),
            email: seen(profile.and_then(|profile| profile.email.as_ref())),
            before: one.before.as_ref().map(|user| user.state),
            position_before: one.position_before,
            after: one.after.clone(),
            position_after: one.position_after,
        }
    };
    people.into_iter().take(DecisionPreview::PEOPLE).map(previewed).collect()
}

/// What is known about the people of a preview.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    pub chosen: &'a BTreeSet<DirectoryUserId>,
    pub known: &'a [PreviewedPerson],
}

/// The first places after the decision: the stored head of the waitlist without the people who
/// changed, and those of them who wait now.
pub(super) async fn line(
    seats: &mut SeatTransaction<'_>,
    scope: &OrganizationScope,
    places: Places<'_>,
) -> Result<Vec<PreviewedPlace>, Error> {
    let roster = &seats.organization(scope.id())?.roster;
    let changed: BTreeMap<DirectoryUserId, DirectoryUser> =
        roster.touched().map(|user| (user.id.clone(), user.clone())).collect();
    let most = count(DecisionPreview::PLACES + changed.len());
    let head = directory_users::waiting(seats.tx(), scope, most).await?;
    let before = |one: &PreviewedPerson| (one.user.clone(), one.position_before.unwrap_or(0));
    let was: BTreeMap<DirectoryUserId, i64> = head
        .iter()
        .zip(1..)
        .map(|(user, position)| (user.id.clone(), position))
        .chain(places.known.iter().map(before))
        .collect();
    let unchanged = head.into_iter().filter(|user| !changed.contains_key(&user.id));
    let mut line: Vec<(PlaceKey, DirectoryUser)> = unchanged
        .chain(changed.values().cloned())
        .filter_map(|user| Some((user.waitlist_key()?, user)))
        .collect();
    line.sort_by(|(a, _), (b, _)| a.cmp(b));
    let place = |(_, user): (PlaceKey, DirectoryUser)| PreviewedPlace {
        name: name(&user),
        is_chosen: places.chosen.contains(&user.id),
        was: was.get(&user.id).copied(),
        user: user.id,
    };
    Ok(line.into_iter().take(DecisionPreview::PLACES).map(place).collect())
}

fn name(user: &DirectoryUser) -> ExternalText {
    let profile = &user.profile;
    called(profile.name.as_deref(), profile.email.as_deref(), user.id.as_str())
}

/// The names of the first of these people.
pub(super) fn admitted(
    seats: &SeatTransaction<'_>,
    scope: &OrganizationScope,
    users: &[DirectoryUserId],
) -> Result<Vec<ExternalText>, Error> {
    let roster = &seats.organization(scope.id())?.roster;
    let named = users.iter().take(DecisionPreview::NAMES);
    Ok(named.filter_map(|user| roster.person(user)).map(name).collect())
}
