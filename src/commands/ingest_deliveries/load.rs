//! Loads what the seat rules need before they can decide a batch: the users concerned, and as many
//! from the head of the waitlist as seats may become free.

use std::collections::{BTreeMap, BTreeSet};

use super::Delivery;
use crate::{
    db::Tx,
    domain::{
        directory_user::email_key,
        event::{Change, EventPayload, ParsedBody, UserPayload},
        id::{DirectoryUserId, OrganizationId},
        roster::LoadedWaitlist,
        time::Timestamp,
    },
    state::AppState,
    store::{
        directory_users, former_addresses, organization_seen,
        organizations::{self, Locked},
    },
};

/// Begins the transaction and locks the organizations in order of id; unknown ones are added first.
/// They are added before any lock, in a new transaction: a transaction that waits on a unique index
/// while it holds row locks can deadlock.
pub async fn begin(state: &AppState, batch: &[Delivery], ids: &[OrganizationId]) -> sqlx::Result<(Tx, Vec<Locked>)> {
    let mut tx = begin_in_turn(state, batch).await?;
    let locked = organizations::lock_all(&mut tx, ids).await?;
    if locked.len() == ids.len() {
        return Ok((tx, locked));
    }
    tx.rollback().await?;
    let known: BTreeSet<_> = locked.iter().map(Locked::id).collect();
    let new: Vec<_> = ids.iter().filter(|id| !known.contains(id)).map(|id| (id.clone(), id.to_string())).collect();
    let mut tx = begin_in_turn(state, batch).await?;
    organizations::add(&mut tx, &new, state.settings.default_seat_limit, state.clock.now()).await?;
    let locked = organizations::lock_all(&mut tx, ids).await?;
    Ok((tx, locked))
}

/// Deliveries without an organization are serialized by an advisory lock.
async fn begin_in_turn(state: &AppState, batch: &[Delivery]) -> sqlx::Result<Tx> {
    let mut tx = state.db.write().await?;
    if batch.iter().any(|delivery| delivery.organization().is_none()) {
        tx.advisory_lock().await?;
    }
    Ok(tx)
}

/// Fills the rosters with every user that the batch may change.
pub async fn rosters(tx: &mut Tx, locked: Vec<Locked>, batch: &[Delivery]) -> sqlx::Result<BTreeMap<OrganizationId, Locked>> {
    let mut rosters: BTreeMap<OrganizationId, Locked> = locked.into_iter().map(|o| (o.id().clone(), o)).collect();
    let wanted = Wanted::of(batch);
    let people = directory_users::with_ids(tx, &wanted.ids).await?;
    let by_email = directory_users::ever_with_emails(tx, &wanted.emails).await?;
    let former = former_addresses::with_emails(tx, &wanted.emails).await?;
    let had: Vec<_> = former.iter().map(|(organization, former)| (organization.clone(), former.user.clone())).collect();
    let by_former = directory_users::with_ids(tx, &had).await?;
    for (organization, user) in people.into_iter().chain(by_email).chain(by_former) {
        if let Some(locked) = rosters.get_mut(&organization) {
            locked.roster.add(user);
        }
    }
    for (organization, former) in former {
        if let Some(locked) = rosters.get_mut(&organization) {
            locked.roster.add_former_address(former);
        }
    }
    for locked in rosters.values_mut() {
        if wanted.ending.contains(locked.id()) {
            for user in directory_users::everybody(tx, &locked.scope).await? {
                locked.roster.add(user);
            }
            locked.roster.waitlist_is_loaded(LoadedWaitlist::Whole);
            for at in organization_seen::times(tx, &locked.scope).await? {
                locked.roster.add_seen(at);
            }
        } else {
            if wanted.seen.get(locked.id()).is_some_and(|at| locked.may_restore_users(*at)) {
                for user in directory_users::removed_but_in_directory(tx, &locked.scope).await? {
                    locked.roster.add(user);
                }
            }
            // A merged placeholder may give its seat back, and the user it is merged into may leave
            // the waitlist.
            let placeholders = locked.roster.people().filter(|user| user.id.is_by_email()).count();
            let merged = i64::try_from(placeholders).unwrap_or(i64::MAX).saturating_mul(2);
            // After a deletion of the organization, each old event may show that its user was there
            // before it.
            let freeing = if locked.roster.deleted.is_some() { &wanted.updates } else { &wanted.releases };
            let releases = freeing.get(locked.id()).copied().unwrap_or(0).saturating_add(merged);
            load_waitlist_head(tx, locked, releases).await?;
        }
    }
    Ok(rosters)
}

