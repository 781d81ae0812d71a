//! What each account is told by e-mail, and when. A topic without a row is told at once.

use std::collections::BTreeMap;

use crate::{
    db::{Tx, sql},
    domain::{
        id::AccountId,
        preference::{Frequency, Period, Topic},
        time::Timestamp,
    },
};

/// What the account has chosen.
pub async fn of_account(
    tx: &mut Tx,
    account: &AccountId,
) -> sqlx::Result<BTreeMap<Topic, Frequency>> {
    let rows: Vec<(String, String)> = sql!(
        all(tx),
        r"
        select topic, frequency
        from preferences
        where account_id = $1
        order by topic
        ",
        account.as_str(),
    )?;
    let known = |(topic, frequency): (String, String)| {
        Some((Topic::parse(&topic)?, Frequency::parse(&frequency)?))
    };
    Ok(rows.into_iter().filter_map(known).collect())
}

/// What the account with this address has chosen about a topic.
pub async fn of_address(tx: &mut Tx, email_key: &str, topic: Topic) -> sqlx::Result<Frequency> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        r"
        select p.frequency
        from accounts a
        join preferences p on p.account_id = a.id
        where a.email_key = $1 and p.topic = $2
        ",
        email_key,
        topic.as_str(),
    )?;
    Ok(row.and_then(|(text,)| Frequency::parse(&text)).unwrap_or_default())
}

/// Sets one; an equal one stays as old as it is.
pub async fn set(
    tx: &mut Tx,
    account: &AccountId,
    (topic, frequency): (Topic, Frequency),
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into preferences (account_id, topic, frequency, changed_at)
        values ($1, $2, $3, $4)
        on conflict (account_id, topic) do update
        set frequency = excluded.frequency, changed_at = excluded.changed_at
        where preferences.frequency <> excluded.frequency
        ",
        account.as_str(),
        topic.as_str(),
        frequency.as_str(),
        now.nanos(),
    )?;
    Ok(())
}

/// Ends the digests of a period: what was told in them is told never.
pub async fn end_digests(
    tx: &mut Tx,
    account: &AccountId,
    period: Period,
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update preferences
        set frequency = 'never', changed_at = $3
        where account_id = $1 and frequency = $2
        ",
        account.as_str(),
        period.as_str(),
        now.nanos(),
    )?;
    Ok(())
}
