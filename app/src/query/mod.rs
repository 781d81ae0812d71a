//! The query of an address: the one way to read it, and to write it again.

mod accounts;
mod alerts;
mod decisions;
mod groups;
mod installation;
mod organizations;
mod people;
mod reclaim;
mod requests;
mod resyncs;
mod roles;
mod sent;

use std::time::Duration;

use domain::{
    audit::AuditAction, history::HistoryRange, id::OrganizationId, organization::SeatLimit,
    time::Timestamp,
};
use views::{
    audit::AuditQuery,
    deliveries::{DeliveriesQuery, Show},
    history::HistoryQuery,
    pagination::Key,
    past::{AsOfQuery, TrueUpQuery},
};

pub use self::{decisions::chosen_fields, sent::Sent};
#[cfg(feature = "ssr")]
pub use self::{decisions::chosen_people, roles::unreadable_role};
use crate::server_fns::{NamedRefusal, answer};

/// The parameters of an address, decoded. If a name occurs twice, the last value counts.
#[derive(Clone, Debug)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// The query of the request. It must be read before anything is awaited, while the request is
    /// available.
    pub fn of_request() -> Self {
        Self(answer::query_pairs())
    }

    /// The query of an address, as the address has it.
    #[cfg(feature = "ssr")]
    pub fn of(query: &str) -> Self {
        Self(seatkeeper::http::query_pairs(query))
    }

    /// The value exactly as it was typed.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// All values of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// All parameters, with another value of this one.
    pub fn with<'a>(&'a self, name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
        let others = self.0.iter().filter(|(own, _)| own != name);
        let others = others.map(|(own, value)| (own.as_str(), value.as_str()));
        others.chain([(name, value)]).collect()
    }

    /// The value without blanks around it; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    /// The parameters of a page.
    pub fn read<T: Parameters>(&self) -> T {
        T::read(self)
    }

    /// The row before which a page of a keyset list begins.
    pub fn before<K: Key>(&self) -> Option<K> {
        K::parse(self.text(BEFORE))
    }

    /// The refusal of a form that was answered with this address. `limit` is the current limit of
    /// the organization, if the form is about one.
    pub fn refusal(&self, limit: SeatLimit) -> Option<NamedRefusal> {
        NamedRefusal::read(self.get("refused")?, limit)
    }
}

const BEFORE: &str = "before";

/// The parameters of a page. A value that cannot be read counts as missing, and one that is usual
/// is not written.
pub trait Parameters: Sized {
    fn read(query: &Query) -> Self;

