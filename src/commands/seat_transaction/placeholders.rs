//! A placeholder is a user who is known by the e-mail address alone. The first real id takes its
//! place.

use super::{
    Cause, Error, GroupStatements, SeatTransaction,
    revoke_access::{Leaving, is_off},
};
use crate::{
    db::Tx,
    domain::{
        access::OrganizationScope,
        event::Change,
        id::{DirectoryUserId, GroupId, OrganizationId},
        seats,
        time::Timestamp,
    },
    store::{
        accounts, attributes, decisions, directory_users, groups::MembershipChange,
        ignored_suggestions, membership_changes, seat_requests, usage_signals,
    },
};

/// A placeholder that was merged into the user with the id.
pub(super) struct Merged {
    organization: OrganizationScope,
    placeholder: DirectoryUserId,
    id: DirectoryUserId,
    /// The first revision in which the user has the id.
    revision: i64,
    /// The id was not known before: nothing else was said about it.
    is_identified: bool,
    /// When the newer one of their lists of groups was said.
    groups_at: Timestamp,
}

impl Merged {
    /// Moves the stored data of the placeholder to the user, and what was said about it. Returns
    /// what changes about the user's groups. Call it before the user is saved.
    pub async fn write(
        &self,
        tx: &mut Tx,
        statements: &mut GroupStatements,
    ) -> sqlx::Result<Vec<MembershipChange>> {
        let Self { organization, placeholder, id, revision, is_identified, groups_at } = self;
        let (is_renamed, groups) =
            directory_users::merge_placeholder(tx, organization, placeholder, id).await?;
        decisions::merge_placeholder(tx, organization, placeholder, (id, *revision)).await?;
        accounts::merge_placeholder(tx, organization, placeholder, id).await?;
        attributes::merge_placeholder(tx, organization, placeholder, id).await?;
        seat_requests::merge_placeholder(tx, organization, placeholder, id).await?;
        usage_signals::merge_placeholder(tx, organization, placeholder, id).await?;
        ignored_suggestions::merge_placeholder(tx, organization, placeholder, id).await?;
        let user = |id: &DirectoryUserId| (organization.id().clone(), id.clone());
        if is_renamed || *is_identified {
            membership_changes::rename(tx, organization, placeholder, id).await?;
            statements.rename(&user(placeholder), &user(id));
        } else {
            membership_changes::forget(tx, organization, placeholder).await?;
            statements.forget(&user(placeholder));
        }
        let changed = |groups: Vec<GroupId>, joined| {
            groups.into_iter().map(move |group| MembershipChange {
                organization: organization.id().clone(),
                group,
                user: id.clone(),
                joined,
                at: *groups_at,
            })
        };
        Ok(changed(groups.joined, true).chain(changed(groups.left, false)).collect())
    }
}

impl SeatTransaction<'_> {
    /// Gives the placeholder its real id. False, and nothing changes, if there is no such
    /// placeholder or the id is known.
    pub fn identify_placeholder(
        &mut self,
        organization: &OrganizationId,
        (placeholder, id): (&DirectoryUserId, &DirectoryUserId),
        cause: Cause<'_>,
    ) -> Result<bool, Error> {
        let locked = self.organizations.get_mut(organization).ok_or(Error::Missing)?;
        let (scope, revision) = (locked.scope.clone(), locked.revision);
        let identified = seats::identify_placeholder(&mut locked.roster, placeholder, id);
        let Some(transitions) = identified else { return Ok(false) };
        self.record(&scope, &transitions, cause);
        self.rename((scope, revision), (placeholder, id), true);
        Ok(true)
    }

    /// An update names an id and an external id: a user who was imported under this external id is
    /// the user with the id, if the id is new.
    pub fn identify_imported(
        &mut self,
        organization: &OrganizationId,
        (id, external_id): (&DirectoryUserId, &str),
        cause: Cause<'_>,
    ) -> Result<(), Error> {
        let roster = &self.organization(organization)?.roster;
        let imported = match roster.person(id) {
            Some(_) => None,
            None => roster.imported(external_id).map(|user| user.id.clone()),
        };
        if let Some(imported) = imported {
            self.identify_placeholder(organization, (&imported, id), cause)?;
        }
        Ok(())
    }

    /// An update of the time `at` names an id and an address: a placeholder with that address is
    /// merged into this user, unless the user had left the address or the directory before.
    pub fn merge_placeholder(
        &mut self,
        organization: &OrganizationId,
        (id, email): (&DirectoryUserId, &str),
        (change, at): (Change, Timestamp),
        cause: Cause<'_>,
    ) -> Result<(), Error> {
        let placeholder = DirectoryUserId::by_email(email);
        if self.identify_placeholder(organization, (&placeholder, id), cause)? {
            return Ok(());
        }
        let locked = self.organizations.get_mut(organization).ok_or(Error::Missing)?;
        let (scope, revision) = (locked.scope.clone(), locked.revision);
        if !locked.roster.is_placeholder_of(&placeholder, id, (change, at)) {
            return Ok(());
        }
        let leaving = Leaving::by_merge(id, email, &locked.roster, at);
        let Some(merged) = seats::merge_placeholder(&mut locked.roster, &placeholder, id, self.now)
        else {
            return Ok(());
        };
        if merged.wants_resync && cause.may_want_resync() {
            locked.resync_wanted_at = Some(self.now);
        }
        if locked.roster.person(id).is_some_and(|user| is_off(user.state)) {
            self.departures.decided(
                leaving,
                merged.outcome,
                &locked.roster,
                (&scope, &cause.name()),
            );
        }
        self.record(&scope, &merged.transitions, cause);
        self.rename((scope, revision), (&placeholder, id), false);
        Ok(())
    }

    /// Replaces the placeholder in what this transaction is still to write.
    fn rename(
        &mut self,
        (organization, revision): (OrganizationScope, i64),
        (placeholder, id): (&DirectoryUserId, &DirectoryUserId),
        is_identified: bool,
    ) {
        self.touch(organization.id());
        let of_placeholder = |d: &&mut _| is_about(d, organization.id(), placeholder);
        for decided in self.decided.iter_mut().filter(of_placeholder) {
            decided.step.user = id.clone();
        }
        let user = |id: &DirectoryUserId| (organization.id().clone(), id.clone());
        self.attributes.rename(&user(placeholder), &user(id));
        self.departures.merged(&organization, placeholder, id);
        let locked = self.organizations.get(organization.id());
        let user = locked.and_then(|locked| locked.roster.person(id));
        let groups_at = user.map_or(Timestamp::NEVER, |user| user.groups_version.at);
        let (placeholder, id) = (placeholder.clone(), id.clone());
        self.merged.push(Merged {
            organization,
            placeholder,
            id,
            revision,
            is_identified,
            groups_at,
        });
    }
}

fn is_about(
    decided: &decisions::DecisionRecord,
    organization: &OrganizationId,
    user: &DirectoryUserId,
) -> bool {
    decided.organization == *organization && decided.step.user == *user
}
