//! Processes one delivery after the other: each one sees the changes of the ones before it. Seats
//! change in memory; groups and directories are written at once.

use std::collections::BTreeMap;

use super::{Delivery, Error};
use crate::{
    commands::seat_transaction::{Cause, SeatTransaction},
    domain::{
        access::OrganizationScope,
        decision::Outcome,
        directory_user::{Precedence, Version},
        event::{Change, DirectoryChange, Event, EventPayload, UserPayload, event_number},
        id::{DirectoryUserId, GroupId},
        roster::Addressee,
        seats::{Command, GroupMembers, UserUpdate},
        time::Timestamp,
    },
    scalekit::payload::ParsedBody,
    store::{
        directories,
        groups::{self, GroupUpdate, MembershipUpdate},
    },
};

/// Applies one delivery.
pub async fn apply(seats: &mut SeatTransaction<'_>, delivery: &Delivery) -> Result<Outcome, Error> {
    let event = match &delivery.reading {
        ParsedBody::Unreadable { .. } => return Ok(Outcome::Dead),
        ParsedBody::Unknown(_) => return Ok(Outcome::Ignored),
        ParsedBody::Event(event) if event.mismatch => return Ok(Outcome::Mismatch),
        // No organization has its group, or several have one with this id.
        ParsedBody::Event(_) if delivery.by_group().is_some() => return Ok(Outcome::Dead),
        ParsedBody::Event(event) => event,
    };
    let organization = event.envelope.organization.as_ref().ok_or(Error::Missing)?;
    let organization = seats.organization(organization)?;
    let (scope, archived) = (organization.scope.clone(), organization.roster.archived);
    seats.touch(scope.id());
    let at = delivery.occurred_at();
    let outcome = match &event.payload {
        EventPayload::User(update) => return user(seats, delivery, &scope, update).await,
        EventPayload::Organization { .. } => {
            return self::organization(seats, delivery, &scope, event).await;
        }
        EventPayload::Group { id, directory, name, change } => {
            let stamp = stamp(delivery, at, *change == Change::Deleted);
            let deleted = *change == Change::Deleted;
            let update = GroupUpdate {
                id,
                directory: directory.as_ref(),
                name: name.as_deref(),
                deleted,
                stamp,
            };
            let outcome = facts(seats.update_group(scope.id(), &update).await?, deleted);
            if deleted {
                let command = Command::GroupDeleted(id.clone(), stamp);
                seats.decide(scope.id(), &command, cause(delivery, None)).await?;
            }
            outcome
        }
        EventPayload::GroupMembers { group, added, removed } => {
            members(seats, delivery, &scope, (group, added, removed)).await?
        }
        EventPayload::Directory { id, provider, change } => {
            let deleted = *change == DirectoryChange::Deleted;
            let stamp = stamp(delivery, at, deleted);
            let fresh = directories::apply_update(
                seats.tx(),
                &scope,
                (id, provider.as_deref()),
                *change,
                stamp,
            )
            .await?;
            seats.note_directories(scope.id());
            facts(fresh, deleted)
        }
    };
    // The facts are kept also while the organization is archived, because an event that arrives
    // later may show that it existed again by then.
    Ok(if archived { Outcome::Archived } else { outcome })
}

async fn user(
    seats: &mut SeatTransaction<'_>,
    delivery: &Delivery,
    scope: &OrganizationScope,
    update: &UserPayload,
) -> Result<Outcome, Error> {
    let Some(user) = resolve_user(seats, delivery, scope, update)? else {
        return Ok(Outcome::Dead);
    };
    let groups = update.groups.as_ref();
    let stamp = stamp(delivery, delivery.occurred_at(), false);
    for (group, name) in groups.into_iter().flatten() {
        seats.mention_group(scope.id(), group, name.as_deref(), stamp);
    }
    let mut profile = update.profile.clone();
    let email = update.profile.as_ref().and_then(|profile| profile.email.as_deref());
    let address = email.filter(|_| update.user.is_none());
    if let Some(profile) = profile.as_mut().filter(|_| address.is_some())
        && seats.organization(scope.id())?.roster.person(&user).is_some()
    {
        // Here the address only identifies the user; it does not update the user's address.
        profile.email = None;
    }
    let command = Command::UserUpdate(UserUpdate {
        user: user.clone(),
        change: update.change,
        active: update.active,
        profile,
        groups: groups.map(|groups| groups.iter().map(|(group, _)| group.clone()).collect()),
        roles: update.roles.clone(),
        at: delivery.occurred_at(),
        event: event_number(&delivery.event_id),
    });
    let decided = seats.decide(scope.id(), &command, cause(delivery, address)).await?;
    let said = update.attributes.as_ref().filter(|_| update.change != Change::Deleted);
    seats.record_attributes(scope.id(), &user, said, stamp).await?;
    Ok(decided.outcome)
}

