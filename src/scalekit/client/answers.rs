//! What the Directory API answers, read leniently: missing, `null`, `""` and `[]` mean the same, unknown fields nothing.

use serde_json::{Map, Value};

use super::Error;
use crate::domain::{
    event::{UserNews, listed_user},
    id::{DirectoryId, GroupId, OrganizationId},
    time::Timestamp,
};

/// What a call gave.
pub(super) struct Answer {
    pub body: Value,
    pub asked_at: Timestamp,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// How many there are in all, where it says so.
    pub total: Option<i64>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
    /// When it was asked for, by whichever clock is behind: whatever is newer than this has the last word.
    pub asked_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    pub id: OrganizationId,
    pub name: Option<String>,
    /// Our customer's own id for it.
    pub external_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    pub id: DirectoryId,
    pub provider: Option<String>,
    pub enabled: bool,
    /// How many people it says it holds.
    pub people: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub id: GroupId,
    pub name: Option<String>,
}

impl<T> Page<T> {
    pub(super) fn read(
        Answer { body, asked_at }: &Answer,
        list: &str,
        item: impl Fn(&Map<String, Value>) -> Result<T, Error>,
    ) -> Result<Self, Error> {
        let total = body["total_size"].as_i64().or_else(|| body["total_size"].as_str()?.parse().ok());
        Ok(Self {
            items: entries(body, list)?.into_iter().map(item).collect::<Result<_, _>>()?,
            total: total.filter(|total| *total > 0),
            next: text(&body["next_page_token"]),
            asked_at: *asked_at,
        })
    }
}

/// The objects of a list. Something that is no list at all is no answer to our question.
fn entries<'a>(body: &'a Value, list: &str) -> Result<Vec<&'a Map<String, Value>>, Error> {
    if !body.is_object() {
        return Err(Error::surprise("it is not a JSON object"));
    }
    let strange = || Error::surprise(format!("“{list}” is not a list of objects"));
    match &body[list] {
        Value::Null => Ok(Vec::new()),
        Value::Array(entries) => entries.iter().map(|entry| entry.as_object().ok_or_else(strange)).collect(),
        _ => Err(strange()),
    }
}

pub(super) fn organization(entry: &Map<String, Value>) -> Result<Organization, Error> {
    let id = id(entry, "organization", OrganizationId::parse)?;
    Ok(Organization { id, name: entry.get("display_name").and_then(text), external_id: entry.get("external_id").and_then(text) })
}

pub(super) fn one_organization(asked: &OrganizationId, answer: &Answer) -> Result<Organization, Error> {
    let entry = answer.body["organization"].as_object().ok_or_else(|| Error::surprise("it names no organization"))?;
    let organization = organization(entry)?;
    if organization.id == *asked { Ok(organization) } else { Err(Error::surprise("it names another organization")) }
}

pub(super) fn directory(entry: &Map<String, Value>) -> Result<Directory, Error> {
    let people = entry.get("total_users").and_then(Value::as_i64);
    Ok(Directory {
        id: id(entry, "directory", DirectoryId::parse)?,
        provider: entry.get("directory_provider").and_then(text),
        // a flag that is not written is off
        enabled: entry.get("enabled").and_then(Value::as_bool).unwrap_or(false),
        people: people.or_else(|| entry.get("stats")?.get("total_users")?.as_i64()),
    })
}

pub(super) fn group(entry: &Map<String, Value>) -> Result<Group, Error> {
    Ok(Group { id: id(entry, "group", GroupId::parse)?, name: entry.get("display_name").and_then(text) })
}

/// A person as the listing has them; read by the same rules as a webhook's.
pub(super) fn user(organization: &OrganizationId, entry: &Map<String, Value>) -> Result<UserNews, Error> {
    let detail = entry.get("user_detail").and_then(Value::as_object);
    let owner = detail.and_then(|detail| text(detail.get("organization_id")?));
    if owner.is_some_and(|owner| owner != organization.as_str()) {
        return Err(Error::surprise("it lists a person of another organization"));
    }
    let news = listed_user(entry).map_err(Error::surprise)?;
    if news.user.is_none() { Err(Error::surprise("it lists a person without an id")) } else { Ok(news) }
}

fn id<T>(entry: &Map<String, Value>, what: &str, parse: fn(&str) -> Option<T>) -> Result<T, Error> {
    let id = entry.get("id").and_then(Value::as_str).and_then(parse);
    id.ok_or_else(|| Error::surprise(format!("it lists a {what} without an id")))
}

pub(super) fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(|text| text.replace('\0', "\u{fffd}"))
}
