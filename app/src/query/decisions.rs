//! The queries of the waitlist, of a manual decision and of the admission policy.

use domain::{
    admission::{AdmissionPolicy, GroupOrder},
    directory_user::SeatState,
    id::{DirectoryUserId, GroupId},
    manual_decision::ManualDecision,
    refusal::Refusal,
};
use views::{
    pagination::Key,
    policy::PolicyQuery,
    waitlist::{
        ChosenPeople, DecisionQuery, ResultKey, WaitlistFilter, WaitlistKey, WaitlistQuery,
    },
};

use super::{Parameters, Query};

impl Parameters for WaitlistFilter {
    fn read(query: &Query) -> Self {
        let state = SeatState::parse(query.text("state"));
        let state = state.filter(|state| Self::STATES.contains(state));
        Self {
            state: state.unwrap_or(SeatState::Blocked),
            search: query.text("search").to_owned(),
            group: GroupId::parse(query.text("group")),
        }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        let state = if self.state == SeatState::Blocked { "" } else { self.state.as_str() };
        vec![
            ("state", state.to_owned()),
            ("search", self.search.clone()),
            ("group", self.group.as_ref().map(ToString::to_string).unwrap_or_default()),
        ]
    }
}

impl Parameters for WaitlistQuery {
    fn read(query: &Query) -> Self {
        Self {
            filter: query.read(),
            after: WaitlistKey::parse(query.get("after").unwrap_or_default()),
            result: ResultKey::parse(query.text("result")),
        }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        let mut fields = self.filter.written();
        fields.push(("after", self.after.as_ref().map(Key::written).unwrap_or_default()));
        fields.push(("result", self.result.as_ref().map(Key::written).unwrap_or_default()));
        fields
    }
}

/// The people that a form chooses: each by a `user`, or all of a list. `None`: no one.
pub fn chosen_people(query: &Query) -> Option<ChosenPeople> {
    if query.text("all") == "yes" {
        return Some(ChosenPeople::All(query.read(), None));
    }
    let users: Vec<_> = query.all("user").filter_map(DirectoryUserId::parse).collect();
    (!users.is_empty()).then_some(ChosenPeople::These(users))
}

/// The people, as the address of a preview names them.
pub fn chosen_fields(people: &ChosenPeople) -> Vec<(&'static str, String)> {
    match people {
        ChosenPeople::These(users) => users.iter().map(|user| ("user", user.to_string())).collect(),
        ChosenPeople::All(filter, _) => {
            let mut fields = vec![("all", "yes".to_owned())];
            fields.extend(filter.written().into_iter().filter(|(_, value)| !value.is_empty()));
            fields
        }
    }
}

/// The groups of "groups first" are in their order; empty choices are left out.
impl Parameters for PolicyQuery {
    fn read(query: &Query) -> Self {
        let groups = || {
            query
                .all("group")
                .filter(|id| !id.is_empty())
                .map(|id| GroupId::parse(id).ok_or_else(|| Refusal::GroupId(id.to_owned())))
        };
        let policy = match query.text("policy") {
            "first-come" => Some(Ok(AdmissionPolicy::FirstCome)),
            "by-hand" => Some(Ok(AdmissionPolicy::ByHand)),
            "groups" => Some(
                groups()
                    .collect::<Result<Vec<_>, _>>()
                    .and_then(GroupOrder::new)
                    .map(AdmissionPolicy::GroupsFirst),
            ),
            _ => None,
        };
        Self { policy }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        let Some(Ok(policy)) = &self.policy else { return Vec::new() };
        let groups = policy.groups().iter().map(|group| ("group", group.to_string()));
        std::iter::once(("policy", policy.as_str().to_owned())).chain(groups).collect()
    }
}

/// A decision that no one is chosen for has an empty list of people. A missing position is the
/// first one.
impl Parameters for DecisionQuery {
    fn read(query: &Query) -> Self {
        let position = Some(query.text("position")).filter(|text| !text.is_empty());
        let decision = ManualDecision::parse(query.text("action"), position.unwrap_or("1"));
        Self {
            decision: decision.unwrap_or(ManualDecision::MoveToFront),
            people: chosen_people(query).unwrap_or(ChosenPeople::These(Vec::new())),
        }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![
            ("action", self.decision.slug().to_owned()),
            ("position", self.decision.position()),
        ];
        fields.extend(chosen_fields(&self.people));
        fields
    }
}
