//! Reads the answers of the Directory API leniently: a missing text or list, `null` and an empty
//! value mean the same, and unknown fields are ignored. (Only the groups of a user differ: a
//! missing list says nothing.) A list entry that cannot be read is set aside, and the other entries
//! are still read.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};

use super::{Error, json};
use crate::{
    domain::{
        event::UserPayload,
        id::{DirectoryId, DirectoryUserId, GroupId, OrganizationId},
        time::Timestamp,
    },
    scalekit::payload::listed_user,
};

/// The id of an entry that was set aside is cut to this many characters.
const SHOWN: usize = 64;

/// The JSON of an answer, and when it was requested.
pub(super) struct Answer {
    pub body: Value,
    pub asked_at: Timestamp,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Entries, or parts of entries, that could not be read.
    pub set_aside: Vec<SetAside>,
    /// How many entries the whole list has, if Scalekit says so.
    pub total: Option<i64>,
    /// The token of the next page; `None` on the last page.
    pub next: Option<String>,
    /// When the page was requested, by the clock that is behind (ours or Scalekit's). A change that
    /// is newer than this takes precedence.
    pub asked_at: Timestamp,
}

/// An entry that could not be read, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// The entry's id, if it has one that can be shown.
    pub id: Option<String>,
    /// The reason, as a sentence.
    pub why: &'static str,
    /// Is the same whenever the same entry is set aside for the same reason.
    pub fingerprint: u64,
    /// Whether the entry itself was read, and only a part of it is missing.
    pub is_part: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    pub id: OrganizationId,
    pub name: Option<String>,
    /// The SaaS product's own id for this organization.
    pub external_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    pub id: DirectoryId,
    pub provider: Option<String>,
    pub enabled: bool,
    /// How many directory users the directory has, as Scalekit says.
    pub people: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub id: GroupId,
    pub name: Option<String>,
}

/// The result of reading an entry: its content, and the reason if a part of it is left out; or the
/// reason why the entry cannot be read.
pub(super) type Read<T> = Result<(T, Option<&'static str>), &'static str>;

impl<T> Page<T> {
    pub(super) fn read(
        Answer { body, asked_at }: &Answer,
        list: &str,
        item: impl Fn(&Map<String, Value>) -> Read<T>,
    ) -> Result<Self, Error> {
        let total =
            body["total_size"].as_i64().or_else(|| body["total_size"].as_str()?.parse().ok());
        let (mut items, mut set_aside) = (Vec::new(), Vec::new());
        for entry in entries(body, list)? {
            match one(entry, &item) {
                Ok((read, part)) => {
                    items.push(read);
                    set_aside.extend(
                        part.map(|why| SetAside { is_part: true, ..SetAside::of(entry, why) }),
                    );
                }
                Err(why) => set_aside.push(SetAside::of(entry, why)),
            }
        }
        let (total, next) = (total.filter(|total| *total > 0), text(&body["next_page_token"]));
        Ok(Self { items, set_aside, total, next, asked_at: *asked_at })
    }
}

impl SetAside {
    fn of(entry: &Value, why: &'static str) -> Self {
        let id = entry["id"]
            .as_str()
            .map(|id| id.chars().filter(|c| !c.is_control()).take(SHOWN).collect());
        let id = id.filter(|id: &String| !id.trim().is_empty());
        let mut hasher = DefaultHasher::new();
        // An entry with an id counts as the same entry, even if its other fields change.
        id.clone().unwrap_or_else(|| entry.to_string()).hash(&mut hasher);
        why.hash(&mut hasher);
        Self { id, why, fingerprint: hasher.finish(), is_part: false }
    }

    /// Sets aside a directory user that was read but cannot be trusted.
    pub fn of_person(user: &DirectoryUserId, why: &'static str) -> Self {
        Self::of(&serde_json::json!({ "id": user.as_str() }), why)
    }
}

fn one<T>(entry: &Value, item: &impl Fn(&Map<String, Value>) -> Read<T>) -> Read<T> {
    if json::is_marked(entry) {
        return Err("It holds half a character, or bytes that are no text.");
    }
    item(entry.as_object().ok_or("It is not an object.")?)
}

/// The entries of a list. An answer that is not an object, or whose list is not an array, is an
/// error.
fn entries<'a>(body: &'a Value, list: &str) -> Result<&'a [Value], Error> {
    if !body.is_object() {
        return Err(Error::surprise("it is not a JSON object"));
    }
    match &body[list] {
        Value::Null => Ok(&[]),
        Value::Array(entries) => Ok(entries),
        _ => Err(Error::surprise(format!("“{list}” is not a list"))),
    }
}

