//! `…/directories/{id}/users` and `…/groups`, page by page.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::json;

use super::{
    Answer, Api,
    directories::find,
    paging::{Ask, Listing},
    problem::Problem,
    query::{Query, directory_id, organization_id},
    shapes,
};
use crate::{people::Person, world::Group};
use domain::id::{DirectoryId, OrganizationId};

type Ids = Path<(String, String)>;

pub(super) async fn users(State(api): State<Api>, ids: Ids, query: Query) -> Answer {
    let (organization, directory) = read(&ids)?;
    let (ask, detailed) = (Ask::read(Listing::Users, &query)?, query.flag("include_detail")?);
    let (group, since) = (query.group("directory_group_id")?, query.time("updated_after")?);
    api.simulator.look(|world| {
        let (organization, directory) = find(world, &organization, &directory)?;
        let people = &directory.people;
        // A group that does not exist has the number 0 and no members.
        let found = group.as_ref().map(|id| directory.group(id));
        let group = found.map(|group| group.map_or(0, |group| group.number));
        let fits = |person: &&Person| {
            group.is_none_or(|group| person.groups.contains(&group))
                && since.is_none_or(|since| person.updated > since)
        };
        let total = match (found, since) {
            (None, None) => people.len(),
            (Some(group), None) => group.map_or(0, |group| group.members),
            (_, Some(_)) => people.iter().filter(fits).count(),
        };
        let on = |start: Option<u64>| people.after(start.unwrap_or(0)).filter(fits);
        let page = ask.page(|person| person.number, on, |start| people.before(start).filter(fits));
        Ok(Json(
            page.answer(total, |person| shapes::user(organization, directory, person, detailed)),
        ))
    })
}

pub(super) async fn groups(State(api): State<Api>, ids: Ids, query: Query) -> Answer {
    let (organization, directory) = read(&ids)?;
    let (ask, detailed) = (Ask::read(Listing::Groups, &query)?, query.flag("include_detail")?);
    let since = query.time("updated_after")?;
    query.flag("include_external_groups")?;
    api.simulator.look(|world| {
        let (organization, directory) = find(world, &organization, &directory)?;
        let fits = |group: &&Group| since.is_none_or(|since| group.updated > since);
        let all = &directory.groups;
        let page = ask.page(
            |group: &&Group| group.number,
            |start| {
                all.iter()
                    .filter(move |group| start.is_none_or(|start| group.number > start))
                    .filter(fits)
            },
            |start| all.iter().rev().filter(move |group| group.number < start).filter(fits),
        );
        Ok(Json(page.answer(all.iter().filter(fits).count(), |group| {
            shapes::group(organization, directory, group, detailed)
        })))
    })
}

/// All groups on one page, without the numbers of their members.
pub(super) async fn groups_summary(State(api): State<Api>, ids: Ids) -> Answer {
    let (organization, directory) = read(&ids)?;
    api.simulator.look(|world| {
        let (_, directory) = find(world, &organization, &directory)?;
        let groups: Vec<_> = directory.groups.iter().map(shapes::summary).collect();
        Ok(Json(json!({"total_size": groups.len(), "groups": groups, "next_page_token": "", "prev_page_token": ""})))
    })
}

fn read(Path((organization, directory)): &Ids) -> Result<(OrganizationId, DirectoryId), Problem> {
    Ok((
        organization_id("organization_id", organization)?,
        directory_id("directory_id", directory)?,
    ))
}
