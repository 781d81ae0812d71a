//! `GET /api/v1/organizations…`

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::json;

use super::{
    Answer, Api,
    paging::{Ask, Listing},
    problem::Problem,
    query::{Query, organization_id},
    shapes,
};
use crate::world::{Organization, World};

pub(super) const ORGANIZATION: &str = "organization";

pub(super) async fn list(State(api): State<Api>, query: Query) -> Answer {
    let ask = Ask::read(Listing::Organizations, &query)?;
    let external = query.text("external_id");
    let fits = |organization: &&Organization| {
        external.is_none_or(|wanted| wanted == organization.external_id())
    };
    Ok(Json(api.simulator.look(|world| {
        let all = world.organizations();
        let after = |number| all.partition_point(|organization| organization.number <= number);
        let before = |number| all.partition_point(|organization| organization.number < number);
        let page = ask.page(
            |organization: &&Organization| organization.number,
            |start| all[start.map_or(0, after)..].iter().filter(fits),
            |start| all[..before(start)].iter().rev().filter(fits),
        );
        page.answer(all.iter().filter(fits).count(), |organization| {
            shapes::organization(organization)
        })
    })))
}

pub(super) async fn one(State(api): State<Api>, Path(id): Path<String>) -> Answer {
    let id = organization_id("id", &id)?;
    api.simulator.look(|world| found(world.organization(&id)))
}

pub(super) async fn by_external_id(State(api): State<Api>, Path(external): Path<String>) -> Answer {
    let named = |world: &World| {
        world.organizations().iter().position(|organization| organization.external_id() == external)
    };
    api.simulator
        .look(|world| found(named(world).and_then(|index| world.organizations().get(index))))
}

fn found(organization: Option<&Organization>) -> Answer {
    let organization = organization.ok_or(Problem::Missing(ORGANIZATION))?;
    Ok(Json(json!({"organization": shapes::organization(organization)})))
}
