//! Whether the database has the tables that this program expects.

use super::{Tx, open::MIGRATIONS, sql};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tables {
    Current,
    /// This migration has not been run.
    Behind(i64),
    /// This migration is not known: a newer program has used the database.
    Beyond(i64),
    /// This migration was run with another text.
    Other(i64),
}

pub async fn tables(tx: &mut Tx) -> sqlx::Result<Tables> {
    let run: Vec<(i64, Vec<u8>)> = sql!(
        all(tx),
        r"
        select version, checksum
        from _sqlx_migrations
        where success
        order by version
        ",
    )?;
    for ours in MIGRATIONS.iter() {
        match run.iter().find(|(version, _)| *version == ours.version) {
            None => return Ok(Tables::Behind(ours.version)),
            Some((version, checksum)) if checksum[..] != ours.checksum[..] => {
                return Ok(Tables::Other(*version));
            }
            Some(_) => {}
        }
    }
    let unknown = run
        .iter()
        .map(|(version, _)| *version)
        .find(|version| !MIGRATIONS.version_exists(*version));
    Ok(unknown.map_or(Tables::Current, Tables::Beyond))
}
