//! The query of the people who seem not to use their seats.

use views::{
    pagination::Key,
    reclaim::{ReclaimList, ReclaimQuery},
};

use super::{BEFORE, Parameters, Query};

impl Parameters for ReclaimQuery {
    fn read(query: &Query) -> Self {
        Self {
            list: ReclaimList::parse(query.text("show")).unwrap_or_default(),
            before: query.before(),
        }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        let show = if self.list == ReclaimList::Unused { "" } else { self.list.as_str() };
        vec![
            ("show", show.to_owned()),
            (BEFORE, self.before.as_ref().map(Key::written).unwrap_or_default()),
        ]
    }
}
