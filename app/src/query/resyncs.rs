//! The query of the pages of resyncs.

use domain::{directory::PlanPart, id::ResyncId};
use views::{pagination::Key, resyncs::ResyncQuery};

use super::{BEFORE, Parameters, Query};

impl Parameters for ResyncQuery {
    fn read(query: &Query) -> Self {
        Self { only: PlanPart::parse(query.text("only")), before: query.before() }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        let only = self.only.map_or("", PlanPart::as_str).to_owned();
        vec![("only", only), (BEFORE, self.before.as_ref().map(Key::written).unwrap_or_default())]
    }
}

/// The resync before which a page of the history begins.
impl Parameters for Option<ResyncId> {
    fn read(query: &Query) -> Self {
        query.before()
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        vec![(BEFORE, self.as_ref().map(Key::written).unwrap_or_default())]
    }
}
