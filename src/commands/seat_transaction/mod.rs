//! The one transaction in which seats change. It locks the organizations, loads what the seat rules
//! need, lets them decide one command after the other, and writes the differences: organizations
//! with their new revisions, users, decisions, group memberships, access that ends, alerts and
//! e-mails. Then it commits and announces the changes.
//!
//! ```text
//! let mut seats = SeatTransaction::begin(state, &organization).await?;
//! let decided = seats.decide(&organization, &Command::Dismiss(user), Cause::Actor { action, actor
//! }).await?; seats.audit(&organization, actor, entry).await?; seats.commit().await?;
//! ```
//!
//! No other code writes seats. A preview is a seat transaction that is rolled back.

mod attributes;
mod audit;
mod begin;
mod cause;
mod group_statements;
mod load;
mod load_groups;
mod placeholders;
mod revoke_access;
mod write;
mod write_events;
mod write_history;
mod write_memberships;

use std::collections::{BTreeMap, BTreeSet};

use super::{Error, Notify, update_roles::RolesChanged};
use crate::{
    db::Tx,
    domain::{
        access::OrganizationScope,
        alert::UsageThresholds,
        decision::{Outcome, Transition},
        details::Details,
        directory_user::Version,
        id::{DirectoryUserId, GroupId, OrganizationId},
        role::{GroupRoles, RoleSource, RulesChange},
        seats::{self, Command, SeatOutcome},
        setting::SettingValues,
        time::Timestamp,
    },
    state::AppState,
    store::{
        decisions::DecisionRecord,
        groups::{self, GroupUpdate},
        limit_decisions::{LimitRecord, RecordedCause},
        organizations::{self, Locked},
        role_changes, role_mappings, settings,
    },
};
use attributes::SaidAttributes;
pub use cause::Cause;
use group_statements::{GroupStatements, unsaved_lists};
pub use load::Needs;
use placeholders::Merged;
use revoke_access::{Departures, Leaving};

/// The locked organizations, by id.
type Organizations = BTreeMap<OrganizationId, Locked>;

pub struct SeatTransaction<'a> {
    state: &'a AppState,
    tx: Tx,
    /// The time of every change. It is taken after the locks, so that timestamps follow the order
    /// of the commits.
    now: Timestamp,
    notify: Notify,
    /// Whether the caller has loaded what all its commands need.
    is_loaded: bool,
    organizations: Organizations,
    /// Organizations that get a new revision.
    revised: BTreeSet<OrganizationId>,
    /// Those of them that a command or an event was about: their alerts are updated.
    concerned: BTreeSet<OrganizationId>,
    /// Organizations whose name, external id or account manager may have changed.
    edited: BTreeSet<OrganizationId>,
    /// Organizations that were deleted, even if they came back later in this transaction.
    ended: BTreeSet<OrganizationId>,
    decided: Vec<DecisionRecord>,
    limits: Vec<LimitRecord>,
    departures: Departures,
    /// Groups that user updates mention, with the newest name that came with them.
    mentioned: BTreeMap<(OrganizationId, GroupId), Option<(String, Version)>>,
    /// Users whose membership a group event names.
    named_by_groups: BTreeSet<(OrganizationId, DirectoryUserId)>,
    /// What was said about groups.
    group_statements: GroupStatements,
    /// The merged placeholders, in order.
    merged: Vec<Merged>,
    attributes: SaidAttributes,
    /// People whose roles changed with what gives roles, and not with a membership.
    roles: Vec<RolesChanged>,
    /// Organizations of which a directory may have changed its state.
    directories_changed: BTreeSet<OrganizationId>,
    /// Read once in a transaction.
    settings: Option<SettingValues>,
}

/// The facts of an organization that are not seats.
pub struct Facts<'a> {
    pub details: &'a mut Details,
    pub resync_wanted_at: &'a mut Option<Timestamp>,
}

