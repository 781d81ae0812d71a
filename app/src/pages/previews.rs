//! Every e-mail with invented facts: its subject, its text, and a link to its HTML. Staff only.

use leptos::prelude::*;
use views::messages::Preview;

use crate::{
    components::{
        page_data::loaded,
        page_header::PageHeader,
        table::{Heading, Table},
    },
    paths,
    server_fns::load_previews,
};

#[component]
pub fn Previews() -> impl IntoView {
    loaded(load_previews, |_, previews| view! { <Page previews /> }.into_any())
}

#[component]
fn Page(previews: Vec<Preview>) -> impl IntoView {
    let rows = previews.into_iter().map(|preview| view! { <Row preview /> }).collect_view();
    view! {
        <p class="crumb">
            <a href=paths::MESSAGES>"Messages"</a>
        </p>
        <PageHeader
            title="Previews"
            sentence="Every e-mail that Seatkeeper sends, with invented facts."
        />
        <Table label="Previews">
            <thead>
                <tr>
                    <Heading word="E-mail" />
                    <Heading word="Sent when" wide=true />
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Row(preview: Preview) -> impl IntoView {
    let Preview { message, subject, text } = preview;
    view! {
        <tr class="row">
            <th scope="row" class="row__name">
                <a href=paths::preview(message) target="_blank" rel="noopener">
                    {subject}
                </a>
                <span class="narrow sub">{message.name()}</span>
                <details class="notified">
                    <summary class="sub">"Text part"</summary>
                    <pre class="preview__text">{text}</pre>
                </details>
            </th>
            <td class="wide quiet">{message.name()}</td>
        </tr>
    }
}
