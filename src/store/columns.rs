//! Converts the domain's values to columns and back.

use sqlx::{ColumnIndex, Database, Decode, FromRow, Type, error::BoxDynError};

use super::rows::FromText;
use crate::domain::{
    access::Role,
    account::LinkKind,
    admission::{AdmissionPolicy, GroupOrder},
    alert::{AlertKind, Channel, Message, Notice, SystemAlert, UsageThresholds},
    api_key::KeyScopes,
    audit::AuditAction,
    decision::{Outcome, Reason},
    delivery::ReplayState,
    directory::{Change, DirectoryState},
    directory_user::{Precedence, SeatState, Version},
    id::{GroupId, OrganizationId, ResyncId},
    import::ImportFormat,
    invariant::Invariant,
    invitation::InvitationState,
    limit_proposal::ProposalState,
    organization::SeatLimit,
    outgoing_event::EventType,
    preference::Period,
    resync::SetAsideKind,
    seat_request::{EntryKind, RequestState},
    single_sign_on::ProviderKind,
    time::Timestamp,
    webhook_endpoint::EndpointState,
};

/// A resync of an organization.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    pub organization: &'a OrganizationId,
    pub id: &'a ResyncId,
}

/// The organization of a row that may have none: its key begins with an empty text then.
pub fn organization(text: String) -> Option<OrganizationId> {
    (!text.is_empty()).then(|| OrganizationId::new(text))
}

pub fn from_organization(organization: Option<&OrganizationId>) -> &str {
    organization.map_or("", OrganizationId::as_str)
}

macro_rules! words {
    ($($name:ty),* $(,)?) => {$(
        impl FromText for $name {
            fn from_text(text: &str) -> Option<Self> {
                Self::parse(text)
            }
        }
    )*};
}

words!(
    AlertKind,
    AuditAction,
    Change,
    Channel,
    DirectoryState,
    EndpointState,
    EntryKind,
    EventType,
    ImportFormat,
    Invariant,
    InvitationState,
    LinkKind,
    Message,
    Notice,
    Outcome,
    Period,
    ProposalState,
    ProviderKind,
    ReplayState,
    RequestState,
    Role,
    SeatState,
    SetAsideKind,
    SystemAlert,
    UsageThresholds,
);

/// A reason of a later version is unknown, and a page says so; a decision stays readable for ever.
impl FromText for Reason {
    fn from_text(text: &str) -> Option<Self> {
        Some(Self::parse(text).unwrap_or(Self::Unknown))
    }
}

impl FromText for KeyScopes {
    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

/// A directory user's roles, as JSON.
#[derive(Clone, Debug)]
pub struct Roles(pub Vec<String>);

impl FromText for Roles {
    fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }
}

pub fn from_roles(roles: &[String]) -> String {
    serde_json::Value::from(roles).to_string()
}

/// The columns `limit_kind` and `limit_seats`.
#[derive(Clone, Copy, Debug)]
pub struct Limit(pub SeatLimit);

pub fn from_limit(limit: SeatLimit) -> (&'static str, Option<i64>) {
    match limit {
        SeatLimit::NotSet => ("not_set", None),
        SeatLimit::Seats(seats) => ("seats", Some(seats)),
        SeatLimit::Unlimited => ("unlimited", None),
    }
}

/// The same two columns where a row may have no limit.
#[derive(Clone, Copy, Debug)]
pub struct MaybeLimit(pub Option<SeatLimit>);

impl<'r, R> FromRow<'r, R> for MaybeLimit
where
    R: sqlx::Row,
    &'static str: ColumnIndex<R>,
    Option<String>: Decode<'r, R::Database> + Type<R::Database>,
    Limit: FromRow<'r, R>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let kind: Option<String> = row.try_get("limit_kind")?;
        Ok(Self(kind.map(|_| Limit::from_row(row)).transpose()?.map(|limit| limit.0)))
    }
}

