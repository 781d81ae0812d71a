//! What a webhook says: an event, independent of the format of its body.

use super::{
    attribute::Attributes,
    directory_user::Profile,
    id::{DirectoryId, DirectoryUserId, EventId, GroupId, OrganizationId},
    time::Timestamp,
};

/// The event types that we use, by their current names.
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

/// The fields that every body has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// The `id` of the body; `None` if it has none (the `webhook-id` header is used then).
    pub event: Option<EventId>,
    /// The type as written in the body, even if it is an alias.
    pub kind: String,
    /// `occurred_at`, else `timestamp`.
    pub occurred_at: Option<Timestamp>,
    /// The organization of the envelope, otherwise of the data.
    pub organization: Option<OrganizationId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub envelope: Envelope,
    /// The envelope and the data name different organizations. The event is recorded and changes
    /// nothing.
    pub mismatch: bool,
    pub payload: EventPayload,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventPayload {
    User(UserPayload),
    Group {
        id: GroupId,
        directory: Option<DirectoryId>,
        name: Option<String>,
        change: Change,
    },
    /// An alias that only one guide mentions: the users who joined and left one group. Only this
    /// type may lack an organization.
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

/// The event type determines the change, never `data.enabled`: an old sample of "enabled" contains
/// `false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryChange {
    Created,
    Enabled,
    Disabled,
    Deleted,
}

/// What an event says about one directory user. An absent part changes nothing; it does not mean
/// inactive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPayload {
    /// `None` if the data has no id. The user is then found by e-mail address.
    pub user: Option<DirectoryUserId>,
    pub change: Change,
    pub active: Option<bool>,
    /// The fields that could be read; `None` if there are none.
    pub profile: Option<Profile>,
    /// All groups of the user, with names where the data has them. `null` and `[]` both mean no
    /// groups; `None` means that the field is absent.
    pub groups: Option<Vec<(GroupId, Option<String>)>>,
    pub roles: Option<Vec<String>>,
    /// `None` if the data has none.
    pub attributes: Option<Attributes>,
}

/// The number at the end of Scalekit's event ids, which grows with time (`evt_53891546994442316`);
/// 0 if there is none. It orders two events with the same time.
pub fn event_number(id: &EventId) -> u64 {
    let suffix = id.as_str().rsplit('_').next().unwrap_or_default();
    if suffix.bytes().all(|byte| byte.is_ascii_digit()) { suffix.parse().unwrap_or(0) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_id_ends_in_its_number() {
        let number = |id: &str| event_number(&EventId::new(id));
        assert_eq!(number("evt_53891546994442316"), 53_891_546_994_442_316);
        assert_eq!(number("12"), 12);
        for none in
            ["evt_", "evt_x1", "msg_2o3NaedIm6pL62OQ544VzM1cIYo", "evt_99999999999999999999999", ""]
        {
            assert_eq!(number(none), 0, "{none}");
        }
    }
}