pub(super) fn organization(entry: &Map<String, Value>) -> Read<Organization> {
    let id = id(entry, OrganizationId::parse)?;
    Ok((
        Organization {
            id,
            name: entry.get("display_name").and_then(text),
            external_id: entry.get("external_id").and_then(text),
        },
        None,
    ))
}

pub(super) fn one_organization(
    asked: &OrganizationId,
    answer: &Answer,
) -> Result<Organization, Error> {
    let entry = answer.body["organization"]
        .as_object()
        .ok_or_else(|| Error::surprise("it names no organization"))?;
    let (organization, _) =
        organization(entry).map_err(|_| Error::surprise("it names no organization"))?;
    if organization.id == *asked {
        Ok(organization)
    } else {
        Err(Error::surprise("it names another organization"))
    }
}

pub(super) fn directory(entry: &Map<String, Value>) -> Read<Directory> {
    let people = entry.get("total_users").and_then(Value::as_i64);
    let directory = Directory {
        id: id(entry, DirectoryId::parse)?,
        provider: entry.get("directory_provider").and_then(text),
        // A missing flag means that the directory is disabled.
        enabled: entry.get("enabled").and_then(Value::as_bool).unwrap_or(false),
        people: people.or_else(|| entry.get("stats")?.get("total_users")?.as_i64()),
    };
    Ok((directory, None))
}

pub(super) fn group(entry: &Map<String, Value>) -> Read<Group> {
    Ok((
        Group { id: id(entry, GroupId::parse)?, name: entry.get("display_name").and_then(text) },
        None,
    ))
}

/// A directory user of a listing, read by the same rules as the user of a webhook.
pub(super) fn user(organization: &OrganizationId, entry: &Map<String, Value>) -> Read<UserPayload> {
    let detail = entry.get("user_detail").and_then(Value::as_object);
    let named = |name: &str| {
        [Some(entry), detail]
            .into_iter()
            .flatten()
            .filter_map(|map| text(map.get(name)?))
            .collect::<Vec<_>>()
    };
    if named("organization_id").iter().any(|owner| owner != organization.as_str()) {
        return Err("It is a person of another organization.");
    }
    if named("id").windows(2).any(|ids| ids[0] != ids[1]) {
        return Err("It has two ids.");
    }
    // A missing flag does not mean inactive. A value that is neither true nor false is an error.
    if [Some(entry), detail]
        .into_iter()
        .flatten()
        .filter_map(|map| map.get("active"))
        .any(is_unclear)
    {
        return Err("It says neither that this person is active nor that they are not.");
    }
    let user_payload = listed_user(entry).map_err(|_| "Its id cannot be one.")?;
    if user_payload.user.is_none() {
        return Err("It has no id.");
    }
    let lists = [Some(entry), detail].into_iter().flatten().filter_map(|map| map.get("groups"));
    if lists.into_iter().all(is_list_of_groups) {
        return Ok((user_payload, None));
    }
    Ok((
        UserPayload { groups: None, ..user_payload },
        Some("A group of this person cannot be read; their groups stay as they are."),
    ))
}

fn is_unclear(flag: &Value) -> bool {
    match flag {
        Value::Null | Value::Bool(_) => false,
        Value::String(word) => {
            !["", "true", "false"].iter().any(|known| word.trim().eq_ignore_ascii_case(known))
        }
        Value::Number(_) | Value::Array(_) | Value::Object(_) => true,
    }
}

/// Whether every group can be read. A membership that cannot be read does not count as ended.
fn is_list_of_groups(groups: &Value) -> bool {
    let has_id = |group: &Value| match group.get("id").unwrap_or(group) {
        Value::String(id) => GroupId::parse(id).is_some(),
        Value::Number(_) => true,
        _ => false,
    };
    match groups {
        Value::Null => true,
        Value::Array(groups) => groups.iter().all(has_id),
        _ => false,
    }
}

fn id<T>(entry: &Map<String, Value>, parse: fn(&str) -> Option<T>) -> Result<T, &'static str> {
    let id = entry.get("id").filter(|id| !id.is_null()).ok_or("It has no id.")?;
    id.as_str().and_then(parse).ok_or("Its id cannot be one.")
}

pub(super) fn text(value: &Value) -> Option<String> {
    value
        .as_str()
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| text.replace('\0', "\u{fffd}"))
}
