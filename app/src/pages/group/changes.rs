//! Who joined a group and who left it, the newest change first.

use std::time::Duration;

use domain::{
    id::{GroupId, OrganizationId},
    time::Timestamp,
};
use leptos::prelude::*;
use views::{
    groups::{ChangeCursor, ChangeRow, GroupList, GroupPage, GroupQuery},
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
        words::words,
    },
    csv_paths, paths,
};

#[component]
pub(super) fn Changes(
    page: GroupPage,
    rows: Vec<ChangeRow>,
    part: KeysetPage<ChangeCursor>,
    query: GroupQuery,
) -> impl IntoView {
    let GroupPage { organization, row: group, now, .. } = page;
    let group = group.group;
    let (here, of) = (organization.clone(), group.clone());
    let filters = view! { <Filters organization=here group=of query=query.clone() /> };
    let is_filtered = query.joined.is_some() || query.since.is_some();
    let list = if rows.is_empty() {
        let sentence = if is_filtered {
            "No person matches these filters."
        } else {
            "Each person who joins or leaves from now on appears here."
        };
        view! { <EmptyState title="No change is recorded">{sentence}</EmptyState> }.into_any()
    } else {
        let words = KeysetWords::of(&part, rows.len(), ("change", "changes"));
        let csv = csv_paths::changes(&organization, &group, &query);
        let here = organization.clone();
        let path =
            move |change| paths::group(&here, &group, &GroupQuery { change, ..query.clone() });
        view! {
            <Rows organization rows now />
            <KeysetPagination page=part words path />
            <ExportCsv href=csv />
        }
        .into_any()
    };
    view! {
        {filters}
        {list}
        <p class="quiet">
            "The times are those of the directory. A person who was in the group before Seatkeeper kept this list has no entry for it."
        </p>
    }
}

#[component]
fn Filters(organization: OrganizationId, group: GroupId, query: GroupQuery) -> impl IntoView {
    let path = |query: &GroupQuery| paths::group(&organization, &group, query);
    let action = path(&GroupQuery::default());
    let is_filtered = query.joined.is_some() || query.since.is_some();
    let clear = is_filtered.then(|| {
        let href = path(&GroupQuery { list: GroupList::Changes, ..GroupQuery::default() });
        view! { <a href=href>"Clear filters"</a> }
    });
    let option = |value: &'static str, word: &'static str, joined: Option<bool>| {
        view! {
            <option value=value selected=query.joined == joined>
                {word}
            </option>
        }
    };
    let options = [
        option("", "Joined or left", None),
        option("joined", "Joined", Some(true)),
        option("left", "Left", Some(false)),
    ];
    view! {
        <form class="people__filters" method="get" action=action>
            <input type="hidden" name="list" value=GroupList::Changes.as_str() />
            <label class="people__filter">
                <span>"Change"</span>
                <select class="search__input" name="change" autocomplete="off">
                    {options.into_iter().collect_view()}
                </select>
            </label>
            <label class="people__filter">
                <span>"Since (UTC)"</span>
                <input
                    class="search__input"
                    type="date"
                    name="since"
                    value=query.since.map(Timestamp::day).unwrap_or_default()
                />
            </label>
            <button class="button button--quiet" type="submit">
                "Filter"
            </button>
            {clear}
        </form>
    }
}

/// Seatkeeper usually hears of a change sooner than this.
const LATE: Duration = Duration::from_mins(5);

#[component]
fn Rows(organization: OrganizationId, rows: Vec<ChangeRow>, now: Timestamp) -> impl IntoView {
    let row = |row: ChangeRow| {
        let href = paths::person(&organization, &row.user);
        let (word, mark) = if row.joined { ("Joined", "joined") } else { ("Left", "left") };
        let late = (row.recorded_at.since(row.key.at) > LATE).then(|| {
            view! { <span class="sub">"known since " {row.recorded_at.exact()}</span> }
        });
        view! {
            <tr>
                <th scope="row">
                    <a class="person-cell__name" href=href>
                        {words(&row.called)}
                    </a>
                </th>
                <td>
                    <span class="group__change" data-change=mark>
                        {word}
                    </span>
                </td>
                <td class="wide">
                    <StateBadge state=row.state />
                </td>
                <td class="number quiet">
                    <RelativeTime at=row.key.at now />
                    {late}
                </td>
            </tr>
        }
    };
    let rows = rows.into_iter().map(row).collect_view();
    view! {
        <Table label="Changes" sticky=true>
            <thead>
                <tr>
                    <Heading word="Person" />
                    <Heading word="Change" />
                    <Heading word="State now" wide=true />
                    <Heading word="When" number=true />
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}
