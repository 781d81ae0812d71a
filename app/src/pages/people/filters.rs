//! The search and the filters of the list of people. They are kept in the address.

use domain::{directory_user::SeatState, id::GroupId, text::ExternalText, time::Timestamp};
use leptos::prelude::*;
use views::{PeopleQuery, PeopleSort, pagination::SortOrder};

/// `path` returns the address of the list with these parameters.
#[component]
pub(super) fn Filters<F>(
    path: F,
    groups: Vec<(GroupId, ExternalText)>,
    query: PeopleQuery,
) -> impl IntoView
where
    F: Fn(&PeopleQuery) -> String,
{
    let action = path(&PeopleQuery::default());
    let without = PeopleQuery { state: query.state, ..PeopleQuery::default() };
    let is_filtered = !query.search.is_empty() || query.is_narrowed();
    let clear = is_filtered.then(|| {
        view! { <a href=path(&without)>"Clear filters"</a> }
    });
    let since = match query.state {
        Some(SeatState::Provisioned) => "Seat held since (UTC)",
        Some(SeatState::Blocked) => "Waiting since (UTC)",
        _ => "State began since (UTC)",
    };
    let order = if query.descending { "desc" } else { "" };
    let kept = [
        ("state", query.state.map_or("", SeatState::as_str)),
        ("sort", query.sort.map_or("", PeopleSort::as_str)),
        ("order", order),
    ];
    let kept = kept
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    view! {
        <form class="people__filters" role="search" method="get" action=action>
            {kept}
            <label class="people__filter">
                <span>"Name or e-mail"</span>
                <input
                    class="search__input"
                    type="search"
                    name="search"
                    value=query.search
                    autocomplete="off"
                />
            </label>
            <Groups groups chosen=query.group />
            <label class="people__filter">
                <span>"Role from the directory"</span>
                <input
                    class="search__input"
                    type="text"
                    name="role"
                    value=query.role
                    autocomplete="off"
                    spellcheck="false"
                />
            </label>
            <label class="people__filter">
                <span>{since}</span>
                <input
                    class="search__input"
                    type="date"
                    name="since"
                    value=query.since.map(Timestamp::day).unwrap_or_default()
                />
            </label>
            <label class="people__check">
                <input type="checkbox" name="duplicates" value="yes" checked=query.duplicates />
                <span>"Same e-mail as another person"</span>
            </label>
            <button class="button button--quiet" type="submit">
                "Search"
            </button>
            {clear}
        </form>
    }
}

/// The groups of the organization; also the chosen one, if it is none of them.
#[component]
fn Groups(groups: Vec<(GroupId, ExternalText)>, chosen: Option<GroupId>) -> impl IntoView {
    let is_known = chosen.as_ref().is_none_or(|id| groups.iter().any(|(known, _)| known == id));
    let other = chosen.clone().filter(|_| !is_known).map(|id| {
        let name = ExternalText::label(id.as_str());
        (id, name)
    });
    let option = |(id, name): (GroupId, ExternalText)| {
        let is_chosen = chosen.as_ref() == Some(&id);
        view! {
            <option value=id.to_string() selected=is_chosen>
                {name.to_string()}
            </option>
        }
    };
    let options = groups.into_iter().chain(other).map(option).collect_view();
    view! {
        <label class="people__filter">
            <span>"Group"</span>
            <select class="search__input" name="group">
                <option value="">"Any group"</option>
                {options}
            </select>
        </label>
    }
}
