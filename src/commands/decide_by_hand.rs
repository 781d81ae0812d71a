//! An admin decides by hand about one person, about several, or about all that a filter matches:
//! admit, move, dismiss, undo a dismissal. All of it is one transaction, with a decision and an
//! entry of the audit log for each person. One person may be refused while the others are not.

use std::{collections::BTreeMap, fmt::Write};

use sha2::{Digest, Sha256};

use super::{
    Actor, Error,
    seat_transaction::{Cause, Needs, SeatTransaction},
};
use crate::{
    domain::{
        access::OrganizationScope,
        audit::AuditAction,
        directory_user::{DirectoryUser, SeatState},
        id::{DirectoryUserId, OrganizationId},
        manual_decision::{MOST_AT_ONCE, ManualDecision},
        refusal::Refusal,
        text::is_visible,
        time::Timestamp,
        waitlist::PlaceKey,
    },
    state::AppState,
    store::{
        audit_log::Entry,
        directory_users::{self, Filter},
    },
};

/// So many people get their positions written down; to count one takes a statement.
const POSITIONS: usize = 50;

/// Who a decision is about.
#[derive(Clone, Debug)]
pub enum Chosen {
    These(Vec<DirectoryUserId>),
    /// The first [`MOST_AT_ONCE`] people in this state that the filter matches.
    Matching(SeatState, Filter),
}

#[derive(Clone, Debug)]
pub struct ByHand {
    pub organization: OrganizationId,
    pub decision: ManualDecision,
    pub chosen: Chosen,
    /// For the audit log; may be empty. At most 500 characters.
    pub note: String,
    /// The mark of the preview that was confirmed; `None` decides without one.
    pub preview_mark: Option<String>,
}

/// What was decided.
#[derive(Clone, Debug)]
pub struct DecidedByHand {
    /// The time of all decisions and entries.
    pub at: Timestamp,
    pub people: Vec<Decided>,
    /// Other people who got a seat by it, in order.
    pub admitted: Vec<DirectoryUserId>,
}

/// What a decision did to one person.
#[derive(Clone, Debug)]
pub struct Decided {
    pub user: DirectoryUserId,
    /// The person before it; `None` if there is no such person.
    pub before: Option<DirectoryUser>,
    pub after: Result<SeatState, Refusal>,
    /// The positions of a person who waits before it, and after it. Only the first people of a long
    /// list have them.
    pub position_before: Option<i64>,
    pub position_after: Option<i64>,
}

/// Decides and commits. If each person is refused, nothing is changed and nothing is written, and
/// the error is the refusal of the first one.
pub async fn decide_by_hand(
    state: &AppState,
    actor: &Actor,
    new: &ByHand,
) -> Result<DecidedByHand, Error> {
    let note = parse_note(&new.note)?;
    let mut seats = SeatTransaction::begin(state, &new.organization).await?;
    let action = action(new.decision);
    let cause = Cause::Actor { action: action.as_str(), actor };
    let decided = carry_out(&mut seats, new, cause).await?;
    if new.preview_mark.as_ref().is_some_and(|mark| *mark != self::mark(&decided)) {
        return Err(Refusal::WaitlistChangedMeanwhile.into());
    }
    let refused = |one: &Decided| one.after.clone().err();
    if let Some(first) = decided.people.first().and_then(refused)
        && decided.people.iter().all(|one| one.after.is_err())
    {
        return Err(first.into());
    }
    let texts: Vec<Texts> = decided.people.iter().map(texts).collect();
    let entries: Vec<Entry<'_>> = decided
        .people
        .iter()
        .zip(&texts)
        .map(|(one, texts)| Entry {
            target_id: Some(one.user.as_str()),
            target: texts.target.as_deref(),
            refused: one.after.is_err(),
            before: texts.before.as_deref(),
            after: texts.after.as_deref(),
            reason: texts.refusal.as_deref().or(note),
            ..actor.entry(action)
        })
        .collect();
    seats.audit_all(&new.organization, &entries).await?;
    seats.commit().await?;
    Ok(decided)
}

/// Lets the seat rules decide about the chosen people, in a transaction that the caller commits or
/// rolls back.
pub async fn carry_out(
    seats: &mut SeatTransaction<'_>,
    new: &ByHand,
    cause: Cause<'_>,
) -> Result<DecidedByHand, Error> {
    let id = &new.organization;
    if seats.organization(id)?.roster.archived {
        return Err(Refusal::Archived.into());
    }
    let scope = seats.scope(id)?;
    let users = match &new.chosen {
        Chosen::These(users) => users.clone(),
        Chosen::Matching(state, filter) => {
            let filter = (*state, filter);
            directory_users::chosen(seats.tx(), &scope, filter, MOST_AT_ONCE)
                .await?
                .into_iter()
                .map(|user| user.id)
                .collect()
        }
    };
    if users.is_empty() {
        return Err(Refusal::PersonMissing.into());
    }
    load(seats, new, &users).await?;
    let commands = new.decision.commands(&seats.organization(id)?.roster, &users);
    let before: Vec<Option<DirectoryUser>> = commands
        .iter()
        .map(|(user, _)| Ok(seats.organization(id)?.roster.person(user).cloned()))
        .collect::<Result<_, Error>>()?;
    let (mut people, mut admitted) = (Vec::with_capacity(commands.len()), Vec::new());
    for ((user, command), before) in commands.into_iter().zip(before) {
        let decided = match &before {
            None => Err(Error::Refused(Refusal::NoPerson(user.to_string()))),
            Some(_) => seats.decide(id, &command, cause).await,
        };
        let after = match decided {
            Ok(outcome) => {
                let others = outcome
                    .transitions
                    .into_iter()
                    .filter(|step| step.to == SeatState::Provisioned && step.user != user);
                admitted.extend(others.map(|step| step.user));
                let now = seats.organization(id)?.roster.person(&user);
                Ok(now.map_or(SeatState::Removed, |user| user.state))
            }
            Err(Error::Refused(refusal)) => Err(refusal),
            Err(error) => return Err(error),
        };
        let (position_before, position_after) = (None, None);
        people.push(Decided { user, before, after, position_before, position_after });
    }
    find_positions(seats, &scope, &mut people).await?;
    Ok(DecidedByHand { at: seats.now(), people, admitted })
}

