//! Reads a body: which field has which meaning, and in which order, in every format that was ever
//! documented or captured.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    ParsedBody,
    attributes::attributes,
    fields::{Fields, MOST_GROUPS, MOST_NAME_BYTES, MOST_WORD_BYTES, clean, entry_id, whole},
    salvage,
};
use crate::domain::{
    directory_user::Profile,
    event::{Change, DirectoryChange, Envelope, Event, EventPayload, UserPayload},
    id::{DirectoryId, DirectoryUserId, EventId, GroupId, OrganizationId},
    time::Timestamp,
};

/// Reads a body whose signature was verified. It never panics.
pub fn read(body: &[u8]) -> ParsedBody {
    let body = match salvage::parse(body) {
        Ok(Value::Object(body)) => body,
        Ok(_) => {
            return ParsedBody::Unreadable {
                envelope: None,
                why: "The body is JSON, but not an object.".to_owned(),
            };
        }
        Err(error) => {
            return ParsedBody::Unreadable {
                envelope: None,
                why: format!("The body is not JSON: {error}."),
            };
        }
    };
    let (body, nothing) = (Fields::from(&body), Map::new());
    let data = body.object("data").unwrap_or(Fields::from(&nothing));
    let kind = body.text("type", MOST_WORD_BYTES);
    let subject = kind.as_deref().and_then(Subject::of);
    let owner = Owner::of(subject, body, data);
    let event = body.id("id", EventId::parse);
    let time = time(body);
    let envelope = Envelope {
        event: event.clone().ok().flatten(),
        kind: kind.clone().unwrap_or_default(),
        occurred_at: time.clone().ok().flatten(),
        organization: owner.clone().ok().flatten().map(|owner| owner.organization),
    };
    if kind.is_none() {
        return ParsedBody::Unreadable {
            envelope: Some(envelope),
            why: "The body names no type of event.".to_owned(),
        };
    }
    let Some(subject) = subject else { return ParsedBody::Unknown(envelope) };
    let owner = event.and(time).and(owner).and_then(|owner| match (owner, subject) {
        // The organization that owns the group is looked up later.
        (None, Subject::GroupMembers) => Ok(false),
        (owner, _) => owner
            .map(|owner| owner.mismatch)
            .ok_or_else(|| "The event names no organization.".to_owned()),
    });
    match owner.and_then(|mismatch| Ok((mismatch, subject.read(data)?))) {
        Ok((mismatch, payload)) => {
            ParsedBody::Event(Box::new(Event { envelope, mismatch, payload }))
        }
        Err(why) => ParsedBody::Unreadable { envelope: Some(envelope), why },
    }
}

/// The time of the event: the first of the two fields that can be read. If a field is present and
/// no field can be read, the event is an error and not an event without a time.
fn time(body: Fields<'_>) -> Result<Option<Timestamp>, String> {
    match (body.time("occurred_at"), body.time("timestamp")) {
        (Ok(Some(time)), _) | (_, Ok(Some(time))) => Ok(Some(time)),
        (Err(why), _) | (_, Err(why)) => Err(why),
        (Ok(None), Ok(None)) => Ok(None),
    }
}

/// Returns whether we use events of this type. The type may be an alias.
pub fn is_known(kind: &str) -> bool {
    Subject::of(kind).is_some()
}

/// The organization of an event, and whether the fields that name one disagree.
#[derive(Clone)]
struct Owner {
    organization: OrganizationId,
    mismatch: bool,
}

impl Owner {
    /// The envelope comes before the data. An event about an organization may name it only in
    /// `data.id`.
    fn of(
        subject: Option<Subject>,
        body: Fields<'_>,
        data: Fields<'_>,
    ) -> Result<Option<Self>, String> {
        let own_id = match subject {
            Some(Subject::Organization(_)) => data.id("id", OrganizationId::parse)?,
            _ => None,
        };
        let envelope = body.id("organization_id", OrganizationId::parse)?;
        let named = [envelope, data.id("organization_id", OrganizationId::parse)?, own_id];
        let mut named = named.into_iter().flatten();
        Ok(named.next().map(|organization| Self {
            mismatch: named.any(|other| other != organization),
            organization,
        }))
    }
}

