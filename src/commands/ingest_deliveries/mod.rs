//! Ingests verified webhooks, a batch in one transaction. It finds the duplicates, locks the
//! organizations in order, loads the users concerned, lets the seat rules decide one delivery after
//! the other, writes the changes, updates the alerts, and commits.

pub(super) mod batch;
pub(super) mod load;

use std::{borrow::Cow, collections::HashMap};

use sha2::{Digest, Sha256};

use super::{Error, dead_letters};
use crate::{
    clock::Generate,
    domain::{
        attribute::KeptAttributes,
        decision::Outcome,
        event::{Change, Envelope, EventPayload},
        id::{DeliveryId, EventId, GroupId, OrganizationId, WebhookId},
        moment::{is_too_far_ahead, occurred_at_or_received},
        time::Timestamp,
    },
    scalekit::payload::{ParsedBody, without_attributes},
    state::AppState,
    store::{
        deliveries::{self, DeliveryKey, DeliveryRecord, StoredDelivery},
        groups, settings,
    },
};

/// A verified delivery.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub webhook_id: WebhookId,
    pub body: Vec<u8>,
    /// What the body says, read before any lock is taken.
    pub reading: ParsedBody,
    pub received_at: Timestamp,
    /// The body's id, or the header's where it has none.
    pub(super) event_id: EventId,
    /// SHA-256 of the body, in hex.
    pub(super) body_hash: String,
}

impl Delivery {
    pub fn new(
        webhook_id: WebhookId,
        body: Vec<u8>,
        reading: ParsedBody,
        received_at: Timestamp,
    ) -> Self {
        let own = envelope(&reading).and_then(|envelope| envelope.event.clone());
        let event_id = own.unwrap_or_else(|| EventId::new(webhook_id.as_str()));
        let body_hash = hash(&body);
        Self { webhook_id, body, reading, received_at, event_id, body_hash }
    }

    /// The same, with the hash of the body that came: attributes that are not kept were cut out of
    /// the stored one.
    #[must_use]
    pub(super) fn with_hash(self, body_hash: String) -> Self {
        Self { body_hash, ..self }
    }

    /// The same, from the event log. The bytes of its webhook are different, so the body hash stays
    /// empty and a difference means nothing.
    #[must_use]
    pub(super) fn of_log(self) -> Self {
        Self { body_hash: String::new(), ..self }
    }

