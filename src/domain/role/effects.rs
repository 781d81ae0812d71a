//! What a change of a mapping does to the people of an organization.

use std::collections::{BTreeMap, BTreeSet};

use super::{RoleMapping, RoleName};
use crate::id::{DirectoryUserId, GroupId};

/// Who gets an application role and who loses it, in order of id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleEffect {
    pub gained: Vec<DirectoryUserId>,
    pub lost: Vec<DirectoryUserId>,
}

/// The effects of another mapping on these people, by role. They are all people whose groups have
/// other roles in it, with their groups.
pub fn role_effects(
    (before, after): (&RoleMapping, &RoleMapping),
    people: &BTreeMap<DirectoryUserId, BTreeSet<GroupId>>,
    default: Option<&RoleName>,
) -> BTreeMap<RoleName, RoleEffect> {
    let mut effects: BTreeMap<RoleName, RoleEffect> = BTreeMap::new();
    for (user, groups) in people {
        let had = before.application(groups.iter(), default);
        let has = after.application(groups.iter(), default);
        for role in has.keys().filter(|role| !had.contains_key(role)) {
            effects.entry(role.clone()).or_default().gained.push(user.clone());
        }
        for role in had.keys().filter(|role| !has.contains_key(role)) {
            effects.entry(role.clone()).or_default().lost.push(user.clone());
        }
    }
    effects
}
