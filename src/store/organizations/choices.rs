//! The organizations that a person chooses from.

use sqlx::FromRow;

use crate::{
    db::{Tx, listed, sql},
    domain::id::OrganizationId,
    store::KEYS_AT_ONCE,
};

/// An organization to choose. They are ordered: by name, and archived ones are last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Choice {
    pub archived: bool,
    /// The folded name and id.
    pub search_key: String,
    pub id: OrganizationId,
    /// The name exactly as it is stored.
    pub name: String,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    search_key: String,
    archived: bool,
}

impl From<Row> for Choice {
    fn from(row: Row) -> Self {
        Self {
            archived: row.archived,
            search_key: row.search_key,
            id: OrganizationId::new(row.id),
            name: row.name,
        }
    }
}

/// The first of all organizations that match a search: for staff only.
pub async fn choices(tx: &mut Tx, pattern: &str, most: i64) -> sqlx::Result<Vec<Choice>> {
    let rows: Vec<Row> = sql!(
        all(tx),
        r"
        select id, name, search_key, archived
        from organizations
        where search_key like $1 escape '\'
        order by archived, search_key, id
        limit $2
        ",
        pattern,
        most,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// These organizations.
pub async fn choices_among(tx: &mut Tx, ids: &[OrganizationId]) -> sqlx::Result<Vec<Choice>> {
    let rows: Vec<Row> = listed!(
        tx,
        ids,
        KEYS_AT_ONCE,
        r"
        select id, name, search_key, archived
        from organizations
        where id in ({keys})
        order by archived, search_key, id
        ",
        |id| [id.as_str()],
    );
    let mut choices: Vec<Choice> = rows.into_iter().map(Into::into).collect();
    choices.sort(); // each part has an order of its own
    Ok(choices)
}