/// Nothing is written yet, so the stored positions are those before the decision. Those after it
/// differ by the people who came, went or moved.
async fn find_positions(
    seats: &mut SeatTransaction<'_>,
    scope: &OrganizationScope,
    people: &mut [Decided],
) -> Result<(), Error> {
    let roster = &seats.organization(scope.id())?.roster;
    let changed: Vec<DirectoryUserId> = roster.touched().map(|user| user.id.clone()).collect();
    let new: BTreeMap<DirectoryUserId, PlaceKey> =
        roster.touched().filter_map(|user| Some((user.id.clone(), user.waitlist_key()?))).collect();
    let changed: Vec<_> = changed.into_iter().map(|user| (scope.id().clone(), user)).collect();
    let old: Vec<PlaceKey> = directory_users::with_ids(seats.tx(), &changed)
        .await?
        .iter()
        .filter_map(|(_, user)| user.waitlist_key())
        .collect();
    let up_to = |keys: &mut dyn Iterator<Item = &PlaceKey>, place: &PlaceKey| {
        i64::try_from(keys.filter(|key| *key <= place).count()).unwrap_or(i64::MAX)
    };
    let mut in_order: Vec<&mut Decided> = people.iter_mut().collect();
    in_order.sort_by_key(|one| in_waitlist_order(one));
    for one in in_order.into_iter().take(POSITIONS) {
        let before = one.before.as_ref().and_then(DirectoryUser::waitlist_key);
        if let Some(place) = &before {
            let position = directory_users::position(seats.tx(), scope, place).await?;
            one.position_before = Some(position);
        }
        if let Some(place) = new.get(&one.user).filter(|_| one.after.is_ok()) {
            let stored = directory_users::position(seats.tx(), scope, place).await?;
            let (gone, come) = (up_to(&mut old.iter(), place), up_to(&mut new.values(), place));
            one.position_after = Some(stored - gone + come);
        }
    }
    Ok(())
}

/// The order in which a page lists the people: those who are refused first, then those who wait.
pub fn in_waitlist_order(one: &Decided) -> (bool, bool, Option<PlaceKey>, DirectoryUserId) {
    let place = one.before.as_ref().and_then(DirectoryUser::waitlist_key);
    (one.after.is_ok(), place.is_none(), place, one.user.clone())
}

/// Several people who are moved to a position need the whole waitlist.
async fn load(
    seats: &mut SeatTransaction<'_>,
    new: &ByHand,
    users: &[DirectoryUserId],
) -> Result<(), Error> {
    let mut needs = Needs::default();
    if users.len() > 1 && matches!(new.decision, ManualDecision::MoveTo(_)) {
        for user in users {
            needs.user(&new.organization, user);
        }
        seats.load(needs).await?;
        return seats.load_whole_waitlist(&new.organization).await;
    }
    for user in users {
        needs.command(&new.organization, &new.decision.command(user));
    }
    Ok(seats.load(needs).await?)
}

/// A short text that differs if any chosen person, or a person who gets a seat by the decision, is
/// another one or was in another state or place. Other people may come and go.
pub fn mark(decided: &DecidedByHand) -> String {
    let mut text = String::new();
    for one in &decided.people {
        let (state, place) = one.before.as_ref().map_or(("", None), |user| {
            (user.state.as_str(), user.waitlist_place.map(|place| (place.rank, place.position)))
        });
        let _ = writeln!(text, "{} {state} {place:?} {}", one.user, one.after.is_ok());
    }
    for user in &decided.admitted {
        let _ = writeln!(text, "{user}");
    }
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub fn action(decision: ManualDecision) -> AuditAction {
    match decision {
        ManualDecision::Admit => AuditAction::AdmitPerson,
        ManualDecision::MoveToFront | ManualDecision::MoveTo(_) => AuditAction::MovePerson,
        ManualDecision::Dismiss => AuditAction::DismissPerson,
        ManualDecision::UndoDismissal => AuditAction::UndoDismissal,
    }
}

fn parse_note(note: &str) -> Result<Option<&str>, Refusal> {
    match note.trim_matches(|c: char| c.is_whitespace() || c == '\0') {
        note if note.contains('\0') || !is_visible(note) => Ok(None),
        long if long.chars().count() > 500 => Err(Refusal::NoteTooLong),
        note => Ok(Some(note)),
    }
}

/// What the audit log says about one person: `Waiting, position 3`.
#[derive(Debug)]
struct Texts {
    target: Option<String>,
    before: Option<String>,
    after: Option<String>,
    refusal: Option<String>,
}

fn texts(one: &Decided) -> Texts {
    let written = |state: SeatState, position: Option<i64>| {
        let position = position.map(|position| format!(", position {position}"));
        format!("{}{}", state.word(), position.unwrap_or_default())
    };
    let before = one.before.as_ref();
    Texts {
        target: before.and_then(|user| user.profile.label().map(str::to_owned)),
        before: before.map(|user| written(user.state, one.position_before)),
        after: one.after.as_ref().ok().map(|state| written(*state, one.position_after)),
        refusal: one.after.as_ref().err().map(ToString::to_string),
    }
}
