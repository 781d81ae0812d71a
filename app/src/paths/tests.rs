use domain::condition::Condition;
use views::{OrganizationKey, OverviewSort, pagination::Key};

use super::*;

#[test]
fn an_address_holds_only_what_differs_from_the_usual() {
    let usual = OverviewQuery::default();
    let query = OverviewQuery {
        search: "a&b".into(),
        condition: Some(Condition::LimitNotSet),
        mine: true,
        sort: OverviewSort::Used,
        descending: true,
        before: OrganizationKey::parse("-used.0.-3.0.org_1"),
    };

    assert_eq!(overview(&usual), "/organizations");
    assert_eq!(
        overview(&query),
        "/organizations?search=a%26b&status=not-set&mine=yes&sort=used&order=desc&before=-used.0.-3.0.org_1"
    );
}

#[test]
fn an_id_survives_the_way_into_an_address_and_back() {
    let id = OrganizationId::new("org_ä/b%");

    assert_eq!(organization_in(&seat_limit(&id)), Some(id));
    assert_eq!(organization_in("/organizations"), None);
    assert_eq!(organization_in(NEW_ORGANIZATION), None);
}

#[test]
fn a_sign_in_leads_to_this_site_alone() {
    assert_eq!(local_path("/organizations?page=2"), Some("/organizations?page=2"));
    for bad in [
        "",
        "//evil.test",
        "https://evil.test",
        "/\\evil.test",
        "/a\r\nb",
        "/sign-in",
        "/api/sign_out",
        "organizations",
        "/ä",
    ] {
        assert_eq!(local_path(bad), None, "{bad:?}");
    }
}