/// The user that an update is about: by id, or else the user who has or had the address at that
/// time, or else a placeholder made from the address. None: several users match.
fn resolve_user(
    seats: &mut SeatTransaction<'_>,
    delivery: &Delivery,
    scope: &OrganizationScope,
    update: &UserPayload,
) -> Result<Option<DirectoryUserId>, Error> {
    let email = update.profile.as_ref().and_then(|profile| profile.email.as_deref());
    let external_id = update.profile.as_ref().and_then(|profile| profile.external_id.as_deref());
    if let (Some(user), Some(external_id)) = (&update.user, external_id) {
        seats.identify_imported(scope.id(), (user, external_id), cause(delivery, None))?;
    }
    match (&update.user, email) {
        (Some(user), Some(email)) => {
            let at = delivery.occurred_at();
            seats.merge_placeholder(
                scope.id(),
                (user, email),
                (update.change, at),
                cause(delivery, None),
            )?;
            Ok(Some(user.clone()))
        }
        (Some(user), None) => Ok(Some(user.clone())),
        (None, Some(email)) => {
            match seats.organization(scope.id())?.roster.with_email(email, delivery.occurred_at()) {
                Addressee::Person(user) => Ok(Some(user)),
                Addressee::None => Ok(Some(DirectoryUserId::by_email(email))),
                Addressee::Several => Ok(None),
            }
        }
        (None, None) => Ok(None),
    }
}

async fn organization(
    seats: &mut SeatTransaction<'_>,
    delivery: &Delivery,
    scope: &OrganizationScope,
    event: &Event,
) -> Result<Outcome, Error> {
    let EventPayload::Organization { name, external_id, change } = &event.payload else {
        return Err(Error::Missing);
    };
    let deleted = *change == Change::Deleted;
    let stamp = stamp(delivery, delivery.occurred_at(), deleted);
    let command = if deleted {
        Command::OrganizationDeleted(stamp)
    } else {
        Command::OrganizationSeen(stamp)
    };
    let outcome = seats.decide(scope.id(), &command, cause(delivery, None)).await?.outcome;
    let details = seats.edit(scope.id())?.details;
    let is_newer = details.learn(name.clone(), external_id.clone(), stamp);
    Ok(if outcome == Outcome::Stale && is_newer { Outcome::Updated } else { outcome })
}

/// Applies the group event that names who joined and who left. It is stored for each user, known or
/// not, and counts until an update with all groups of the user is newer.
async fn members(
    seats: &mut SeatTransaction<'_>,
    delivery: &Delivery,
    scope: &OrganizationScope,
    (group, added, removed): (&GroupId, &[DirectoryUserId], &[DirectoryUserId]),
) -> Result<Outcome, Error> {
    let stamp = stamp(delivery, delivery.occurred_at(), false);
    let members: BTreeMap<_, _> = added
        .iter()
        .map(|user| (user.clone(), true))
        .chain(removed.iter().map(|user| (user.clone(), false)))
        .collect();
    seats.change_memberships(scope.id(), members.keys())?;
    seats.mention_group(scope.id(), group, None, stamp);
    let update = |(user, joined): (&DirectoryUserId, &bool)| MembershipUpdate {
        organization: scope.id().clone(),
        user: user.clone(),
        group: group.clone(),
        joined: *joined,
        stamp,
    };
    let updates: Vec<_> = members.iter().map(update).collect();
    groups::apply_memberships(seats.tx(), &updates).await?;
    let said = GroupMembers { group: group.clone(), members, version: stamp };
    let command = Command::GroupMembers(said);
    Ok(seats.decide(scope.id(), &command, cause(delivery, None)).await?.outcome)
}

fn cause<'a>(delivery: &'a Delivery, address: Option<&'a str>) -> Cause<'a> {
    Cause::Delivery { kind: delivery.kind(), event: &delivery.event_id, address }
}

fn stamp(delivery: &Delivery, at: Timestamp, deleted: bool) -> Version {
    let weight = if deleted { Precedence::Deleted } else { Precedence::Active };
    Version { at, weight, event: event_number(&delivery.event_id) }
}

fn facts(fresh: bool, deleted: bool) -> Outcome {
    match (fresh, deleted) {
        (false, _) => Outcome::Stale,
        (true, true) => Outcome::Removed,
        (true, false) => Outcome::Updated,
    }
}
