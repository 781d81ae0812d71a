//! The notes of staff reach no tenant: not in a page, not in its data, not in a header.

use super::{
    doors::{TABLE, address, ask, something_to_ask_about, started},
    support::Server,
};

const NOTE: &str = "noor-renews-in-march";
const DRAFT: &str = "noor-pays-late";

#[test]
fn no_answer_to_a_tenant_holds_the_notes_of_staff() {
    let server = started(Server::new());
    let (staff, other) =
        (server.signed_in(&address("staff")), server.signed_in(&address("staff admin")));
    let ids = something_to_ask_about(&server, &staff);
    let set = server.call("set_notes", &format!("id=org_1&notes_version=0&notes={NOTE}"), &staff);
    assert!(set.status < 400, "{set:?}");
    let headers = format!(
        "accept: text/html\r\ncontent-type: application/x-www-form-urlencoded\r\ncookie: {other}\r\n"
    );
    let refused = server.ask(
        "POST /api/set_notes",
        &headers,
        &format!("id=org_1&notes_version=0&notes={DRAFT}"),
    );

    // what the second person typed is in no address, and the page has both
    let back = "/organizations/org_1/settings?refused=notes-changed";
    assert_eq!((refused.status, refused.header("location")), (303, Some(back)));
    let page = server.page(back, &other).body;
    assert!(page.contains(NOTE) && page.contains(DRAFT), "{page}");

    for who in ["admin", "viewer", "stranger"] {
        let cookie = server.signed_in(&address(who));
        for (what, form, _) in TABLE {
            let answer = ask(&server, what, form, &ids, &cookie);
            let all = format!("{:?}{}", answer.headers, answer.body);
            assert!(!all.contains(NOTE) && !all.contains(DRAFT), "{what} for {who}: {all}");
        }
        let filtered = "/organizations/org_1/activity?action=set_notes";
        let page = server.page(filtered, &cookie).body;
        assert!(!page.contains("Notes changed"), "{filtered} for {who}: {page}");
    }
}
