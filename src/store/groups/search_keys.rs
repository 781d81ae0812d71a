//! The folded texts by which a search finds groups, and which order a list of groups.

use sqlx::FromRow;

use crate::{
    db::{Tx, sql},
    domain::{id::GroupId, text::folded},
};

/// The name; without one the id, because the page shows the id then.
pub(super) fn search_key(name: Option<&str>, id: &GroupId) -> String {
    let key = folded(name.unwrap_or_default());
    if key.is_empty() { folded(id.as_str()) } else { key }
}

/// A group's search key, and the fields it is made of.
#[derive(Clone, Debug, FromRow)]
pub struct SearchKey {
    pub organization_id: String,
    pub id: String,
    name: Option<String>,
    #[sqlx(rename = "search_key")]
    stored: String,
}

impl SearchKey {
    fn right(&self) -> String {
        search_key(self.name.as_deref(), &GroupId::new(&self.id))
    }

    pub fn is_wrong(&self) -> bool {
        self.stored != self.right()
    }
}

/// Search keys in order of organization and id, after `after`.
pub async fn search_keys_after(
    tx: &mut Tx,
    after: (&str, &str),
    most: i64,
) -> sqlx::Result<Vec<SearchKey>> {
    sql!(
        all(tx),
        r"
        select organization_id, id, name, search_key
        from directory_groups
        where (organization_id, id) > ($1, $2)
        order by organization_id, id
        limit $3
        ",
        after.0,
        after.1,
        most,
    )
}

/// Returns zero if the row has changed in the meantime; its key was then written with it.
pub async fn set_search_key(tx: &mut Tx, row: &SearchKey) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        update directory_groups
        set search_key = $4
        where organization_id = $1 and id = $2 and search_key = $3
        ",
        row.organization_id.as_str(),
        row.id.as_str(),
        row.stored.as_str(),
        row.right(),
    )
}
