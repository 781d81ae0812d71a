//! The sentences of the page of roles.

use domain::{
    access::Role,
    organization::{grouped, people},
};
use views::roles::{EffectRow, FirstPeople, RolesPage};

/// A role in this dashboard.
pub(super) fn dashboard(role: Role) -> &'static str {
    match role {
        Role::TenantAdmin => "Admin",
        _ => "Viewer",
    }
}

/// `2 groups give roles; people in none of them have the role “member”.`
pub(super) fn sentence(page: &RolesPage) -> String {
    let groups = match page.rows.len() {
        0 => "No group gives a role".to_owned(),
        1 => "1 group gives roles".to_owned(),
        n => format!("{n} groups give roles"),
    };
    match &page.default_role {
        Some(role) => format!("{groups}; a person in no such group has the role “{role}”."),
        None => format!("{groups}."),
    }
}

/// `Ada, Bob and 3 more people`, for the people of one side.
pub(super) fn names(people_of: &FirstPeople) -> String {
    let names: Vec<String> = people_of.first.iter().map(|(_, name)| name.to_string()).collect();
    let more = people_of.count - i64::try_from(names.len()).unwrap_or(i64::MAX);
    match names.as_slice() {
        [] => format!("{} {}", grouped(people_of.count), people(people_of.count)),
        names if more > 0 => {
            format!("{} and {} more {}", names.join(", "), grouped(more), people(more))
        }
        [one] => one.clone(),
        [names @ .., last] => format!("{} and {last}", names.join(", ")),
    }
}

/// `Ada and Bob get “editor”.`, `Cy loses “editor”.`
pub(super) fn effects(row: &EffectRow) -> Vec<String> {
    let mut sentences = Vec::new();
    if row.gained.count > 0 {
        let verb = if row.gained.count == 1 { "gets" } else { "get" };
        sentences.push(format!("{} {verb} “{}”.", names(&row.gained), row.role));
    }
    if row.lost.count > 0 {
        let verb = if row.lost.count == 1 { "loses" } else { "lose" };
        sentences.push(format!("{} {verb} “{}”.", names(&row.lost), row.role));
    }
    sentences
}

#[cfg(test)]
mod tests {
    use domain::{id::DirectoryUserId, role::RoleName};

    use super::*;

    #[test]
    fn a_preview_names_the_first_people() {
        let some = |names: &[&str], count| FirstPeople {
            count,
            first: names.iter().map(|name| (DirectoryUserId::new(*name), (*name).into())).collect(),
        };
        let row =
            |gained, lost| EffectRow { role: RoleName::parse("editor").unwrap(), gained, lost };
        assert_eq!(effects(&row(some(&["Ada"], 1), some(&[], 0))), ["Ada gets “editor”."]);
        assert_eq!(
            effects(&row(some(&["Ada", "Bob"], 2), some(&["Cy"], 1_201))),
            ["Ada and Bob get “editor”.", "Cy and 1,200 more people lose “editor”."]
        );
    }
}
