//! The menu: inside an organization its own sections, everywhere else those about all
//! organizations. And which of them is marked.

use domain::{access::Role, id::OrganizationId};
use leptos::prelude::*;
use views::{
    PeopleQuery, Person, groups::GroupsQuery, history::HistoryQuery, waitlist::WaitlistQuery,
};

use super::bell::BELL;
use crate::paths;

const CLOCK: &str =
    "M8 4.500v3.500l2.500 1.500M2.600 6.500A5.600 5.600 0 1 1 2.500 9.500M2.500 3v3.500h3.500";
const SLIDERS: &str = "M2 5h7m3 0h2M2 11h2m3 0h7M10.500 3.500v3M5.500 9.500v3";
/// A seat and a plus.
const ONE_MORE_SEAT: &str = "M2.500 4.500a2 2 0 0 1 2-2h4a2 2 0 0 1 2 2v2M2.500 4.500v5a2 2 0 0 0 2 2h2M11.500 8.500v6M8.500 11.500h6";

/// Inside an organization its sections are the menu, and staff unfold the others below them.
#[component]
pub fn Sections(
    person: Person,
    organization: Option<OrganizationId>,
    path: String,
) -> impl IntoView {
    let marks = Marks { current: current(&path), path };
    let all = person.role.is_staff().then(|| of_all(&person, &marks));
    let own = organization.map(|id| of_one(&person, &id, &marks));
    let is_inside = own.is_some();
    let all = all.map(move |all| if is_inside { folded_up(all, &person) } else { all });
    view! {
        <nav aria-label="Sections">
            <ul class="sections">{own} {all}</ul>
        </nav>
    }
}

/// What the page marks as the place where the reader is.
struct Marks {
    path: String,
    current: String,
}

impl Marks {
    fn section(&self, word: &'static str, href: String, icon: &'static str) -> AnyView {
        self.counted(word, href, icon, None)
    }

    fn counted(
        &self,
        word: &'static str,
        href: String,
        icon: &'static str,
        count: Option<AnyView>,
    ) -> AnyView {
        let is_this_page = href == self.path;
        let here = (href == self.current).then_some(if is_this_page { "page" } else { "true" });
        view! {
            <li>
                <a class="section" href=href aria-current=here>
                    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                        <path d=icon />
                    </svg>
                    {word}
                    {count}
                </a>
            </li>
        }
        .into_any()
    }
}

/// The sections about all organizations, for staff.
fn of_all(person: &Person, marks: &Marks) -> AnyView {
    let section = |word, path: &str, icon| marks.section(word, path.to_owned(), icon);
    let requests = count_words(person.requests, "request waits", "requests wait");
    let failed =
        count_words(person.failed_deliveries, "failed delivery waits", "failed deliveries wait");
    let settings = (person.role == Role::StaffAdmin)
        .then(|| section("Settings", paths::INSTALLATION_SETTINGS, SLIDERS));
    view! {
        {section(
            "Start",
            paths::START,
            "M2.500 7.500L8 2.500l5.500 5M4 6.500v7h8v-7M6.500 13.500v-4h3v4",
        )}
        {section(
            "Organizations",
            paths::ORGANIZATIONS,
            "M2.500 13.500v-9l5.500-2 5.500 2v9M1.500 13.500h13M6 6.500h.01M10 6.500h.01M6 9.500h.01M10 9.500h.01M8 13.500v-1",
        )}
        {marks.counted("Seat requests", paths::REQUESTS.to_owned(), ONE_MORE_SEAT, requests)}
        {marks.counted("Alerts", paths::ALERTS.to_owned(), BELL, unread_words(person.unread))}
        {marks
            .counted(
                "Webhooks",
                paths::DELIVERIES.to_owned(),
                "M2.500 9.500h3l1.500 2.500h2l1.500-2.500h3M2.500 9.500v4h11v-4l-2-7h-7z",
                failed,
            )}
        {section(
            "Messages",
            paths::MESSAGES,
            "M1.500 3.500h13v9h-13zM1.500 4.500l6.500 4.500 6.500-4.500",
        )}
        {section("Activity", paths::ACTIVITY, CLOCK)}
        {section("System", paths::SYSTEM, "M1.500 8.500h3l2-5 3 9 2-4h3")}
        {settings}
    }
    .into_any()
}

