//! What the seat rules need to see before they can decide a batch: of each organization the people concerned, and of its
//! line as many from the head as seats may become free.

use std::collections::{BTreeMap, BTreeSet};

use super::Delivery;
use crate::{
    db::Tx,
    desk::Desk,
    domain::{
        directory_user::email_key,
        event::{Change, Happening, Reading, UserNews},
        id::{DirectoryUserId, OrganizationId},
        roster::LineKnown,
    },
    store::{
        directory_users, former_addresses,
        organizations::{self, Locked},
    },
};

/// Begins, and locks the organizations in order of id; those nobody has told us about are added first. Adding comes before
/// any lock, in a transaction that begins anew: whoever waits for somebody else's new organization must hold none.
pub async fn begin(desk: &Desk, batch: &[Delivery], ids: &[OrganizationId]) -> sqlx::Result<(Tx, Vec<Locked>)> {
    let mut tx = begin_in_turn(desk, batch).await?;
    let locked = organizations::lock_all(&mut tx, ids).await?;
    if locked.len() == ids.len() {
        return Ok((tx, locked));
    }
    tx.rollback().await?;
    let known: BTreeSet<_> = locked.iter().map(Locked::id).collect();
    let new: Vec<_> = ids.iter().filter(|id| !known.contains(id)).map(|id| (id.clone(), id.to_string())).collect();
    let mut tx = begin_in_turn(desk, batch).await?;
    organizations::add(&mut tx, &new, desk.settings.default_seat_limit, desk.clock.now()).await?;
    let locked = organizations::lock_all(&mut tx, ids).await?;
    Ok((tx, locked))
}

/// What belongs to no organization is put in order by no organization's lock.
async fn begin_in_turn(desk: &Desk, batch: &[Delivery]) -> sqlx::Result<Tx> {
    let mut tx = desk.db.write().await?;
    if batch.iter().any(|delivery| delivery.organization().is_none()) {
        tx.take_turns().await?;
    }
    Ok(tx)
}

/// Fills the rosters for what the batch may touch.
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
            locked.roster.line_is_known(LineKnown::Whole);
        } else {
            // a placeholder that becomes a person gives its seat back, and that person may leave the waitlist for it
            let placeholders = locked.roster.people().filter(|user| user.id.is_by_email()).count();
            let merged = i64::try_from(placeholders).unwrap_or(i64::MAX).saturating_mul(2);
            let releases = wanted.releases.get(locked.id()).copied().unwrap_or(0).saturating_add(merged);
            head_of_line(tx, locked, releases).await?;
        }
    }
    Ok(rosters)
}

/// Loads as much of the line as `freed` more free seats can admit: `Roster::head_needed`, of the commands that can take
/// somebody from the head at all.
pub async fn head_of_line(tx: &mut Tx, locked: &mut Locked, freed: i64) -> sqlx::Result<()> {
    let usage = locked.roster.usage();
    if !locked.roster.automatic {
        return Ok(()); // nobody gets in without a hand
    }
    let most = usage.free().unwrap_or(usage.waiting).saturating_add(freed).min(usage.waiting);
    if most <= 0 {
        return Ok(());
    }
    let head = directory_users::waiting(tx, &locked.scope, most).await?;
    let last = head.last().and_then(|user| user.place).unwrap_or(i64::MIN);
    locked.roster.line_is_known(if most == usage.waiting { LineKnown::Whole } else { LineKnown::UpTo(last) });
    for user in head {
        locked.roster.add(user);
    }
    Ok(())
}

#[derive(Default)]
struct Wanted {
    ids: Vec<(OrganizationId, DirectoryUserId)>,
    emails: Vec<(OrganizationId, String)>,
    /// How many deliveries may free a seat, or take somebody out of the line.
    releases: BTreeMap<OrganizationId, i64>,
    /// Organizations that are deleted.
    ending: BTreeSet<OrganizationId>,
}

impl Wanted {
    fn of(batch: &[Delivery]) -> Self {
        let mut wanted = Self::default();
        for delivery in batch {
            let (Some(organization), Reading::Event(event)) = (delivery.organization(), &delivery.reading) else { continue };
            match &event.happening {
                Happening::User(news) => wanted.user(organization, news),
                Happening::Organization { .. } if delivery.is_about_the_end() => {
                    wanted.ending.insert(organization.clone());
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

    fn user(&mut self, organization: &OrganizationId, news: &UserNews) {
        let email = news.profile.as_ref().and_then(|profile| profile.email.as_deref());
        match (&news.user, email) {
            (Some(user), email) => {
                self.ids.push((organization.clone(), user.clone()));
                // whoever was known by this address alone is adopted
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
