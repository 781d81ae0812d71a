//! Writes what the commands decided, with as many statements for a batch as for one command.

use std::collections::BTreeSet;

use super::{Error, SeatTransaction, revoke_access::revoke_access};
use crate::{
    commands::{resync::end_with_organization, update_alerts::update_alerts},
    db::Tx,
    domain::{
        directory_user::DirectoryUser,
        id::{DirectoryUserId, OrganizationId},
    },
    store::{
        decisions, directory_users, former_addresses,
        groups::{self, Membership},
        limit_decisions, organization_seen,
        organizations::{self, Locked},
    },
};

type Person<'a> = (&'a OrganizationId, &'a DirectoryUser);
/// Users, as (organization, id).
type Users = BTreeSet<(OrganizationId, DirectoryUserId)>;

impl SeatTransaction<'_> {
    /// Writes everything and commits.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.write().await?.commit().await?)
    }

    /// Ends a preview. Nothing was written.
    pub async fn rollback(self) -> Result<(), Error> {
        self.check()?;
        Ok(self.tx.rollback().await?)
    }

    /// Fails if too little of the waitlist was loaded to fill a free seat.
    fn check(&self) -> Result<(), Error> {
        match self.organizations.values().find(|o| o.roster.is_short()) {
            Some(short) => Err(Error::ShortRoster(short.id().to_string())),
            None => Ok(()),
        }
    }

    /// Writes everything, and gives back the open transaction: for rows that a command writes after
    /// its seats, because every command takes their locks in this order.
    pub async fn write(mut self) -> Result<Tx, Error> {
        self.check()?;
        let (tx, now) = (&mut self.tx, self.now);
        for merged in &self.merged {
            merged.write(tx).await?;
        }
        let revised: Vec<&Locked> =
            self.organizations.values().filter(|o| self.revised.contains(o.id())).collect();
        organizations::save(tx, &revised).await?;
        let edited: Vec<&Locked> =
            revised.iter().copied().filter(|o| self.edited.contains(o.id())).collect();
        organizations::save_details(tx, &edited).await?;
        let seen: Vec<_> =
            revised.iter().flat_map(|o| o.roster.seen_now().map(|at| (o.id(), at))).collect();
        organization_seen::add(tx, &seen).await?;
        let people: Vec<Person<'_>> =
            revised.iter().flat_map(|o| o.roster.touched().map(|user| (o.id(), user))).collect();
        directory_users::save(tx, &people).await?;
        let learnt: Vec<_> = revised
            .iter()
            .flat_map(|o| o.roster.learnt_addresses().map(|former| (o.id(), former)))
            .collect();
        former_addresses::add(tx, &learnt).await?;
        let mentioned: Vec<_> = self
            .mentioned
            .iter()
            .map(|((organization, group), name)| (organization, group, name.as_ref()))
            .collect();
        groups::mention(tx, &mentioned).await?;
        groups::replace_memberships(
            tx,
            &regrouped(&people, &self.new_users),
            &memberships(&people),
        )
        .await?;
        groups::follow_memberships(tx, &followed(&revised, &self.membership_changes)).await?;
        decisions::add(tx, &self.decided).await?;
        self.limits.retain(|record| self.revised.contains(&record.organization));
        limit_decisions::add(tx, &self.limits).await?;
        for ended in revised.iter().filter(|o| self.ended.contains(o.id())) {
            end_with_organization(tx, ended, now).await?;
        }
        revoke_access(tx, self.state, &self.departures, &revised, now).await?;
        let concerned = revised.iter().copied().filter(|o| self.concerned.contains(o.id()));
        update_alerts(tx, self.state, concerned, (now, self.notify)).await?;
        Ok(self.tx)
    }
}

/// The users whose own updates say in which groups they are. A new user has no stored membership to
/// replace.
fn regrouped<'a>(
    people: &[Person<'a>],
    new: &Users,
) -> Vec<(&'a OrganizationId, &'a DirectoryUserId)> {
    let is_new = |o: &OrganizationId, user: &DirectoryUser| {
        !new.is_empty() && new.contains(&(o.clone(), user.id.clone()))
    };
    let regrouped = people.iter().filter(|(o, user)| user.groups.is_some() && !is_new(o, user));
    regrouped.map(|(o, user)| (*o, &user.id)).collect()
}

/// The group memberships according to the users' own updates.
fn memberships<'a>(people: &[Person<'a>]) -> Vec<Membership<'a>> {
    let groups = |user: &'a DirectoryUser| user.groups.iter().flatten();
    people
        .iter()
        .flat_map(|(o, user)| groups(user).map(|group| (*o, &user.id, group, user.groups_version)))
        .collect()
}

/// The users that may need single memberships applied: the changed ones of an organization
/// that has such memberships, and those that a group event named.
fn followed<'a>(
    revised: &[&'a Locked],
    named: &'a Users,
) -> Vec<(&'a OrganizationId, &'a DirectoryUserId)> {
    let touched = revised
        .iter()
        .filter(|o| o.has_membership_updates)
        .flat_map(|o| o.roster.touched().map(|user| (o.id(), &user.id)));
    touched.chain(named.iter().map(|(organization, user)| (organization, user))).collect()
}
