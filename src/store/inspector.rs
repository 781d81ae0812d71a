//! The inbox for the deliveries page, newest first. Every statement uses an index and reads a
//! bounded number of rows.

use sqlx::FromRow;

use crate::{
    db::{Tx, sql},
    domain::{
        decision::Outcome,
        id::{DeliveryId, EventId, OrganizationId, WebhookId},
        text::ExternalText,
        time::Timestamp,
    },
    views::deliveries::{Cursor, DeliveryRow},
};

/// The filters of a search; empty means any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    pub organization: &'a str,
    pub kind: &'a str,
    pub outcome: Option<Outcome>,
    pub suspicious: bool,
}

/// The index that a search uses: the one for the rarest value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Dead,
    Suspicious,
    Mismatch,
    Archived,
    Ignored,
    Stale,
    Organization,
    Kind,
    Time,
}

impl<'a> Filter<'a> {
    fn by(&self) -> By {
        match self.outcome {
            Some(Outcome::Dead) => By::Dead,
            _ if self.suspicious => By::Suspicious,
            Some(Outcome::Mismatch) => By::Mismatch,
            Some(Outcome::Archived) => By::Archived,
            Some(Outcome::Ignored) => By::Ignored,
            Some(Outcome::Stale) => By::Stale,
            _ if !self.organization.is_empty() => By::Organization,
            _ if !self.kind.is_empty() => By::Kind,
            _ => By::Time,
        }
    }

    /// The index key, for an index that covers more than one value.
    fn key(&self) -> &'a str {
        match self.by() {
            By::Organization => self.organization,
            By::Kind => self.kind,
            _ => "",
        }
    }

    /// Whether every row of the index matches, so that no row has to be skipped.
    fn is_exact(&self) -> bool {
        let filters = [
            !self.organization.is_empty(),
            !self.kind.is_empty(),
            self.outcome.is_some(),
            self.suspicious,
        ];
        let asked = filters.into_iter().filter(|filter| *filter).count();
        asked == usize::from(self.by() != By::Time)
    }
}

/// The rows of an index from a position on: the key is `$1`, the position is `$2` and `$3`.
macro_rules! entered {
    ($by:literal, $rest:literal) => {
        concat!(
            "select id, kind, organization_id, event_id, outcome, suspicious, received_at from deliveries where ",
            $by,
            " and (received_at, id) < ($2, $3) order by received_at desc, id desc ",
            $rest
        )
    };
}

macro_rules! by {
    ($by:expr, $text:ident) => {
        match $by {
            By::Dead => $text!("outcome = 'dead' and $1 = ''"),
            By::Suspicious => $text!("suspicious and $1 = ''"),
            By::Mismatch => $text!("outcome = 'mismatch' and $1 = ''"),
            By::Archived => $text!("outcome = 'archived' and $1 = ''"),
            By::Ignored => $text!("outcome = 'ignored' and $1 = ''"),
            By::Stale => $text!("outcome = 'stale' and $1 = ''"),
            By::Organization => $text!("organization_id = $1"),
            By::Kind => $text!("kind = $1"),
            By::Time => $text!("$1 = ''"),
        }
    };
}

#[derive(FromRow)]
struct Row {
    id: String,
    kind: String,
    organization_id: Option<String>,
    name: Option<String>,
    event_id: String,
    outcome: String,
    suspicious: bool,
    received_at: i64,
}

impl From<Row> for DeliveryRow {
    fn from(row: Row) -> Self {
        let name = row.name.unwrap_or_default();
        let organization = row
            .organization_id
            .map(|id| (OrganizationId::new(&id), ExternalText::or_id(&name, &id)));
        Self {
            id: DeliveryId::new(row.id),
            kind: (!row.kind.is_empty()).then(|| ExternalText::new(&row.kind)),
            organization,
            event: EventId::new(row.event_id),
            outcome: outcome(&row.outcome),
            suspicious: row.suspicious,
            received_at: Timestamp::from_nanos(row.received_at),
        }
    }
}

/// An outcome; the table's check constraint permits only known ones.
fn outcome(text: &str) -> Outcome {
    Outcome::parse(text).unwrap_or(Outcome::Dead)
}

/// A part of the inbox.
#[derive(Clone, Debug)]
pub struct Part {
    pub rows: Vec<DeliveryRow>,
    /// Where the next part begins, if there are older rows.
    pub older: Option<Cursor>,
    /// The part ends because the search reached its limit of rows.
    pub looked_through: bool,
}

