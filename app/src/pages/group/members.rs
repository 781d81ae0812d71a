//! The members of a group, in order of name.

use domain::{
    id::OrganizationId,
    organization::{grouped, people},
    time::Timestamp,
};
use leptos::prelude::*;
use views::{
    People, PeopleQuery, PersonKey, PersonRow,
    groups::{GroupPage, GroupQuery},
    pagination::KeysetPage,
};

use crate::{
    components::{
        badge::StateBadge,
        empty_state::EmptyState,
        export_csv::ExportCsv,
        pagination::{KeysetPagination, KeysetWords},
        relative_time::RelativeTime,
        table::{Heading, Table},
    },
    csv_paths,
    pages::people::PersonCell,
    paths,
};

#[component]
pub(super) fn Members(
    page: GroupPage,
    rows: Vec<PersonRow>,
    part: KeysetPage<PersonKey>,
    looked_through: bool,
) -> impl IntoView {
    let GroupPage { organization, row: group, now, .. } = page;
    let (group, all) = (group.group, group.counts.members());
    let shown = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    if rows.is_empty() && part.older.is_none() {
        return view! {
            <EmptyState title="No members here">
                "People appear here as soon as the directory says that they are in this group."
            </EmptyState>
        }
        .into_any();
    }
    let of_group = PeopleQuery { group: Some(group.clone()), ..PeopleQuery::default() };
    let whole = paths::people(&organization, &of_group);
    let csv = csv_paths::people(&organization, &of_group);
    let words = KeysetWords {
        sentence: sentence(shown, all, looked_through),
        older: if looked_through { "Look further" } else { "Next" },
        first: "First page",
    };
    let here = organization.clone();
    let path =
        move |member| paths::group(&here, &group, &GroupQuery { member, ..GroupQuery::default() });
    let table = (shown > 0).then(|| view! { <Rows organization rows now /> });
    view! {
        {table}
        <KeysetPagination page=part words path />
        <p class="part__more">
            <a href=whole>"Search and filter the members"</a>
        </p>
        <ExportCsv href=csv />
    }
    .into_any()
}

/// `50 of 1,204 members`, or what was found among the people that one page looks at.
fn sentence(shown: i64, all: i64, looked_through: bool) -> String {
    let looked = People::LOOKED_THROUGH;
    match (looked_through, shown == all) {
        (true, _) => {
            format!("{} of the next {} {}", grouped(shown), grouped(looked), people(looked))
        }
        (false, true) => format!("{} {}", grouped(all), domain::group::members(all)),
        (false, false) => {
            format!("{} of {} {}", grouped(shown), grouped(all), domain::group::members(all))
        }
    }
}

#[component]
fn Rows(organization: OrganizationId, rows: Vec<PersonRow>, now: Timestamp) -> impl IntoView {
    let row = |row: PersonRow| {
        let href = paths::person(&organization, &row.user);
        let position = row.position.map(|position| format!("position {}", grouped(position)));
        view! {
            <tr id=row.user.to_string()>
                <th scope="row">
                    <PersonCell
                        name=row.name
                        email=row.email
                        user=row.user.to_string()
                        has_duplicate_email=row.has_duplicate_email
                        href
                    />
                </th>
                <td>
                    <StateBadge state=row.state />
                    {position.map(|position| view! { <span class="sub">{position}</span> })}
                </td>
                <td class="number quiet">
                    <RelativeTime at=row.since now />
                </td>
            </tr>
        }
    };
    let rows = rows.into_iter().map(row).collect_view();
    view! {
        <Table label="Members" sticky=true>
            <thead>
                <tr>
                    <Heading word="Person" />
                    <Heading word="State" />
                    <Heading word="In this state since" number=true />
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_says_how_many_members_it_has() {
        assert_eq!(sentence(1, 1, false), "1 member");
        assert_eq!(sentence(50, 1_204, false), "50 of 1,204 members");
        assert_eq!(sentence(3, 1_204, true), "3 of the next 1,000 people");
    }
}
