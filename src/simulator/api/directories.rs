//! `…/organizations/{id}/directories…`, and the calls that enable or disable a directory.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Value, json};

use super::{
    Answer, Api,
    organizations::ORGANIZATION,
    problem::Problem,
    query::{directory_id, organization_id},
    shapes,
};
use crate::world::{Directory, Organization, World};
use domain::id::{DirectoryId, OrganizationId};

pub(super) async fn list(State(api): State<Api>, Path(organization): Path<String>) -> Answer {
    let id = organization_id("organization_id", &organization)?;
    api.simulator.look(|world| {
        let organization = world.organization(&id).ok_or(Problem::Missing(ORGANIZATION))?;
        let directories = organization
            .directories
            .iter()
            .map(|directory| shapes::directory(organization, directory));
        Ok(Json(json!({"directories": directories.collect::<Vec<_>>()})))
    })
}

pub(super) async fn one(
    State(api): State<Api>,
    Path((organization, directory)): Path<(String, String)>,
) -> Answer {
    let (organization, directory) =
        (organization_id("organization_id", &organization)?, directory_id("id", &directory)?);
    api.simulator.look(|world| {
        let (organization, directory) = find(world, &organization, &directory)?;
        Ok(Json(json!({"directory": shapes::directory(organization, directory)})))
    })
}

/// `…/{id}:enable` and `…/{id}:disable`. A change is also sent to the receiver.
pub(super) async fn switch(
    State(api): State<Api>,
    Path((organization, directory)): Path<(String, String)>,
) -> Answer {
    let (directory, enabled) = match directory.split_once(':') {
        Some((directory, "enable")) => (directory, true),
        Some((directory, "disable")) => (directory, false),
        Some(_) => return Err(Problem::NoSuchPath),
        None => return Err(Problem::NoSuchMethod),
    };
    let (organization, directory) =
        (organization_id("organization_id", &organization)?, directory_id("id", directory)?);
    api.simulator.look(|world| find(world, &organization, &directory).map(|_| ()))?;
    let (count, _) = api
        .simulator
        .change(|world, now| world.switch_directory(&organization, &directory, enabled, now));
    Ok(Json(if count == 0 { already(enabled) } else { json!({"enabled": enabled}) }))
}

fn already(enabled: bool) -> Value {
    let word = if enabled { "enabled" } else { "disabled" };
    json!({"enabled": enabled, "error_message": format!("The directory is already {word}")})
}

/// The directory, if it belongs to this organization.
pub(super) fn find<'a>(
    world: &'a World,
    organization: &OrganizationId,
    directory: &DirectoryId,
) -> Result<(&'a Organization, &'a Directory), Problem> {
    let organization = world.organization(organization).ok_or(Problem::Missing(ORGANIZATION))?;
    let found = organization.directories.iter().find(|found| &found.id == directory);
    Ok((organization, found.ok_or(Problem::Missing("directory"))?))
}