fn to_limit(kind: &str, seats: Option<i64>) -> Option<SeatLimit> {
    match (kind, seats) {
        ("not_set", None) => Some(SeatLimit::NotSet),
        ("seats", Some(seats)) => Some(SeatLimit::Seats(seats)),
        ("unlimited", None) => Some(SeatLimit::Unlimited),
        _ => None,
    }
}

impl<'r, R> FromRow<'r, R> for Limit
where
    R: sqlx::Row,
    &'static str: ColumnIndex<R>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
    Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let (kind, seats) = (row.try_get("limit_kind")?, row.try_get("limit_seats")?);
        to_limit(kind, seats).map(Self).ok_or_else(|| sqlx::Error::ColumnDecode {
            index: "limit_kind".to_owned(),
            source: "the limit's kind and number contradict each other".into(),
        })
    }
}

/// The columns `policy` and `policy_groups`.
#[derive(Clone, Debug)]
pub struct Policy(pub AdmissionPolicy);

pub fn from_policy(policy: &AdmissionPolicy) -> (&'static str, Option<String>) {
    let word = match policy {
        AdmissionPolicy::FirstCome => "first_come",
        AdmissionPolicy::GroupsFirst(_) => "groups",
        AdmissionPolicy::ByHand => "by_hand",
    };
    let groups: Vec<&str> = policy.groups().iter().map(GroupId::as_str).collect();
    (word, (!groups.is_empty()).then(|| serde_json::Value::from(groups).to_string()))
}

fn to_policy(word: &str, groups: Option<&str>) -> Option<AdmissionPolicy> {
    match (word, groups) {
        ("first_come", None) => Some(AdmissionPolicy::FirstCome),
        ("by_hand", None) => Some(AdmissionPolicy::ByHand),
        ("groups", Some(groups)) => {
            let groups: GroupOrder = serde_json::from_str(groups).ok()?;
            Some(AdmissionPolicy::GroupsFirst(groups))
        }
        _ => None,
    }
}

impl<'r, R> FromRow<'r, R> for Policy
where
    R: sqlx::Row,
    &'static str: ColumnIndex<R>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
    Option<&'r str>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let (word, groups) = (row.try_get("policy")?, row.try_get("policy_groups")?);
        to_policy(word, groups).map(Self).ok_or_else(|| sqlx::Error::ColumnDecode {
            index: "policy".to_owned(),
            source: "the policy and its groups contradict each other".into(),
        })
    }
}

/// The bits for the event's number, below the precedence.
const EVENT_BITS: u32 = 61;
/// The smallest tie-breaker of a deletion.
pub const FIRST_DELETED_TIE: i64 = 2 << EVENT_BITS;

/// The tie-breaker of versions of the same moment, in one number: the precedence, then the event's
/// number.
pub fn tie(stamp: Version) -> i64 {
    let weight = match stamp.weight {
        Precedence::Active => 0,
        Precedence::Inactive => 1,
        Precedence::Deleted => 2,
    };
    let event = i64::try_from(stamp.event).unwrap_or(i64::MAX).min((1 << EVENT_BITS) - 1);
    (weight << EVENT_BITS) | event
}

/// A column of tie-breakers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tie {
    weight: Precedence,
    event: u64,
}

impl Tie {
    fn of(number: i64) -> Option<Self> {
        let weight = match number >> EVENT_BITS {
            0 => Precedence::Active,
            1 => Precedence::Inactive,
            2 => Precedence::Deleted,
            _ => return None,
        };
        Some(Self { weight, event: u64::try_from(number & ((1 << EVENT_BITS) - 1)).ok()? })
    }

    /// The version with this tie-breaker at a moment.
    pub fn at(self, nanos: i64) -> Version {
        let Self { weight, event } = self;
        Version { at: Timestamp::from_nanos(nanos), weight, event }
    }
}

