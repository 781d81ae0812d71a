//! The query of the pages that are parts of the settings of the installation.

use domain::id::ApiKeyId;
use views::{pagination::Key, webhook_endpoints::EventDeliveryKey};

use super::{BEFORE, Parameters, Query};

/// The key before which a page begins.
impl Parameters for Option<ApiKeyId> {
    fn read(query: &Query) -> Self {
        query.before()
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        vec![(BEFORE, self.as_ref().map(Key::written).unwrap_or_default())]
    }
}

/// The delivery before which a page of the log begins.
impl Parameters for Option<EventDeliveryKey> {
    fn read(query: &Query) -> Self {
        query.before()
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        vec![(BEFORE, self.as_ref().map(Key::written).unwrap_or_default())]
    }
}

#[cfg(test)]
mod tests {
    use domain::{id::OutgoingEventId, time::Timestamp};

    use super::*;

    #[test]
    fn a_place_in_a_log_survives_the_way_through_an_address() {
        let key = EventDeliveryKey {
            at: Timestamp::from_nanos(1_790_000_000_123_456_789),
            event: OutgoingEventId::new("oev_1"),
        };
        assert_eq!(EventDeliveryKey::parse(&key.written()), Some(key));
        for nonsense in ["", "oev_1", "1.", "x.oev_1", "9223372036854775808.oev_1"] {
            assert_eq!(EventDeliveryKey::parse(nonsense), None, "{nonsense}");
        }
    }
}
