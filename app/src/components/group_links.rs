//! The groups of a person, each a link to its page.

use domain::{
    id::{GroupId, OrganizationId},
    text::ExternalText,
};
use leptos::prelude::*;
use views::groups::GroupQuery;

use super::words::words;
use crate::paths;

/// More groups than this are hidden behind their number until a click.
const GROUPS: usize = 5;

#[component]
pub fn GroupLinks(
    organization: OrganizationId,
    groups: Vec<(GroupId, ExternalText)>,
) -> impl IntoView {
    if groups.is_empty() {
        return "–".into_any();
    }
    let link = move |(id, name): (GroupId, ExternalText)| {
        (paths::group(&organization, &id, &GroupQuery::default()), name)
    };
    let group = |(at, (href, name)): (usize, (String, ExternalText))| {
        view! {
            {(at > 0).then_some(", ")}
            <a class="group-link" href=href>
                {words(name)}
            </a>
        }
    };
    let listed = |groups: Vec<_>| groups.into_iter().enumerate().map(group).collect_view();
    let mut first: Vec<_> = groups.into_iter().map(link).collect();
    let more = first.split_off(first.len().min(GROUPS));
    let more = (!more.is_empty()).then(|| {
        view! {
            <details>
                <summary>{format!("and {} more", more.len())}</summary>
                {listed(more)}
            </details>
        }
    });
    view! {
        {listed(first)}
        {more}
    }
    .into_any()
}
