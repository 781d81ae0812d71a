//! The pages of a listing skip no user.

use super::*;

#[tokio::test]
async fn a_person_who_leaves_meanwhile_makes_the_listing_skip_no_person() {
    let caller = Caller::acme(2, 100).await;
    let organization = OrganizationId::new("org_1");
    let users = format!("{}/users?page_size=7", caller.directory(0));
    let before: Vec<_> = caller
        .simulator
        .look(|world| world.organizations()[0].people().map(|(_, person)| person.id()).collect());

    // After each page the first and the last user seen so far leave, and early in the list a new
    // one joins.
    let seen = caller.all_ids(&users, |seen| {
        for gone in [seen.first(), seen.last()].into_iter().flatten() {
            caller
                .simulator
                .change(|world, now| world.fire(&organization, &gone.clone().into(), now));
        }
        if seen.len() < 50 {
            caller.simulator.change(|world, now| world.hire(&organization, now));
        }
    });
    let seen = seen.await;

    let unique: BTreeSet<_> = seen.iter().collect();
    assert_eq!(unique.len(), seen.len(), "no person twice");
    assert!(
        before.iter().all(|person| unique.contains(&person.as_str().to_owned())),
        "no person skipped"
    );
}

#[tokio::test]
async fn each_directory_lists_its_own_people_and_groups() {
    let caller = Caller::of(&[
        plan(1, &[(Provider::Okta, 2, 20), (Provider::Entra, 3, 12)]),
        plan(2, &[(Provider::Okta, 0, 1)]),
    ])
    .await;
    let (okta, entra) = (caller.directory(0), caller.directory(1));

    let page = caller.good(&format!("{okta}/groups")).await;
    let group = &page["groups"][0];
    let members = caller
        .all_ids(
            &format!(
                "{okta}/users?page_size=1&directory_group_id={}",
                group["id"].as_str().unwrap()
            ),
            |_| (),
        )
        .await;

    assert_eq!(json!(members.len()), group["total_users"]);
    assert_eq!(caller.all_ids(&format!("{okta}/users?page_size=30"), |_| ()).await.len(), 20);
    assert_eq!(caller.all_ids(&format!("{entra}/users?page_size=5"), |_| ()).await.len(), 12);
    assert_eq!(caller.good(&entra).await["directory"]["total_groups"], json!(3));
    let other = caller.directory(0).replace("org_1", "org_2");
    assert_eq!(caller.get(&other).await.0, 404, "another organization's directory is missing");
    let by_name = caller.good("/organizations:external/customer2").await;
    assert_eq!(by_name["organization"]["id"], json!("org_2"));
    assert_eq!(
        caller.good("/organizations?page_size=1&external_id=customer2").await["total_size"],
        json!(1)
    );
}