impl<DB: Database> Type<DB> for Tie
where
    i64: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        i64::type_info()
    }

    fn compatible(kind: &DB::TypeInfo) -> bool {
        i64::compatible(kind)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for Tie
where
    i64: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Self::of(i64::decode(value)?).ok_or_else(|| "the number is no tie-breaker".into())
    }
}

/// Versions in two columns that are null together.
macro_rules! versions {
    ($($(#[$doc:meta])* $name:ident: $at:literal, $tie:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name(pub Option<Version>);

        impl<'r, R> FromRow<'r, R> for $name
        where
            R: sqlx::Row,
            &'static str: ColumnIndex<R>,
            Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
            Option<Tie>: Decode<'r, R::Database> + Type<R::Database>,
        {
            fn from_row(row: &'r R) -> sqlx::Result<Self> {
                version(row.try_get($at)?, row.try_get($tie)?, $at).map(Self)
            }
        }
    )*};
}

versions! {
    /// Of the newest event about an organization itself.
    OwnVersion: "version_at", "version_tie";
    /// Of the newest deletion of an organization.
    DeletedVersion: "deleted_at", "deleted_tie";
    /// Of the name of an organization.
    NameVersion: "name_at", "name_tie";
    /// Of the external id of an organization.
    ExternalIdVersion: "external_id_at", "external_id_tie";
}

/// The version of two columns; `column` is the one that an error names.
fn version(at: Option<i64>, tie: Option<Tie>, column: &str) -> sqlx::Result<Option<Version>> {
    match (at, tie) {
        (Some(nanos), Some(tie)) => Ok(Some(tie.at(nanos))),
        (None, None) => Ok(None),
        _ => Err(sqlx::Error::ColumnDecode {
            index: column.to_owned(),
            source: "only one of the version's two columns is null".into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_keeps_its_order_in_two_columns() {
        let all = [
            (Precedence::Active, 1),
            (Precedence::Active, 999_999_999_999_999_999),
            (Precedence::Inactive, 0),
            (Precedence::Deleted, 5),
        ];
        let stamps =
            all.map(|(weight, event)| Version { at: Timestamp::from_seconds(1), weight, event });
        for pair in stamps.windows(2) {
            assert!(tie(pair[0]) < tie(pair[1]));
        }
        for one in stamps {
            assert_eq!(Tie::of(tie(one)).map(|tie| tie.at(one.at.nanos())), Some(one));
        }
    }

    #[test]
    fn a_number_without_a_precedence_is_no_tie_breaker() {
        for wrong in [-1, i64::MIN, 3 << EVENT_BITS, i64::MAX] {
            assert_eq!(Tie::of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_policy_that_contradicts_itself_is_none() {
        let groups = ["dirgroup_2", "dirgroup_1"].map(GroupId::new).to_vec();
        for policy in [
            AdmissionPolicy::FirstCome,
            AdmissionPolicy::GroupsFirst(GroupOrder::new(groups).unwrap()),
            AdmissionPolicy::ByHand,
        ] {
            let (word, groups) = from_policy(&policy);
            assert_eq!(to_policy(word, groups.as_deref()), Some(policy));
        }
        for (word, groups) in [
            ("groups", None),
            ("groups", Some("[]")),
            ("groups", Some(r#"["a","a"]"#)),
            ("by_hand", Some(r#"["a"]"#)),
            ("automatic", None),
        ] {
            assert_eq!(to_policy(word, groups), None, "{word} {groups:?}");
        }
    }

    #[test]
    fn a_limit_that_contradicts_itself_is_none() {
        for limit in [SeatLimit::NotSet, SeatLimit::Unlimited, SeatLimit::Seats(3)] {
            let (kind, seats) = from_limit(limit);
            assert_eq!(to_limit(kind, seats), Some(limit));
        }
        for (kind, seats) in [("seats", None), ("unlimited", Some(3)), ("endless", None)] {
            assert_eq!(to_limit(kind, seats), None, "{kind} {seats:?}");
        }
    }
}
