//! The words of the domain as the document of the API lists them. The domain itself goes to the
//! browser, so it does not know the document.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, OneOfBuilder, Schema, Type},
    },
};

use super::LimitFact;
use crate::domain::{
    alert::AlertKind as Alerts, alert::Notice as Notices, directory_user::SeatState as SeatStates,
    organization::SeatLimit, outgoing_event::EventType as EventTypes,
    resync::ResyncCause as ResyncCauses, resync::ResyncState as ResyncStates,
    seat_request::RequestState as RequestStates, webhook_endpoint::EndpointState as EndpointStates,
};

/// A text that is one of a few words.
macro_rules! words {
    ($($doc:literal $name:ident: $words:expr;)*) => {$(
        #[doc = $doc]
        #[derive(Debug)]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words = ObjectBuilder::new().schema_type(Type::String);
                words.description(Some($doc)).enum_values(Some($words)).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )*};
}

words! {
    "`provisioned`: holds a seat. `blocked`: waits for one. `dismissed`: an admin decided “not now”. `inactive`: switched off in the directory. `removed`: deleted there."
        SeatState: SeatStates::ALL.map(SeatStates::as_str);
    "The state of the seat, or `unknown`: the directory has named no such person."
        AccessState: SeatStates::ALL.map(SeatStates::as_str).into_iter().chain(["unknown"]);
    "What an alert is about." AlertKind: Alerts::ALL.map(Alerts::as_str);
    "`sent`: each recipient was notified. `suppressed`: by a replay without messages. `owed`: there is no recipient yet. `covered`: an alert that counts more notified instead."
        AlertNotice: Notices::ALL.map(Notices::as_str);
    "`open` waits for staff, `question` for the organization; the others are answered."
        RequestState: RequestStates::ALL.map(RequestStates::as_str);
    "How far a resync is." ResyncState: ResyncStates::ALL.map(ResyncStates::as_str);
    "How far an import is." ImportState: ResyncStates::ALL.map(|state| match state {
        ResyncStates::Listing => "planning",
        state => state.as_str(),
    });
    "Why a resync was started." ResyncCause: ResyncCauses::ALL.map(ResyncCauses::as_str);
    "What an event tells." EventType: EventTypes::ALL.map(EventTypes::as_str);
    "`disabled`: by a person. `gone`: its server answered 410. `failing`: it took nothing for five days."
        EndpointState: EndpointStates::ALL.map(EndpointStates::as_str);
    "What became of a delivery." DeliveryState: ["delivered", "waiting", "failed"];
    "Who gets a free seat." PolicyKind: ["first-come", "groups", "by-hand"];
    "Which seat requests a list has." RequestListState: ["open", "answered"];
    "Which alerts a list has." AlertListState: ["open", "resolved"];
}

/// Types of events, with commas between them.
#[derive(Debug)]
pub struct EventTypeList;

impl PartialSchema for EventTypeList {
    fn schema() -> RefOr<Schema> {
        let one = EventTypes::ALL.map(EventTypes::as_str).join("|").replace('.', r"\.");
        let list = format!("^({one})(,({one}))*$");
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(list)).into()
    }
}

impl ToSchema for EventTypeList {}

/// What a reader of the feed writes for “from now on”.
pub const LATEST: &str = "latest";

/// Where a reader of the feed begins.
#[derive(Debug)]
pub struct EventPlace;

impl PartialSchema for EventPlace {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let latest = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([LATEST]));
        OneOfBuilder::new().item(number).item(latest).into()
    }
}

impl ToSchema for EventPlace {}

/// A number of seats.
pub fn seats() -> ObjectBuilder {
    let most = utoipa::Number::from(SeatLimit::MOST);
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).maximum(Some(most))
}

/// The word for no limit.
pub fn unlimited() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["unlimited"]))
}

impl PartialSchema for LimitFact {
    fn schema() -> RefOr<Schema> {
        let not_set = ObjectBuilder::new().schema_type(Type::Null);
        let one_of = OneOfBuilder::new().item(seats()).item(unlimited()).item(not_set);
        let text = "A number of seats, `unlimited`, or `null` while no limit is set.";
        one_of.description(Some(text)).into()
    }
}

impl ToSchema for LimitFact {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("SeatLimit")
    }
}
