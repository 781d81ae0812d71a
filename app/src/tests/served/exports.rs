//! Each page of a list leads to the CSV of its whole filter.

use super::{
    doors::{address, something_to_ask_about, started},
    support::Server,
};

/// A page with a filter, the address of its CSV, and how the row of the CSV begins.
const PAGES: [(&str, &str, &str); 10] = [
    (
        "/organizations?search=org_1&sort=name",
        "/organizations.csv?search=org_1&sort=name",
        "org_1,The name of org_1,",
    ),
    ("/activity?action=set_policy", "/activity.csv?action=set_policy", ""),
    (
        "/deliveries?organization=org_1&type=organization.renamed",
        "/deliveries.csv?organization=org_1&type=organization.renamed",
        "dlv_",
    ),
    (
        "/organizations/org_1/people?search=Person",
        "/organizations/org_1/people.csv?search=Person",
        "diruser_1,",
    ),
    (
        "/organizations/org_1/groups?search=secret",
        "/organizations/org_1/groups.csv?search=secret",
        "dirgroup_1,",
    ),
    (
        "/organizations/org_1/activity?action=add_organization",
        "/organizations/org_1/activity.csv?action=add_organization",
        "aud_",
    ),
    (
        "/organizations/org_1/waitlist?state=provisioned&search=person",
        "/organizations/org_1/waitlist.csv?state=provisioned&search=person",
        ",diruser_1,",
    ),
    (
        "/organizations/org_1/members?search=viewer",
        "/organizations/org_1/members.csv?search=viewer",
        "acc_",
    ),
    ("/alerts?kind=over_limit", "/alerts.csv?kind=over_limit", ""),
    ("/organizations/org_1/resyncs", "/organizations/org_1/resyncs.csv", "rsn_"),
];

#[test]
fn each_page_of_a_list_leads_to_the_csv_of_its_filter() {
    let server = started(Server::new());
    let staff = server.signed_in(&address("staff"));
    something_to_ask_about(&server, &staff);

    for (page, csv, row) in PAGES {
        let body = server.page(page, &staff).body;
        let written = csv.replace('&', "&amp;");
        let is_there = body.contains(&format!("href=\"{csv}\""))
            || body.contains(&format!("href=\"{written}\""));
        assert_eq!(is_there, !row.is_empty(), "{page}: {body}");
        let answer = server.page(csv, &staff);
        assert_eq!(answer.status, 200, "{csv}");
        let rows: Vec<&str> = answer.body.lines().skip(1).collect();
        // a resync, and an import
        let expected = if row == "rsn_" { 2 } else { usize::from(!row.is_empty()) };
        assert_eq!(rows.len(), expected, "{csv}: {}", answer.body);
        assert!(rows.iter().all(|found| found.starts_with(row)), "{csv}: {rows:?}");

        let visitor = server.page(csv, "");
        let next = page.replace('/', "%2F").replace('?', "%3F").replace('=', "%3D");
        let sign_in = format!("/sign-in?next={}", next.replace('&', "%26"));
        assert_eq!((visitor.status, visitor.header("location")), (303, Some(sign_in.as_str())));
    }
}
