//! One endpoint: how it is, what it got, and what a staff admin can do about it.

use domain::{time::Timestamp, webhook_endpoint::EndpointState};
use leptos::{prelude::*, server_fn::ServerFn};
use views::webhook_endpoints::{EndpointPage, EndpointRow, EventDeliveryKey, SigningSecret};

use super::{
    log::{Log, Recover},
    words::{trouble_since, types, whose},
};
use crate::{
    components::{
        badge::EndpointBadge,
        banner::{Banner, Banners, Tone},
        confirm_first::{confirm_first, confirmed},
        description_list::{DescriptionList, Entry},
        id::Id,
        page_data::loaded,
        page_header::{PageHeader, Section},
        relative_time::RelativeTime,
        words::words,
    },
    paths,
    query::{Query, Sent},
    server_fns::{ChangeWebhookEndpoint, SendWebhookTest, load_webhook_endpoint},
};

#[component]
pub fn WebhookEndpoint() -> impl IntoView {
    let id = paths::asked_endpoint();
    let query = Query::of_request();
    let before: Option<EventDeliveryKey> = query.read();
    loaded(
        move || load_webhook_endpoint(id.clone(), before.clone()),
        move |_, page| view! { <Page page query=query.clone() /> }.into_any(),
    )
}

fn told(done: &str) -> Option<(&'static str, &'static str)> {
    Some(match done {
        "enable" => (
            "The endpoint is enabled.",
            "It gets the events from now on. What it missed is sent when you ask for it below.",
        ),
        "disable" => ("The endpoint is disabled.", "It gets nothing until it is enabled again."),
        "test" => ("A test is on its way.", "It is tried once. Its result is in the log below."),
        "resend" => (
            "The event is sent again.",
            "It keeps its webhook-id, so that the product can tell that it is the same.",
        ),
        "recover" => (
            "The events are sent again.",
            "Those that the endpoint has taken are not. The log below has each of them.",
        ),
        "none" => ("Nothing was sent.", "There is no event since then."),
        "same" => ("Nothing was changed.", "It is so already."),
        _ => return None,
    })
}

#[component]
fn Page(page: EndpointPage, query: Query) -> impl IntoView {
    let endpoint = page.endpoint.clone();
    let path = paths::webhook_endpoint(&endpoint.id, None);
    let proof = confirm_first(&query, &path).or_else(|| confirmed(&query));
    let refused = Sent::of(&query).above().filter(|_| proof.is_none()).map(|refused| {
        view! {
            <Banner tone=Tone::Act title="Nothing was changed.".to_owned()>
                {refused}
            </Banner>
        }
    });
    let told = told(query.text("done")).map(|(title, text)| {
        view! {
            <Banner tone=Tone::Calm title=title.to_owned()>
                {text}
            </Banner>
        }
    });
    let (trouble, main) = (trouble(&endpoint), view! { <Main endpoint=endpoint.clone() /> });
    let is_enabled = endpoint.state == EndpointState::Enabled;
    let recover = is_enabled.then(|| {
        let is_refused = query.text("refused") == "time";
        view! { <Recover id=endpoint.id.clone() is_refused now=page.now /> }
    });
    view! {
        <p class="crumb">
            <a href=paths::WEBHOOK_ENDPOINTS>"Webhook endpoints"</a>
        </p>
        <PageHeader title=endpoint.shown.clone() sentence=sentence(&endpoint)>
            {main}
        </PageHeader>
        <Banners>{told} {refused} {proof} {trouble}</Banners>
        <Facts page=page.clone() />
        <Log page />
        {recover}
        <Change endpoint />
    }
}

fn sentence(endpoint: &EndpointRow) -> &'static str {
    match endpoint.state {
        EndpointState::Enabled if endpoint.failing_since.is_some() => {
            "It takes nothing at the moment. Seatkeeper goes on trying."
        }
        EndpointState::Enabled => "It gets each event at once.",
        EndpointState::Disabled | EndpointState::Gone | EndpointState::Failing => {
            "It is disabled and gets nothing."
        }
    }
}

/// What a person must do so that the product hears of seats again.
fn trouble(endpoint: &EndpointRow) -> Option<AnyView> {
    let (tone, title, text) = match (endpoint.state, endpoint.failing_since) {
        (EndpointState::Enabled, None) | (EndpointState::Disabled, _) => return None,
        (EndpointState::Enabled, Some(since)) => (
            Tone::Act,
            format!("It takes nothing since {}.", since.exact()),
            "The log below says what it answers. After five days the endpoint is disabled.",
        ),
        (EndpointState::Gone, _) => (
            Tone::Broken,
            "Seatkeeper disabled it: it answered 410, which says that it is gone.".to_owned(),
            "Enable it when the product takes events again, then send what it missed. Events are kept for 30 days.",
        ),
        (EndpointState::Failing, _) => (
            Tone::Broken,
            "Seatkeeper disabled it: it took nothing for five days.".to_owned(),
            "Enable it when the product takes events again, then send what it missed. Events are kept for 30 days.",
        ),
    };
    Some(
        view! {
            <Banner tone title>
                {text}
            </Banner>
        }
        .into_any(),
    )
}

