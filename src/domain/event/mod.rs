//! A webhook's body, in every shape Scalekit and its guides have ever shown, read into an `Event`.

mod fields;
mod read;
mod salvage;
#[cfg(test)]
mod tests;

pub use read::{is_known, listed_user, read};

use super::{
    directory_user::Profile,
    id::{DirectoryId, DirectoryUserId, EventId, GroupId, OrganizationId},
    time::Timestamp,
};

/// The types we have a use for, as they are called today.
pub const KINDS: [&str; 13] = [
    "organization.directory.user_created",
    "organization.directory.user_updated",
    "organization.directory.user_deleted",
    "organization.directory.group_created",
    "organization.directory.group_updated",
    "organization.directory.group_deleted",
    "organization.directory_created",
    "organization.directory_enabled",
    "organization.directory_disabled",
    "organization.directory_deleted",
    "organization.created",
    "organization.updated",
    "organization.deleted",
];

/// What a verified body turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    Event(Box<Event>),
    /// A type we have no use for (`user.login`, `role.created` …): stored and shown.
    Unknown(Envelope),
    /// A type we know without what it needs, or no JSON at all: a dead letter. `why` is a sentence.
    Unreadable {
        envelope: Option<Envelope>,
        why: String,
    },
}

/// What every body says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// The body's `id`; `None` where it has none (then the `webhook-id` header stands in).
    pub event: Option<EventId>,
    /// As it was written, also where it is an alias.
    pub kind: String,
    /// `occurred_at`, else `timestamp`.
    pub occurred_at: Option<Timestamp>,
    /// The organization of the envelope, else of the data.
    pub organization: Option<OrganizationId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub envelope: Envelope,
    /// Envelope and data name different organizations: recorded, changes nothing.
    pub mismatch: bool,
    pub happening: Happening,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    User(UserNews),
    Group {
        id: GroupId,
        directory: Option<DirectoryId>,
        name: Option<String>,
        change: Change,
    },
    /// The alias that only one guide knows: who joined and who left one group. It alone may name no organization.
    GroupMembers {
        group: GroupId,
        added: Vec<DirectoryUserId>,
        removed: Vec<DirectoryUserId>,
    },
    Directory {
        id: DirectoryId,
        provider: Option<String>,
        change: DirectoryChange,
    },
    Organization {
        name: Option<String>,
        external_id: Option<String>,
        change: Change,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Created,
    Updated,
    Deleted,
}

/// The type of the event decides, never `data.enabled`: a long-standing sample of "enabled" carries `false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryChange {
    Created,
    Enabled,
    Disabled,
    Deleted,
}

/// News of one directory user. An absent part says nothing; it is not "off".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserNews {
    /// `None`: the data names no id, the person is found by e-mail.
    pub user: Option<DirectoryUserId>,
    pub change: Change,
    pub active: Option<bool>,
    /// The facts that could be read; none of them: `None`.
    pub profile: Option<Profile>,
    /// The complete set, with names where they came along. `null` and `[]` are both "no groups"; absent is `None`.
    pub groups: Option<Vec<(GroupId, Option<String>)>>,
    pub roles: Option<Vec<String>>,
}

/// The number that Scalekit's event ids end in and that grows with time (`evt_53891546994442316`); 0 where there is none.
/// It decides between two pieces of news of the same moment.
pub fn event_number(id: &EventId) -> u64 {
    let suffix = id.as_str().rsplit('_').next().unwrap_or_default();
    if suffix.bytes().all(|byte| byte.is_ascii_digit()) { suffix.parse().unwrap_or(0) } else { 0 }
}
