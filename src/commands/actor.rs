//! Who performs a command, and from where: for the audit log and the decisions.

use std::{borrow::Cow, net::IpAddr};

use crate::{
    domain::{
        access::{Staff, Viewer},
        api_key::ApiKey,
        audit::AuditAction,
        id::{AccountId, ApiKeyId},
    },
    store::audit_log::Entry,
};

/// Who performed the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    who: Who,
    /// The person who proposed what this one approves.
    proposer: Option<String>,
    origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Who {
    Staff(Staff),
    /// A tenant's own admin.
    TenantAdmin {
        account: AccountId,
        name: String,
    },
    /// A program, with an API key.
    ApiKey {
        id: ApiKeyId,
        /// `API key Billing`.
        called: String,
        /// The key reaches the whole installation, and not one organization alone.
        is_staff: bool,
    },
    /// The command line, with the name of the operating system user; empty if the name is unknown.
    CommandLine(String),
    /// A job that does what a person decided before.
    Job,
}

/// The request that asked for the command. The command line and jobs have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The client's address.
    pub address: Option<IpAddr>,
    /// The id that the log lines of this request carry.
    pub request_id: Option<String>,
}

/// The name of a tenant; of staff who see an organization as its admin, both.
fn as_what(viewer: &Viewer) -> String {
    match viewer.view_as {
        Some(_) => format!("{} (as a tenant admin)", viewer.name),
        None => viewer.name.clone(),
    }
}

impl Actor {
    pub fn staff(staff: Staff) -> Self {
        Self::of(Who::Staff(staff))
    }

    pub fn tenant_admin(account: AccountId, name: String) -> Self {
        Self::of(Who::TenantAdmin { account, name })
    }

    /// The viewer, whatever they are.
    pub fn of_viewer(viewer: &Viewer) -> Self {
        match viewer.staff() {
            Some(staff) => Self::staff(staff),
            None => Self::tenant_admin(viewer.account.clone(), as_what(viewer)),
        }
    }

    /// `user` is the name of the operating system user, or empty if it is unknown.
    pub fn command_line(user: impl Into<String>) -> Self {
        Self::of(Who::CommandLine(user.into()))
    }

    pub fn api_key(key: &ApiKey) -> Self {
        let (called, is_staff) = (key.called(), key.organization.is_none());
        Self::of(Who::ApiKey { id: key.id.clone(), called, is_staff })
    }

    /// A job that does what a person decided before.
    pub(super) fn job() -> Self {
        Self::of(Who::Job)
    }

    fn of(who: Who) -> Self {
        Self { who, proposer: None, origin: Origin::default() }
    }

    #[must_use]
    pub fn with_origin(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The same person, who approves what another one has proposed: both are named.
    #[must_use]
    pub(super) fn approving(&self, proposer: &str) -> Self {
        Self { proposer: Some(proposer.to_owned()), ..self.clone() }
    }

    /// `Kim Park`, `Kim Park (proposed by Sam Rivera)`, or `command line (root)`.
    pub fn name(&self) -> String {
        let name = self.own_name();
        match &self.proposer {
            Some(proposer) => format!("{name} (proposed by {proposer})"),
            None => name,
        }
    }

    fn own_name(&self) -> String {
        match &self.who {
            Who::Staff(staff) => staff.name.clone(),
            Who::TenantAdmin { name, .. } => name.clone(),
            Who::ApiKey { called, .. } => called.clone(),
            Who::CommandLine(user) if user.is_empty() => "command line".to_owned(),
            Who::CommandLine(user) => format!("command line ({user})"),
            Who::Job => "Seatkeeper".to_owned(),
        }
    }

    pub fn account(&self) -> Option<&AccountId> {
        match &self.who {
            Who::Staff(staff) => Some(&staff.account),
            Who::TenantAdmin { account, .. } => Some(account),
            Who::ApiKey { .. } | Who::CommandLine(_) | Who::Job => None,
        }
    }

    /// The account, or the API key.
    pub(super) fn id(&self) -> Option<&str> {
        match &self.who {
            Who::ApiKey { id, .. } => Some(id.as_str()),
            _ => self.account().map(AccountId::as_str),
        }
    }

    pub(super) fn is_api_key(&self) -> bool {
        matches!(self.who, Who::ApiKey { .. })
    }

    /// Whether a person types on the server: this needs no second person.
    pub(super) fn is_command_line(&self) -> bool {
        matches!(self.who, Who::CommandLine(_))
    }

    /// Whether it is the SaaS company, and not the organization itself.
    pub(super) fn is_staff(&self) -> bool {
        !matches!(self.who, Who::TenantAdmin { .. } | Who::ApiKey { is_staff: false, .. })
    }

    /// An entry of the audit log about something that this actor did.
    pub(super) fn entry(&self, action: AuditAction) -> Entry<'_> {
        Entry {
            actor: Cow::Owned(self.name()),
            actor_id: self.id(),
            address: self.origin.address,
            request_id: self.origin.request_id.as_deref(),
            ..Entry::of(action)
        }
    }
}
