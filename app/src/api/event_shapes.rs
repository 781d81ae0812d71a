//! The shapes of events, as the document has them: one for each type. The feed gives them, and
//! endpoints receive them.

use std::{borrow::Cow, collections::BTreeMap};

use domain::{directory_user::SeatState, outgoing_event::EventType};
use seatkeeper::queries::api::{LimitFact, schemas};
use utoipa::{
    Number, PartialSchema, ToSchema,
    openapi::{
        KnownFormat, Ref, RefOr, SchemaFormat,
        schema::{Discriminator, ObjectBuilder, OneOfBuilder, Schema, Type},
    },
};

/// The type of a test, which the feed does not have.
pub const TEST: &str = "test";

/// A decision about a person.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
pub struct SeatEventData {
    /// A member that goes or means something else raises it; a new one may come.
    version: u32,
    user: Option<EventUser>,
    /// `null`: the person is new.
    #[schema(value_type = Option<schemas::SeatState>)]
    before: Option<SeatState>,
    #[schema(value_type = schemas::SeatState)]
    after: SeatState,
    decision: EventDecision,
}

/// A person has another name, address or external id, or other attributes.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
pub struct PersonEventData {
    /// A member that goes or means something else raises it; a new one may come.
    version: u32,
    user: Option<EventUser>,
    /// What is different: `external_id`, `email`, `name` or `attributes`.
    changed: Vec<String>,
}

/// The application roles of a person, in order of name.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
pub struct RolesEventData {
    /// A member that goes or means something else raises it; a new one may come.
    version: u32,
    /// `null`: those of many people may have changed, because more than 1,000 joined or left groups
    /// with roles at once.
    user: Option<EventUser>,
    before: Option<Vec<String>>,
    after: Option<Vec<String>>,
}

/// Another seat limit.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
pub struct LimitEventData {
    /// A member that goes or means something else raises it; a new one may come.
    version: u32,
    before: LimitFact,
    after: LimitFact,
    /// How many seats are used.
    used: i64,
    /// The name of the command, the type of Scalekit’s event, or `clock`.
    cause: String,
}

/// More seats are used than the limit allows.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
pub struct OverLimitEventData {
    /// A member that goes or means something else raises it; a new one may come.
    version: u32,
    seat_limit: LimitFact,
    used: i64,
    /// How many more are used than the limit allows.
    over: i64,
}

/// An organization ended, or exists again.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
pub struct OrganizationEventData {
    /// A member that goes or means something else raises it; a new one may come.
    version: u32,
    /// The name of the command, or the type of Scalekit’s event.
    cause: String,
}

/// The person of an event, as the commit left them.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
pub struct EventUser {
    id: String,
    external_id: Option<String>,
    email: Option<String>,
    name: Option<String>,
    #[schema(value_type = schemas::SeatState)]
    state: SeatState,
    /// The application roles, in order of name.
    roles: Vec<String>,
    /// The attributes that the installation keeps. `null`: they are more than 8,000 bytes, and the
    /// person has them.
    attributes: Option<BTreeMap<String, String>>,
}

/// Why the state of a seat changed, and the numbers that the decision saw.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
pub struct EventDecision {
    reason: String,
    /// The type of Scalekit’s event, or the name of the command.
    cause: String,
    seat_limit: LimitFact,
    used: i64,
    revision: i64,
    ordinal: i64,
}

/// What a test says.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
pub struct TestEventData {
    version: u32,
    message: String,
}

type Schemas = Vec<(String, RefOr<Schema>)>;

/// The events of the feed: type, shape, sentence and the shapes of the data.
macro_rules! events {
    ($($kind:ident $name:ident $text:literal [$($data:ty),+];)*) => {
        /// Each type of event with the name of its shape and a sentence.
        pub const SHAPES: [(&str, &str, &str); EventType::ALL.len()] =
            [$((EventType::$kind.as_str(), stringify!($name), $text)),*];

        fn add_shapes(schemas: &mut Schemas) {
            $(
                let data = [$(<$data>::name()),+];
                $(
                    schemas.push((<$data>::name().into(), <$data>::schema()));
                    <$data>::schemas(schemas);
                )+
                let shape = event(EventType::$kind.as_str(), $text, shape_of(&data));
                schemas.push((stringify!($name).to_owned(), shape.into()));
            )*
        }
    };
}

