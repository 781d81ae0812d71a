//! Tests the API over real HTTP: its answers have the shapes of Scalekit's own, and its pages skip
//! no user.

mod event_log;
mod faults;
mod listings;
mod shapes;

use std::{collections::BTreeSet, time::Duration};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::world::{DirectoryPlan, Plan, Provider, World};
use domain::{id::OrganizationId, time::Timestamp};
use seatkeeper::{clock::Clock, scalekit::signature::Secret};

macro_rules! sample {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../../tests/rest/", $name, ".json")))
            .unwrap()
    };
}
use sample;

const NOW: Timestamp = Timestamp::from_seconds(1_770_802_269);

/// A simulator on a port, and a client that has a token.
struct Caller {
    simulator: Simulator,
    clock: Clock,
    http: Client,
    url: String,
    token: String,
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

    async fn acme(groups: usize, people: usize) -> Self {
        Self::of(&[plan(1, &[(Provider::Okta, groups, people)])]).await
    }

    async fn ask_for_token(&self, id: &str, secret: &str) -> (u16, Value) {
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let request = self.http.post(format!("{}/oauth/token", self.url));
        answer(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.http.get(format!("{}/api/v1{path}", self.url)).bearer_auth(&self.token)).await
    }

    async fn good(&self, path: &str) -> Value {
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
    fn directory(&self, index: usize) -> String {
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

#[tokio::test]
async fn a_token_expires_after_a_day() {
    let caller = Caller::acme(0, 1).await;
    caller.good("/organizations").await;

    caller.clock.pass(Duration::from_secs(86_399));

    let (status, answer) = caller.get("/organizations").await;
    assert_eq!((status, &answer["code"]), (401, &json!(16)));
    assert_eq!(caller.ask_for_token("skc_1", "sesame").await.0, 200);
}
