//! The query of the lists of seat requests.

use views::{
    pagination::Key,
    requests::{RequestList, RequestsQuery},
};

use super::{BEFORE, Parameters, Query};

/// The organization is in the path.
impl Parameters for RequestsQuery {
    fn read(query: &Query) -> Self {
        Self {
            organization: None,
            list: RequestList::parse(query.text("show")).unwrap_or_default(),
            before: query.before(),
        }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        let show = if self.list == RequestList::Open { "" } else { self.list.as_str() };
        vec![
            ("show", show.to_owned()),
            (BEFORE, self.before.as_ref().map(Key::written).unwrap_or_default()),
        ]
    }
}
