//! Webhooks arrive: a batch in one transaction. Note what came before, lock the organizations in order, load the people
//! concerned, let the seat rules decide one delivery after the other, write the differences, settle, commit.

pub(super) mod fold;
pub(super) mod load;

use std::{borrow::Cow, collections::HashMap};

use sha2::{Digest, Sha256};

use super::{Error, dead_letters, merge_placeholder::merge_placeholder, resync::end_with_organization, settle::settle, shut_out::shut_out};
use crate::{
    desk::Desk,
    domain::{
        decision::Outcome,
        directory_user::DirectoryUser,
        event::{Change, Envelope, Happening, Reading},
        id::{EventId, GroupId, OrganizationId, WebhookId},
        moment::happened_at,
        time::Timestamp,
    },
    store::{
        decisions,
        deliveries::{self, Asked, Known, Taken},
        directory_users, former_addresses,
        groups::{self, Membership},
        organizations,
    },
};
use fold::Fold;
pub(super) use load::head_of_line;

/// A verified delivery.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub webhook_id: WebhookId,
    pub body: Vec<u8>,
    /// What the body says, read before any lock is taken.
    pub reading: Reading,
    pub received_at: Timestamp,
    /// The body's id, or the header's where it has none.
    pub(super) event_id: EventId,
    /// SHA-256 of the body, in hex.
    pub(super) body_hash: String,
}

impl Delivery {
    pub fn new(webhook_id: WebhookId, body: Vec<u8>, reading: Reading, received_at: Timestamp) -> Self {
        let own = envelope(&reading).and_then(|envelope| envelope.event.clone());
        let event_id = own.unwrap_or_else(|| EventId::new(webhook_id.as_str()));
        let body_hash = hash(&body);
        Self { webhook_id, body, reading, received_at, event_id, body_hash }
    }

    /// The same, told by the event log: the bytes of its webhook are others, so that nothing follows from a difference.
    #[must_use]
    pub(super) fn of_log(self) -> Self {
        Self { body_hash: String::new(), ..self }
    }

    pub(super) fn asked(&self) -> Asked<'_> {
        Asked { webhook_id: self.webhook_id.as_str(), event_id: self.event_id.as_str(), kind: self.kind() }
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
        happened_at(self.envelope().and_then(|envelope| envelope.occurred_at), self.received_at)
    }

    /// The organization it may change something of.
    pub(super) fn organization(&self) -> Option<&OrganizationId> {
        match &self.reading {
            Reading::Event(event) if !event.mismatch => event.envelope.organization.as_ref(),
            _ => None,
        }
    }

    /// Deliveries of one organization are taken in the order they came.
    pub fn lane(&self) -> Option<&OrganizationId> {
        self.organization()
    }

    /// The group by which its organization has to be found.
    fn by_group(&self) -> Option<&GroupId> {
        match &self.reading {
            Reading::Event(event) if event.envelope.organization.is_none() => match &event.happening {
                Happening::GroupMembers { group, .. } => Some(group),
                _ => None,
            },
            _ => None,
        }
    }

    #[must_use]
    fn owned_by(mut self, organization: OrganizationId) -> Self {
        if let Reading::Event(event) = &mut self.reading {
            event.envelope.organization = Some(organization);
        }
        self
    }

    fn is_about_the_end(&self) -> bool {
        matches!(&self.reading, Reading::Event(event)
            if matches!(event.happening, Happening::Organization { change: Change::Deleted, .. }))
    }
}

fn envelope(reading: &Reading) -> Option<&Envelope> {
    match reading {
        Reading::Event(event) => Some(&event.envelope),
        Reading::Unknown(envelope) => Some(envelope),
        Reading::Unreadable { envelope, .. } => envelope.as_ref(),
    }
}

