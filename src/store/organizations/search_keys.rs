//! The folded texts by which a search finds organizations.

use sqlx::FromRow;

use crate::{
    db::{Tx, sql},
    domain::{id::OrganizationId, text::folded},
};

pub(super) fn search_key(id: &OrganizationId, name: &str) -> String {
    folded(&format!("{name} {id}"))
}

/// An organization's search key, and the fields it is made of.
#[derive(Clone, Debug, FromRow)]
pub struct SearchKey {
    pub id: String,
    name: String,
    #[sqlx(rename = "search_key")]
    stored: String,
}

impl SearchKey {
    fn right(&self) -> String {
        search_key(&OrganizationId::new(&self.id), &self.name)
    }

    pub fn is_wrong(&self) -> bool {
        self.stored != self.right()
    }
}

/// Search keys in order of id, after `after`.
pub async fn search_keys_after(
    tx: &mut Tx,
    after: &str,
    most: i64,
) -> sqlx::Result<Vec<SearchKey>> {
    sql!(
        all(tx),
        r"
        select id, name, search_key
        from organizations
        where id > $1
        order by id
        limit $2
        ",
        after,
        most,
    )
}

/// Returns zero if the row has changed in the meantime; its key was then written with it.
pub async fn set_search_key(tx: &mut Tx, row: &SearchKey) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        update organizations
        set search_key = $3
        where id = $1 and search_key = $2
        ",
        row.id.as_str(),
        row.stored.as_str(),
        row.right(),
    )
}
