//! The list. An admin chooses people with the boxes, and a button above them asks for the preview
//! of their dismissal; a button of a row keeps the seat.

use domain::{
    directory_user::SeatState, id::OrganizationId, manual_decision::ManualDecision,
    text::ExternalText, time::Timestamp,
};
use leptos::prelude::*;
use views::reclaim::{ReclaimList, ReclaimPage, ReclaimRow};

use crate::{
    components::{
        decision_links::DecisionLinks,
        relative_time::RelativeTime,
        table::{Heading, Table},
        words::words,
    },
    islands::selection::Selection,
    pages::people::PersonCell,
    paths,
    server_fns::{IgnoreSuggestion, RestoreSuggestion},
};

/// The form that a button of a row sends; the table is in another one.
const OF_ROWS: &str = "of-rows";

#[component]
pub(super) fn List(page: ReclaimPage, list: ReclaimList, may: bool) -> impl IntoView {
    let (organization, now) = (page.organization.clone(), page.now);
    let is_kept = list == ReclaimList::Kept;
    let row = move |row: ReclaimRow| {
        let organization = organization.clone();
        view! { <Row row organization list may now /> }
    };
    let rows = page.rows.into_iter().map(row).collect_view();
    let decide = may.then(|| {
        view! {
            <th scope="col">
                <span class="unseen">"Decide"</span>
            </th>
        }
    });
    let table = view! {
        <Table label="Seats that seem unused">
            <thead>
                <tr>
                    {(may && !is_kept)
                        .then(|| view! { <th scope="col" class="waitlist__choose"></th> })}
                    <Heading word="Person" />
                    <Heading word=if is_kept { "Kept" } else { "Why" } wide=true />
                    <Heading word="Has the seat since" number=true wide=true /> {decide}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    };
    if !may {
        return table.into_any();
    }
    let id = page.organization.to_string();
    if is_kept {
        let restore = ServerAction::<RestoreSuggestion>::new();
        return view! {
            <div class="waitlist">{table}</div>
            <ActionForm action=restore attr:id=OF_ROWS>
                <input type="hidden" name="id" value=id />
            </ActionForm>
        }
        .into_any();
    }
    let ignore = ServerAction::<IgnoreSuggestion>::new();
    view! {
        <form class="waitlist" method="get" action=paths::decision_form(&page.organization)>
            <div class="waitlist__choices">
                <Selection />
                <div class="waitlist__buttons">
                    <button
                        class="button button--quiet"
                        type="submit"
                        name="action"
                        value=ManualDecision::Dismiss.slug()
                    >
                        "Dismiss the chosen people"
                    </button>
                </div>
            </div>
            {table}
        </form>
        <ActionForm action=ignore attr:id=OF_ROWS>
            <input type="hidden" name="id" value=id />
        </ActionForm>
    }
    .into_any()
}

#[component]
fn Row(
    row: ReclaimRow,
    organization: OrganizationId,
    list: ReclaimList,
    may: bool,
    now: Timestamp,
) -> impl IntoView {
    let is_kept = list == ReclaimList::Kept;
    let name = row
        .name
        .clone()
        .or_else(|| row.email.clone())
        .unwrap_or_else(|| ExternalText::new(row.user.as_str()));
    let choose = (may && !is_kept).then(|| {
        view! {
            <td class="waitlist__choose">
                <input
                    type="checkbox"
                    name="user"
                    value=row.user.to_string()
                    aria-label=format!("Choose {name}")
                    autocomplete="off"
                />
            </td>
        }
    });
    let href = paths::person(&organization, &row.user);
    let (user, said) = (row.user.clone(), name.clone());
    let decide = may.then(move || {
        let (word, label) = if is_kept {
            ("Undo", format!("Suggest again: {said}"))
        } else {
            ("Keep the seat", format!("Keep the seat: {said}"))
        };
        let dismiss = (!is_kept).then(|| {
            let (user, state) = (user.clone(), SeatState::Provisioned);
            view! { <DecisionLinks organization user name=said state free=false /> }
        });
        view! {
            <td class="waitlist__decide">
                {dismiss}
                <button
                    class="row-action"
                    type="submit"
                    form=OF_ROWS
                    name="user"
                    value=user.to_string()
                    aria-label=label
                >
                    {word}
                </button>
            </td>
        }
    });
    view! {
        <tr id=row
            .user
            .to_string()>
            {choose} <th scope="row">
                <PersonCell
                    name=row.name.clone()
                    email=row.email.clone()
                    user=row.user.to_string()
                    has_duplicate_email=row.has_duplicate_email
                    href
                />
                <span class="narrow sub">{why(&row, now)}</span>
            </th> <td class="wide quiet">{why(&row, now)}</td> <td class="number quiet wide">
                <RelativeTime at=row.seat_since now />
            </td> {decide}
        </tr>
    }
}

/// The reasons, or who keeps the seat for the person and since when.
fn why(row: &ReclaimRow, now: Timestamp) -> AnyView {
    if let Some((at, by)) = &row.kept {
        return view! {
            <RelativeTime at=*at now />
            ", by "
            {by.as_ref().map_or_else(|| "staff".into_any(), words)}
        }
        .into_any();
    }
    let sentences: Vec<String> = row.reasons.iter().map(|reason| reason.sentence(now)).collect();
    format!("{}.", sentences.join(". ")).into_any()
}