/// Takes a batch in the order given, all or nothing. Gives each delivery's outcome.
pub async fn take_deliveries(desk: &Desk, batch: &[Delivery]) -> Result<Vec<Outcome>, Error> {
    let batch = &*owned(desk, batch).await?;
    let mut ids: Vec<OrganizationId> = batch.iter().filter_map(|d| d.organization().cloned()).collect();
    ids.sort();
    ids.dedup();
    let (mut tx, locked) = load::begin(desk, batch, &ids).await?;
    let now = desk.clock.now();
    let seen = Seen::load(&mut tx, batch).await?;
    let mut fold = Fold::new(load::rosters(&mut tx, locked, batch).await?);
    let mut taken = Vec::with_capacity(batch.len());
    let mut seen = seen;
    for delivery in batch {
        let repeat = seen.note(delivery);
        let decided = fold.decided.len();
        let outcome = match repeat {
            Some(_) => Outcome::Duplicate,
            None => fold.take(&mut tx, delivery, now).await?,
        };
        taken.push(Taken { revision: fold.revision_since(decided), ..row(desk, delivery, outcome, repeat) });
    }
    fold.check()?;
    let outcomes = taken.iter().map(|row| row.outcome).collect();
    // Everybody writes in the same order, whatever lane or process they are.
    taken.sort_unstable_by(|a, b| a.webhook_id.cmp(&b.webhook_id));
    write(&mut tx, desk, &fold, now).await?;
    deliveries::add(&mut tx, &taken).await?;
    settle(&mut tx, desk, fold.heard(), now).await?;
    if let Some(dead) = taken.iter().find(|row| row.outcome == Outcome::Dead) {
        dead_letters::tell(&mut tx, desk, dead, now).await?;
    }
    tx.commit().await?;
    Ok(outcomes)
}

/// What names a group and no organization belongs to whoever has that group, if exactly one has.
pub(super) async fn owned<'a>(desk: &Desk, batch: &'a [Delivery]) -> sqlx::Result<Cow<'a, [Delivery]>> {
    let asked: Vec<&GroupId> = batch.iter().filter_map(Delivery::by_group).collect();
    if asked.is_empty() {
        return Ok(Cow::Borrowed(batch));
    }
    let owners = groups::owners(&mut desk.db.read().await?, &asked).await?;
    let owner = |delivery: &Delivery| {
        let group = delivery.by_group()?;
        let mut of_group = owners.iter().filter(|(owned, _)| owned == group);
        of_group.next().filter(|_| of_group.next().is_none()).map(|(_, organization)| organization.clone())
    };
    let found = batch.iter().cloned().map(|delivery| match owner(&delivery) {
        Some(organization) => delivery.owned_by(organization),
        None => delivery,
    });
    Ok(Cow::Owned(found.collect()))
}

