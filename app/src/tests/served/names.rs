//! Organizations with the same name: the pages show which one is which.

use std::collections::BTreeSet;

use super::support::{Server, renamed};

const STAFF: &str = "sam.staff@seats.test";
const TENANT: &str = "alex@customer.test";

/// The ids that the page shows as text, outside of attributes.
fn shown(body: &str) -> BTreeSet<&str> {
    let texts = body.split('>').filter_map(|rest| rest.split('<').next());
    texts.map(str::trim).filter(|text| text.starts_with("org_")).collect()
}

#[test]
fn an_organization_whose_name_another_one_has_is_told_by_its_id() {
    let ids = ["org_1", "org_2", "org_3"];
    let server =
        ids.into_iter().fold(Server::new(), Server::organization).account(STAFF, "staff", &[]);
    let server = server.account(TENANT, "tenant-admin", &ids).serving();
    for id in ["org_1", "org_2"] {
        server.deliver(
            &format!("msg_{id}"),
            &renamed(id, "Acme").replace("evt_renamed", &format!("evt_{id}")),
        );
    }
    let (staff, tenant) = (server.signed_in(STAFF), server.signed_in(TENANT));

    for cookie in [&staff, &tenant] {
        let page = server.page("/organizations", cookie);
        assert_eq!(shown(&page.body), BTreeSet::from(["org_1", "org_2"]), "{}", page.body);
    }
    for id in ids {
        assert_eq!(
            shown(&server.page(&format!("/organizations/{id}/limit"), &staff).body),
            BTreeSet::from([id])
        );
    }
}