/// Loads as much of the waitlist as `freed` more free seats can admit. The bound follows
/// `Roster::head_needed`, for the commands that can take a user from the head.
pub async fn load_waitlist_head(tx: &mut Tx, locked: &mut Locked, freed: i64) -> sqlx::Result<()> {
    let usage = locked.roster.usage();
    if !locked.roster.automatic {
        return Ok(()); // a person admits each user by hand
    }
    let most = usage.free().unwrap_or(usage.waiting).saturating_add(freed).min(usage.waiting);
    if most <= 0 {
        return Ok(());
    }
    let head = directory_users::waiting(tx, &locked.scope, most).await?;
    let last = head.last().and_then(|user| user.place).unwrap_or(i64::MIN);
    locked.roster.waitlist_is_loaded(if most == usage.waiting { LoadedWaitlist::Whole } else { LoadedWaitlist::UpTo(last) });
    for user in head {
        locked.roster.add(user);
    }
    Ok(())
}

#[derive(Default)]
struct Wanted {
    ids: Vec<(OrganizationId, DirectoryUserId)>,
    emails: Vec<(OrganizationId, String)>,
    /// How many deliveries may free a seat, or take a user out of the waitlist.
    releases: BTreeMap<OrganizationId, i64>,
    /// How many deliveries are about a user.
    updates: BTreeMap<OrganizationId, i64>,
    /// Organizations that are deleted.
    ending: BTreeSet<OrganizationId>,
    /// Organizations that are created or changed: the time of the oldest event.
    seen: BTreeMap<OrganizationId, Timestamp>,
}

impl Wanted {
    fn of(batch: &[Delivery]) -> Self {
        let mut wanted = Self::default();
        for delivery in batch {
            let (Some(organization), ParsedBody::Event(event)) = (delivery.organization(), &delivery.reading) else { continue };
            match &event.payload {
                EventPayload::User(news) => wanted.user(organization, news),
                EventPayload::Organization { .. } if delivery.is_about_the_end() => {
                    wanted.ending.insert(organization.clone());
                }
                EventPayload::Organization { .. } => {
                    let at = delivery.occurred_at();
                    let oldest = wanted.seen.entry(organization.clone()).or_insert(at);
                    *oldest = at.min(*oldest);
                }
                _ => {}
            }
        }
        wanted.ids.sort();
        wanted.ids.dedup();
        wanted.emails.sort();
        wanted.emails.dedup();
        wanted
    }

    fn user(&mut self, organization: &OrganizationId, news: &UserPayload) {
        let email = news.profile.as_ref().and_then(|profile| profile.email.as_deref());
        *self.updates.entry(organization.clone()).or_default() += 1;
        match (&news.user, email) {
            (Some(user), email) => {
                self.ids.push((organization.clone(), user.clone()));
                // A placeholder with this address may be merged into the user.
                self.ids.extend(email.map(|email| (organization.clone(), DirectoryUserId::by_email(email))));
            }
            (None, Some(email)) => {
                self.ids.push((organization.clone(), DirectoryUserId::by_email(email)));
                self.emails.push((organization.clone(), email_key(email)));
            }
            (None, None) => {}
        }
        if news.change == Change::Deleted || news.active == Some(false) {
            *self.releases.entry(organization.clone()).or_default() += 1;
        }
    }
}