/// Keeps a delivery that fails each time it is taken alone as a dead letter, and says why.
pub async fn bury(desk: &Desk, delivery: &Delivery, why: &str) -> Result<Outcome, Error> {
    let mut tx = desk.db.write().await?;
    let mut seen = Seen::load(&mut tx, std::slice::from_ref(delivery)).await?;
    let repeat = seen.note(delivery);
    let outcome = if repeat.is_some() { Outcome::Duplicate } else { Outcome::Dead };
    let taken = Taken { why: Some(why.to_owned()), ..row(desk, delivery, outcome, repeat) };
    deliveries::add(&mut tx, std::slice::from_ref(&taken)).await?;
    if outcome == Outcome::Dead {
        dead_letters::tell(&mut tx, desk, &taken, desk.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(outcome)
}

/// Writes what the fold has made of the organizations and their people.
pub(super) async fn write(tx: &mut crate::db::Tx, desk: &Desk, fold: &Fold, now: Timestamp) -> Result<(), Error> {
    for (organization, placeholder, id) in &fold.merged {
        merge_placeholder(tx, organization, placeholder, id).await?;
    }
    let organizations: Vec<_> = fold.heard().collect();
    organizations::save(tx, &organizations, now).await?;
    let people: Vec<_> = organizations.iter().flat_map(|o| o.roster.touched().map(|user| (o.id(), user))).collect();
    directory_users::save(tx, &people).await?;
    let learnt: Vec<_> = organizations.iter().flat_map(|o| o.roster.learnt_addresses().map(|former| (o.id(), former))).collect();
    former_addresses::add(tx, &learnt).await?;
    let mentioned: Vec<_> = fold.mentioned.iter().map(|((organization, group), name)| (organization, group, name.as_ref())).collect();
    groups::mention(tx, &mentioned).await?;
    let is_regrouped = |o: &OrganizationId, user: &DirectoryUser| user.groups.is_some() && fold.may_be_grouped(o, &user.id);
    let regrouped: Vec<_> = people.iter().filter(|(o, user)| is_regrouped(o, user)).map(|(o, user)| (*o, &user.id)).collect();
    groups::replace_memberships(tx, &regrouped, &memberships(&people)).await?;
    let said = fold.regrouped.iter().map(|(organization, user)| (organization, user));
    let follow = organizations.iter().filter(|o| o.has_membership_news).flat_map(|o| o.roster.touched().map(|user| (o.id(), &user.id)));
    groups::follow_memberships(tx, &follow.chain(said).collect::<Vec<_>>()).await?;
    decisions::add(tx, &fold.decided).await?;
    for organization in fold.ended() {
        end_with_organization(tx, organization, now).await?;
    }
    shut_out(tx, desk, &fold.departures, &organizations, now).await?;
    Ok(())
}

/// Who is in which group by the news of their own.
pub(super) fn memberships<'a>(people: &[(&'a OrganizationId, &'a DirectoryUser)]) -> Vec<Membership<'a>> {
    let groups = |user: &'a DirectoryUser| user.groups.iter().flatten();
    people.iter().flat_map(|(o, user)| groups(user).map(|group| (*o, &user.id, group, user.groups_news))).collect()
}

pub(super) fn row(desk: &Desk, delivery: &Delivery, outcome: Outcome, repeat: Option<Repeat>) -> Taken {
    let why = match &delivery.reading {
        Reading::Unreadable { why, .. } => Some(why.clone()),
        _ if repeat == Some(Repeat::Altered) => Some("The same id came before with a different body.".to_owned()),
        _ if outcome == Outcome::Dead && delivery.by_group().is_some() => Some(NOBODYS.to_owned()),
        _ if outcome == Outcome::Dead => Some(AMBIGUOUS.to_owned()),
        Reading::Event(event) if event.envelope.occurred_at.is_none() => Some(UNDATED.to_owned()),
        _ => None,
    };
    Taken {
        id: desk.clock.id("dlv"),
        webhook_id: delivery.webhook_id.clone(),
        event: delivery.event_id.clone(),
        kind: delivery.kind().to_owned(),
        organization: delivery.envelope().and_then(|envelope| envelope.organization.clone()),
        occurred_at: delivery.occurred_at(),
        received_at: delivery.received_at,
        outcome,
        original: repeat.is_none(),
        suspicious: repeat == Some(Repeat::Altered),
        why,
        // a faithful repetition is kept once
        body: (repeat != Some(Repeat::Same)).then(|| delivery.body.clone()),
        body_hash: delivery.body_hash.clone(),
        revision: None,
    }
}

/// The reasons the rules have not to understand what the reader did.
const AMBIGUOUS: &str = "The event names its person by e-mail alone, and several people have that address.";
const UNDATED: &str = "The event does not say when it happened: it counts as of its receipt.";
const NOBODYS: &str = "The event names no organization, and there is not exactly one that has its group.";

fn hash(body: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(body).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}

/// A delivery came before: the very same, or the same id with another body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    Same,
    Altered,
}

/// What came before, by `webhook-id` and by (event id, type).
struct Seen {
    webhooks: HashMap<String, String>,
    events: HashMap<(String, String), String>,
}

impl Seen {
    async fn load<'a>(tx: &mut crate::db::Tx, batch: &'a [Delivery]) -> sqlx::Result<Self> {
        let asked: Vec<Asked<'a>> = batch.iter().map(Delivery::asked).collect();
        let mut seen = Self { webhooks: HashMap::new(), events: HashMap::new() };
        for known in deliveries::known(tx, &asked).await? {
            seen.remember(known);
        }
        Ok(seen)
    }

    fn remember(&mut self, known: Known) {
        self.webhooks.insert(known.webhook_id, known.body_hash.clone());
        self.events.insert((known.event_id, known.kind), known.body_hash);
    }

    /// Whether this came before; the next one like it has.
    fn note(&mut self, delivery: &Delivery) -> Option<Repeat> {
        let event = (delivery.event_id.to_string(), delivery.kind().to_owned());
        let known = self.webhooks.get(delivery.webhook_id.as_str()).or_else(|| self.events.get(&event));
        if let Some(known) = known {
            let same = *known == delivery.body_hash || known.is_empty() || delivery.body_hash.is_empty();
            return Some(if same { Repeat::Same } else { Repeat::Altered });
        }
        let (event_id, kind) = event;
        self.remember(Known { webhook_id: delivery.webhook_id.to_string(), event_id, kind, body_hash: delivery.body_hash.clone() });
        None
    }
}
