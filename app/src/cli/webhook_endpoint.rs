//! `seatkeeper webhook-endpoint`: where the product gets outgoing events.

use clap::{Args, Subcommand};
use domain::{
    access::FreshProof,
    id::{OrganizationId, OutgoingEventId, WebhookEndpointId},
    refusal::Refusal,
    text::ExternalText,
    time::Timestamp,
    webhook_endpoint::EventFilter,
};
use seatkeeper::{
    commands::{
        self,
        webhook_endpoints::{
            self, NewEndpoint, add_endpoint, recover_events, remove_endpoint, resend_event,
            rotate_secret, send_test_event, set_endpoint_state,
        },
    },
    queries::{self, DeliveryRecord, EndpointRecord},
    state::AppState,
};

use super::{
    CliError,
    output::{Reader, Records, print},
};

#[derive(Debug, Subcommand)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub enum WebhookEndpoint {
    /// Add an address that gets events, and print the secret that signs them, and nothing else
    Add(Add),
    /// Show the endpoints
    List {
        /// Print a JSON array of {id, url, note, organization_id, types, state, state_since,
        /// failing_since, created_at, created_by}, and nothing else
        #[arg(long)]
        json: bool,
    },
    /// Remove an endpoint with its log
    Remove(Endpoint),
    /// Enable an endpoint: it gets the events from now on
    Enable(Endpoint),
    /// Disable an endpoint: it gets nothing
    Disable(Endpoint),
    /// Send a test event
    Test(Endpoint),
    /// Show what an endpoint got, the newest first
    Deliveries {
        #[command(flatten)]
        endpoint: Endpoint,
        /// Print a JSON array of {event_id, sequence, type, state, attempts, created_at, next_at,
        /// last_at, status, answer, millis, request}, and nothing else
        #[arg(long)]
        json: bool,
    },
    /// Send one event again, or those since a time that the endpoint has not taken
    Resend(Resend),
    /// Replace the secret, and print the new one, and nothing else; the old one signs for a day
    Rotate(Endpoint),
}

#[derive(Debug, Args)]
pub struct Endpoint {
    /// The id of the endpoint, wep_…
    id: String,
}

#[derive(Debug, Args)]
pub struct Add {
    /// The https address that events are posted to
    url: String,
    /// Only the events of this organization
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    /// Only events of this type, such as seat.admitted; may be repeated
    #[arg(long = "event", value_name = "TYPE")]
    types: Vec<String>,
    /// What the endpoint is for
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
}

#[derive(Debug, Args)]
pub struct Resend {
    #[command(flatten)]
    endpoint: Endpoint,
    /// The id of the event, oev_…
    #[arg(required_unless_present = "since")]
    event: Option<String>,
    /// The events since this time, such as 2026-11-22T05:48:12Z
    #[arg(long, value_name = "TIME", conflicts_with = "event")]
    since: Option<String>,
}

impl WebhookEndpoint {
    pub async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Add(add) => add.run().await,
            Self::List { json } => list(json).await,
            Self::Remove(endpoint) => {
                let (state, id) = endpoint.open().await?;
                let proof = FreshProof::of_command_line();
                let removed = remove_endpoint(&state, &super::operator(), &proof, &id).await;
                known(removed, &id)?;
                eprintln!("The endpoint {id} is removed.");
                Ok(())
            }
            Self::Enable(endpoint) => endpoint.set(true).await,
            Self::Disable(endpoint) => endpoint.set(false).await,
            Self::Test(endpoint) => {
                let (state, id) = endpoint.open().await?;
                let event = send_test_event(&state, &super::operator(), &id).await;
                let event = known(event, &id)?;
                eprintln!("A running Seatkeeper sends the test {event} at once.");
                Ok(())
            }
            Self::Deliveries { endpoint, json } => deliveries(&endpoint, json).await,
            Self::Resend(resend) => resend.run().await,
            Self::Rotate(endpoint) => {
                let (state, id) = endpoint.open().await?;
                let proof = FreshProof::of_command_line();
                let new = rotate_secret(&state, &super::operator(), &proof, &id).await;
                let new = known(new, &id)?;
                eprintln!("The secret before it signs, too, for a day.");
                print(&format!("{}\n", new.secret)).map(|_| ())
            }
        }
    }
}

impl Endpoint {
    async fn open(&self) -> Result<(AppState, WebhookEndpointId), CliError> {
        let id = WebhookEndpointId::parse(&self.id)
            .ok_or_else(|| CliError::refused(Refusal::NoEndpoint(self.id.clone())))?;
        Ok((super::open().await?, id))
    }

