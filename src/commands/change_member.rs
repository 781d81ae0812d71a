//! Changes a member of an organization: another role, the end of the membership, or the end of all
//! sessions. With another role the sessions go on, each with a new token; without the membership
//! they end in the same transaction. Open pages are notified.

use super::{
    Actor, Error,
    update_roles::{lock_accounts, update_dashboard_roles},
};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::Role,
        audit::AuditAction,
        id::{AccountId, AuditEntryId, OrganizationId},
        refusal::Refusal,
        role::{DashboardMember, RoleMapping, is_last_admin},
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts::{self, Member},
        audit_log::{self, Entry},
        organizations::{self, Locked},
        role_mappings, sessions,
    },
};

/// What becomes of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberChange {
    /// Another role of tenants.
    Role(Role),
    /// The account stays, and so do its other memberships.
    Remove,
    /// All sessions of the account end.
    SignOut,
}

#[derive(Clone, Debug)]
pub struct NewMemberChange {
    pub organization: OrganizationId,
    pub account: AccountId,
    pub change: MemberChange,
    /// The role that the page showed, of those that people give; `None` changes any.
    pub expected: Option<Role>,
}

/// False: the member has this role already. `Missing` if the account is no member.
pub async fn change_member(
    state: &AppState,
    actor: &Actor,
    new: &NewMemberChange,
) -> Result<bool, Error> {
    let mut change = Change::begin(state, actor, new).await?;
    let own = change.member.access.own;
    if new.expected.is_some_and(|expected| expected != own) {
        return Err(Refusal::MemberChangedMeanwhile.into());
    }
    match new.change {
        MemberChange::Role(role) if role == own => return Ok(false),
        MemberChange::Role(role) => change.give(role).await?,
        MemberChange::Remove => change.remove().await?,
        MemberChange::SignOut => change.sign_out().await?,
    }
    change.commit().await?;
    Ok(true)
}

struct Change<'a> {
    state: &'a AppState,
    actor: &'a Actor,
    tx: Tx,
    locked: Locked,
    member: Member,
    members: Vec<DashboardMember>,
    mapping: RoleMapping,
    now: Timestamp,
}

impl<'a> Change<'a> {
    async fn begin(
        state: &'a AppState,
        actor: &'a Actor,
        new: &NewMemberChange,
    ) -> Result<Self, Error> {
        let mut tx = state.db.write().await?;
        let id = &new.organization;
        let locked = organizations::lock(&mut tx, id).await?.ok_or(Error::Missing)?;
        let all = accounts::dashboard_members(&mut tx, std::slice::from_ref(id)).await?;
        let member = all.iter().find(|member| member.access.account == new.account).cloned();
        let member = member.ok_or(Error::Missing)?;
        let mapping = role_mappings::of(&mut tx, &locked.scope).await?;
        lock_accounts(&mut tx, &[&locked], [new.account.clone()].into()).await?;
        let members = all.into_iter().map(|member| member.access).collect();
        let now = state.clock.now();
        Ok(Self { state, actor, tx, locked, member, members, mapping, now })
    }

    fn keeps_an_admin(&self) -> Result<(), Refusal> {
        let is_last = is_last_admin(&self.members, &self.mapping, &self.member.access.account);
        if is_last { Err(Refusal::LastAdmin) } else { Ok(()) }
    }

    async fn give(&mut self, role: Role) -> Result<(), Error> {
        if role.is_staff() {
            return Err(Refusal::InvitationRole.into());
        }
        if self.locked.roster.archived {
            return Err(Refusal::Archived.into());
        }
        let access = self.member.access.clone();
        if role == Role::TenantViewer {
            if access.is_admin_by_group(&self.mapping) {
                return Err(Refusal::RoleOfGroup.into());
            }
            self.keeps_an_admin()?;
        }
        let scope = &self.locked.scope;
        if role != access.role {
            sessions::renew_all(&mut self.tx, &access.account, self.now).await?;
        }
        accounts::set_given_role(&mut self.tx, scope, &access.account, role).await?;
        let values = (Some(access.own.as_str()), Some(role.as_str()));
        self.note(AuditAction::ChangeDashboardRole, values).await
    }

    async fn remove(&mut self) -> Result<(), Error> {
        self.keeps_an_admin()?;
        let account = self.member.access.account.clone();
        sessions::end_all(&mut self.tx, &account, self.now).await?;
        accounts::revoke_membership(&mut self.tx, &self.locked.scope, &account).await?;
        let before = self.member.access.role.as_str();
        self.note(AuditAction::RevokeMembership, (Some(before), None)).await
    }

    async fn sign_out(&mut self) -> Result<(), Error> {
        sessions::end_all(&mut self.tx, &self.member.access.account, self.now).await?;
        self.note(AuditAction::EndSessions, (None, None)).await
    }

    async fn note(
        &mut self,
        action: AuditAction,
        (before, after): (Option<&str>, Option<&str>),
    ) -> Result<(), Error> {
        let entry = Entry {
            target_id: Some(self.member.access.account.as_str()),
            target: Some(&self.member.email),
            before,
            after,
            ..self.actor.entry(action)
        };
        let id = AuditEntryId::generate(&self.state.clock);
        audit_log::add(&mut self.tx, &self.locked.scope, &id, &entry, self.now).await?;
        Ok(())
    }

    /// Another admin may follow the roles of the groups again. Open pages are notified.
    async fn commit(mut self) -> Result<(), Error> {
        update_dashboard_roles(&mut self.tx, self.state, &[&self.locked], self.now).await?;
        organizations::touch(&mut self.tx, self.locked.id(), self.now).await?;
        self.tx.commit().await?;
        Ok(())
    }
}
