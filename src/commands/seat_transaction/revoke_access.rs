//! A person who leaves a directory, deactivated or removed, loses the dashboard access that belongs
//! to them: the membership of that organization and every session, in the same transaction. A
//! person who comes back gets nothing back: a person has to grant it again.
//!
//! A membership belongs to the directory user that had the account's address when access was
//! granted, even if that address changes later. If there was no such user, it belongs to the first
//! one that has the address. It passes on to another live person with the same address, if the
//! person who leaves still has that address.
//!
//! The outcome depends neither on the batches nor on the order of deliveries. A deactivation counts
//! when it is decided, even if the same batch brings the person back. A deactivation that arrives
//! late ends the access that was granted before it happened.
//!
//! Staff create accounts on the command line, for exactly the address they name: such an address
//! counts as verified.

use std::collections::BTreeSet;

use tracing::info;

use crate::{
    clock::Generate,
    commands::update_roles::lock_accounts,
    db::Tx,
    domain::{
        access::OrganizationScope,
        audit::AuditAction,
        decision::Outcome,
        directory_user::{DirectoryUser, SeatState, email_key},
        event::Change,
        id::{AuditEntryId, DirectoryUserId, OrganizationId},
        roster::Roster,
        seats::UserUpdate,
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts::{self, Membership},
        audit_log, directory_users,
        organizations::Locked,
        sessions,
    },
};

/// The people who left, their former addresses, and the organizations that were deleted, in the
/// order of the decisions.
#[derive(Default)]
pub(super) struct Departures {
    people: Vec<Left>,
    organizations: Vec<Ended>,
    former: Vec<Former>,
}

/// What an update of one user may cause, collected before it is decided.
pub(super) struct Leaving {
    user: DirectoryUserId,
    takes_away: bool,
    /// The address before the update: some directories change the address when they deactivate a
    /// person, and the account has the old one.
    before: Option<String>,
    said: Option<String>,
    at: Timestamp,
}

/// A person who was deactivated or removed.
struct Left {
    scope: OrganizationScope,
    user: DirectoryUserId,
    /// The addresses (`email_key`) by which an account may be theirs.
    addresses: Vec<String>,
    /// The address that the person has when they leave.
    own: Option<String>,
    /// The other live people in the loaded roster at that moment, by address.
    others: Vec<(String, DirectoryUserId)>,
    /// Set if the deactivation is older than the known state: it ends only access that was granted
    /// before this time.
    late: Option<Timestamp>,
    is_removed: bool,
    /// The event id, the person, or `resync`.
    cause: String,
}

/// A deleted organization: all its people leave with it.
struct Ended {
    scope: OrganizationScope,
    late: Option<Timestamp>,
    by_hand: bool,
    cause: String,
}

/// An address that a person had until the given time.
struct Former {
    scope: OrganizationScope,
    user: DirectoryUserId,
    address: String,
    until: Timestamp,
}

impl Leaving {
    /// `address` is the one that identifies the user, if the update itself does not change it.
    pub fn by(update: &UserUpdate, address: Option<&str>, roster: &Roster) -> Self {
        let key = |email: Option<&str>| email.map(email_key);
        Self {
            user: update.user.clone(),
            takes_away: update.change == Change::Deleted || update.active == Some(false),
            before: key(roster.person(&update.user).and_then(|user| user.profile.email.as_deref())),
            said: key(
                address.or(update.profile.as_ref().and_then(|profile| profile.email.as_deref()))
            ),
            at: update.at,
        }
    }

    /// A placeholder with this address is merged into a person, who may be deactivated.
    pub fn by_merge(user: &DirectoryUserId, email: &str, roster: &Roster, at: Timestamp) -> Self {
        let placeholder = roster.person(&DirectoryUserId::by_email(email));
        let known = roster.person(user);
        let was_there = placeholder.into_iter().chain(known).any(|one| !is_off(one.state));
        let before = known.and_then(DirectoryUser::email_key);
        Self { user: user.clone(), takes_away: was_there, before, said: Some(email_key(email)), at }
    }
}