/// At most `rows` matching deliveries older than `before`, from at most `most` rows of the index.
pub async fn part(
    tx: &mut Tx,
    filter: Filter<'_>,
    before: Option<&Cursor>,
    (rows, most): (i64, i64),
) -> sqlx::Result<Part> {
    macro_rules! text {
        ($by:literal) => {
            concat!(
                "select d.id, d.kind, d.organization_id, o.name, d.event_id, d.outcome, d.suspicious, d.received_at from (",
                entered!($by, "limit $4"),
                ") d left join organizations o on o.id = d.organization_id where ($5 = '' or d.organization_id = $5) \
                 and ($6 = '' or d.kind = $6) and ($7 = '' or d.outcome = $7) and (d.suspicious or not $8) \
                 order by d.received_at desc, d.id desc limit $9"
            )
        };
    }
    let start =
        before.map_or((i64::MAX, ""), |cursor| (cursor.received_at.nanos(), cursor.id.as_str()));
    let found: Vec<Row> = sql!(
        all(tx),
        by!(filter.by(), text),
        filter.key(),
        start.0,
        start.1,
        if filter.is_exact() { rows + 1 } else { most },
        filter.organization,
        filter.kind,
        filter.outcome.map_or("", Outcome::as_str),
        filter.suspicious,
        rows + 1,
    )?;
    let mut found: Vec<DeliveryRow> = found.into_iter().map(Into::into).collect();
    if i64::try_from(found.len()).is_ok_and(|n| n > rows) {
        found.truncate(usize::try_from(rows).unwrap_or(usize::MAX));
        let older =
            found.last().map(|row| Cursor { received_at: row.received_at, id: row.id.clone() });
        return Ok(Part { rows: found, older, looked_through: false });
    }
    let older =
        if filter.is_exact() { None } else { last_looked_at(tx, filter, start, most).await? };
    Ok(Part { rows: found, looked_through: older.is_some(), older })
}

/// The last row within the search limit; `None` if there are fewer rows.
async fn last_looked_at(
    tx: &mut Tx,
    filter: Filter<'_>,
    start: (i64, &str),
    most: i64,
) -> sqlx::Result<Option<Cursor>> {
    macro_rules! text {
        ($by:literal) => {
            concat!(
                "select d.received_at, d.id from (",
                entered!($by, "limit 1 offset $4"),
                ") d order by d.received_at, d.id limit 1"
            )
        };
    }
    let last: Option<(i64, String)> =
        sql!(optional(tx), by!(filter.by(), text), filter.key(), start.0, start.1, most - 1)?;
    Ok(last
        .map(|(at, id)| Cursor { received_at: Timestamp::from_nanos(at), id: DeliveryId::new(id) }))
}

/// The number of dead letters, counted up to `most`.
pub async fn dead(tx: &mut Tx, most: i64) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        "select count(*) from (select id from deliveries where outcome = 'dead' order by received_at, id limit $1) d",
        most
    )
}

/// The number of deliveries that share an id with a different body, counted up to `most`.
pub async fn suspicious(tx: &mut Tx, most: i64) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        "select count(*) from (select id from deliveries where suspicious order by received_at, id limit $1) d",
        most
    )
}

macro_rules! row {
    ($where:literal) => {
        concat!(
            "select d.id, d.kind, d.organization_id, o.name, d.event_id, d.outcome, d.suspicious, d.received_at from deliveries d \
             left join organizations o on o.id = d.organization_id where ",
            $where
        )
    };
}

/// The deliveries with this `webhook-id` or this event id, newest first.
pub async fn called(
    tx: &mut Tx,
    webhook_id: &str,
    event_id: &str,
    most: i64,
) -> sqlx::Result<Vec<DeliveryRow>> {
    let rows: Vec<Row> = sql!(
        all(tx),
        concat!(
            row!("d.original and d.webhook_id = $1"),
            " union ",
            row!("not d.original and d.webhook_id = $1"),
            " union ",
            row!("d.original and d.event_id = $2"),
            " union ",
            row!("not d.original and d.event_id = $2"),
            " order by 8 desc, 1 desc limit $3" // the columns `received_at` and `id`
        ),
        webhook_id,
        event_id,
        most,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The deliveries that changed a user's seat or waitlist position, newest first.
pub async fn about(
    tx: &mut Tx,
    organization: &str,
    user: &str,
    most: i64,
) -> sqlx::Result<Vec<DeliveryRow>> {
    let rows: Vec<Row> = sql!(
        all(tx),
        row!(
            "d.original and d.organization_id = $1 and d.event_id in (select event_id from (select event_id from decisions \
             where organization_id = $1 and user_id = $2 and event_id is not null order by revision desc, ordinal desc limit $3) e) \
             order by d.received_at desc, d.id desc limit $3"
        ),
        organization,
        user,
        most,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// One delivery with everything that is stored of it.
#[derive(Clone, Debug)]
pub struct Whole {
    pub row: DeliveryRow,
    pub webhook_id: WebhookId,
    pub occurred_at: Timestamp,
    pub original: bool,
    pub why: Option<ExternalText>,
    pub body: Option<Vec<u8>>,
}

#[derive(FromRow)]
struct WholeRow {
    #[sqlx(flatten)]
    row: Row,
    webhook_id: String,
    occurred_at: i64,
    original: bool,
    why: Option<String>,
    body: Option<Vec<u8>>,
}

pub async fn whole(tx: &mut Tx, id: &DeliveryId) -> sqlx::Result<Option<Whole>> {
    let found: Option<WholeRow> = sql!(
        optional(tx),
        "select d.id, d.kind, d.organization_id, o.name, d.event_id, d.outcome, d.suspicious, d.received_at, d.webhook_id, d.occurred_at, \
         d.original, d.why, d.body from deliveries d left join organizations o on o.id = d.organization_id where d.id = $1",
        id.as_str(),
    )?;
    Ok(found.map(|whole| Whole {
        row: whole.row.into(),
        webhook_id: WebhookId::new(whole.webhook_id),
        occurred_at: Timestamp::from_nanos(whole.occurred_at),
        original: whole.original,
        why: whole.why.as_deref().map(ExternalText::sentence),
        body: whole.body,
    }))
}
