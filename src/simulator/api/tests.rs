//! Tests the API over real HTTP: its answers have the shapes of Scalekit's own, and its pages skip
//! no user.

use std::{collections::BTreeSet, time::Duration};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::world::{DirectoryPlan, Plan, Provider, World};
use domain::{id::OrganizationId, time::Timestamp};
use seatkeeper::{clock::Clock, scalekit::signature::Secret};

const NOW: Timestamp = Timestamp::from_seconds(1_770_802_269);

/// A simulator on a port, and a client that has a token.
pub(super) struct Caller {
    pub(super) simulator: Simulator,
    pub(super) clock: Clock,
    pub(super) http: Client,
    pub(super) url: String,
    pub(super) token: String,
}

fn plan(number: u32, directories: &[(Provider, usize, usize)]) -> Plan {
    let directory = |(provider, groups, people): &(Provider, usize, usize)| DirectoryPlan {
        provider: *provider,
        groups: *groups,
        people: *people,
    };
    let (id, domain) =
        (OrganizationId::new(format!("org_{number}")), format!("customer{number}.test"));
    Plan {
        id,
        name: format!("Customer {number}"),
        domain,
        directories: directories.iter().map(directory).collect(),
    }
}

impl Caller {
    async fn of(plans: &[Plan]) -> Self {
        let _installed_before: Result<_, _> =
            rustls::crypto::ring::default_provider().install_default();
        let clock = Clock::still(NOW, 1);
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let world = World::new(1, plans, NOW);
        // There is no receiver at this address, so the messages are lost.
        let simulator =
            Simulator::with_time_factor(world, "http://127.0.0.1:9/", secret, clock.clone(), 1.0)
                .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let credentials = Credentials { client_id: "skc_1".into(), client_secret: "sesame".into() };
        tokio::spawn(simulator.clone().serve(listener, credentials));
        let mut caller = Self { simulator, clock, http: Client::new(), url, token: String::new() };
        caller.token = caller.ask_for_token("skc_1", "sesame").await.1["access_token"]
            .as_str()
            .unwrap()
            .to_owned();
        caller
    }

    pub(super) async fn acme(groups: usize, people: usize) -> Self {
        Self::of(&[plan(1, &[(Provider::Okta, groups, people)])]).await
    }

    pub(super) async fn ask_for_token(&self, id: &str, secret: &str) -> (u16, Value) {
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let request = self.http.post(format!("{}/oauth/token", self.url));
        answer(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
    }

    pub(super) async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.http.get(format!("{}/api/v1{path}", self.url)).bearer_auth(&self.token)).await
    }

    pub(super) async fn good(&self, path: &str) -> Value {
        let (status, answer) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    async fn patch(&self, path: &str) -> (u16, Value) {
        answer(self.http.patch(format!("{}/api/v1{path}", self.url)).bearer_auth(&self.token)).await
    }

    async fn events(&self, query: &str, filter: &Value) -> (u16, Value) {
        let request = self
            .http
            .post(format!("{}/api/v1/events/paginated{query}", self.url))
            .bearer_auth(&self.token);
        answer(request.json(filter)).await
    }

    /// The path of the first organization's directory at this index.
    pub(super) fn directory(&self, index: usize) -> String {
        let id =
            self.simulator.look(|world| world.organizations()[0].directories[index].id.clone());
        format!("/organizations/org_1/directories/{id}")
    }

    /// The ids of all users, page by page; `between` is called after each page.
    async fn all_ids(&self, path: &str, mut between: impl FnMut(&[String])) -> Vec<String> {
        let (mut all, mut token) = (Vec::new(), String::new());
        loop {
            let page = self.good(&format!("{path}&page_token={token}")).await;
            all.extend(
                page["users"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|user| user["id"].as_str().unwrap().to_owned()),
            );
            between(&all);
            page["next_page_token"].as_str().unwrap().clone_into(&mut token);
            if token.is_empty() {
                return all;
            }
        }
    }
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

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

macro_rules! sample {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../tests/rest/", $name, ".json")))
            .unwrap()
    };
}

/// Compares the structures, without what a sample cannot show: an empty list, a `null` where the
/// sample has an id, a missing mapping.
fn assert_shaped(ours: &Value, sample: &Value, but: &[&str]) {
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

#[tokio::test]
async fn a_token_expires_after_a_day() {
    let caller = Caller::acme(0, 1).await;
    caller.good("/organizations").await;

    caller.clock.pass(Duration::from_secs(86_399));

    let (status, answer) = caller.get("/organizations").await;
    assert_eq!((status, &answer["code"]), (401, &json!(16)));
    assert_eq!(caller.ask_for_token("skc_1", "sesame").await.0, 200);
}

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

#[tokio::test]
async fn a_directory_is_switched_off_and_on_and_the_log_lists_it() {
    let caller = Caller::acme(1, 2).await;
    let directory = caller.directory(0);

    assert_eq!(
        caller.patch(&format!("{directory}:enable")).await,
        (200, sample!("directory_enable.already_enabled"))
    );
    assert_eq!(
        caller.patch(&format!("{directory}:disable")).await,
        (200, sample!("directory_disable"))
    );
    assert_eq!(
        caller.patch(&format!("{directory}:enable")).await,
        (200, sample!("directory_enable"))
    );
    assert_eq!(caller.patch(&format!("{directory}:explode")).await.0, 404);

    let (_, log) = caller.events("", &json!({})).await;
    let kinds: Vec<_> = log["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["organization.directory_enabled", "organization.directory_disabled"]);
}

#[tokio::test]
async fn the_event_log_is_read_back_page_by_page_the_newest_first() {
    let caller = Caller::acme(2, 0).await;
    let organization = OrganizationId::new("org_1");
    caller.simulator.change(|world, now| world.burst(&organization, 120, now));
    let noon = NOW.plus(Duration::from_hours(1));
    caller.clock.pass(Duration::from_hours(2));
    caller.simulator.change(|world, now| world.delete_organization(&organization, now));

    let (_, first) = caller.events("?page_size=1000", &sample!("events_paginated.request")).await;
    assert_eq!(first["events"].as_array().unwrap().len(), 0, "of another organization");
    let (_, first) = caller.events("?page_size=1000", &json!({"source": "DIR_SYNC"})).await;
    let (_, rest) = caller
        .events(
            &format!("?page_size=100&page_token={}", first["next_page_token"].as_str().unwrap()),
            &json!({}),
        )
        .await;

    let times = |page: &Value| {
        let events = page["events"].as_array().unwrap().iter();
        events
            .map(|event| Timestamp::parse(event["occurred_at"].as_str().unwrap()).unwrap())
            .collect::<Vec<_>>()
    };
    let all = [times(&first), times(&rest)].concat();
    assert_eq!((times(&first).len(), all.len()), (100, 120));
    assert!(all.is_sorted_by(|newer, older| newer > older));
    assert_shaped(&rest, &sample!("events_paginated.response"), &["data"]);
    let (_, late) =
        caller.events("", &json!({"start_time": noon.rfc3339(), "event_types": null})).await;
    assert_eq!(late["events"].as_array().unwrap().len(), 1);
    assert_eq!(late["events"][0]["object"], json!("Organization"));
    for bad in [
        json!({"start_time": noon.rfc3339(), "end_time": NOW.rfc3339()}),
        json!({"source": "MARS"}),
        json!({"end_time": "soon"}),
        json!(3),
    ] {
        assert_eq!(caller.events("", &bad).await.0, 400, "{bad}");
    }
    assert_eq!(caller.events("?page_token=!", &json!({})).await.0, 400);
}
