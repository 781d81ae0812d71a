//! The parameters of a call, read by the rules of Scalekit's own messages.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, Query as Parameters};
use axum::http::request::Parts;

use super::problem::Problem;
use domain::{
    id::{DirectoryId, GroupId, OrganizationId},
    time::Timestamp,
};

/// The longest id of an organization or a directory, in bytes.
const MOST_ID_BYTES: usize = 32;
/// The longest id of a group in a filter, in bytes.
const MOST_GROUP_ID_BYTES: usize = 37;

/// The parameters of one call; an empty one counts as missing.
pub(super) struct Query(HashMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let parameters =
            Parameters::<HashMap<String, String>>::from_request_parts(parts, state).await;
        parameters
            .map(|Parameters(all)| Self(all))
            .map_err(|_| Problem::invalid("query", "value is malformed", "query"))
    }
}

impl Query {
    /// A parameter by its name in snake case. The gateway accepts camel case too.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .or_else(|| self.0.get(&camel(name)))
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Problem> {
        let text = self.text(name).unwrap_or("false");
        text.parse().map_err(|_| Problem::invalid(name, "value must be true or false", "bool"))
    }

    /// The page size; 0 counts as missing.
    pub(super) fn page_size(&self) -> Result<Option<usize>, Problem> {
        let Some(text) = self.text("page_size") else { return Ok(None) };
        let size: u32 = text.parse().map_err(|_| {
            Problem::invalid("page_size", "value must be a whole number, not below 0", "uint32")
        })?;
        Ok(usize::try_from(size).ok().filter(|size| *size > 0))
    }

    pub(super) fn time(&self, name: &'static str) -> Result<Option<Timestamp>, Problem> {
        self.text(name).map(|text| time(name, text)).transpose()
    }

    pub(super) fn group(&self, name: &'static str) -> Result<Option<GroupId>, Problem> {
        self.text(name)
            .map(|text| id(name, text, "dirgroup_", MOST_GROUP_ID_BYTES).map(GroupId::new))
            .transpose()
    }
}

pub(super) fn time(field: &'static str, text: &str) -> Result<Timestamp, Problem> {
    Timestamp::parse(text).ok_or_else(|| {
        Problem::invalid(field, "value must be a valid RFC 3339 timestamp", "timestamp")
    })
}

pub(super) fn organization_id(field: &'static str, text: &str) -> Result<OrganizationId, Problem> {
    id(field, text, "org_", MOST_ID_BYTES).map(OrganizationId::new)
}

pub(super) fn directory_id(field: &'static str, text: &str) -> Result<DirectoryId, Problem> {
    id(field, text, "dir_", MOST_ID_BYTES).map(DirectoryId::new)
}

fn id<'a>(
    field: &'static str,
    text: &'a str,
    prefix: &str,
    most: usize,
) -> Result<&'a str, Problem> {
    if !text.starts_with(prefix) {
        return Err(Problem::invalid(
            field,
            format!("value does not have prefix `{prefix}`"),
            "string.prefix",
        ));
    }
    if text.len() > most {
        return Err(Problem::invalid(
            field,
            format!("value length must be at most {most} characters"),
            "string.max_len",
        ));
    }
    Ok(text)
}

/// Turns `page_size` into `pageSize`.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        text + &initial.to_uppercase() + rest
    })
}
