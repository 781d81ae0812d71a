//! Organizations, directories, users and groups as the API writes them; webhooks write them
//! differently.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    event,
    people::Person,
    world::{Directory, Group, Organization},
};

const YEAR: Duration = Duration::from_hours(365 * 24);

pub(super) fn organization(organization: &Organization) -> Value {
    let updated = organization
        .directories
        .iter()
        .map(Directory::updated)
        .max()
        .unwrap_or(organization.created);
    json!({
        "id": organization.id.as_str(),
        "create_time": organization.created.rfc3339(),
        "update_time": updated.rfc3339(),
        "display_name": organization.name,
        "region_code": "US",
        "external_id": organization.external_id(),
        "metadata": {},
        "settings": {"features": [{"name": "sso", "enabled": true}, {"name": "dir_sync", "enabled": true}]},
    })
}

pub(super) fn directory(organization: &Organization, directory: &Directory) -> Value {
    let (id, people, groups) =
        (directory.id.as_str(), directory.people.len(), directory.groups.len());
    let assignments = directory.groups.iter().filter_map(|group| {
        let role = group.role()?;
        Some(json!({"group_id": group.id.as_str(), "role_name": role, "role_id": ""}))
    });
    json!({
        "id": id,
        "name": format!("{} Directory", directory.provider.as_str()),
        "directory_type": "SCIM",
        "organization_id": organization.id.as_str(),
        "enabled": directory.enabled,
        "directory_provider": directory.provider.as_str(),
        "last_synced_at": directory.updated().rfc3339(),
        "directory_endpoint": format!("https://{}.scalekit.example/directory/{id}/scim/v2", organization.external_id()),
        "total_users": people,
        "total_groups": groups,
        "secrets": [secret(directory)],
        "stats": {
            "total_users": people,
            "total_groups": groups,
            "group_updated_at": directory.groups_updated.rfc3339(),
            "user_updated_at": directory.people_updated.rfc3339(),
        },
        "role_assignments": {"assignments": assignments.collect::<Vec<_>>()},
        "attribute_mappings": {"attributes": []},
        "status": "COMPLETED",
        "groups_tracked": "ALL",
        "email": "",
    })
}

/// The secret that the identity provider uses.
fn secret(directory: &Directory) -> Value {
    let id = directory.id.as_str();
    let number = id.trim_start_matches("dir_");
    json!({
        "id": format!("sec_{number}"),
        "create_time": directory.created.rfc3339(),
        "secret_suffix": number.get(number.len().saturating_sub(4)..).unwrap_or_default(),
        "expire_time": directory.created.plus(YEAR).rfc3339(),
        "last_used_time": directory.updated().rfc3339(),
        "directory_id": id,
        "status": "ACTIVE",
    })
}

/// A user without `active`, `name` and roles: these are only in the detail, which is the data of a
/// webhook.
pub(super) fn user(
    organization: &Organization,
    directory: &Directory,
    person: &Person,
    detailed: bool,
) -> Value {
    let email = person.email();
    let mut user = json!({
        "id": person.id().as_str(),
        "email": email,
        "preferred_username": email,
        "given_name": person.given,
        "family_name": person.family,
        "updated_at": person.updated.rfc3339(),
        "emails": [email],
        "groups": directory.groups_of(person).map(summary).collect::<Vec<_>>(),
    });
    if detailed {
        user["user_detail"] = event::full(&organization.id, directory, person);
    }
    user
}

pub(super) fn group(
    organization: &Organization,
    directory: &Directory,
    group: &Group,
    detailed: bool,
) -> Value {
    let mut answer = json!({
        "id": group.id.as_str(),
        "display_name": group.name,
        "total_users": group.members,
        "updated_at": group.updated.rfc3339(),
    });
    if detailed {
        let mut detail = event::group_data(&organization.id, directory, group);
        detail["external_id"] = json!(group.external_id);
        answer["group_detail"] = detail;
    }
    answer
}

/// A group where it is only mentioned: its members are not counted.
pub(super) fn summary(group: &Group) -> Value {
    json!({"id": group.id.as_str(), "display_name": group.name, "total_users": 0})
}
