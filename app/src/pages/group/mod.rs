//! One group of an organization: its numbers, its members, and who joined and left.

mod changes;
mod members;

use domain::{
    access::Role,
    directory_user::SeatState,
    group::{MemberCounts, members as noun},
    organization::grouped,
    role::{GroupRoles, joined},
};
use leptos::prelude::*;
use views::{
    PeopleQuery,
    groups::{GroupList, GroupPage, GroupQuery, GroupsQuery, Listed},
    roles::RolesQuery,
};

use self::{changes::Changes, members::Members};
use crate::{
    components::{
        badge::StateBadge,
        description_list::{DescriptionList, Entry},
        directory_name::directory_name,
        id::Id,
        page_data::loaded,
        page_header::PageHeader,
        relative_time::RelativeTime,
        segmented_links::{SegmentedLink, SegmentedLinks},
        words::words,
    },
    paths,
    query::Query,
    server_fns::load_group_page,
};

#[component]
pub fn Group() -> impl IntoView {
    let (id, group) = (paths::asked_organization(), paths::asked_group());
    let query: GroupQuery = Query::of_request().read();
    let asking = query.clone();
    loaded(
        move || load_group_page(id.clone(), group.clone(), asking.clone()),
        move |person, page| {
            let staff = person.role.is_staff();
            view! { <Page page query=query.clone() staff /> }.into_any()
        },
    )
}

#[component]
fn Page(page: GroupPage, query: GroupQuery, staff: bool) -> impl IntoView {
    let GroupPage { organization, organization_name, revision, row, .. } = page.clone();
    let groups = paths::groups(&organization, &GroupsQuery::default());
    let choice = |word, count, list| {
        let whole = GroupQuery { list, ..GroupQuery::default() };
        let href = paths::group(&organization, &row.group, &whole);
        SegmentedLink { word, count, href, chosen: query.list == list }
    };
    let choices = vec![
        choice("Members", Some(grouped(row.counts.members())), GroupList::Members),
        choice("Who joined and left", None, GroupList::Changes),
    ];
    let list = match page.list.clone() {
        Listed::Members { rows, page: part, looked_through } => {
            view! { <Members page=page.clone() rows part looked_through /> }.into_any()
        }
        Listed::Changes { rows, page: part } => {
            view! { <Changes page=page.clone() rows part query /> }.into_any()
        }
    };
    view! {
        <div class="group" data-revision=revision.to_string()>
            <p class="crumb">
                <a href=groups>"Groups of " {words(&organization_name)}</a>
            </p>
            <PageHeader
                title=row.name.clone()
                sentence=sentence(row.counts, row.deleted)
                within=Some(organization_name)
            />
            <Facts page staff />
            <div class="filters">
                <SegmentedLinks label="List" choices />
            </div>
            {list}
        </div>
    }
}

/// `12 members: 8 have a seat, 3 wait.`
fn sentence(counts: MemberCounts, is_deleted: bool) -> String {
    let members = format!("{} {}", grouped(counts.members()), noun(counts.members()));
    let seats = match counts.provisioned {
        1 => "1 has a seat".to_owned(),
        seats => format!("{} have a seat", grouped(seats)),
    };
    let waits = match counts.blocked {
        1 => "1 waits".to_owned(),
        waiting => format!("{} wait", grouped(waiting)),
    };
    match (is_deleted, counts.members()) {
        (true, 0) => "The directory has deleted this group.".to_owned(),
        (true, _) => format!("The directory has deleted this group. {members}: {seats}, {waits}."),
        (false, 0) => "No members.".to_owned(),
        (false, _) => format!("{members}: {seats}, {waits}."),
    }
}

/// `editor, reader; admin of this dashboard`
fn roles(roles: &GroupRoles) -> String {
    let application = joined(roles.application.iter());
    let dashboard = roles.dashboard.map(|role| match role {
        Role::TenantAdmin => "admin of this dashboard",
        _ => "viewer of this dashboard",
    });
    let parts: Vec<&str> = [application.as_str()]
        .into_iter()
        .chain(dashboard)
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() { "None".to_owned() } else { parts.join("; ") }
}

#[component]
fn Facts(page: GroupPage, staff: bool) -> impl IntoView {
    let GroupPage { organization, row, deleted_at, rank, now, .. } = page;
    let directory = row.directory.as_ref().map_or_else(|| "–".to_owned(), directory_name);
    let deleted = deleted_at.map(|at| {
        view! {
            <Entry word="Deleted" act=true>
                {at.exact()}
                ", "
                <RelativeTime at now />
            </Entry>
        }
    });
    let state = |state: SeatState| {
        let group = Some(row.group.clone());
        let query = PeopleQuery { state: Some(state), group, ..PeopleQuery::default() };
        let href = paths::people(&organization, &query);
        view! {
            <div class="group__state">
                <dt>
                    <StateBadge state />
                </dt>
                <dd>
                    <a href=href>{grouped(row.counts.of(state))}</a>
                </dd>
            </div>
        }
    };
    let states = MemberCounts::STATES.map(state);
    let mapping = RolesQuery { group: Some(row.group.clone()), asked: None };
    let mapping = paths::roles(&organization, &mapping);
    let ranked = match rank {
        Some((rank, of)) => format!("Number {rank} of {of} groups that come first"),
        None => "Does not rank this group".to_owned(),
    };
    let ranked = if staff {
        view! { <a href=paths::policy(&organization)>{ranked}</a> }.into_any()
    } else {
        ranked.into_any()
    };
    view! {
        <dl class="group__states">{states.into_iter().collect_view()}</dl>
        <div class="group__facts">
            <DescriptionList>
                {deleted} <Entry word="Directory">{directory}</Entry>
                <Entry word="Admission policy">{ranked}</Entry> <Entry word="Roles">
                    <a href=mapping>{roles(&row.roles)}</a>
                </Entry> <Entry word="Group id">
                    <Id text=row.group.to_string() whole=true />
                </Entry>
            </DescriptionList>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_told_in_one_sentence() {
        let counts =
            |provisioned, blocked| MemberCounts { provisioned, blocked, dismissed: 0, inactive: 1 };
        assert_eq!(sentence(MemberCounts::default(), false), "No members.");
        assert_eq!(
            sentence(MemberCounts::default(), true),
            "The directory has deleted this group."
        );
        assert_eq!(sentence(counts(1, 0), false), "2 members: 1 has a seat, 0 wait.");
        assert_eq!(
            sentence(counts(1_200, 1), true),
            "The directory has deleted this group. 1,202 members: 1,200 have a seat, 1 waits."
        );
    }
}
