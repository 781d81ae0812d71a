//! The query of the lists of accounts.

use views::{members::AccountsQuery, pagination::Key};

use super::{BEFORE, Parameters, Query};

/// The organization is in the path.
impl Parameters for AccountsQuery {
    fn read(query: &Query) -> Self {
        Self { search: query.text("search").to_owned(), before: query.before() }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        vec![
            ("search", self.search.clone()),
            (BEFORE, self.before.as_ref().map(Key::written).unwrap_or_default()),
        ]
    }
}
