//! The feed of outgoing events, which a program reads part by part and may wait for.

use std::time::Duration;

use axum::{Extension, Json, extract::State, http::HeaderMap};
use domain::{
    access::OrganizationScope,
    api_key::KeyScope,
    outgoing_event::{EventType, OutgoingEvent},
    webhook_endpoint::EventFilter,
};
use seatkeeper::{
    commands,
    queries::{self, Events, EventsQuery, api::schemas, events_after, events_within, newest_event},
    state::AppState,
};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::watch;
use utoipa::{IntoParams, ToSchema};

use super::{Caller, Problem, caller, event_shapes::Event, input::Parameters};

/// The longest wait, in seconds.
const LONGEST_WAIT: u64 = 30;

/// Turns true when the process stops: calls that wait are answered then.
pub type Stopping = watch::Receiver<bool>;

/// A part of the feed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventList)]
pub struct Feed {
    /// Each is what an endpoint receives. What it says follows from its `type`.
    #[schema(value_type = Vec<Event>)]
    items: Vec<Box<RawValue>>,
    /// What to give as `after` the next time. It also passes events that were not asked for.
    next_cursor: String,
}

/// The parameters, as the document has them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the document reads it")]
pub struct EventsParameters {
    /// The `next_cursor` of the answer before; without it, from the oldest event that is kept.
    /// `latest`: only what happens from now on.
    #[param(inline, value_type = Option<schemas::EventPlace>)]
    after: Option<Place>,
    /// Only the events of this organization.
    organization: Option<String>,
    /// Only events of these types, with commas between them.
    #[param(inline, value_type = Option<schemas::EventTypeList>)]
    types: Option<String>,
    /// How many events the answer has at most; without it, 100.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
    /// For how many seconds the call may wait for an event. Ten calls of a key wait at once.
    #[param(minimum = 0, maximum = 30)]
    wait: Option<u64>,
}

/// Where a reader begins.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    Behind(i64),
    Latest,
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        if text == schemas::LATEST {
            return Some(Self::Latest);
        }
        text.parse().ok().filter(|number: &i64| *number >= 0).map(Self::Behind)
    }
}

/// What is asked for.
struct Asked {
    after: i64,
    organization: Option<OrganizationScope>,
    types: Vec<EventType>,
    most: i64,
    wait: Duration,
}

/// Read the events.
///
/// Those behind a number, the oldest first: each change of a seat, of a person, of roles and of a
/// seat limit. Go on with the `next_cursor` of the answer as `after`, and no event is missed or
/// given twice. With `wait` the call is answered as soon as there is an event. An answer without
/// events is ordinary, also before the wait is over: ask again with its `next_cursor`. A reader
/// that begins now asks once with `after=latest`. Events are kept for 30 days.
#[utoipa::path(
    get,
    path = "/events",
    operation_id = "listEvents",
    tag = "Events",
    params(EventsParameters),
    responses((status = 200, description = "A part of the feed.", body = Feed)),
    extensions(
        ("x-scope" = json!("read")),
        ("x-problems" = json!(["not-found", "events-removed", "event-to-come", "too-many-waiting"])),
    ),
)]
pub async fn list(
    State(state): State<AppState>,
    Extension(mut stopping): Extension<Stopping>,
    caller: Caller,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Json<Feed>, Problem> {
    let asked = Asked::read(&state, &caller, parameters).await?;
    if asked.wait.is_zero() {
        return asked.answer(&asked.look(&state, &caller, asked.after).await?);
    }
    let place = state.shares.to_wait(&caller.viewer.account);
    let _place = place.map_err(|_| Problem::too_many_waiting())?;
    let look = |after| asked.look(&state, &caller, after);
    let found = tokio::select! {
        found = events_within(&state, asked.after, asked.wait, look) => found?,
        _ = stopping.wait_for(|stopping| *stopping) => asked.nothing(),
    };
    // the key may have been revoked meanwhile
    caller::authenticated(&state, &headers).await?;
    asked.answer(&found)
}

impl Asked {
    async fn read(
        state: &AppState,
        caller: &Caller,
        mut parameters: Parameters,
    ) -> Result<Self, Problem> {
        caller.may(KeyScope::Read)?;
        let sentence =
            "Take “after” from the “next_cursor” of the answer before, or 0, or “latest”.";
        let place = parameters.parse("after", Place::parse, sentence)?;
        let types = |text: &str| EventFilter::parse_types(text).ok();
        let sentence = "Types are words such as seat.admitted, with commas between them.";
        let types = parameters.parse("types", types, sentence)?;
        let wait = |text: &str| text.parse().ok().filter(|wait| *wait <= LONGEST_WAIT);
        let wait = parameters.parse("wait", wait, "A wait is a number of seconds from 0 to 30.")?;
        let most = parameters.limit()?;
        let organization = parameters.take("organization");
        parameters.end()?;
        let organization = reached(state, caller, organization).await?;
        let after = match place.unwrap_or(Place::Behind(0)) {
            Place::Behind(number) => number,
            Place::Latest => {
                let _share = caller.share(state, organization.as_ref()).await?;
                newest_event(state, organization.as_ref()).await?
            }
        };
        Ok(Self {
            after,
            organization,
            types: types.unwrap_or_default(),
            most,
            wait: Duration::from_secs(wait.unwrap_or(0)),
        })
    }

    /// Looks once. No share and no connection is held until the next look.
    async fn look(&self, state: &AppState, caller: &Caller, after: i64) -> Result<Events, Problem> {
        let organization = self.organization.as_ref();
        let _share = caller.share(state, organization).await?;
        let most = usize::try_from(self.most).unwrap_or(0);
        let query = EventsQuery { organization, types: &self.types, after, most };
        Ok(events_after(state, query).await?)
    }

    /// The answer of a process that stops: the caller asks again, and another process answers.
    fn nothing(&self) -> Events {
        let (events, next) = (Vec::new(), self.after);
        Events { events, next, is_expired: false, newest: next, start: 0 }
    }

    fn answer(&self, found: &Events) -> Result<Json<Feed>, Problem> {
        if found.is_expired {
            return Err(Problem::events_removed(found.start));
        }
        if self.after > found.newest {
            return Err(Problem::event_to_come());
        }
        let items = found.events.iter().map(written).collect::<Result<_, _>>();
        let items = items.map_err(Problem::internal)?;
        Ok(Json(Feed { items, next_cursor: found.next.to_string() }))
    }
}

/// Whose events the key reads; `None`: those of all organizations.
async fn reached(
    state: &AppState,
    caller: &Caller,
    asked: Option<String>,
) -> Result<Option<OrganizationScope>, Problem> {
    if let Some(id) = asked {
        let scope = caller.reach(&id, KeyScope::Read)?;
        queries::revision(state, &scope).await?.ok_or(commands::Error::Missing)?;
        return Ok(Some(scope));
    }
    if caller.viewer.staff().is_some() {
        return Ok(None);
    }
    let own = caller.viewer.organizations.keys().next().ok_or_else(Problem::missing)?;
    caller.reach(own.as_str(), KeyScope::Read).map(Some)
}

fn written(event: &OutgoingEvent) -> serde_json::Result<Box<RawValue>> {
    RawValue::from_string(event.json()?)
}
