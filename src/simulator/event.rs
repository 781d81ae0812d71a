//! Webhook bodies as Scalekit writes them: compact, with sorted keys and with the escapes of Go's
//! JSON.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::{
    people::Person,
    world::{Directory, Group, Organization, Provider},
};
use domain::{
    event::{Change, DirectoryChange},
    id::OrganizationId,
    time::Timestamp,
};

/// A body that is ready to be signed and sent, and a summary of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The event type, for example `organization.directory.user_created`.
    pub kind: &'static str,
    pub organization: OrganizationId,
    /// The name of what the event is about, for the delivery log.
    pub about: String,
    /// Exactly the bytes that are signed and sent.
    pub json: Bytes,
}

/// The envelope of an event: everything except its data.
pub(super) struct Head<'a> {
    /// The number in the event's id; it grows with time.
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) environment: &'a str,
    pub(super) organization: &'a Organization,
}

impl Head<'_> {
    fn body(&self, kind: &'static str, title: &str, about: &str, data: &Value) -> Body {
        let organization = self.organization.id.clone();
        let mut event = json!({
            "spec_version": "1",
            "id": format!("evt_{}", self.number),
            "type": kind,
            "object": title.rsplit_once(' ').map_or(title, |(object, _)| object).replace(' ', ""),
            "occurred_at": self.at.rfc3339(),
            "environment_id": self.environment,
            "organization_id": organization.as_str(),
            "data": data,
            "display_name": title,
        });
        event.sort_all_objects(); // as Go writes the members of a map
        let text = event.to_string();
        Body { kind, organization, about: about.to_owned(), json: escaped_like_go(&text).into() }
    }
}

pub(super) fn user(head: &Head<'_>, directory: usize, change: Change, person: &Person) -> Body {
    let (kind, title) = match change {
        Change::Created => ("organization.directory.user_created", "Directory User Created"),
        Change::Updated => ("organization.directory.user_updated", "Directory User Updated"),
        Change::Deleted => ("organization.directory.user_deleted", "Directory User Deleted"),
    };
    let Organization { id, directories, .. } = head.organization;
    let data = if change == Change::Deleted {
        thin(id, person)
    } else {
        full(id, &directories[directory], person)
    };
    head.body(kind, title, &person.name(), &data)
}

/// The data of a deleted user: four fields, no more.
fn thin(organization: &OrganizationId, person: &Person) -> Value {
    json!({
        "id": person.id().as_str(),
        "organization_id": organization.as_str(),
        "dp_id": person.external_id(),
        "email": person.email(),
    })
}

/// The whole current state of a user, never only the difference.
pub(super) fn full(organization: &OrganizationId, directory: &Directory, person: &Person) -> Value {
    let mut data = thin(organization, person);
    let groups: Vec<_> = directory
        .groups_of(person)
        .map(|group| json!({"id": group.id.as_str(), "name": group.name}))
        .collect();
    data["active"] = json!(person.active);
    data["custom_attributes"] = json!({});
    data["family_name"] = json!(person.family);
    data["given_name"] = json!(person.given);
    // A user without groups has `null`, not an empty list: this is Go's nil slice.
    data["groups"] = if groups.is_empty() { Value::Null } else { Value::from(groups) };
    data["locale"] = json!("en-US");
    data["name"] = json!(person.name());
    data["preferred_username"] = data["email"].clone();
    data["raw_attributes"] = scim(person);
    data["roles"] = json!([{"role_name": directory.role_of(person)}]);
    data
}

/// The SCIM resource as the identity provider sent it. Entra writes its booleans as strings.
fn scim(person: &Person) -> Value {
    let active = match (person.provider, person.active) {
        (Provider::Entra, true) => json!("True"),
        (Provider::Entra, false) => json!("False"),
        (_, active) => json!(active),
    };
    json!({
        "active": active,
        "displayName": person.name(),
        "emails": [{"primary": true, "type": "work", "value": person.email()}],
        "externalId": person.external_id(),
        "name": {"familyName": person.family, "givenName": person.given},
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": person.email(),
    })
}

pub(super) fn group(head: &Head<'_>, directory: usize, change: Change, group: &Group) -> Body {
    let (kind, title) = match change {
        Change::Created => ("organization.directory.group_created", "Directory Group Created"),
        Change::Updated => ("organization.directory.group_updated", "Directory Group Updated"),
        Change::Deleted => ("organization.directory.group_deleted", "Directory Group Deleted"),
    };
    let Organization { id, directories, .. } = head.organization;
    let mut data = group_data(id, &directories[directory], group);
    let outside = if change == Change::Deleted { "dp_id" } else { "external_id" };
    data[outside] = json!(group.external_id);
    head.body(kind, title, &group.name, &data)
}

/// A group without its id at the identity provider; the name of that field depends on the event.
pub(super) fn group_data(
    organization: &OrganizationId,
    directory: &Directory,
    group: &Group,
) -> Value {
    json!({
        "directory_id": directory.id.as_str(),
        "display_name": group.name,
        "id": group.id.as_str(),
        "organization_id": organization.as_str(),
        "raw_attributes": {},
    })
}

pub(super) fn directory(head: &Head<'_>, directory_index: usize, change: DirectoryChange) -> Body {
    let (kind, title) = match change {
        DirectoryChange::Created => ("organization.directory_created", "Directory Created"),
        DirectoryChange::Enabled => ("organization.directory_enabled", "Directory Enabled"),
        DirectoryChange::Disabled => ("organization.directory_disabled", "Directory Disabled"),
        DirectoryChange::Deleted => ("organization.directory_deleted", "Directory Deleted"),
    };
    let directory = &head.organization.directories[directory_index];
    let mut data = json!({
        "directory_type": "SCIM",
        "id": directory.id.as_str(),
        "organization_id": head.organization.id.as_str(),
        "provider": directory.provider.as_str(),
    });
    if matches!(change, DirectoryChange::Enabled | DirectoryChange::Disabled) {
        data["enabled"] = json!(change == DirectoryChange::Enabled);
        data["updated_at"] = json!(head.at.rfc3339());
    }
    head.body(kind, title, directory.provider.as_str(), &data)
}

pub(super) fn organization(head: &Head<'_>, change: Change) -> Body {
    let (kind, title) = match change {
        Change::Created => ("organization.created", "Organization Created"),
        Change::Updated => ("organization.updated", "Organization Updated"),
        Change::Deleted => ("organization.deleted", "Organization Deleted"),
    };
    let at = head.at.rfc3339();
    let mut data = json!({
        "create_time": head.organization.created.rfc3339(),
        "display_name": head.organization.name,
        "external_id": head.organization.external_id(),
        "id": head.organization.id.as_str(),
        "metadata": null,
        "region_code": "US",
        "settings": {"features": [{"enabled": true, "name": "sso"}, {"enabled": true, "name": "dir_sync"}]},
        "update_time": at,
    });
    if change == Change::Deleted {
        data["deleted_at"] = json!(at);
    }
    head.body(kind, title, &head.organization.name, &data)
}

/// Go's JSON writes `&`, `<` and `>` as escapes, so a body that was parsed and written again has
/// another signature. These three characters occur only inside strings, so replacing them
/// everywhere is correct.
pub(super) fn escaped_like_go(json: &str) -> String {
    json.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e")
}
