//! The groups of an organization: how many members each has, and how many of them hold a seat.

use domain::{group::groups as noun, id::OrganizationId, organization::grouped};
use leptos::prelude::*;
use views::{
    groups::{GroupQuery, GroupRow, GroupsQuery, GroupsSort},
    pagination::SortOrder,
};

use crate::{
    components::{
        badge::Tag,
        directory_name::directory_name,
        empty_state::EmptyState,
        export_csv::ExportCsv,
        filter_chips::Search,
        groups_or_roles::GroupsOrRoles,
        page_data::loaded,
        page_header::PageHeader,
        pagination::{KeysetPagination, KeysetWords},
        role_names::RoleNames,
        table::{Heading, Table},
        words::words,
    },
    csv_paths, paths,
    query::Query,
    server_fns::load_groups,
};

#[component]
pub fn Groups() -> impl IntoView {
    let id = paths::asked_organization();
    let query: GroupsQuery = Query::of_request().read();
    let asking = query.clone();
    loaded(
        move || load_groups(id.clone(), asking.clone()),
        move |_, groups| view! { <GroupsPage groups query=query.clone() /> }.into_any(),
    )
}

#[component]
fn GroupsPage(groups: views::groups::Groups, query: GroupsQuery) -> impl IntoView {
    let is_empty = groups.matching + groups.deleted == 0;
    let is_searched = !query.search.is_empty();
    let (sentence, words_of) = (sentence(&groups), pages(&groups));
    let views::groups::Groups { organization, organization_name, rows, page, revision, .. } =
        groups;
    let list = if rows.is_empty() {
        let all = paths::groups(&organization, &GroupsQuery::default());
        view! { <EmptyGroups is_empty=is_empty && !is_searched all /> }.into_any()
    } else {
        let (here, asked) = (organization.clone(), query.clone());
        let (of, all) = (organization.clone(), query.clone());
        let path = move |before| paths::groups(&of, &GroupsQuery { before, ..all.clone() });
        view! {
            <Rows organization=here rows query=asked />
            <KeysetPagination page words=words_of path />
        }
        .into_any()
    };
    let csv =
        (!is_empty).then(|| view! { <ExportCsv href=csv_paths::groups(&organization, &query) /> });
    let kept = vec![
        ("sort", if query.sort == GroupsSort::Name { "" } else { query.sort.as_str() }.to_owned()),
        ("order", if query.descending { "desc" } else { "" }.to_owned()),
    ];
    let action = paths::groups(&organization, &GroupsQuery::default());
    let clear = is_searched.then(|| {
        let whole = GroupsQuery { search: String::new(), before: None, ..query.clone() };
        let href = paths::groups(&organization, &whole);
        view! { <a href=href>"Clear the search"</a> }
    });
    view! {
        <div class="groups" data-revision=revision.to_string()>
            <p class="crumb">
                <a href=paths::organization(&organization)>{words(&organization_name)}</a>
            </p>
            <PageHeader title="Groups" sentence within=Some(organization_name) />
            <div class="filters">
                <GroupsOrRoles id=organization.clone() roles=false />
                <Search label="Name of a group" value=query.search.clone() action kept />
                {clear}
            </div>
            {list}
            {csv}
        </div>
    }
}

/// `24 groups, and 3 that were deleted.`
fn sentence(groups: &views::groups::Groups) -> String {
    let live = format!("{} {}", grouped(groups.matching), noun(groups.matching));
    match groups.deleted {
        0 => format!("{live}."),
        1 => format!("{live}, and 1 that was deleted."),
        deleted => format!("{live}, and {} that were deleted.", grouped(deleted)),
    }
}

/// `50 of 1,204 groups`.
fn pages(groups: &views::groups::Groups) -> KeysetWords {
    let shown = i64::try_from(groups.rows.len()).unwrap_or(i64::MAX);
    let all = groups.matching + groups.deleted;
    let sentence = if shown == all {
        format!("{} {}", grouped(all), noun(all))
    } else {
        format!("{} of {} {}", grouped(shown), grouped(all), noun(all))
    };
    KeysetWords { sentence, older: "Next", first: "First page" }
}

