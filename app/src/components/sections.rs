//! Which page of the sidebar is marked.

use crate::paths;

/// The page of the sidebar that leads to this one: a person and the seats that seem unused are
/// among people, and the roles are a part of the groups.
pub fn current(path: &str) -> String {
    let Some(id) = paths::organization_in(path) else {
        return format!("/{}", path.split('/').nth(1).unwrap_or_default());
    };
    let seats = paths::organization(&id);
    let section = match path.split('/').nth(3) {
        Some("roles") => "groups",
        Some("proposals") => "requests",
        Some("reclaim") => "people",
        Some("archive" | "members") => "settings",
        Some("as-of" | "true-up") => "history",
        Some(
            own @ ("people" | "groups" | "waitlist" | "history" | "requests" | "alerts" | "resyncs"
            | "activity" | "settings"),
        ) => own,
        _ => return seats,
    };
    format!("{seats}/{section}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_is_in_a_section() {
        for (path, section) in [
            ("/organizations", "/organizations"),
            ("/organizations/new", "/organizations"),
            ("/deliveries/dlv_1", "/deliveries"),
            ("/organizations/org_1", "/organizations/org_1"),
            ("/organizations/org_1/limit", "/organizations/org_1"),
            ("/organizations/org_1/people/diruser_1", "/organizations/org_1/people"),
            ("/organizations/org_1/reclaim", "/organizations/org_1/people"),
            ("/organizations/org_1/roles", "/organizations/org_1/groups"),
            ("/organizations/org_1/waitlist/decision", "/organizations/org_1/waitlist"),
            ("/organizations/org_1/requests/srq_1", "/organizations/org_1/requests"),
            ("/organizations/org_1/proposals/lpr_1", "/organizations/org_1/requests"),
            ("/organizations/org_1/as-of", "/organizations/org_1/history"),
            ("/organizations/org_1/archive", "/organizations/org_1/settings"),
            ("/organizations/org_1/members", "/organizations/org_1/settings"),
            ("/settings/accounts", "/settings"),
            ("/", "/"),
        ] {
            assert_eq!(current(path), section, "{path}");
        }
    }
}
