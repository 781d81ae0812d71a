//! The form that adds an endpoint.

use domain::{outgoing_event::EventType, webhook_endpoint::LONGEST_NOTE};
use leptos::{prelude::*, server_fn::ServerFn};
use views::organization_choices::OrganizationChoices;

use crate::{
    components::{
        choices::{Choice, Choices},
        field::{Field, TextField},
        reach::Reach,
    },
    query::Sent,
    server_fns::AddWebhookEndpoint,
};

/// The form in an address.
pub(super) const FORM: &str = "endpoint";

/// `url`: the address that was typed; it may hold a token, so it is in no address of ours.
#[component]
pub(super) fn EndpointForm(
    sent: Sent,
    url: String,
    organizations: OrganizationChoices,
) -> impl IntoView {
    let beside = |field: &str| sent.beside(FORM, field);
    let value = |name: &str| sent.text(FORM, name, "").to_owned();
    let url = Field {
        name: "url",
        label: "Address",
        hint: "Where events are posted, https://…",
        value: url,
        refusal: beside("url"),
    };
    let note = Field {
        name: "note",
        label: "Note (optional)",
        hint: "What it is for, such as Staging.",
        value: value("note"),
        refusal: beside("note"),
    };
    let chosen = value("types");
    let choices = EventType::ALL.map(|kind| Choice {
        value: kind.as_str(),
        word: kind.as_str(),
        meaning: meaning(kind),
        is_chosen: chosen.split(',').any(|one| one == kind.as_str()),
    });
    let of_types = beside("types");
    let reach = sent.reach(FORM, "all");
    view! {
        <form
            class="card form members__invite"
            id="new"
            method="post"
            action=AddWebhookEndpoint::url()
            novalidate=true
            autocomplete="off"
        >
            <h2 class="card__title">"Add an endpoint"</h2>
            <TextField field=url />
            <Choices
                name="types[]"
                label="Events"
                hint="None chosen: it gets all of them, and types that come later."
                refusal=of_types
                choices=choices.into()
            />
            <Reach
                chosen=reach
                one="it gets the events of this one alone"
                all="those that come later, too"
                organizations
            />
            <TextField field=note longest=LONGEST_NOTE />
            <div class="form__actions">
                <button class="button button--main" type="submit">
                    "Add the endpoint"
                </button>
            </div>
        </form>
    }
}

fn meaning(kind: EventType) -> &'static str {
    match kind {
        EventType::SeatAdmitted => "a person has a seat",
        EventType::SeatBlocked => "a person waits",
        EventType::SeatReleased => "a person has no seat any more",
        EventType::UserUpdated => "a name, an address or an attribute",
        EventType::RolesChanged => "application roles",
        EventType::SeatLimitChanged => "the number of seats",
        EventType::OverLimit => "more seats are used than there are",
        EventType::Archived => "an organization ended",
        EventType::Restored => "an organization exists again",
    }
}