    async fn set(&self, is_enabled: bool) -> Result<(), CliError> {
        let (state, id) = self.open().await?;
        let proof = FreshProof::of_command_line();
        let changed =
            set_endpoint_state(&state, &super::operator(), &proof, (&id, is_enabled)).await;
        let word = if is_enabled { "enabled" } else { "disabled" };
        if known(changed, &id)? {
            eprintln!("The endpoint {id} is {word}.");
        } else {
            eprintln!("The endpoint {id} was {word} already.");
        }
        Ok(())
    }
}

/// An endpoint that is not there is refused with its id.
fn known<T>(result: Result<T, commands::Error>, id: &WebhookEndpointId) -> Result<T, CliError> {
    result.map_err(|error| match error {
        commands::Error::Missing => CliError::refused(Refusal::NoEndpoint(id.to_string())),
        error => error.into(),
    })
}

impl Add {
    async fn run(self) -> Result<(), CliError> {
        let organization = match &self.organization {
            Some(text) => Some(
                OrganizationId::parse(text)
                    .ok_or_else(|| CliError::refused(Refusal::OrganizationId(text.clone())))?,
            ),
            None => None,
        };
        let types = EventFilter::parse_types(&self.types.join(",")).map_err(CliError::refused)?;
        let new = NewEndpoint {
            url: self.url,
            note: self.note,
            filter: EventFilter { organization, types },
        };
        let state = super::open().await?;
        let proof = FreshProof::of_command_line();
        let added: webhook_endpoints::NewSecret =
            add_endpoint(&state, &super::operator(), &proof, &new).await?;
        eprintln!("The endpoint {} gets the events from now on.", added.endpoint);
        print(&format!("{}\n", added.secret)).map(|_| ())
    }
}

impl Resend {
    async fn run(self) -> Result<(), CliError> {
        let (state, id) = self.endpoint.open().await?;
        if let Some(text) = &self.since {
            let since = Timestamp::parse(text)
                .ok_or_else(|| CliError::refused(Refusal::Time(text.clone())))?;
            let found = recover_events(&state, &super::operator(), (&id, since)).await;
            if known(found, &id)? {
                eprintln!("A running Seatkeeper sends what the endpoint has not taken.");
            } else {
                eprintln!("There is no event since then.");
            }
            return Ok(());
        }
        let event = self.event.as_deref().and_then(OutgoingEventId::parse);
        let event = event.ok_or_else(|| CliError::refused(Refusal::NoWebhookDelivery))?;
        known(resend_event(&state, &super::operator(), (&id, &event)).await, &id)?;
        eprintln!("A running Seatkeeper sends {event} again at once.");
        Ok(())
    }
}

async fn list(json: bool) -> Result<(), CliError> {
    let state = super::open().await?;
    let mut records = Records::new(json);
    if records.print(&queries::endpoint_records(&state).await?, line)? == Reader::Gone {
        return Ok(());
    }
    records.end("There is no endpoint.")
}

/// `wep_01k…  enabled   https://product.example/events  all organizations  all events  `
fn line(one: &EndpointRecord) -> String {
    let whose = one.organization_id.as_ref().map_or("all organizations", OrganizationId::as_str);
    let types = if one.types.is_empty() { "all events".to_owned() } else { one.types.join(",") };
    let note = ExternalText::new(&one.note);
    format!("{}  {:<8}  {}  {whose}  {types}  {note}", one.id, one.state, one.url)
}

async fn deliveries(endpoint: &Endpoint, json: bool) -> Result<(), CliError> {
    let (state, id) = endpoint.open().await?;
    let mut records = Records::new(json);
    let mut before = None;
    loop {
        let found = queries::delivery_records(&state, &id, before).await;
        let (deliveries, older) = known(found, &id)?;
        if records.print(&deliveries, delivery_line)? == Reader::Gone {
            return Ok(());
        }
        before = older;
        if before.is_none() {
            return records.end("Nothing was sent to this endpoint.");
        }
    }
}

/// `2026-11-22T05:48:12Z  oev_01k…  seat.admitted  delivered  204  12 ms  1 attempt`
fn delivery_line(one: &DeliveryRecord) -> String {
    let status = one.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let millis = one.millis.unwrap_or_default();
    let answer = ExternalText::new(one.answer.as_deref().unwrap_or_default());
    format!(
        "{}  {}  {}  {}  {status}  {millis} ms  {} tries  {answer}",
        one.created_at, one.event_id, one.r#type, one.state, one.attempts
    )
}
