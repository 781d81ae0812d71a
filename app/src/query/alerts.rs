//! The queries of the lists of alerts and messages.

use domain::alert::Message;
use views::{
    alerts::{AlertList, AlertsQuery},
    messages::{MessagesQuery, ShowMessages},
    pagination::Key,
};

use super::{BEFORE, Parameters, Query};

/// The organization is in the path.
impl Parameters for AlertsQuery {
    fn read(query: &Query) -> Self {
        Self {
            organization: None,
            kind: Message::parse(query.text("kind")),
            list: AlertList::parse(query.text("list")),
            before: query.before(),
        }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        vec![
            ("kind", self.kind.map_or("", Message::as_str).to_owned()),
            ("list", self.list.map_or("", AlertList::as_str).to_owned()),
            (BEFORE, self.before.as_ref().map(Key::written).unwrap_or_default()),
        ]
    }
}

impl Parameters for MessagesQuery {
    fn read(query: &Query) -> Self {
        Self {
            show: ShowMessages::parse(query.text("show")).unwrap_or_default(),
            before: query.before(),
        }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        let show = if self.show == ShowMessages::All { "" } else { self.show.as_str() };
        vec![
            ("show", show.to_owned()),
            (BEFORE, self.before.as_ref().map(Key::written).unwrap_or_default()),
        ]
    }
}