    /// The names and values; an empty value is left out of the address.
    fn written(&self) -> Vec<(&'static str, String)>;
}

impl Parameters for AsOfQuery {
    fn read(query: &Query) -> Self {
        Self { at: query.text("at").to_owned() }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        vec![("at", self.at.clone())]
    }
}

impl Parameters for TrueUpQuery {
    fn read(query: &Query) -> Self {
        Self { year: query.text("year").parse().ok() }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        vec![("year", self.year.map(|year| year.to_string()).unwrap_or_default())]
    }
}

impl Parameters for HistoryQuery {
    fn read(query: &Query) -> Self {
        let range = HistoryRange::parse(query.text("range")).unwrap_or_default();
        Self { range, before: query.before() }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        let range = if self.range == HistoryRange::default() { "" } else { self.range.as_str() };
        let before = self.before.as_ref().map(Key::written).unwrap_or_default();
        vec![("range", range.to_owned()), (BEFORE, before)]
    }
}

/// The organization is in the path.
impl Parameters for AuditQuery {
    fn read(query: &Query) -> Self {
        const DAY: Duration = Duration::from_hours(24);
        let day = |name: &str| Timestamp::of_day(query.text(name));
        Self {
            organization: None,
            actor: query.text("actor").to_owned(),
            action: AuditAction::parse(query.text("action")),
            target: query.text("target").to_owned(),
            from: day("from"),
            until: day("to").map(|last| last.plus(DAY)),
            before: query.before(),
        }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        vec![
            ("action", self.action.map_or("", AuditAction::as_str).to_owned()),
            ("actor", self.actor.clone()),
            ("target", self.target.clone()),
            ("from", self.from.map(Timestamp::day).unwrap_or_default()),
            ("to", self.last_day().map(Timestamp::day).unwrap_or_default()),
            (BEFORE, self.before.as_ref().map(Key::written).unwrap_or_default()),
        ]
    }
}

impl Parameters for DeliveriesQuery {
    fn read(query: &Query) -> Self {
        Self {
            search: query.text("search").to_owned(),
            show: Show::parse(query.text("show")),
            organization: OrganizationId::parse(query.text("organization")),
            kind: query.text("type").to_owned(),
            before: query.before(),
        }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        let organization = self.organization.as_ref();
        vec![
            ("search", self.search.clone()),
            ("show", self.show.as_str().to_owned()),
            ("organization", organization.map(ToString::to_string).unwrap_or_default()),
            ("type", self.kind.clone()),
            (BEFORE, self.before.as_ref().map(Key::written).unwrap_or_default()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use domain::{
        admission::{AdmissionPolicy, GroupOrder},
        condition::Condition,
        decision::Outcome,
        directory::PlanPart,
        directory_user::SeatState,
        id::{AuditEntryId, DeliveryId, DirectoryUserId, GroupId, ResyncId},
        manual_decision::ManualDecision,
        refusal::Refusal,
    };
    use views::{
        OrganizationKey, OverviewQuery, OverviewSort, PeopleQuery, PeopleSort, PersonKey,
        audit::AuditCursor,
        deliveries::Cursor,
        groups::{ChangeCursor, GroupKey, GroupList, GroupQuery, GroupsQuery, GroupsSort},
        members::{AccountKey, AccountsQuery},
        person::{HistoryCursor, Source},
        policy::PolicyQuery,
        resyncs::ResyncQuery,
        settings::NewOrganizationQuery,
        waitlist::{
            ChosenPeople, DecisionQuery, ResultKey, WaitlistFilter, WaitlistKey, WaitlistQuery,
        },
    };

    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Query {
        Query(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    fn survives<T: Parameters + PartialEq + Debug>(parameters: &T) {
        let written = parameters.written();
        let pairs = written.into_iter().filter(|(_, value)| !value.is_empty());
        let read: T = Query(pairs.map(|(name, value)| (name.to_owned(), value)).collect()).read();
        assert_eq!(read, *parameters);
    }

    #[test]
    fn the_parameters_of_each_page_survive_the_way_through_an_address() {
        survives(&OverviewQuery::default());
        survives(&OverviewQuery {
            search: "a&b".to_owned(),
            condition: Some(Condition::LimitNotSet),
            mine: true,
            sort: OverviewSort::Used,
            descending: true,
            before: OrganizationKey::parse("-used.0.-3.0.org_1 acme org_1"),
        });
        for condition in Condition::ALL {
            survives(&OverviewQuery { condition: Some(condition), ..OverviewQuery::default() });
        }
        survives(&NewOrganizationQuery::default());
        survives(&NewOrganizationQuery {
            organization: "org_1".to_owned(),
            name: " Acme & Co".to_owned(),
            external_id: "crm=1".to_owned(),
            limit: Some(String::new()),
            refused: true,
        });
        survives(&PeopleQuery::default());
        survives(&PeopleQuery {
            search: "ada".to_owned(),
            state: Some(SeatState::Blocked),
            group: Some(GroupId::new("dirgroup_1")),
            role: "billing_admin".to_owned(),
            duplicates: true,
            since: Timestamp::of_day("2026-11-01"),
            sort: Some(PeopleSort::Since),
            descending: true,
            before: PersonKey::parse("-since.17.0.diruser_1"),
        });
        survives(&AccountsQuery::default());
        survives(&AccountsQuery {
            search: "kim".to_owned(),
            before: AccountKey::parse("kim+1@acme.test"),
        });
        survives(&AuditQuery {
            organization: None,
            actor: "Kim Park".to_owned(),
            action: Some(AuditAction::SetSeatLimit),
            target: "acc_1".to_owned(),
            from: Timestamp::of_day("2026-11-01"),
            until: Timestamp::of_day("2026-12-01"),
            before: Some(AuditCursor {
                at: Timestamp::from_seconds(1_790_000_000),
                id: AuditEntryId::new("aud_1"),
            }),
        });
        survives(&WaitlistQuery {
            filter: WaitlistFilter {
                state: SeatState::Dismissed,
                search: "ada".to_owned(),
                group: Some(GroupId::new("dirgroup_1")),
            },
            after: Some(WaitlistKey::Name("ada a".to_owned(), DirectoryUserId::new("u_1"))),
            result: Some(ResultKey {
                at: Timestamp::from_nanos(17),
                request_id: "req_1".to_owned(),
            }),
        });
        survives(&DecisionQuery {
            decision: ManualDecision::MoveTo(3),
            people: ChosenPeople::These(["u_1", "u&2"].map(DirectoryUserId::new).to_vec()),
        });
        survives(&DecisionQuery {
            decision: ManualDecision::Dismiss,
            people: ChosenPeople::All(WaitlistFilter::default(), None),
        });
        for policy in [
            AdmissionPolicy::FirstCome,
            AdmissionPolicy::ByHand,
            AdmissionPolicy::GroupsFirst(
                GroupOrder::new(["g_2", "g_1"].map(GroupId::new).to_vec()).unwrap(),
            ),
        ] {
            survives(&PolicyQuery { policy: Some(Ok(policy)) });
        }
        survives(&PolicyQuery::default());
        survives(&ResyncQuery {
            only: Some(PlanPart::LeftAlone),
            before: Some(DirectoryUserId::new("diruser_1")),
        });
        survives(&Some(ResyncId::new("rsn_1")));
        survives(&Some(HistoryCursor {
            at: Timestamp::from_seconds(1_790_000_000),
            source: Source::Decision,
            id: "12-0".to_owned(),
        }));
        let received_at = Timestamp::from_nanos(1_790_000_000_123_456_789);
        survives(&DeliveriesQuery {
            search: "evt_1".to_owned(),
            show: Show::Of(Outcome::Dead),
            organization: Some(OrganizationId::new("org_1")),
            kind: "organization.directory.user_created".to_owned(),
            before: Some(Cursor { received_at, id: DeliveryId::new("dlv_1") }),
        });
    }

    #[test]
    fn so_do_those_of_groups() {
        survives(&GroupsQuery::default());
        survives(&GroupsQuery {
            search: "sales".to_owned(),
            sort: GroupsSort::Waiting,
            descending: true,
            before: GroupKey::parse("-waiting.1.3.dirgroup_1 sales"),
        });
        survives(&GroupQuery::default());
        let member = PersonKey::parse("name.0.0.diruser_1 ada ada@acme.test");
        survives(&GroupQuery { member, ..GroupQuery::default() });
        for joined in [None, Some(true), Some(false)] {
            survives(&GroupQuery {
                list: GroupList::Changes,
                member: None,
                joined,
                since: Timestamp::of_day("2026-11-01"),
                change: Some(ChangeCursor {
                    at: Timestamp::from_seconds(1_790_000_000),
                    revision: 12,
                    ordinal: 0,
                }),
            });
        }
    }

    #[test]
    fn a_value_that_cannot_be_read_counts_as_missing() {
        let nonsense = query(&[
            ("since", "yesterday"),
            ("state", "paused"),
            ("sort", "age"),
            ("group", "a b"),
            ("search", " ada "),
        ]);
        let usual = PeopleQuery { search: "ada".to_owned(), ..PeopleQuery::default() };
        assert_eq!(nonsense.read::<PeopleQuery>(), usual);
        let twice = query(&[("search", "ada"), ("search", "omar")]);
        assert_eq!(twice.read::<PeopleQuery>().search, "omar", "the last value counts");
    }

    #[test]
    fn a_refusal_in_an_address_is_one_that_is_known() {
        let refusal = |word| query(&[("refused", word)]).refusal(SeatLimit::NotSet);
        assert_eq!(refusal("limit"), Some(NamedRefusal::Known(Refusal::SeatLimit)));
        assert_eq!(refusal("other"), Some(NamedRefusal::Other));
        assert_eq!(refusal("<b>call us</b>"), None);
    }
}
