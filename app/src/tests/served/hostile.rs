//! Words from outside are words on every page, whatever stands in them.

use super::support::{Server, renamed};

const STAFF: &str = "sam.staff@seats.test";

/// A customer's own name for itself: a form that lies over the whole page and raises their limit.
const EVIL: &str = "Evil Ltd</title></head><form method=post action=/api/set_seat_limit>\
    <input type=hidden name=id value=org_1><input type=hidden name=limit value=unlimited>\
    <input type=hidden name=limit_version value=0><input type=hidden name=reason value=agreed>\
    <button class=row__link></button></form>";

#[test]
fn an_organization_cannot_leave_the_title_of_its_page() {
    let server = Server::new().organization("org_1").account(STAFF, "staff", &[]).serving();
    server.deliver("msg_1", &renamed("org_1", EVIL));
    let cookie = server.signed_in(STAFF);

    let page = server.page("/organizations/org_1", &cookie);

    let title = page.body.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
    assert!(title.starts_with("Evil Ltd&lt;/title&gt;&lt;/head&gt;&lt;form") && title.ends_with("· Seatkeeper"), "{title}");
    assert!(!page.body.contains("<form method=post") && !page.body.contains("<button class=row__link>"), "{}", page.body);
}
