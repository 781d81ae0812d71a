//! The endpoints of outgoing webhooks: which ones there are, a form that adds one, and the pages of
//! one endpoint. Staff admins only.

mod delivery;
mod endpoint;
mod form;
mod log;
mod secret;
mod words;

use domain::time::Timestamp;
use leptos::prelude::*;
use views::webhook_endpoints::{EndpointRow, EndpointsPage};

pub use self::{delivery::WebhookDelivery, endpoint::WebhookEndpoint, secret::WebhookSecret};
use self::{
    form::EndpointForm,
    words::{trouble_since, types, whose},
};
use crate::{
    components::{
        badge::EndpointBadge,
        banner::{Banner, Banners, Tone},
        confirm_first::{confirm_first, confirmed},
        empty_state::EmptyState,
        export_csv::ExportCsv,
        page_data::loaded,
        page_header::PageHeader,
        settings_parts::SettingsParts,
        table::{Heading, Table},
        words::words as outside,
    },
    csv_paths, paths,
    query::{Query, Sent},
    server_fns::{answer, load_webhook_endpoints},
};

#[component]
pub fn WebhookEndpoints() -> impl IntoView {
    let query = Query::of_request();
    let sent = Sent::of(&query);
    let url = sent.typed(form::FORM).and_then(|_| answer::kept_url()).unwrap_or_default();
    loaded(load_webhook_endpoints, move |_, page| {
        let (query, sent, url) = (query.clone(), sent.clone(), url.clone());
        view! { <Page page query sent url /> }.into_any()
    })
}

#[component]
fn Page(page: EndpointsPage, query: Query, sent: Sent, url: String) -> impl IntoView {
    let proof = confirm_first(&query, paths::WEBHOOK_ENDPOINTS).or_else(|| confirmed(&query));
    let refused = sent.above().filter(|_| proof.is_none()).map(|refused| {
        view! {
            <Banner tone=Tone::Act title="Nothing was changed.".to_owned()>
                {refused}
            </Banner>
        }
    });
    let told = (query.text("done") == "remove").then(|| {
        view! {
            <Banner tone=Tone::Calm title="The endpoint was removed.".to_owned()>
                "It gets nothing any more. Its secrets and its log are gone."
            </Banner>
        }
    });
    // below a long list the form is out of sight
    let to_form = (!page.rows.is_empty()).then(|| {
        view! {
            <a class="button" href="#new">
                "Add an endpoint"
            </a>
        }
    });
    let organizations = page.organizations.clone();
    let list = if page.rows.is_empty() {
        view! {
            <EmptyState title="No endpoint yet">
                "Add the address at which your product takes events: it then hears of each seat at once."
            </EmptyState>
        }
        .into_any()
    } else {
        view! {
            <Rows page />
            <ExportCsv href=csv_paths::webhook_endpoints() />
        }
        .into_any()
    };
    view! {
        <div class="members">
            <SettingsParts here=paths::WEBHOOK_ENDPOINTS />
            <PageHeader
                title="Webhook endpoints"
                sentence="Your product gets each change of a seat as a signed webhook."
            >
                {to_form}
            </PageHeader>
            <Banners>{told} {refused} {proof}</Banners>
            {list}
            <EndpointForm sent url organizations />
        </div>
    }
}

#[component]
fn Rows(page: EndpointsPage) -> impl IntoView {
    let now = page.now;
    let rows = page.rows.into_iter().map(|row| view! { <Row row now /> }).collect_view();
    view! {
        <Table label="Webhook endpoints">
            <thead>
                <tr>
                    <Heading word="Endpoint" />
                    <Heading word="Gets" wide=true />
                    <Heading word="Of" wide=true />
                    <Heading word="State" />
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Row(row: EndpointRow, now: Timestamp) -> impl IntoView {
    let note = (!row.note.as_str().is_empty())
        .then(|| view! { <span class="sub">{outside(&row.note)}</span> });
    view! {
        <tr class="row">
            <th scope="row" class="row__name">
                <a class="row__link" href=paths::webhook_endpoint(&row.id, None)>
                    {outside(&row.shown)}
                </a>
                {note}
                <span class="narrow sub">{types(&row)}</span>
            </th>
            <td class="wide">{types(&row)}</td>
            <td class="wide">
                <span class="row__other">{whose(&row)}</span>
            </td>
            <td>
                <EndpointBadge state=row.state fails=row.failing_since.is_some() />
                {trouble_since(&row, now)}
            </td>
        </tr>
    }
}