events! {
    SeatAdmitted SeatAdmittedEvent "A person got a seat." [SeatEventData];
    SeatBlocked SeatBlockedEvent "A person has to wait for a seat." [SeatEventData];
    SeatReleased SeatReleasedEvent "A person no longer has a seat." [SeatEventData];
    UserUpdated UserUpdatedEvent
        "A person has other data, or another state in which no seat moved."
        [PersonEventData, SeatEventData];
    RolesChanged RolesChangedEvent "A person has other application roles." [RolesEventData];
    SeatLimitChanged SeatLimitChangedEvent "An organization has another seat limit." [LimitEventData];
    OverLimit OrganizationOverLimitEvent
        "More seats of an organization are used than its limit allows."
        [OverLimitEventData];
    Archived OrganizationArchivedEvent "An organization ended." [OrganizationEventData];
    Restored OrganizationRestoredEvent "An organization exists again." [OrganizationEventData];
}

fn named(name: &str) -> Ref {
    Ref::from_schema_name(name)
}

fn shape_of(data: &[Cow<'static, str>]) -> RefOr<Schema> {
    match data {
        [only] => named(only).into(),
        several => {
            let one_of =
                several.iter().fold(OneOfBuilder::new(), |all, name| all.item(named(name)));
            one_of.into()
        }
    }
}

/// An event of one type.
fn event(kind: &str, text: &str, data: RefOr<Schema>) -> Schema {
    let string = || ObjectBuilder::new().schema_type(Type::String);
    let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(Number::Int(1)));
    let number = number.description(Some("Its number in the feed of the installation: 1, 2, 3, …"));
    let id = string().description(Some("It stays the same however often the event is sent."));
    let time = string().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
    let event = ObjectBuilder::new().description(Some(text)).property("sequence", number);
    let event = event.property("id", id);
    let event = event.property("type", string().enum_values(Some([kind])));
    let event = event.property("organization_id", string()).property("occurred_at", time);
    event.property("data", data).into()
}

/// An event of the feed. Its `type` says which shape it has.
#[derive(Debug)]
pub struct Event;

impl PartialSchema for Event {
    fn schema() -> RefOr<Schema> {
        let text = "An event. Its `type` says what it tells; a new type may come.";
        let one_of = OneOfBuilder::new().description(Some(text));
        let one_of = SHAPES.iter().fold(one_of, |all, (_, name, _)| all.item(named(name)));
        let mapping = SHAPES.map(|(kind, name, _)| (kind, format!("#/components/schemas/{name}")));
        one_of.discriminator(Some(Discriminator::with_mapping("type", mapping))).into()
    }
}

impl ToSchema for Event {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Event")
    }

    fn schemas(schemas: &mut Schemas) {
        add_shapes(schemas);
    }
}

/// What an endpoint receives when a person tests it.
#[derive(Debug)]
pub struct TestEvent;

impl PartialSchema for TestEvent {
    fn schema() -> RefOr<Schema> {
        let string = || ObjectBuilder::new().schema_type(Type::String);
        let zero = ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some([0]));
        let event = ObjectBuilder::new().description(Some("A test of the endpoint."));
        let event = event.property("sequence", zero).property("id", string());
        let event = event.property("type", string().enum_values(Some([TEST])));
        let event = event.property("organization_id", ObjectBuilder::new().schema_type(Type::Null));
        let time = string().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
        event.property("occurred_at", time).property("data", named("TestEventData")).into()
    }
}

impl ToSchema for TestEvent {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("TestEvent")
    }

    fn schemas(schemas: &mut Schemas) {
        schemas.push((TestEventData::name().into(), TestEventData::schema()));
    }
}
