//! The settings that staff admins change while Seatkeeper runs. They are read where they are
//! needed, so that a change counts at once in every process.

use sqlx::FromRow;

use super::{exactly_one, rows::InconsistentRow};
use crate::{
    db::{Tx, sql},
    domain::{
        setting::{FixedSettings, SettingName, SettingValues},
        time::Timestamp,
    },
};

/// Who changed a setting last, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub name: SettingName,
    pub by: String,
    pub at: Timestamp,
}

#[derive(FromRow)]
struct SettingRow {
    name: String,
    value: String,
    changed_by: String,
    changed_at: i64,
}

/// The values that count: the fixed ones, then the stored ones, then the defaults.
pub async fn values(tx: &mut Tx, fixed: &FixedSettings) -> sqlx::Result<SettingValues> {
    Ok(with_changes(tx, fixed).await?.0)
}

/// The values that count, and the last change of each stored setting.
pub async fn with_changes(
    tx: &mut Tx,
    fixed: &FixedSettings,
) -> sqlx::Result<(SettingValues, Vec<Changed>)> {
    let rows: Vec<SettingRow> = sql!(
        all(tx),
        r"
        select name, value, changed_by, changed_at
        from settings
        order by name
        ",
    )?;
    let (mut values, mut changes) = (SettingValues::default(), Vec::new());
    for row in rows {
        let Some(name) = SettingName::parse(&row.name) else { continue };
        values.set(name, &row.value).map_err(|_| InconsistentRow {
            table: "settings",
            column: "value".to_owned(),
            key: row.name,
        })?;
        let at = Timestamp::from_nanos(row.changed_at);
        changes.push(Changed { name, by: row.changed_by, at });
    }
    fixed.apply(&mut values);
    Ok((values, changes))
}

/// Locks the setting until the end of the transaction, and gives its stored value. A setting
/// without a row gets one with its default.
pub async fn lock(
    tx: &mut Tx,
    name: SettingName,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<String> {
    let default = SettingValues::default().text(name);
    sql!(
        execute(tx),
        r"
        insert into settings (name, value, changed_by, changed_at)
        values ($1, $2, $3, $4)
        on conflict (name) do update
        set name = excluded.name
        ",
        name.as_str(),
        default,
        by,
        now.nanos(),
    )
    .and_then(exactly_one)?;
    let (value,): (String,) = sql!(
        one(tx),
        r"
        select value
        from settings
        where name = $1
        ",
        name.as_str(),
    )?;
    Ok(value)
}

/// Locks the setting until the end of the transaction, if it was ever changed: its value stays.
pub async fn hold(tx: &mut Tx, name: SettingName) -> sqlx::Result<()> {
    let held: Option<(String,)> = sql!(
        optional(tx),
        r"
        select value
        from settings
        where name = $1
        for update
        ",
        name.as_str(),
    )?;
    drop(held);
    Ok(())
}

/// Changes a setting that this transaction has locked.
pub async fn change(
    tx: &mut Tx,
    name: SettingName,
    value: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update settings
        set value = $2, changed_by = $3, changed_at = $4
        where name = $1
        ",
        name.as_str(),
        value,
        by,
        now.nanos(),
    )
    .and_then(exactly_one)
}