    pub(super) fn asked(&self) -> DeliveryKey<'_> {
        DeliveryKey {
            organization: self.key_organization(),
            webhook_id: self.webhook_id.as_str(),
            event_id: self.event_id.as_str(),
            kind: self.kind(),
        }
    }

    /// The organization that the delivery is stored under; empty if it names none.
    fn key_organization(&self) -> &str {
        let organization = self.envelope().and_then(|envelope| envelope.organization.as_ref());
        organization.map_or("", OrganizationId::as_str)
    }

    pub fn event(&self) -> &EventId {
        &self.event_id
    }

    pub(super) fn envelope(&self) -> Option<&Envelope> {
        envelope(&self.reading)
    }

    pub(super) fn kind(&self) -> &str {
        self.envelope().map_or("", |envelope| envelope.kind.as_str())
    }

    fn occurred_at(&self) -> Timestamp {
        occurred_at_or_received(
            self.envelope().and_then(|envelope| envelope.occurred_at),
            self.received_at,
        )
    }

    /// The organization that this delivery may change.
    pub(super) fn organization(&self) -> Option<&OrganizationId> {
        match &self.reading {
            ParsedBody::Event(event) if !event.mismatch => event.envelope.organization.as_ref(),
            _ => None,
        }
    }

    /// The shard key: deliveries of one organization are processed in the order of arrival.
    pub fn shard(&self) -> Option<&OrganizationId> {
        self.organization()
    }

    /// The group that identifies the organization, if the event names no organization.
    fn by_group(&self) -> Option<&GroupId> {
        match &self.reading {
            ParsedBody::Event(event) if event.envelope.organization.is_none() => {
                match &event.payload {
                    EventPayload::GroupMembers { group, .. } => Some(group),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    #[must_use]
    fn owned_by(mut self, organization: OrganizationId) -> Self {
        if let ParsedBody::Event(event) = &mut self.reading {
            event.envelope.organization = Some(organization);
        }
        self
    }

    fn is_about_the_end(&self) -> bool {
        matches!(&self.reading, ParsedBody::Event(event)
            if matches!(event.payload, EventPayload::Organization { change: Change::Deleted, .. }))
    }
}

fn envelope(reading: &ParsedBody) -> Option<&Envelope> {
    match reading {
        ParsedBody::Event(event) => Some(&event.envelope),
        ParsedBody::Unknown(envelope) => Some(envelope),
        ParsedBody::Unreadable { envelope, .. } => envelope.as_ref(),
    }
}

/// Ingests a batch in the given order, all or nothing. Gives the outcome of each delivery.
pub async fn ingest_deliveries(
    state: &AppState,
    batch: &[Delivery],
) -> Result<Vec<Outcome>, Error> {
    let batch = &*owned(state, batch).await?;
    let mut seats = load::begin(state, batch).await?;
    let now = seats.now();
    let mut seen = DuplicateIndex::load(seats.tx(), batch).await?;
    seats.load(load::needs(batch)).await?;
    let kept = seats.kept_attributes().await?;
    let mut taken = Vec::with_capacity(batch.len());
    for delivery in batch {
        let repeat = seen.note(delivery);
        let before = seats.decided().len();
        let outcome = match repeat {
            Some(_) => Outcome::Duplicate,
            None => batch::apply(&mut seats, delivery).await?,
        };
        let revision = seats.decided().get(before).map(|decided| decided.revision);
        taken.push(DeliveryRecord { revision, ..row(state, delivery, outcome, (repeat, &kept)) });
    }
    let outcomes = taken.iter().map(|row| row.outcome).collect();
    // Every process and shard writes in the same order, which prevents deadlocks.
    taken.sort_unstable_by(|a, b| a.webhook_id.cmp(&b.webhook_id));
    let mut tx = seats.write().await?;
    deliveries::add(&mut tx, &taken).await?;
    if taken.iter().any(|row| row.outcome == Outcome::Dead) {
        dead_letters::open_alert(&mut tx, state, now).await?;
    }
    tx.commit().await?;
    Ok(outcomes)
}

/// A delivery that names a group and no organization belongs to the organization that has the
/// group, if exactly one has it.
pub(super) async fn owned<'a>(
    state: &AppState,
    batch: &'a [Delivery],
) -> sqlx::Result<Cow<'a, [Delivery]>> {
    let asked: Vec<&GroupId> = batch.iter().filter_map(Delivery::by_group).collect();
    if asked.is_empty() {
        return Ok(Cow::Borrowed(batch));
    }
    let owners = groups::owners(&mut state.db.read().await?, &asked).await?;
    let owner = |delivery: &Delivery| {
        let group = delivery.by_group()?;
        let mut of_group = owners.iter().filter(|(owned, _)| owned == group);
        of_group
            .next()
            .filter(|_| of_group.next().is_none())
            .map(|(_, organization)| organization.clone())
    };
    let found = batch.iter().cloned().map(|delivery| match owner(&delivery) {
        Some(organization) => delivery.owned_by(organization),
        None => delivery,
    });
    Ok(Cow::Owned(found.collect()))
}

/// Stores a delivery that fails even alone as a dead letter, with the reason.
pub async fn store_as_dead_letter(
    state: &AppState,
    delivery: &Delivery,
    why: &str,
) -> Result<Outcome, Error> {
    let owned = owned(state, std::slice::from_ref(delivery)).await?;
    let delivery = owned.first().unwrap_or(delivery);
    let mut tx = state.db.write().await?;
    let mut seen = DuplicateIndex::load(&mut tx, std::slice::from_ref(delivery)).await?;
    let repeat = seen.note(delivery);
    let outcome = if repeat.is_some() { Outcome::Duplicate } else { Outcome::Dead };
    let kept = settings::values(&mut tx, &state.settings.fixed).await?.kept_attributes;
    let row = row(state, delivery, outcome, (repeat, &kept));
    let taken = DeliveryRecord { why: Some(why.to_owned()), ..row };
    deliveries::add(&mut tx, std::slice::from_ref(&taken)).await?;
    if outcome == Outcome::Dead {
        dead_letters::open_alert(&mut tx, state, state.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(outcome)
}

/// The row of a delivery, without the attributes that are not kept.
pub(super) fn row(
    state: &AppState,
    delivery: &Delivery,
    outcome: Outcome,
    (repeat, kept): (Option<Duplicate>, &KeptAttributes),
) -> DeliveryRecord {
    let why = match &delivery.reading {
        ParsedBody::Unreadable { why, .. } => Some(why.clone()),
        _ if repeat == Some(Duplicate::Altered) => {
            Some("The same id was received before with a different body.".to_owned())
        }
        _ if outcome == Outcome::Dead && delivery.by_group().is_some() => Some(NO_OWNER.to_owned()),
        _ if outcome == Outcome::Dead => Some(AMBIGUOUS.to_owned()),
        ParsedBody::Event(event) if event.envelope.occurred_at.is_none() => {
            Some(UNDATED.to_owned())
        }
        ParsedBody::Event(event)
            if event
                .envelope
                .occurred_at
                .is_some_and(|told| is_too_far_ahead(told, delivery.received_at)) =>
        {
            Some(AHEAD.to_owned())
        }
        _ => None,
    };
    DeliveryRecord {
        id: DeliveryId::generate(&state.clock),
        webhook_id: delivery.webhook_id.clone(),
        event: delivery.event_id.clone(),
        kind: delivery.kind().to_owned(),
        organization: delivery.envelope().and_then(|envelope| envelope.organization.clone()),
        occurred_at: delivery.occurred_at(),
        received_at: delivery.received_at,
        outcome,
        original: repeat.is_none(),
        suspicious: repeat == Some(Duplicate::Altered),
        why,
        // An identical duplicate is stored without its body.
        body: (repeat != Some(Duplicate::Same)).then(|| {
            without_attributes(&delivery.body, kept).unwrap_or_else(|| delivery.body.clone())
        }),
        body_hash: delivery.body_hash.clone(),
        revision: None,
    }
}

/// Why a well-formed event became a dead letter, and the notes on events that count as of their
/// receipt.
const AMBIGUOUS: &str =
    "The event names its person by e-mail alone, and several people have that address.";
const UNDATED: &str = "The event does not say when it happened: it counts as of its receipt.";
const AHEAD: &str = "The event says that it happens in the future: it counts as of its receipt.";
const NO_OWNER: &str =
    "The event names no organization, and there is not exactly one that has its group.";

fn hash(body: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(body).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}

/// How a delivery repeats an earlier one: with the same body, or with the same id and a different
/// body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duplicate {
    Same,
    Altered,
}

/// The known deliveries of each organization, by `webhook-id` and by (event id, type).
#[derive(Default)]
struct DuplicateIndex {
    webhooks: HashMap<(String, String), String>,
    events: HashMap<(String, String, String), String>,
}

impl DuplicateIndex {
    async fn load<'a>(tx: &mut crate::db::Tx, batch: &'a [Delivery]) -> sqlx::Result<Self> {
        let asked: Vec<DeliveryKey<'a>> = batch.iter().map(Delivery::asked).collect();
        let mut seen = Self::default();
        for known in deliveries::known(tx, &asked).await? {
            let StoredDelivery { organization_id, webhook_id, event_id, kind, body_hash, .. } =
                known;
            let webhook = (organization_id.clone(), webhook_id);
            seen.remember(webhook, (organization_id, event_id, kind), body_hash);
        }
        Ok(seen)
    }

    fn remember(
        &mut self,
        webhook: (String, String),
        event: (String, String, String),
        body_hash: String,
    ) {
        self.webhooks.insert(webhook, body_hash.clone());
        self.events.insert(event, body_hash);
    }

    /// Whether this delivery is a duplicate. If it is new, it is added to the index.
    fn note(&mut self, delivery: &Delivery) -> Option<Duplicate> {
        let DeliveryKey { organization, webhook_id, event_id, kind } = delivery.asked();
        let webhook = (organization.to_owned(), webhook_id.to_owned());
        let event = (organization.to_owned(), event_id.to_owned(), kind.to_owned());
        let known = self.webhooks.get(&webhook).or_else(|| self.events.get(&event));
        if let Some(known) = known {
            let same =
                *known == delivery.body_hash || known.is_empty() || delivery.body_hash.is_empty();
            return Some(if same { Duplicate::Same } else { Duplicate::Altered });
        }
        self.remember(webhook, event, delivery.body_hash.clone());
        None
    }
}
