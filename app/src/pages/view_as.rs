//! The form with which staff see an organization as its admin does.

use domain::{
    id::OrganizationId, organization::SeatLimit, text::ExternalText, view_as::ViewAs as View,
};
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        field::{Field, Labelled, TextArea},
        page_data::loaded,
        page_header::PageHeader,
        words::words,
    },
    pages::requests::refusal_text,
    paths,
    query::Query,
    server_fns::{BeginView, load_view_form},
};

#[component]
pub fn ViewAs() -> impl IntoView {
    let id = paths::asked_organization();
    let query = Query::of_request();
    let asked = id.clone();
    loaded(
        move || load_view_form(asked.clone()),
        move |_, name| view! { <Page id=id.clone() name query=query.clone() /> }.into_any(),
    )
}

#[component]
fn Page(id: OrganizationId, name: ExternalText, query: Query) -> impl IntoView {
    let refused = query.refusal(SeatLimit::NotSet);
    let beside = |field: &str| refusal_text(refused.as_ref(), field);
    let (reason, minutes) = (beside("reason"), beside("minutes"));
    let above = refused.clone().filter(|_| reason.is_none() && minutes.is_none());
    let above = above.map(|refused| {
        view! {
            <Banner tone=Tone::Act title="The view has not begun.".to_owned()>
                {refused.to_string()}
            </Banner>
        }
    });
    let reason = Field {
        name: "reason",
        label: "Reason",
        hint: "Kept in the audit log, for example the number of a ticket.",
        value: query.get("reason").unwrap_or_default().to_owned(),
        refusal: reason,
    };
    let minutes = Field {
        name: "minutes",
        label: "Minutes",
        hint: "At most 60. It ends by itself, with your session, or when you end it.",
        value: query.get("minutes").map_or_else(|| View::MINUTES.to_string(), str::to_owned),
        refusal: minutes,
    };
    view! {
        <p class="crumb">
            <a href=paths::organization(&id)>{words(&name)}</a>
        </p>
        <PageHeader
            title="View as a tenant admin"
            sentence="You see what an admin of this organization sees, and change nothing. The organization finds it in its activity."
            within=Some(name)
        />
        <Banners>{above}</Banners>
        <form class="form" method="post" action=BeginView::url()>
            <input type="hidden" name="id" value=id.to_string() />
            <TextArea field=reason rows=2 longest=500 required=true />
            <Labelled field=minutes.clone()>
                <input
                    class="input input--number"
                    id=minutes.id()
                    name="minutes"
                    inputmode="numeric"
                    value=minutes.value.clone()
                    autocomplete="off"
                    required=true
                    aria-describedby=minutes.described_by()
                    aria-invalid=minutes.invalid()
                />
            </Labelled>
            <div class="form__actions">
                <button class="button button--main" type="submit">
                    "View as a tenant admin"
                </button>
                <a class="button button--quiet" href=paths::organization(&id)>
                    "Cancel"
                </a>
            </div>
        </form>
    }
}
