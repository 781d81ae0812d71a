//! Staff who see an organization as its admin: every form of every page is refused in one place,
//! and every page is the one that the admin gets.

use super::{
    doors::{TABLE, address, ask, something_to_ask_about, started},
    support::Server,
};

const READS: [&str; 2] = ["load_", "preview_"];
const ALLOWED: [&str; 3] = ["end_view", "set_theme", "sign_out"];
const OWN: [&str; 5] =
    ["load_account", "load_factors", "load_new_app", "load_preferences", "load_recovery_codes"];
/// The pages about the own account begin so.
const OWN_PAGES: [&str; 3] = ["GET /account", "GET /preferences", "GET /sign-in/sso"];

#[test]
fn a_view_reads_what_the_admin_reads_and_changes_nothing() {
    let server = started(Server::new());
    let [staff, admin] = ["staff", "admin"].map(|name| server.signed_in(&address(name)));
    let boss = server.signed_in(&address("staff admin"));
    let ids = something_to_ask_about(&server, &boss);
    let begun = server.call("begin_view", "id=org_1&reason=Ticket 7&minutes=60", &staff);
    assert_eq!(begun.status, 200, "{begun:?}");
    let mut wrong = Vec::new();

    for (what, form, expected) in TABLE {
        let answer = ask(&server, what, form, &ids, &staff);
        let name = what.strip_prefix("POST /api/").unwrap_or_default();
        let is_own = OWN.contains(&name) || OWN_PAGES.iter().any(|start| what.starts_with(start));
        let reads = READS.iter().any(|prefix| name.starts_with(prefix));
        let writes = !name.is_empty() && !name.contains("webhooks") && !reads;
        if is_own || (writes && !ALLOWED.contains(&name)) {
            if answer.status != 403 || !answer.body.to_lowercase().contains("view") {
                wrong.push(format!("{what}: {} {}", answer.status, answer.body));
            }
        } else if what.starts_with("GET /organizations") || reads {
            // as the admin of the organization
            if answer.status != expected[3] {
                wrong.push(format!("{what}: {} instead of {}", answer.status, expected[3]));
            }
        }
        if name == "end_view" {
            let again = server.call("begin_view", "id=org_1&reason=Ticket 7&minutes=60", &staff);
            assert_eq!(again.status, 200, "{again:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");

    let page = server.page("/organizations/org_1", &staff).body;
    assert!(page.contains("view-bar") && page.contains("Ticket 7"), "{page}");
    assert!(!page.contains("/organizations/org_1/limit"), "no button of staff: {page}");
    assert!(!server.page("/organizations/org_1", &admin).body.contains("view-bar"));
    let form = "accept: text/html\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    let form = format!("{form}cookie: {staff}\r\n");
    let refused = server.ask("POST /api/ask_for_seats", &form, "id=org_1&seats=3&reason=why");
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("can only read"), "{}", refused.body);

    assert_eq!(server.call("end_view", "", &staff).status, 200);
    assert_eq!(server.page("/system", &staff).status, 200);
    let page = server.page("/organizations/org_1/activity", &admin).body;
    assert!(page.contains("View as a tenant admin begun"), "the organization finds it");
    assert!(!page.contains("Ticket 7"), "why is for staff");
}