/// The sections of one organization.
fn of_one(person: &Person, id: &OrganizationId, marks: &Marks) -> AnyView {
    let section = |word, href, icon| marks.section(word, href, icon);
    let waits = i64::from(person.has_request_here);
    let requests = count_words(waits, "request waits for you", "requests wait for you");
    let alerts = unread_words(person.unread_here);
    view! {
        {section(
            "Seats",
            paths::organization(id),
            "M2.500 2.500h4v4h-4zM2.500 9.500h4v4h-4zM9.500 1v14M12.500 6v4",
        )}
        {section(
            "People",
            paths::people(id, &PeopleQuery::default()),
            "M8 7.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5M3 13.500c.4-2.600 2.300-4 5-4s4.600 1.400 5 4",
        )}
        {section(
            "Groups",
            paths::groups(id, &GroupsQuery::default()),
            "M6 7.500a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400M1.500 13c.3-2.300 1.900-3.500 4.500-3.500s4.200 1.200 4.500 3.500M10.500 3.400a2 2 0 1 1 0 3.900M12 9.700c1.500.4 2.300 1.500 2.500 3.300",
        )}
        {section(
            "Waitlist",
            paths::waitlist(id, &WaitlistQuery::default()),
            "M2.500 4h11M2.500 8h8M2.500 12h5",
        )}
        {section(
            "History",
            paths::history(id, &HistoryQuery::default()),
            "M2.500 2v11.500h11.500M5 11V9h3V6h3V3.500h2.500",
        )}
        {marks.counted("Seat requests", paths::requests_of(id), ONE_MORE_SEAT, requests)}
        {marks.counted("Alerts", paths::alerts_of(id), BELL, alerts)}
        {section(
            "Resyncs",
            paths::resyncs(id, None),
            "M13 6a5.200 5.200 0 0 0-9.700-.6M3 10a5.200 5.200 0 0 0 9.700.6M3 2.500v3h3M13 13.500v-3h-3",
        )}
        {section("Activity", paths::activity_of(id), CLOCK)}
        {section("Settings", paths::settings(id), SLIDERS)}
    }
    .into_any()
}

/// The sections about all organizations, below those of one. What waits there is counted outside.
fn folded_up(sections: AnyView, person: &Person) -> AnyView {
    let waits = person.requests + person.unread + person.failed_deliveries;
    let count = count_words(
        waits,
        "request, alert or failed delivery waits",
        "requests, alerts and failed deliveries wait",
    );
    view! {
        <li>
            <details class="sections__all">
                <summary class="section">
                    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                        <path d="M6 4l4 4-4 4" />
                    </svg>
                    "All organizations"
                    {count}
                </summary>
                <ul class="sections">{sections}</ul>
            </details>
        </li>
    }
    .into_any()
}

/// The number of unread alerts beside the bell.
fn unread_words(unread: i64) -> Option<AnyView> {
    count_words(unread, "unread alert", "unread alerts")
}

/// How much waits behind a link of the menu.
fn count_words(count: i64, one: &'static str, many: &'static str) -> Option<AnyView> {
    let shown = match count {
        0 => return None,
        n if n >= Person::COUNTED => format!("{}+", Person::COUNTED - 1),
        n => n.to_string(),
    };
    let said = if count == 1 { one } else { many };
    Some(
        view! { <span class="section__count">{shown} <span class="unseen">" "{said}</span></span> }
            .into_any(),
    )
}

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
        Some("import") => "resyncs",
        Some("archive" | "members" | "single-sign-on") => "settings",
        Some("as-of" | "true-up") => "history",
        Some(
            own @ ("people" | "groups" | "waitlist" | "history" | "requests" | "alerts" | "resyncs"
            | "activity" | "settings"),
        ) => own,
        _ => return seats,
    };
    format!("{seats}/{section}")
}

/// What stands behind the organization in the address of the section: another organization has the
/// same one.
pub fn section(path: &str) -> String {
    let Some(id) = paths::organization_in(path) else { return String::new() };
    let behind = current(path).strip_prefix(&paths::organization(&id)).map(str::to_owned);
    behind.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_organization_opens_on_the_same_section() {
        for (path, behind) in [
            ("/organizations/org_1", ""),
            ("/organizations/org_1/people/diruser_1", "/people"),
            ("/organizations/org%2F1/resyncs/rsn_1", "/resyncs"),
            ("/organizations/new", ""),
            ("/deliveries/dlv_1", ""),
        ] {
            assert_eq!(section(path), behind, "{path}");
        }
    }

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
            ("/organizations/org_1/single-sign-on", "/organizations/org_1/settings"),
            ("/settings/accounts", "/settings"),
            ("/", "/"),
        ] {
            assert_eq!(current(path), section, "{path}");
        }
    }
}