impl Departures {
    /// Records the effects of an update that was just decided.
    pub fn decided(
        &mut self,
        update: Leaving,
        outcome: Outcome,
        roster: &Roster,
        (scope, cause): (&OrganizationScope, &str),
    ) {
        let Some(user) = roster.person(&update.user).filter(|_| outcome != Outcome::Archived)
        else {
            return;
        };
        let now = user.email_key();
        for (address, until) in
            [(&update.before, update.at), (&update.said, user.profile_versions.email.at)]
        {
            if let Some(address) = address.clone().filter(|address| now.as_ref() != Some(address)) {
                self.former.push(Former {
                    scope: scope.clone(),
                    user: user.id.clone(),
                    address,
                    until,
                });
            }
        }
        if !update.takes_away {
            return;
        }
        let in_effect =
            outcome != Outcome::Stale && is_off(user.state) && roster.exists_since(update.at);
        let own = update.said.clone().or(now.clone());
        let mut addresses: Vec<String> =
            [update.before, update.said, now].into_iter().flatten().collect();
        addresses.sort();
        addresses.dedup();
        let others = |address: &String| {
            let live = roster.people().filter(|other| other.id != user.id && !is_off(other.state));
            let sharing = live.filter(|other| other.email_key().as_ref() == Some(address));
            sharing.map(|other| (address.clone(), other.id.clone())).collect::<Vec<_>>()
        };
        self.people.push(Left {
            scope: scope.clone(),
            user: user.id.clone(),
            others: addresses.iter().flat_map(others).collect(),
            addresses,
            own,
            late: (!in_effect).then_some(update.at),
            is_removed: user.state == SeatState::Removed,
            cause: cause.to_owned(),
        });
    }

    /// `late` is the time of a deletion after which the organization exists again.
    pub fn organization_deleted(
        &mut self,
        late: Option<Timestamp>,
        by_hand: bool,
        (scope, cause): (&OrganizationScope, &str),
    ) {
        let (scope, cause) = (scope.clone(), cause.to_owned());
        self.organizations.push(Ended { scope, late, by_hand, cause });
    }

    /// Replaces a placeholder id with the real id.
    pub fn merged(
        &mut self,
        scope: &OrganizationScope,
        placeholder: &DirectoryUserId,
        id: &DirectoryUserId,
    ) {
        let people =
            self.people.iter_mut().filter(|left| left.scope == *scope).map(|left| &mut left.user);
        let former = self
            .former
            .iter_mut()
            .filter(|former| former.scope == *scope)
            .map(|former| &mut former.user);
        for user in people.chain(former).filter(|user| *user == placeholder) {
            user.clone_from(id);
        }
    }
}

pub(super) fn is_off(state: SeatState) -> bool {
    matches!(state, SeatState::Inactive | SeatState::Removed)
}

/// What happens to a membership.
enum Fate<'a> {
    Stays,
    PassesTo(DirectoryUserId),
    Ends { cause: &'a str, reason: &'static str },
}

/// Ends or passes on the memberships that are affected. Call it after the people are saved;
/// `organizations` must be in the state that was saved.
pub(super) async fn revoke_access(
    tx: &mut Tx,
    state: &AppState,
    departures: &Departures,
    organizations: &[&Locked],
    now: Timestamp,
) -> sqlx::Result<()> {
    for Former { scope, user, address, until } in &departures.former {
        accounts::belongs_to_former(tx, scope, user, address, *until).await?;
    }
    let memberships = concerned(tx, departures).await?;
    if memberships.is_empty() {
        return Ok(());
    }
    let accounts = memberships.iter().map(|membership| membership.account.clone());
    lock_accounts(tx, organizations, accounts.collect()).await?;
    let live = live_besides(tx, &memberships, organizations).await?;
    // The order by account is the same in every transaction, which prevents deadlocks.
    for membership in &memberships {
        match fate(membership, departures, &live) {
            Fate::Stays => {}
            Fate::PassesTo(user) => accounts::pass_on(tx, membership, &user).await?,
            Fate::Ends { cause, reason } => {
                end(tx, state, membership, (cause, reason), now).await?;
            }
        }
    }
    Ok(())
}

/// The memberships that may end, in order of account.
async fn concerned(tx: &mut Tx, departures: &Departures) -> sqlx::Result<Vec<Membership>> {
    let users: Vec<_> =
        departures.people.iter().map(|left| (left.scope.id().clone(), left.user.clone())).collect();
    let by_address = |left: &Left| {
        left.addresses.iter().map(|key| (left.scope.id().clone(), key.clone())).collect::<Vec<_>>()
    };
    let addresses: BTreeSet<_> = departures.people.iter().flat_map(by_address).collect();
    let mut found = accounts::memberships_of_users(tx, &users).await?;
    found.append(
        &mut accounts::memberships_by_address(tx, &addresses.into_iter().collect::<Vec<_>>())
            .await?,
    );
    for ended in &departures.organizations {
        found.append(&mut accounts::memberships_of_directory(tx, &ended.scope).await?);
    }
    found.sort_by(|a, b| (&a.account, &a.organization).cmp(&(&b.account, &b.organization)));
    found.dedup_by(|a, b| (&a.account, &a.organization) == (&b.account, &b.organization));
    Ok(found)
}