/// What an event type is about.
#[derive(Clone, Copy)]
enum Subject {
    User(Change),
    Group(Change),
    GroupMembers,
    Directory(DirectoryChange),
    Organization(Change),
}

impl Subject {
    /// The current names, the names of 2024, and the names that only a guide mentions. `None` if we
    /// do not use the type.
    fn of(kind: &str) -> Option<Self> {
        Some(match kind {
            "organization.directory.user_created" | "scalekit.dir.user.create" => {
                Self::User(Change::Created)
            }
            "organization.directory.user_updated" | "scalekit.dir.user.update" => {
                Self::User(Change::Updated)
            }
            "organization.directory.user_deleted" | "scalekit.dir.user.delete" => {
                Self::User(Change::Deleted)
            }
            "organization.directory.group_created" | "scalekit.dir.group.create" => {
                Self::Group(Change::Created)
            }
            "organization.directory.group_updated" | "scalekit.dir.group.update" => {
                Self::Group(Change::Updated)
            }
            "organization.directory.group_deleted" | "scalekit.dir.group.delete" => {
                Self::Group(Change::Deleted)
            }
            "organization.directory.group_membership_updated" => Self::GroupMembers,
            "organization.directory_created" => Self::Directory(DirectoryChange::Created),
            "organization.directory_enabled" | "scalekit.dir.sync.enable" => {
                Self::Directory(DirectoryChange::Enabled)
            }
            "organization.directory_disabled" | "scalekit.dir.sync.disable" => {
                Self::Directory(DirectoryChange::Disabled)
            }
            "organization.directory_deleted" => Self::Directory(DirectoryChange::Deleted),
            "organization.created" | "scalekit.org.create" => Self::Organization(Change::Created),
            "organization.updated" | "scalekit.org.update" => Self::Organization(Change::Updated),
            "organization.deleted" | "scalekit.org.delete" => Self::Organization(Change::Deleted),
            _ => return None,
        })
    }

    fn read(self, data: Fields<'_>) -> Result<EventPayload, String> {
        match self {
            Self::User(change) => {
                let mut payload = user(change, data)?;
                payload.groups = payload.groups.filter(|groups| groups.len() <= MOST_GROUPS);
                Ok(EventPayload::User(payload))
            }
            Self::Group(change) => Ok(EventPayload::Group {
                id: first_id(data, ["id", "group_id"], GroupId::parse)?
                    .ok_or("The group has no id.")?,
                directory: data.id("directory_id", DirectoryId::parse).ok().flatten(),
                name: data
                    .text("display_name", MOST_NAME_BYTES)
                    .or_else(|| data.text("name", MOST_NAME_BYTES)),
                change,
            }),
            Self::GroupMembers => Ok(EventPayload::GroupMembers {
                group: first_id(data, ["group_id", "id"], GroupId::parse)?
                    .ok_or("The group has no id.")?,
                added: data.ids("added_members", DirectoryUserId::parse),
                removed: data.ids("removed_members", DirectoryUserId::parse),
            }),
            Self::Directory(change) => Ok(EventPayload::Directory {
                id: first_id(data, ["id", "directory_id"], DirectoryId::parse)?
                    .ok_or("The directory has no id.")?,
                provider: data.text("provider", MOST_WORD_BYTES),
                change,
            }),
            Self::Organization(change) => Ok(EventPayload::Organization {
                name: data
                    .text("display_name", MOST_NAME_BYTES)
                    .or_else(|| data.text("name", MOST_NAME_BYTES)),
                external_id: data.word("external_id"),
                change,
            }),
        }
    }
}

