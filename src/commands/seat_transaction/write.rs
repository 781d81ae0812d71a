//! Writes what the commands decided, with as many statements for a batch as for one command.

use super::{
    Error, SeatTransaction,
    revoke_access::revoke_access,
    write_events::{Changes, write_events},
    write_history::write_history,
    write_memberships::{ended, members, write_memberships},
};
use crate::{
    commands::{
        alerts::{update_alerts, update_directory_alert},
        resync::end_with_organization,
        update_roles::{record_role_changes, update_dashboard_roles},
    },
    db::Tx,
    domain::{directory_user::DirectoryUser, id::OrganizationId},
    store::{
        decisions, directory_users, former_addresses, groups, limit_decisions, organization_seen,
        organizations::{self, Locked},
    },
};

type Person<'a> = (&'a OrganizationId, &'a DirectoryUser);

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
        let settings = self.settings().await?.clone();
        let (tx, now) = (&mut self.tx, self.now);
        let mut changes = Vec::new();
        for merged in &self.merged {
            changes.extend(merged.write(tx, &mut self.group_statements).await?);
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
        let attributes = self.attributes.write(tx).await?;
        let mentioned: Vec<_> = self
            .mentioned
            .iter()
            .map(|((organization, group), name)| (organization, group, name.as_ref()))
            .collect();
        groups::mention(tx, &mentioned).await?;
        let mut statements = self.group_statements;
        let members = members(&revised, &self.named_by_groups, &mut statements);
        changes.extend(ended(statements));
        let changes = write_memberships(tx, &revised, (members, changes), now).await?;
        let mut roles = record_role_changes(tx, self.state, &revised, &changes, now).await?;
        roles.extend(self.roles);
        decisions::add(tx, &self.decided).await?;
        self.limits.retain(|record| self.revised.contains(&record.organization));
        limit_decisions::add(tx, &self.limits).await?;
        write_history(tx, &revised, &self.decided, &self.limits).await?;
        let (decided, limits) = (&self.decided, &self.limits);
        let changes = Changes { decided, limits, attributes, roles };
        write_events(tx, self.state, (&revised, &settings), changes).await?;
        for ended in revised.iter().filter(|o| self.ended.contains(o.id())) {
            end_with_organization(tx, ended, now).await?;
        }
        revoke_access(tx, self.state, &self.departures, &revised, now).await?;
        update_dashboard_roles(tx, self.state, &revised, now).await?;
        let concerned = revised.iter().copied().filter(|o| self.concerned.contains(o.id()));
        update_alerts(tx, self.state, concerned, &settings.usage_thresholds, self.notify).await?;
        for changed in revised.iter().filter(|o| self.directories_changed.contains(o.id())) {
            update_directory_alert(tx, self.state, changed, (now, self.notify)).await?;
        }
        Ok(self.tx)
    }
}
