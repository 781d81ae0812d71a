//! The three lists, and the filters of each; they are kept in the address.

use domain::directory_user::SeatState;
use leptos::prelude::*;
use views::waitlist::{WaitlistFilter, WaitlistPage, WaitlistQuery};

use crate::{
    components::filter_chips::{FilterChip, FilterChips},
    paths,
};

#[component]
pub(super) fn Filters(page: WaitlistPage, query: WaitlistQuery) -> impl IntoView {
    let filter = query.filter;
    let chips = WaitlistFilter::STATES
        .into_iter()
        .map(|state| FilterChip {
            word: state.word(),
            count: Some(page.states.iter().find(|(own, _)| *own == state).map_or(0, |(_, n)| *n)),
            href: paths::waitlist(&page.organization, &WaitlistQuery::of(state)),
            chosen: filter.state == state,
        })
        .collect();
    let action = paths::waitlist(&page.organization, &WaitlistQuery::default());
    let state = (filter.state != SeatState::Blocked).then(|| {
        view! { <input type="hidden" name="state" value=filter.state.as_str() /> }
    });
    let groups = (!page.groups.is_empty()).then(|| {
        let options = page.groups.into_iter().map(|(id, name)| {
            let chosen = filter.group.as_ref() == Some(&id);
            view! {
                <option value=id.to_string() selected=chosen>
                    {name.to_string()}
                </option>
            }
        });
        view! {
            <select class="search__input" name="group" aria-label="Group">
                <option value="">"All groups"</option>
                {options.collect_view()}
            </select>
        }
    });
    view! {
        <div class="filters">
            <FilterChips label="By state" chips />
            <form class="search" role="search" method="get" action=action>
                {state}
                {groups}
                <input
                    class="search__input"
                    type="search"
                    name="search"
                    value=filter.search
                    placeholder="Name or e-mail"
                    aria-label="Name or e-mail"
                    autocomplete="off"
                />
                <button class="button button--quiet" type="submit">
                    "Search"
                </button>
            </form>
        </div>
    }
}
