//! A search of the inbox, in parts. There is one statement for each index that a search can use.

use super::{Listed, Row};
use crate::{
    db::{Tx, sql},
    domain::{decision::Outcome, id::DeliveryId, time::Timestamp},
    store::rows::Keyed,
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
    /// A rare outcome other than a dead letter.
    Remarkable,
    Organization,
    Kind,
    Time,
}

impl<'a> Filter<'a> {
    fn by(&self) -> By {
        match self.outcome {
            Some(Outcome::Dead) => By::Dead,
            _ if self.suspicious => By::Suspicious,
            Some(Outcome::Mismatch | Outcome::Archived | Outcome::Ignored | Outcome::Stale) => {
                By::Remarkable
            }
            _ if !self.organization.is_empty() => By::Organization,
            _ if !self.kind.is_empty() => By::Kind,
            _ => By::Time,
        }
    }

    /// The index key, for an index that covers more than one value.
    fn key(&self) -> &'a str {
        match self.by() {
            By::Remarkable => self.outcome.map_or("", Outcome::as_str),
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

/// A position in the order of arrival.
#[derive(Clone, Debug)]
pub struct Position {
    pub received_at: Timestamp,
    pub id: DeliveryId,
}

/// A part of the inbox.
#[derive(Clone, Debug)]
pub struct Part {
    pub rows: Vec<Listed>,
    /// Where the next part begins, if there are older rows.
    pub older: Option<Position>,
    /// The part ends because the search reached its limit of rows.
    pub looked_through: bool,
}

/// At most `rows` matching deliveries older than `before`, from at most `most` rows of the index.
pub async fn part(
    tx: &mut Tx,
    filter: Filter<'_>,
    before: Option<&Position>,
    (rows, most): (i64, i64),
) -> sqlx::Result<Part> {
    let start =
        before.map_or((i64::MAX, ""), |before| (before.received_at.nanos(), before.id.as_str()));
    let found = entered(tx, filter, start, (rows, most)).await?;
    let mut found: Vec<Listed> = found.into_iter().map(|Keyed(row)| row.into()).collect();
    if i64::try_from(found.len()).is_ok_and(|n| n > rows) {
        found.truncate(usize::try_from(rows).unwrap_or(usize::MAX));
        let older =
            found.last().map(|row| Position { received_at: row.received_at, id: row.id.clone() });
        return Ok(Part { rows: found, older, looked_through: false });
    }
    let older =
        if filter.is_exact() { None } else { last_looked_at(tx, filter, start, most).await? };
    Ok(Part { rows: found, looked_through: older.is_some(), older })
}

/// The matching deliveries, by the index that the search uses.
const DEAD: &str = r"
    select d.id, d.kind, d.organization_id, o.name, d.event_id, d.outcome, d.suspicious,
      d.received_at
    from (
      select id, kind, organization_id, event_id, outcome, suspicious, received_at
      from deliveries
      where outcome = 'dead' and $1 = '' and (received_at, id) < ($2, $3)
      order by received_at desc, id desc
      limit $4
    ) d
    left join organizations o on o.id = d.organization_id
    where ($5 = '' or d.organization_id = $5) and ($6 = '' or d.kind = $6)
      and ($7 = '' or d.outcome = $7) and (d.suspicious or not $8)
    order by d.received_at desc, d.id desc
    limit $9
";

const SUSPICIOUS: &str = r"
    select d.id, d.kind, d.organization_id, o.name, d.event_id, d.outcome, d.suspicious,
      d.received_at
    from (
      select id, kind, organization_id, event_id, outcome, suspicious, received_at
      from deliveries
      where suspicious and $1 = '' and (received_at, id) < ($2, $3)
      order by received_at desc, id desc
      limit $4
    ) d
    left join organizations o on o.id = d.organization_id
    where ($5 = '' or d.organization_id = $5) and ($6 = '' or d.kind = $6)
      and ($7 = '' or d.outcome = $7) and (d.suspicious or not $8)
    order by d.received_at desc, d.id desc
    limit $9
";

const REMARKABLE: &str = r"
    select d.id, d.kind, d.organization_id, o.name, d.event_id, d.outcome, d.suspicious,
      d.received_at
    from (
      select id, kind, organization_id, event_id, outcome, suspicious, received_at
      from deliveries
      where outcome = $1
        and (outcome = 'mismatch' or outcome = 'archived' or outcome = 'ignored'
          or outcome = 'stale')
        and (received_at, id) < ($2, $3)
      order by received_at desc, id desc
      limit $4
    ) d
    left join organizations o on o.id = d.organization_id
    where ($5 = '' or d.organization_id = $5) and ($6 = '' or d.kind = $6)
      and ($7 = '' or d.outcome = $7) and (d.suspicious or not $8)
    order by d.received_at desc, d.id desc
    limit $9
";

const OF_ORGANIZATION: &str = r"
    select d.id, d.kind, d.organization_id, o.name, d.event_id, d.outcome, d.suspicious,
      d.received_at
    from (
      select id, kind, organization_id, event_id, outcome, suspicious, received_at
      from deliveries
      where organization_id = $1 and (received_at, id) < ($2, $3)
      order by received_at desc, id desc
      limit $4
    ) d
    left join organizations o on o.id = d.organization_id
    where ($5 = '' or d.organization_id = $5) and ($6 = '' or d.kind = $6)
      and ($7 = '' or d.outcome = $7) and (d.suspicious or not $8)
    order by d.received_at desc, d.id desc
    limit $9
";

const OF_KIND: &str = r"
    select d.id, d.kind, d.organization_id, o.name, d.event_id, d.outcome, d.suspicious,
      d.received_at
    from (
      select id, kind, organization_id, event_id, outcome, suspicious, received_at
      from deliveries
      where kind = $1 and (received_at, id) < ($2, $3)
      order by received_at desc, id desc
      limit $4
    ) d
    left join organizations o on o.id = d.organization_id
    where ($5 = '' or d.organization_id = $5) and ($6 = '' or d.kind = $6)
      and ($7 = '' or d.outcome = $7) and (d.suspicious or not $8)
    order by d.received_at desc, d.id desc
    limit $9
";

const ALL: &str = r"
    select d.id, d.kind, d.organization_id, o.name, d.event_id, d.outcome, d.suspicious,
      d.received_at
    from (
      select id, kind, organization_id, event_id, outcome, suspicious, received_at
      from deliveries
      where $1 = '' and (received_at, id) < ($2, $3)
      order by received_at desc, id desc
      limit $4
    ) d
    left join organizations o on o.id = d.organization_id
    where ($5 = '' or d.organization_id = $5) and ($6 = '' or d.kind = $6)
      and ($7 = '' or d.outcome = $7) and (d.suspicious or not $8)
    order by d.received_at desc, d.id desc
    limit $9
";

/// The matching deliveries from a position on, from at most `most` rows of the index; one more than
/// `rows`, if there are so many.
async fn entered(
    tx: &mut Tx,
    filter: Filter<'_>,
    (received_at, id): (i64, &str),
    (rows, most): (i64, i64),
) -> sqlx::Result<Vec<Keyed<Row>>> {
    macro_rules! entered {
        ($text:ident) => {
            sql!(
                all(tx),
                $text,
                filter.key(),
                received_at,
                id,
                if filter.is_exact() { rows + 1 } else { most },
                filter.organization,
                filter.kind,
                filter.outcome.map_or("", Outcome::as_str),
                filter.suspicious,
                rows + 1,
            )
        };
    }
    match filter.by() {
        By::Dead => entered!(DEAD),
        By::Suspicious => entered!(SUSPICIOUS),
        By::Remarkable => entered!(REMARKABLE),
        By::Organization => entered!(OF_ORGANIZATION),
        By::Kind => entered!(OF_KIND),
        By::Time => entered!(ALL),
    }
}

/// The last row within the search limit, by the index that the search uses.
const LAST_DEAD: &str = r"
    select received_at, id
    from deliveries
    where outcome = 'dead' and $1 = '' and (received_at, id) < ($2, $3)
    order by received_at desc, id desc
    limit 1 offset $4
";

const LAST_SUSPICIOUS: &str = r"
    select received_at, id
    from deliveries
    where suspicious and $1 = '' and (received_at, id) < ($2, $3)
    order by received_at desc, id desc
    limit 1 offset $4
";

const LAST_REMARKABLE: &str = r"
    select received_at, id
    from deliveries
    where outcome = $1
      and (outcome = 'mismatch' or outcome = 'archived' or outcome = 'ignored'
        or outcome = 'stale')
      and (received_at, id) < ($2, $3)
    order by received_at desc, id desc
    limit 1 offset $4
";

const LAST_OF_ORGANIZATION: &str = r"
    select received_at, id
    from deliveries
    where organization_id = $1 and (received_at, id) < ($2, $3)
    order by received_at desc, id desc
    limit 1 offset $4
";

const LAST_OF_KIND: &str = r"
    select received_at, id
    from deliveries
    where kind = $1 and (received_at, id) < ($2, $3)
    order by received_at desc, id desc
    limit 1 offset $4
";

const LAST_ALL: &str = r"
    select received_at, id
    from deliveries
    where $1 = '' and (received_at, id) < ($2, $3)
    order by received_at desc, id desc
    limit 1 offset $4
";

/// The last row within the search limit; `None` if there are fewer rows.
async fn last_looked_at(
    tx: &mut Tx,
    filter: Filter<'_>,
    (received_at, id): (i64, &str),
    most: i64,
) -> sqlx::Result<Option<Position>> {
    macro_rules! last {
        ($text:ident) => {
            sql!(optional(tx), $text, filter.key(), received_at, id, most - 1)
        };
    }
    let last: Option<(i64, String)> = match filter.by() {
        By::Dead => last!(LAST_DEAD),
        By::Suspicious => last!(LAST_SUSPICIOUS),
        By::Remarkable => last!(LAST_REMARKABLE),
        By::Organization => last!(LAST_OF_ORGANIZATION),
        By::Kind => last!(LAST_OF_KIND),
        By::Time => last!(LAST_ALL),
    }?;
    Ok(last.map(|(at, id)| Position {
        received_at: Timestamp::from_nanos(at),
        id: DeliveryId::new(id),
    }))
}
