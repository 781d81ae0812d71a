//! The admission policy of an organization: which person gets a free seat.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{id::GroupId, refusal::Refusal};

/// Which person gets a free seat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AdmissionPolicy {
    /// The person who has waited longest.
    #[default]
    FirstCome,
    /// The person in the highest of these groups, and inside a group the one who has waited
    /// longest. People in none of the groups come last.
    GroupsFirst(GroupOrder),
    /// The person that an admin admits. A new person takes a free seat only if no person waits.
    ByHand,
}

/// The groups of a policy, the highest first: 1 to 100 groups, each named once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Vec<GroupId>", try_from = "Vec<GroupId>")]
pub struct GroupOrder(Vec<GroupId>);

impl GroupOrder {
    /// The largest number of groups in a policy.
    pub const MOST: usize = 100;

    pub fn new(groups: Vec<GroupId>) -> Result<Self, Refusal> {
        let mut once = groups.clone();
        once.sort();
        once.dedup();
        if groups.is_empty() || groups.len() > Self::MOST || once.len() < groups.len() {
            return Err(Refusal::PolicyGroups);
        }
        Ok(Self(groups))
    }
}

impl TryFrom<Vec<GroupId>> for GroupOrder {
    type Error = Refusal;

    fn try_from(groups: Vec<GroupId>) -> Result<Self, Refusal> {
        Self::new(groups)
    }
}

impl From<GroupOrder> for Vec<GroupId> {
    fn from(GroupOrder(groups): GroupOrder) -> Self {
        groups
    }
}

impl AdmissionPolicy {
    /// The name in the output of `status --json` and on the command line.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::FirstCome => "first-come",
            Self::GroupsFirst(_) => "groups",
            Self::ByHand => "by-hand",
        }
    }

    /// The name for readers.
    pub fn word(&self) -> &'static str {
        match self {
            Self::FirstCome => "first come, first served",
            Self::GroupsFirst(_) => "groups first",
            Self::ByHand => "by hand",
        }
    }

    /// Returns whether free seats go to the waitlist without a manual decision.
    pub fn is_automatic(&self) -> bool {
        !matches!(self, Self::ByHand)
    }

    /// The groups that come first, the highest first; empty unless the policy is groups first.
    pub fn groups(&self) -> &[GroupId] {
        match self {
            Self::GroupsFirst(GroupOrder(groups)) => groups,
            Self::FirstCome | Self::ByHand => &[],
        }
    }

    /// The rank of a person who is in these groups; the smallest rank comes first. It is the number
    /// of the highest group, or one more than the number of groups. Without groups it is 1.
    pub fn rank(&self, is_in: impl Fn(&GroupId) -> bool) -> i64 {
        let higher = self.groups().iter().take_while(|group| !is_in(group));
        higher.fold(1, |rank, _| rank + 1)
    }

    /// The sentence on the page of the organization.
    pub fn sentence(&self) -> &'static str {
        match self {
            Self::FirstCome => {
                "A seat that becomes free goes to the person who has waited longest."
            }
            Self::GroupsFirst(_) => {
                "A seat that becomes free goes to the highest group on the waitlist, and there to the person who has waited longest."
            }
            Self::ByHand => {
                "Free seats are given to the waitlist by hand. A new person gets a free seat only if no person waits."
            }
        }
    }
}

/// For the audit log and the command line.
impl fmt::Display for AdmissionPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstCome => f.write_str("first come, first served"),
            Self::GroupsFirst(GroupOrder(groups)) => {
                let groups: Vec<&str> = groups.iter().map(GroupId::as_str).collect();
                write!(f, "groups first: {}", groups.join(", "))
            }
            Self::ByHand => f.write_str("by hand"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(names: &[&str]) -> Vec<GroupId> {
        names.iter().map(|name| GroupId::new(*name)).collect()
    }

    #[test]
    fn a_policy_names_one_to_a_hundred_groups_and_each_once() {
        assert!(GroupOrder::new(groups(&["a"])).is_ok());
        for wrong in [groups(&[]), groups(&["a", "b", "a"])] {
            assert_eq!(GroupOrder::new(wrong), Err(Refusal::PolicyGroups));
        }
        let numbered = |most: usize| (0..most).map(|n| GroupId::new(n.to_string())).collect();
        assert!(GroupOrder::new(numbered(GroupOrder::MOST)).is_ok());
        assert_eq!(GroupOrder::new(numbered(GroupOrder::MOST + 1)), Err(Refusal::PolicyGroups));
    }

    #[test]
    fn the_highest_group_of_a_person_is_the_rank() {
        let policy = AdmissionPolicy::GroupsFirst(GroupOrder::new(groups(&["a", "b"])).unwrap());
        let rank = |of: &[&str]| policy.rank(|group| of.contains(&group.as_str()));
        assert_eq!((rank(&["b", "a"]), rank(&["b"]), rank(&["c"]), rank(&[])), (1, 2, 3, 3));
        for other in [AdmissionPolicy::FirstCome, AdmissionPolicy::ByHand] {
            assert_eq!(other.rank(|_| true), 1);
        }
    }

    #[test]
    fn a_list_that_names_a_group_twice_is_not_read() {
        let read = |text| serde_json::from_str::<GroupOrder>(text).is_ok();
        assert!(read(r#"["a","b"]"#));
        assert!(!read("[]") && !read(r#"["a","a"]"#));
    }
}
