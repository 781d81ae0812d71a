//! What people did with a delivery: replay it, or reveal the personal data in it.

use sqlx::{ColumnIndex, Decode, FromRow, Type};

use super::{
    columns,
    deliveries::StoredKey,
    exactly_one,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, sql},
    domain::{
        decision::Outcome,
        delivery::HistoryAction,
        id::{AccountId, HistoryEntryId, OrganizationId},
        time::Timestamp,
    },
};

/// One action of a person.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub id: &'a HistoryEntryId,
    pub delivery: &'a StoredKey,
    pub actor: &'a str,
    /// `None` means the command line.
    pub account: Option<&'a AccountId>,
    pub done: HistoryAction,
    /// Why it is still a dead letter.
    pub why: Option<&'a str>,
}

pub async fn add(tx: &mut Tx, entry: &Entry<'_>, now: Timestamp) -> sqlx::Result<()> {
    let (action, outcome) = match entry.done {
        HistoryAction::Replayed(outcome) => ("replayed", Some(outcome.as_str())),
        HistoryAction::Shown => ("shown", None),
    };
    sql!(
        execute(tx),
        r"
        insert into delivery_history (
          organization_id, delivery_id, id, action, actor, account_id, outcome, why, at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ",
        columns::from_organization(entry.delivery.organization.as_ref()),
        entry.delivery.id.as_str(),
        entry.id.as_str(),
        action,
        entry.actor,
        entry.account.map(AccountId::as_str),
        outcome,
        entry.why,
        now.nanos(),
    )
    .and_then(exactly_one)
}

/// Moves the history of a delivery to the organization that the delivery has moved to.
pub async fn move_to(
    tx: &mut Tx,
    delivery: &StoredKey,
    organization: Option<&OrganizationId>,
) -> sqlx::Result<()> {
    let from = columns::from_organization(delivery.organization.as_ref());
    sql!(
        execute(tx),
        r"
        insert into delivery_history (
          organization_id, delivery_id, id, action, actor, account_id, outcome, why, at
        )
        select $3, delivery_id, id, action, actor, account_id, outcome, why, at
        from delivery_history
        where organization_id = $1 and delivery_id = $2
        ",
        from,
        delivery.id.as_str(),
        columns::from_organization(organization),
    )?;
    sql!(
        execute(tx),
        r"
        delete from delivery_history
        where organization_id = $1 and delivery_id = $2
        ",
        from,
        delivery.id.as_str(),
    )?;
    Ok(())
}

/// An action in the history of a delivery.
#[derive(Clone, Debug)]
pub struct Listed {
    pub done: HistoryAction,
    pub actor: String,
    pub why: Option<String>,
    pub at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    #[sqlx(flatten)]
    act: Act,
    actor: String,
    why: Option<String>,
    at: i64,
}

impl Stored for Row {
    const TABLE: &'static str = "delivery_history";
    const KEY: &'static [&'static str] = &["delivery_id", "id"];
}

/// The columns `action` and `outcome`.
struct Act(HistoryAction);

impl<'r, R> FromRow<'r, R> for Act
where
    R: sqlx::Row,
    &'static str: ColumnIndex<R>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
    Option<Text<Outcome>>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        match (row.try_get("action")?, row.try_get("outcome")?) {
            ("replayed", Some(Text(outcome))) => Ok(Self(HistoryAction::Replayed(outcome))),
            ("shown", None) => Ok(Self(HistoryAction::Shown)),
            _ => Err(sqlx::Error::ColumnDecode {
                index: "action".to_owned(),
                source: "the action and the outcome contradict each other".into(),
            }),
        }
    }
}

/// The history of a delivery, newest first.
pub async fn of_delivery(
    tx: &mut Tx,
    delivery: &StoredKey,
    most: i64,
) -> sqlx::Result<Vec<Listed>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select delivery_id, id, action, outcome, actor, why, at
        from delivery_history
        where organization_id = $1 and delivery_id = $2
        order by at desc, id desc
        limit $3
        ",
        columns::from_organization(delivery.organization.as_ref()),
        delivery.id.as_str(),
        most,
    )?;
    let row = |Keyed(row): Keyed<Row>| Listed {
        done: row.act.0,
        actor: row.actor,
        why: row.why,
        at: Timestamp::from_nanos(row.at),
    };
    Ok(rows.into_iter().map(row).collect())
}

/// When the personal data was last revealed to this account.
pub async fn shown_to(
    tx: &mut Tx,
    delivery: &StoredKey,
    account: &AccountId,
) -> sqlx::Result<Option<Timestamp>> {
    let row: Option<(i64,)> = sql!(
        optional(tx),
        r"
        select at
        from delivery_history
        where organization_id = $1 and delivery_id = $2 and action = 'shown' and account_id = $3
        order by at desc, id desc
        limit 1
        ",
        columns::from_organization(delivery.organization.as_ref()),
        delivery.id.as_str(),
        account.as_str(),
    )?;
    Ok(row.map(|(at,)| Timestamp::from_nanos(at)))
}