fn first_id<T>(
    data: Fields<'_>,
    names: [&str; 2],
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, String> {
    match data.id(names[0], parse)? {
        Some(id) => Ok(Some(id)),
        None => data.id(names[1], parse),
    }
}

fn user(change: Change, data: Fields<'_>) -> Result<UserPayload, String> {
    let user = first_id(data, ["id", "user_id"], DirectoryUserId::parse)?;
    let email = data.email("email");
    if user.is_none() {
        // The e-mail address is the key then, so it must be valid as an id.
        let email = email.as_deref().ok_or("The user has neither an id nor an e-mail address.")?;
        DirectoryUserId::parse(DirectoryUserId::by_email(email).as_str())
            .ok_or("The user has no id, and an e-mail address that cannot stand in for one.")?;
    }
    Ok(UserPayload {
        user,
        change,
        active: data.flag("active").or_else(|| data.object("raw_attributes")?.flag("active")),
        profile: profile(data, email),
        groups: list(data, "groups").map(groups),
        roles: list(data, "roles").map(roles),
        attributes: attributes(data),
    })
}

/// Reads each field separately. A field that is absent, empty, of another type or too long is
/// skipped and does not affect the others.
fn profile(data: Fields<'_>, email: Option<String>) -> Option<Profile> {
    let profile = Profile { name: name(data), external_id: data.word("dp_id"), email };
    (profile != Profile::default()).then_some(profile)
}

/// Reads a user of a listing. `user_detail` has the fields of a webhook's data. Fields that it
/// lacks are read from the entry around it.
pub fn listed_user(entry: &Map<String, Value>) -> Result<UserPayload, String> {
    let detail = entry.get("user_detail").and_then(Value::as_object);
    let mut data = detail.cloned().unwrap_or_default();
    let says = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        // Without `user_detail`, an empty list may mean that the field was not filled in.
        Value::Array(entries) => detail.is_some() || !entries.is_empty(),
        _ => true,
    };
    for name in ["id", "email", "preferred_username", "given_name", "family_name", "groups"] {
        if let Some(value) = entry.get(name).filter(|value| says(value)) {
            data.entry(name).or_insert_with(|| value.clone());
        }
    }
    user(Change::Updated, Fields::from(&data))
}

/// The name of the user. The e-mail address is not used: code that shows a user without a name uses
/// the address by itself.
fn name(data: Fields<'_>) -> Option<String> {
    let text = |name| data.text(name, MOST_NAME_BYTES);
    let both = || match (text("given_name"), text("family_name")) {
        (Some(given), Some(family)) => clean(&format!("{given} {family}"), MOST_NAME_BYTES),
        (given, family) => given.or(family),
    };
    text("name").or_else(both).or_else(|| text("preferred_username"))
}

/// A list; `null` is an empty one. `None` if the field is absent or is not a list.
fn list<'a>(data: Fields<'a>, name: &str) -> Option<&'a [Value]> {
    match data.get(name)? {
        Value::Array(entries) => Some(entries),
        Value::Null => Some(&[]),
        _ => None,
    }
}

/// Each group once, in the order of the list. An entry without an id is skipped.
fn groups(entries: &[Value]) -> Vec<(GroupId, Option<String>)> {
    let mut seen = BTreeSet::new();
    let ids = entries.iter().filter_map(|entry| Some((entry_id(entry, GroupId::parse)?, entry)));
    ids.filter(|(id, _)| seen.insert(id.clone()))
        .map(|(id, entry)| (id, group_name(entry)))
        .collect()
}

fn group_name(entry: &Value) -> Option<String> {
    let entry = Fields::from(entry.as_object()?);
    entry.text("name", MOST_NAME_BYTES).or_else(|| entry.text("display_name", MOST_NAME_BYTES))
}

/// Each role once, in the order of the list. An entry is an object with a `role_name`, or a text.
fn roles(entries: &[Value]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let names = entries.iter().filter_map(|entry| match entry {
        Value::Object(map) => whole(map.get("role_name")?.as_str()?, MOST_WORD_BYTES),
        other => whole(other.as_str()?, MOST_WORD_BYTES),
    });
    names.filter(|name| seen.insert(name.clone())).collect()
}