/// The main action: a test, or to enable it first.
#[component]
fn Main(endpoint: EndpointRow) -> impl IntoView {
    let id = endpoint.id.to_string();
    if endpoint.state == EndpointState::Enabled {
        return view! {
            <form method="post" action=SendWebhookTest::url()>
                <input type="hidden" name="id" value=id />
                <button class="button button--main" type="submit">
                    "Send a test"
                </button>
            </form>
        }
        .into_any();
    }
    view! {
        <form method="post" action=ChangeWebhookEndpoint::url()>
            <input type="hidden" name="id" value=id />
            <input type="hidden" name="act" value="enable" />
            <button class="button button--main" type="submit">
                "Enable"
            </button>
        </form>
    }
    .into_any()
}

#[component]
fn Facts(page: EndpointPage) -> impl IntoView {
    let EndpointPage { endpoint, url, secrets, now, .. } = page;
    let (gets, of, fails) = (types(&endpoint), whose(&endpoint), endpoint.failing_since.is_some());
    let since = trouble_since(&endpoint, now);
    let (state, by, at) = (endpoint.state, words(&endpoint.created_by), endpoint.created_at);
    let note = (!endpoint.note.as_str().is_empty()).then(|| words(&endpoint.note));
    let note = note.map(|note| view! { <Entry word="Note">{note}</Entry> });
    view! {
        <DescriptionList>
            <Entry word="Address">
                <Id text=url.to_string() whole=true />
            </Entry>
            {note}
            <Entry word="Events">{gets}</Entry>
            <Entry word="Of">{of}</Entry>
            <Entry word="State">
                <EndpointBadge state fails />
                {since}
            </Entry>
            <Entry word="Signing secret">{signs(&secrets, now)}</Entry>
            <Entry word="Added">"by " {by} ", " <RelativeTime at now /></Entry>
        </DescriptionList>
    }
}

/// How old the secret is, and until when the ones before it sign, too.
fn signs(secrets: &[SigningSecret], now: Timestamp) -> AnyView {
    let Some(newest) = secrets.first() else { return "None".into_any() };
    let others = secrets.iter().filter_map(|secret| secret.ends_at).max();
    let others = others.map(|end| {
        let says = format!("the one before it signs, too, until {}", end.exact());
        view! { <span class="sub">{says}</span> }
    });
    view! {
        "made "
        <RelativeTime at=newest.created_at now />
        {others}
    }
    .into_any()
}

/// What a staff admin can do about the endpoint, closed until it is asked for.
#[component]
fn Change(endpoint: EndpointRow) -> impl IntoView {
    let id = endpoint.id.to_string();
    let act = move |summary: &'static str, says: &'static str, button: AnyView| {
        view! {
            <details class="members__remove endpoint__act">
                <summary>{summary}</summary>
                <p class="quiet">{says}</p>
                <form method="post" action=ChangeWebhookEndpoint::url()>
                    <input type="hidden" name="id" value=id.clone() />
                    {button}
                </form>
            </details>
        }
    };
    let rotate = act(
        "Replace the signing secret …",
        "You see the new secret once. The one before it signs, too, for a day, so that you can exchange them without a gap.",
        view! {
            <button class="button" type="submit" name="act" value="rotate">
                "Replace the secret"
            </button>
        }
        .into_any(),
    );
    let disable = (endpoint.state == EndpointState::Enabled).then(|| {
        act(
            "Disable …",
            "It gets nothing until it is enabled again. The events that it misses are kept for 30 days and can be sent then.",
            view! {
                <button class="button button--danger" type="submit" name="act" value="disable">
                    "Disable the endpoint"
                </button>
            }
            .into_any(),
        )
    });
    let remove = act(
        "Remove …",
        "It gets nothing any more, and its secrets and its log are gone. This cannot be undone.",
        view! {
            <button class="button button--danger" type="submit" name="act" value="remove">
                "Remove the endpoint"
            </button>
        }
        .into_any(),
    );
    view! {
        <Section title="Change">
            <div class="endpoint__acts">{rotate} {disable} {remove}</div>
        </Section>
    }
}
