//! What people did with a delivery: replay it, or reveal the personal data in it.

use sqlx::FromRow;

use crate::{
    db::{Tx, sql},
    domain::{
        decision::Outcome,
        id::{AccountId, DeliveryId},
        text::ExternalText,
        time::Timestamp,
    },
    views::deliveries::{Done, HistoryRow},
};

/// One action of a person.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub id: &'a str,
    pub delivery: &'a DeliveryId,
    pub actor: &'a str,
    /// `None` means the command line.
    pub account: Option<&'a AccountId>,
    pub done: Done,
    /// Why it is still a dead letter.
    pub why: Option<&'a str>,
}

pub async fn add(tx: &mut Tx, entry: &Entry<'_>, now: Timestamp) -> sqlx::Result<()> {
    let (action, outcome) = match entry.done {
        Done::Replayed(outcome) => ("replayed", Some(outcome.as_str())),
        Done::Shown => ("shown", None),
    };
    sql!(
        execute(tx),
        "insert into delivery_history (delivery_id, id, action, actor, account_id, outcome, why, at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        entry.delivery.as_str(),
        entry.id,
        action,
        entry.actor,
        entry.account.map(AccountId::as_str),
        outcome,
        entry.why,
        now.nanos(),
    )
    .map(|_| ())
}

#[derive(FromRow)]
struct Row {
    outcome: Option<String>,
    actor: String,
    why: Option<String>,
    at: i64,
}

/// The history of a delivery, newest first.
pub async fn of_delivery(
    tx: &mut Tx,
    delivery: &DeliveryId,
    most: i64,
) -> sqlx::Result<Vec<HistoryRow>> {
    let rows: Vec<Row> = sql!(
        all(tx),
        "select outcome, actor, why, at from delivery_history where delivery_id = $1 order by at desc, id desc limit $2",
        delivery.as_str(),
        most,
    )?;
    let row = |row: Row| HistoryRow {
        done: row.outcome.map_or(Done::Shown, |outcome| {
            Done::Replayed(Outcome::parse(&outcome).unwrap_or(Outcome::Dead))
        }),
        actor: ExternalText::new(&row.actor),
        why: row.why.as_deref().map(ExternalText::sentence),
        at: Timestamp::from_nanos(row.at),
    };
    Ok(rows.into_iter().map(row).collect())
}

/// When the personal data was last revealed to this account.
pub async fn shown_to(
    tx: &mut Tx,
    delivery: &DeliveryId,
    account: &AccountId,
) -> sqlx::Result<Option<Timestamp>> {
    let row: Option<(i64,)> = sql!(
        optional(tx),
        "select at from delivery_history where delivery_id = $1 and action = 'shown' and account_id = $2 order by at desc, id desc limit 1",
        delivery.as_str(),
        account.as_str(),
    )?;
    Ok(row.map(|(at,)| Timestamp::from_nanos(at)))
}
