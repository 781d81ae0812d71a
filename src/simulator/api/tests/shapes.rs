//! Answers and refusals have the shapes of Scalekit's own.

use super::*;

/// The structure of a JSON value: every path in it, with the type of its value. The contents of
/// free objects are left out.
fn shape(value: &Value) -> BTreeSet<String> {
    fn walk(value: &Value, path: &str, shape: &mut BTreeSet<String>) {
        const FREE: [&str; 3] = ["raw_attributes", "custom_attributes", "metadata"];
        match value {
            Value::Object(fields) if !FREE.iter().any(|free| path.ends_with(free)) => {
                fields
                    .iter()
                    .for_each(|(name, field)| walk(field, &format!("{path}.{name}"), shape));
            }
            Value::Array(items) => {
                for item in items {
                    walk(item, &format!("{path}[]"), shape);
                }
            }
            Value::Object(_) => drop(shape.insert(format!("{path}: object"))),
            Value::String(_) => drop(shape.insert(format!("{path}: text"))),
            Value::Number(_) => drop(shape.insert(format!("{path}: number"))),
            Value::Bool(_) => drop(shape.insert(format!("{path}: flag"))),
            Value::Null => drop(shape.insert(format!("{path}: null"))),
        }
    }
    let mut all = BTreeSet::new();
    walk(value, "", &mut all);
    all
}

/// Compares the structures, without what a sample cannot show: an empty list, a `null` where the
/// sample has an id, a missing mapping.
pub(super) fn assert_shaped(ours: &Value, sample: &Value, but: &[&str]) {
    let fits = |paths: BTreeSet<String>| {
        paths
            .into_iter()
            .filter(|path| !but.iter().any(|but| path.contains(but)))
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(fits(shape(ours)), fits(shape(sample)), "{ours:#}");
}

#[tokio::test]
async fn every_answer_has_the_shape_of_scalekits_own() {
    let caller =
        Caller::of(&[plan(1, &[(Provider::Okta, 4, 40)]), plan(2, &[(Provider::Google, 0, 1)])])
            .await;
    let directory = caller.directory(0);

    assert_shaped(
        &caller.ask_for_token("skc_1", "sesame").await.1,
        &sample!("oauth_token.response"),
        &[],
    );
    assert_shaped(&caller.good("/organizations").await, &sample!("organizations_list"), &[]);
    assert_shaped(&caller.good("/organizations/org_1").await, &sample!("organization_get"), &[]);
    assert_shaped(
        &caller.good("/organizations/org_1/directories").await,
        &sample!("directories_list"),
        &["attribute_mappings"],
    );
    assert_shaped(
        &caller.good(&directory).await,
        &sample!("directory_get"),
        &["attribute_mappings"],
    );
    assert_shaped(
        &caller.good(&format!("{directory}/users?page_size=20")).await,
        &sample!("directory_users_list"),
        &[],
    );
    let detailed = caller.good(&format!("{directory}/users?include_detail=true")).await;
    assert_shaped(
        &detailed,
        &sample!("directory_users_list.include_detail"),
        &["user_detail.groups: null"],
    );
    assert_shaped(
        &caller.good(&format!("{directory}/groups")).await,
        &sample!("directory_groups_list"),
        &[],
    );
    let detailed = caller.good(&format!("{directory}/groups?include_detail=true")).await;
    assert_shaped(&detailed, &sample!("directory_groups_list.include_detail"), &["external_id"]);
    assert_shaped(
        &caller.good(&format!("{directory}/groups/summary")).await,
        &sample!("directory_groups_summary"),
        &[],
    );
    let none = caller.good(&format!("{directory}/users?updated_after=2199-01-01T00:00:00Z")).await;
    assert_eq!(none, sample!("directory_users_list.empty"));
}

#[tokio::test]
async fn the_samples_last_page_and_its_way_back() {
    let caller = Caller::acme(2, 3).await;
    let users = format!("{}/users?page_size=2", caller.directory(0));

    let first = caller.good(&users).await;
    let last = caller
        .good(&format!("{users}&page_token={}", first["next_page_token"].as_str().unwrap()))
        .await;
    let back = caller
        .good(&format!("{users}&pageToken={}", last["prev_page_token"].as_str().unwrap()))
        .await;

    assert_shaped(&last, &sample!("directory_users_list.last_page"), &["groups"]);
    assert_eq!((&last["total_size"], &last["next_page_token"]), (&json!(3), &json!("")));
    assert_eq!(back, first);
}

#[tokio::test]
async fn refusals_are_written_as_scalekit_writes_them() {
    let caller = Caller::acme(1, 1).await;
    let directory = caller.directory(0);
    let stranger = Caller {
        token: String::new(),
        http: Client::new(),
        url: caller.url.clone(),
        ..Caller::acme(0, 0).await
    };
    let without = answer(stranger.http.get(format!("{}/api/v1/organizations", caller.url))).await;

    assert_eq!(without, (401, sample!("error_401")));
    assert_eq!(stranger.get("/organizations").await.1["code"], json!(16));
    assert_eq!(
        caller.ask_for_token("skc_1", "wrong").await,
        (401, sample!("oauth_token.error_401.shape_unverified"))
    );
    assert_eq!(
        caller.get(&format!("{directory}/users?page_size=31")).await,
        (400, sample!("error_400_validation"))
    );
    assert_eq!(
        caller.get("/organizations/org_1/directories/dir_404").await,
        (404, sample!("error_404"))
    );
    for (path, field) in [
        ("/organizations/acme/directories", "organization_id"),
        ("/organizations/usr_1", "id"),
        ("/organizations/org_1/directories/org_1/users", "directory_id"),
        (&format!("/organizations/org_{}/directories", "1".repeat(40)), "organization_id"),
        (&format!("{directory}/users?page_token=b3BhcXVl"), "page_token"),
        (&format!("{directory}/users?page_size=-1"), "page_size"),
        (&format!("{directory}/users?directory_group_id=group_1"), "directory_group_id"),
        (&format!("{directory}/groups?updated_after=yesterday"), "updated_after"),
        (&format!("{directory}/groups?include_detail=perhaps"), "include_detail"),
    ] {
        let (status, answer) = caller.get(path).await;
        assert_eq!((status, &answer["code"]), (400, &json!(3)), "{path}");
        assert_eq!(
            answer["details"][0]["validation_error_info"]["field_violations"][0]["field"],
            json!(field),
            "{path}"
        );
    }
    assert_eq!(
        caller.get("/organizations/org_2").await.1["message"],
        json!("organization not found")
    );
    assert_eq!(
        caller.get("/nowhere").await.1,
        json!({"code": 5, "message": "Not Found", "details": []})
    );
    assert_eq!(caller.patch("/organizations").await.0, 501);
}