impl SeatTransaction<'_> {
    /// The open transaction, for statements that write no seats.
    pub fn tx(&mut self) -> &mut Tx {
        &mut self.tx
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A locked organization, as the commands so far have left it.
    pub fn organization(&self, id: &OrganizationId) -> Result<&Locked, Error> {
        self.organizations.get(id).ok_or(Error::Missing)
    }

    pub fn scope(&self, id: &OrganizationId) -> Result<OrganizationScope, Error> {
        Ok(self.organization(id)?.scope.clone())
    }

    /// The decision records so far.
    pub fn decided(&self) -> &[DecisionRecord] {
        &self.decided
    }

    /// Decides whether the alerts of this transaction send e-mails.
    pub fn set_notify(&mut self, notify: Notify) {
        self.notify = notify;
    }

    /// Lets the seat rules decide one command, and keeps the differences for [`Self::write`]. A
    /// refused command changes nothing.
    pub async fn decide(
        &mut self,
        id: &OrganizationId,
        command: &Command,
        cause: Cause<'_>,
    ) -> Result<SeatOutcome, Error> {
        if !self.is_loaded {
            self.add(Needs::of(id, std::slice::from_ref(command))).await?;
        }
        if let Command::MoveTo(..) = command
            && self.is_short_after(id, command)?
        {
            self.load_whole_waitlist(id).await?;
        }
        let locked = self.organizations.get_mut(id).ok_or(Error::Missing)?;
        let scope = locked.scope.clone();
        let (limit, was_archived) = (locked.roster.limit, locked.roster.archived);
        let policy = locked.roster.policy.clone();
        let mut leaving = None;
        if let Command::UserUpdate(update) = command {
            leaving = Some(Leaving::by(update, cause.address(), &locked.roster));
        }
        let lists = unsaved_lists(&locked.roster, command);
        let decided = seats::decide(&mut locked.roster, command, self.now)?;
        self.group_statements.decided(id, (command, &locked.roster), lists);
        if locked.roster.limit != limit {
            locked.limit_version += 1;
        }
        let ends_or_returns = locked.roster.archived != was_archived;
        let is_limit_decided = locked.roster.limit != limit || ends_or_returns;
        if locked.roster.policy != policy {
            locked.policy_version += 1;
        }
        if decided.wants_resync && cause.may_want_resync() {
            locked.resync_wanted_at = Some(self.now);
        }
        if let Some(leaving) = leaving {
            self.departures.decided(
                leaving,
                decided.outcome,
                &locked.roster,
                (&scope, &cause.name()),
            );
        }
        let deletion = command.deletion();
        if let Some(version) = deletion {
            let is_late = decided.outcome == Outcome::Stale || !locked.roster.archived;
            let by_hand = matches!(command, Command::OrganizationArchived(_));
            self.departures.organization_deleted(
                is_late.then_some(version.at),
                by_hand,
                (&scope, &cause.name()),
            );
            if decided.outcome != Outcome::Stale || locked.roster.archived {
                self.ended.insert(id.clone());
            }
        }
        self.touch(id);
        // People get seats under a new limit; the limit ends behind its people.
        let is_end = deletion.is_some();
        if is_limit_decided && !is_end {
            self.record_limit(id, cause);
        }
        self.record(&scope, &decided.transitions, cause);
        if is_limit_decided && is_end {
            self.record_limit(id, cause);
        }
        Ok(decided)
    }

    /// Tries a command, and returns whether too little is loaded for it. Only a move to a position
    /// around which many other people were moved needs more than the head of the waitlist.
    fn is_short_after(&self, id: &OrganizationId, command: &Command) -> Result<bool, Error> {
        let known = &self.organization(id)?.roster;
        if known.has_whole_waitlist() {
            return Ok(false);
        }
        let mut roster = known.clone();
        Ok(!roster.is_short()
            && seats::decide(&mut roster, command, self.now).is_ok()
            && roster.is_short())
    }

    /// Keeps the decision records of a command.
    fn record(&mut self, scope: &OrganizationScope, transitions: &[Transition], cause: Cause<'_>) {
        let Some(locked) = self.organizations.get_mut(scope.id()) else { return };
        for step in transitions {
            self.decided.push(DecisionRecord {
                organization: scope.id().clone(),
                revision: locked.revision,
                ordinal: locked.decided,
                step: step.clone(),
                cause: cause.kind().to_owned(),
                event: cause.event().cloned(),
                actor: cause.actor(),
                at: locked.changed_at,
            });
            locked.decided += 1;
        }
    }

    /// Keeps the record of a new limit, or of the end or the return of an organization.
    fn record_limit(&mut self, id: &OrganizationId, cause: Cause<'_>) {
        if let Some(locked) = self.organizations.get_mut(id) {
            let by = RecordedCause {
                kind: cause.kind().to_owned(),
                event: cause.event().cloned(),
                actor: cause.actor(),
            };
            self.limits.push(LimitRecord::of(locked, false, Some(by)));
        }
    }

    /// The limit stays, and something about it changes: it gets a new version.
    pub fn renew_limit(&mut self, id: &OrganizationId) -> Result<(), Error> {
        self.organizations.get_mut(id).ok_or(Error::Missing)?.limit_version += 1;
        self.touch(id);
        Ok(())
    }

    /// An event was about this organization: it gets a new revision, and its alerts are updated.
    pub fn touch(&mut self, id: &OrganizationId) {
        self.revised.insert(id.clone());
        self.concerned.insert(id.clone());
    }

    /// The facts that no seat depends on, to change them. The organization gets a new revision.
    pub fn edit(&mut self, id: &OrganizationId) -> Result<Facts<'_>, Error> {
        let Locked { details, resync_wanted_at, .. } =
            self.organizations.get_mut(id).ok_or(Error::Missing)?;
        self.revised.insert(id.clone());
        self.edited.insert(id.clone());
        Ok(Facts { details, resync_wanted_at })
    }

    /// Sets when the organization is notified of its usage; its alerts are updated.
    pub async fn set_usage_thresholds(
        &mut self,
        id: &OrganizationId,
        thresholds: Option<UsageThresholds>,
    ) -> Result<(), Error> {
        let locked = self.organizations.get_mut(id).ok_or(Error::Missing)?;
        let (scope, tx) = (&locked.scope, &mut self.tx);
        organizations::set_usage_thresholds(tx, scope, thresholds.as_ref()).await?;
        locked.usage_thresholds = thresholds;
        self.touch(id);
        Ok(())
    }

    /// A directory of this organization may have changed its state.
    pub fn note_directories(&mut self, id: &OrganizationId) {
        self.revised.insert(id.clone());
        self.directories_changed.insert(id.clone());
    }

    /// The settings of the installation.
    pub async fn settings(&mut self) -> sqlx::Result<&SettingValues> {
        let values = match self.settings.take() {
            Some(values) => values,
            None => settings::values(&mut self.tx, &self.state.settings.fixed).await?,
        };
        Ok(self.settings.insert(values))
    }

    /// A user update mentions a group, perhaps with a name.
    pub fn mention_group(
        &mut self,
        organization: &OrganizationId,
        group: &GroupId,
        name: Option<&str>,
        version: Version,
    ) {
        let known = self.mentioned.entry((organization.clone(), group.clone())).or_default();
        if let Some(name) = name
            && known.as_ref().is_none_or(|(_, known)| version > *known)
        {
            *known = Some((name.to_owned(), version));
        }
    }

    /// Applies an update of a group. False: the update is stale.
    pub async fn update_group(
        &mut self,
        id: &OrganizationId,
        update: &GroupUpdate<'_>,
    ) -> Result<bool, Error> {
        let scope = self.scope(id)?;
        let (is_newer, left) = groups::apply_update(&mut self.tx, &scope, update).await?;
        if !left.is_empty() {
            self.revised.insert(id.clone());
        }
        if update.deleted {
            self.group_statements.group_deleted(id, update, left);
        }
        Ok(is_newer)
    }

    /// Sets the roles of a group. Its members are told by a job, because they may be many.
    pub async fn set_group_roles(
        &mut self,
        id: &OrganizationId,
        group: &GroupId,
        (before, after): (&GroupRoles, &GroupRoles),
    ) -> Result<(), Error> {
        let locked = self.organizations.get_mut(id).ok_or(Error::Missing)?;
        role_mappings::set(&mut self.tx, &locked.scope, group, after).await?;
        if before.application != after.application {
            let change = RulesChange {
                organization: Some(id.clone()),
                source: RoleSource::Group(group.clone()),
                before: before.application.clone(),
                after: after.application.clone(),
            };
            role_changes::add(&mut self.tx, &change).await?;
        }
        locked.roles_version += 1;
        self.revised.insert(id.clone());
        Ok(())
    }

    /// These people of an organization have other roles than the product knows.
    pub(in crate::commands) fn tell_roles(
        &mut self,
        id: &OrganizationId,
        changed: Vec<RolesChanged>,
    ) {
        if !changed.is_empty() {
            self.roles.extend(changed);
            self.revised.insert(id.clone());
        }
    }

    /// A group event names these users.
    pub fn change_memberships<'u>(
        &mut self,
        organization: &OrganizationId,
        users: impl Iterator<Item = &'u DirectoryUserId>,
    ) -> Result<(), Error> {
        self.organizations.get_mut(organization).ok_or(Error::Missing)?.has_membership_updates =
            true;
        self.named_by_groups.extend(users.map(|user| (organization.clone(), user.clone())));
        Ok(())
    }
}