/// The live people with these accounts' addresses that this transaction has not changed: their
/// state is the same from its start to its end.
async fn live_besides(
    tx: &mut Tx,
    memberships: &[Membership],
    organizations: &[&Locked],
) -> sqlx::Result<Vec<(OrganizationId, String, DirectoryUserId)>> {
    let keys: Vec<_> =
        memberships.iter().map(|m| (m.organization.clone(), m.email_key.clone())).collect();
    let is_touched = |organization: &OrganizationId, user: &DirectoryUserId| {
        organizations
            .iter()
            .any(|locked| locked.id() == organization && locked.roster.is_touched(user))
    };
    let people = directory_users::with_emails(tx, &keys).await?;
    let besides = people
        .into_iter()
        .filter(|(organization, user)| !is_off(user.state) && !is_touched(organization, &user.id));
    Ok(besides
        .filter_map(|(organization, user)| Some((organization, user.email_key()?, user.id)))
        .collect())
}

fn fate<'a>(
    membership: &Membership,
    departures: &'a Departures,
    live: &[(OrganizationId, String, DirectoryUserId)],
) -> Fate<'a> {
    let takes = |late: Option<Timestamp>| late.is_none_or(|at| at >= membership.granted_at);
    let is_of = |scope: &OrganizationScope| *scope.id() == membership.organization;
    if let Some(ended) =
        departures.organizations.iter().find(|ended| is_of(&ended.scope) && takes(ended.late))
    {
        let reason = if ended.by_hand {
            "The organization was archived"
        } else {
            "The organization was deleted in Scalekit"
        };
        return Fate::Ends { cause: &ended.cause, reason };
    }
    let mut owner = membership.user.clone();
    for left in departures.people.iter().filter(|left| is_of(&left.scope) && takes(left.late)) {
        let is_theirs = match &owner {
            Some(owner) => *owner == left.user,
            None => left.addresses.contains(&membership.email_key),
        };
        if !is_theirs {
            continue;
        }
        let heir = left.heir(&membership.email_key, live);
        if heir.is_none() {
            let reason = if left.is_removed {
                "Removed from the directory"
            } else {
                "Switched off in the directory"
            };
            return Fate::Ends { cause: &left.cause, reason };
        }
        owner = heir;
    }
    match owner {
        Some(owner) if membership.user.as_ref() != Some(&owner) => Fate::PassesTo(owner),
        _ => Fate::Stays,
    }
}

impl Left {
    /// Another live person with the account's address, if the person who leaves still has that
    /// address.
    fn heir(
        &self,
        address: &str,
        live: &[(OrganizationId, String, DirectoryUserId)],
    ) -> Option<DirectoryUserId> {
        if self.own.as_deref() != Some(address) {
            return None;
        }
        let here = self.others.iter().filter(|(key, _)| key == address).map(|(_, user)| user);
        let besides = live
            .iter()
            .filter(|(organization, key, _)| organization == self.scope.id() && key == address);
        here.chain(besides.map(|(_, _, user)| user))
            .filter(|user| **user != self.user)
            .min()
            .cloned()
    }
}

async fn end(
    tx: &mut Tx,
    state: &AppState,
    membership: &Membership,
    (cause, reason): (&str, &str),
    now: Timestamp,
) -> sqlx::Result<()> {
    let Membership { account, organization, email, .. } = membership;
    let scope = accounts::end_membership(tx, membership).await?;
    sessions::end_all(tx, account, now).await?;
    let entry = audit_log::Entry {
        actor: cause.into(),
        target_id: Some(account.as_str()),
        target: Some(email),
        before: Some(email),
        reason: Some(reason),
        ..audit_log::Entry::of(AuditAction::EndMembership)
    };
    audit_log::add(tx, &scope, &AuditEntryId::generate(&state.clock), &entry, now).await?;
    info!(%organization, %account, cause, "a membership ended with its directory user");
    Ok(())
}
