//! Removes the attributes that are no longer kept: from people, from the bodies that were stored
//! while they were kept, and from outgoing events and their deliveries. A part at a time, because
//! it may be much.

use std::{collections::BTreeSet, time::Duration};

use super::Error;
use crate::{
    db::Tx,
    domain::{
        attribute::KeptAttributes,
        id::WebhookEndpointId,
        outgoing_event::{self, event_without_attributes},
        time::Timestamp,
    },
    scalekit::payload::without_attributes,
    state::AppState,
    store::{
        attributes, deliveries,
        jobs::{self, Claimed},
        outgoing_events, resync_leftovers, webhook_deliveries, webhook_endpoints,
    },
};

/// People, received deliveries, and events processed in one part.
const PEOPLE: i64 = 500;
const DELIVERIES: i64 = 20;
const EVENTS: i64 = 500;

/// Another process may have the later clock.
const CLOCKS_DIFFER: Duration = Duration::from_hours(1);

/// What is done so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CutSoFar {
    /// The people up to this one, as (organization, user).
    People(String, String),
    /// The bodies received up to this time.
    Bodies(Timestamp),
    /// The outgoing events up to this number.
    Events(i64),
    /// What endpoints got or are to get, up to this one, as (endpoint, event).
    Webhooks(String, String),
}

impl Default for CutSoFar {
    fn default() -> Self {
        Self::People(String::new(), String::new())
    }
}

/// Does the next part. `None`: nothing is left.
pub async fn cut_attributes(
    state: &AppState,
    job: &Claimed,
    kept: &KeptAttributes,
    so_far: CutSoFar,
) -> Result<Option<CutSoFar>, Error> {
    let mut tx = state.db.write().await?;
    jobs::keep(&mut tx, job).await?;
    let next = match so_far {
        CutSoFar::People(organization, user) => {
            Some(cut_people(&mut tx, kept, (&organization, &user)).await?)
        }
        CutSoFar::Bodies(from) => {
            let to = state.clock.now().plus(CLOCKS_DIFFER);
            Some(cut_bodies(&mut tx, kept, (from, to)).await?)
        }
        CutSoFar::Events(after) => Some(cut_events(&mut tx, kept, after).await?),
        CutSoFar::Webhooks(endpoint, event) => {
            cut_webhooks(&mut tx, kept, (&endpoint, &event)).await?
        }
    };
    tx.commit().await?;
    Ok(next)
}

async fn cut_people(
    tx: &mut Tx,
    kept: &KeptAttributes,
    after: (&str, &str),
) -> sqlx::Result<CutSoFar> {
    let mut part = attributes::part_after(tx, after, PEOPLE).await?;
    let Some(((organization, user), _)) = part.last() else {
        resync_leftovers::remove_attributes(tx).await?;
        return Ok(CutSoFar::Bodies(Timestamp::NEVER));
    };
    let next = CutSoFar::People(organization.to_string(), user.to_string());
    part.retain_mut(|(_, (attributes, _))| {
        let before = attributes.len();
        attributes.retain(|name, _| kept.keeps(name));
        attributes.len() < before
    });
    attributes::cut(tx, &part).await?;
    Ok(next)
}

async fn cut_bodies(
    tx: &mut Tx,
    kept: &KeptAttributes,
    (from, to): (Timestamp, Timestamp),
) -> sqlx::Result<CutSoFar> {
    let Some(until) = deliveries::part_before(tx, (from, to), DELIVERIES).await? else {
        return Ok(CutSoFar::Events(0));
    };
    let bodies = deliveries::bodies(tx, (from, until)).await?;
    let cut =
        bodies.into_iter().filter_map(|(key, body)| Some((key, without_attributes(&body, kept)?)));
    deliveries::replace_bodies(tx, &cut.collect::<Vec<_>>()).await?;
    Ok(CutSoFar::Bodies(until))
}

async fn cut_events(tx: &mut Tx, kept: &KeptAttributes, after: i64) -> sqlx::Result<CutSoFar> {
    let part = outgoing_events::data_after(tx, after, EVENTS).await?;
    let Some((last, _)) = part.last() else {
        return Ok(CutSoFar::Webhooks(String::new(), String::new()));
    };
    let next = CutSoFar::Events(*last);
    let cut = part.into_iter().filter_map(|(sequence, data)| {
        Some((sequence, outgoing_event::without_attributes(&data, kept)?))
    });
    outgoing_events::replace_data(tx, &cut.collect::<Vec<_>>()).await?;
    Ok(next)
}

/// The endpoints are locked first, as the worker that sends does.
async fn cut_webhooks(
    tx: &mut Tx,
    kept: &KeptAttributes,
    after: (&str, &str),
) -> sqlx::Result<Option<CutSoFar>> {
    let part = webhook_deliveries::bodies_after(tx, after, EVENTS).await?;
    let Some((endpoint, event, _)) = part.last() else { return Ok(None) };
    let next = CutSoFar::Webhooks(endpoint.clone(), event.clone());
    let cut = part.into_iter().filter_map(|(endpoint, event, body)| {
        let body = event_without_attributes(&body, kept)?;
        Some((endpoint, event, body))
    });
    let cut: Vec<webhook_deliveries::Body> = cut.collect();
    let endpoints: BTreeSet<&String> = cut.iter().map(|(endpoint, ..)| endpoint).collect();
    for endpoint in endpoints {
        webhook_endpoints::lock(tx, &WebhookEndpointId::new(endpoint)).await?;
    }
    webhook_deliveries::replace_bodies(tx, &cut).await?;
    Ok(Some(next))
}