#[component]
fn EmptyGroups(is_empty: bool, all: String) -> impl IntoView {
    if is_empty {
        return view! {
            <EmptyState title="No groups yet">
                "Groups appear here as soon as the directory sends them."
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState title="No group matches">
            <a href=all>"Show all groups"</a>
        </EmptyState>
    }
    .into_any()
}

#[component]
fn Rows(organization: OrganizationId, rows: Vec<GroupRow>, query: GroupsQuery) -> impl IntoView {
    let sorted = |sort| (query.sort == sort).then_some(query.descending);
    // the first click sorts names from A on, and numbers from the largest on
    let href = |sort| {
        let first = sort != GroupsSort::Name;
        let descending = sorted(sort).map_or(first, |descending| !descending);
        let query = GroupsQuery { sort, descending, before: None, ..query.clone() };
        paths::groups(&organization, &query)
    };
    let heading = |word, sort, number| {
        view! { <Heading word href=href(sort) sorted=sorted(sort) number=number /> }
    };
    let head = view! {
        <tr>
            {heading("Group", GroupsSort::Name, false)} <Heading word="Directory" wide=true />
            {heading("Members", GroupsSort::Members, true)}
            <Heading word="Has a seat" number=true wide=true />
            {heading("Waiting", GroupsSort::Waiting, true)}
            <Heading word="Not now" number=true wide=true />
            <Heading word="Inactive" number=true wide=true /> <Heading word="Roles" wide=true />
        </tr>
    };
    let row = |row: GroupRow| {
        let href = paths::group(&organization, &row.group, &GroupQuery::default());
        view! { <Row row href /> }
    };
    let rows = rows.into_iter().map(row).collect_view();
    view! {
        <Table label="Groups" sticky=true>
            <thead>{head}</thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Row(row: GroupRow, href: String) -> impl IntoView {
    let counts = row.counts;
    let directory = row.directory.as_ref().map_or_else(|| "–".to_owned(), directory_name);
    let waits = (counts.blocked > 0).then_some("waiting");
    let deleted = row.deleted.then(|| {
        view! { <Tag word="deleted" title="The directory has deleted this group" /> }
    });
    view! {
        <tr id=row.group.to_string()>
            <th scope="row">
                <a class="person-cell__name" href=href>
                    {words(&row.name)}
                </a>
                " "
                {deleted}
            </th>
            <td class="wide quiet">{directory}</td>
            <td class="number">{grouped(counts.members())}</td>
            <td class="number wide">{grouped(counts.provisioned)}</td>
            <td class="number groups__waiting" data-tone=waits>
                {grouped(counts.blocked)}
            </td>
            <td class="number wide quiet">{grouped(counts.dismissed)}</td>
            <td class="number wide quiet">{grouped(counts.inactive)}</td>
            <td class="wide">
                <RoleNames names=row.roles.application.into_iter().collect() />
            </td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use domain::id::GroupId;
    use views::pagination::KeysetPage;

    use super::*;

    fn groups(shown: usize, matching: i64, deleted: i64) -> views::groups::Groups {
        let row = GroupRow {
            group: GroupId::new("dirgroup_1"),
            name: "Sales".into(),
            directory: None,
            deleted: false,
            counts: domain::group::MemberCounts::default(),
            roles: domain::role::GroupRoles::default(),
        };
        views::groups::Groups {
            organization: OrganizationId::new("org_1"),
            organization_name: "Acme".into(),
            revision: 1,
            rows: vec![row; shown],
            page: KeysetPage { before: None, older: None },
            matching,
            deleted,
        }
    }

    #[test]
    fn a_page_says_how_many_groups_there_are_and_how_many_were_deleted() {
        let says = |groups: &views::groups::Groups| (sentence(groups), pages(groups).sentence);
        let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        assert_eq!(says(&groups(1, 1, 0)), pair("1 group.", "1 group"));
        assert_eq!(says(&groups(3, 2, 1)), pair("2 groups, and 1 that was deleted.", "3 groups"));
        assert_eq!(
            says(&groups(50, 1_200, 4)),
            pair("1,200 groups, and 4 that were deleted.", "50 of 1,204 groups")
        );
    }
}
