//! Tests the page over real HTTP: every button does what it says, and other sites' buttons do
//! nothing.

use reqwest::{Client, StatusCode};
use tokio::net::TcpListener;

use crate::{
    Simulator,
    api::Credentials,
    fault::Fault,
    tests::{Receiver, first_person, playing, world},
};
use domain::id::OrganizationId;

struct Visitor {
    simulator: Simulator,
    receiver: Receiver,
    http: Client,
    url: String,
}

impl Visitor {
    async fn of(groups: usize, people: usize) -> Self {
        let (world, _) = world(groups, people);
        let (simulator, receiver) = playing(world, 0).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let credentials = Credentials { client_id: "skc_1".into(), client_secret: "sesame".into() };
        tokio::spawn(simulator.clone().serve(listener, credentials));
        Self { simulator, receiver, http: Client::new(), url }
    }

    async fn see(&self, path: &str) -> String {
        let response = self.http.get(format!("{}{path}", self.url)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.text().await.unwrap()
    }

    /// Presses a button and returns the page that follows.
    async fn press(&self, form: &str) -> String {
        self.press_from(form, &self.url).await.unwrap()
    }

    async fn press_from(&self, form: &str, origin: &str) -> Result<String, StatusCode> {
        let request = self.http.post(format!("{}/acts", self.url)).header("origin", origin);
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned());
        let response = request.send().await.unwrap();
        if response.status() == StatusCode::OK {
            Ok(response.text().await.unwrap())
        } else {
            Err(response.status())
        }
    }

    fn taken(&self) -> usize {
        self.receiver.taken.lock().unwrap().len()
    }

    fn people(&self) -> usize {
        self.simulator.look(|world| world.organizations()[0].people().count())
    }
}

#[tokio::test]
async fn the_home_page_lists_organizations_faults_and_deliveries() {
    let visitor = Visitor::of(2, 3).await;

    let page = visitor.press("act=hire&organization=org_1").await;

    assert_eq!((visitor.taken(), visitor.people()), (1, 4));
    for text in [
        "Acme &#38; Sons",
        "1 organization, 4 active people",
        "delivered",
        "answered 200",
        "user_created",
        "one message to send",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(Fault::ALL.into_iter().all(|fault| page.contains(fault.name())));
    assert!(!visitor.see("/").await.contains("one message to send"), "said once");
    assert!(visitor.see("/simulator.css").await.contains("--paper:"));
}

#[tokio::test]
async fn every_button_of_an_organization_does_what_it_says() {
    let visitor = Visitor::of(2, 3).await;
    let (person, directory, group) = visitor.simulator.look(|world| {
        let directory = &world.organizations()[0].directories[0];
        (first_person(world), directory.id.clone(), directory.groups[0].id.clone())
    });
    let about = |act: &str| {
        format!(
            "act={act}&organization=org_1&person={person}&directory={directory}&group={group}&back=/organizations/org_1"
        )
    };
    let look = || {
        visitor.simulator.look(|world| {
            world.organizations()[0].person(&person).map(|(_, person)| person.clone())
        })
    };
    let before = look().unwrap();

    assert!(visitor.press(&about("deactivate")).await.contains("1 switched off"));
    visitor.press(&about("reactivate")).await;
    visitor.press(&about("move")).await;
    assert_ne!(look().unwrap().groups, before.groups);
    visitor.press(&about("rename")).await;
    assert!(visitor.press(&about("directory-off")).await.contains("its changes are not sent"));
    assert!(
        visitor.press(&about("fire")).await.contains("Nothing happened"),
        "its directory is off"
    );
    visitor.press(&about("directory-on")).await;
    visitor.press(&about("fire")).await;
    assert_eq!((look(), visitor.people()), (None, 2));
    visitor.press(&about("burst")).await;
    assert_eq!(visitor.people(), 62);
    let page = visitor.see("/organizations/org_1").await;
    assert!(page.contains("More people") && page.contains("62 active people"), "{page}");
    visitor.press(&about("delete-group")).await;
    assert_eq!(
        visitor.simulator.look(|world| world.organizations()[0].directories[0].groups.len()),
        1
    );
    // The page of a deleted customer does not exist any more.
    assert_eq!(
        visitor.press_from(&about("delete-organization"), &visitor.url).await,
        Err(StatusCode::NOT_FOUND)
    );
    assert!(
        visitor.simulator.look(|world| world.organization(&OrganizationId::new("org_1")).is_none())
    );
}

#[tokio::test]
async fn the_next_delivery_is_lost_and_sent_again() {
    let visitor = Visitor::of(0, 0).await;

    assert!(visitor.press("act=once:loss").await.contains("Lose it: waiting"));
    assert!(visitor.press("act=hire&organization=org_1").await.contains("lost"));
    assert_eq!(visitor.taken(), 0);

    let message = visitor.simulator.deliveries()[0].webhook_id.clone();
    assert!(visitor.press(&format!("act=resend&message={message}")).await.contains("and accepted"));
    assert_eq!(visitor.taken(), 1);
}

#[tokio::test]
async fn faults_are_switched_and_the_secret_is_rotated() {
    let visitor = Visitor::of(0, 0).await;

    assert!(visitor.press("act=fault-on&fault=error-503").await.contains("error-503 is on."));
    assert!(visitor.simulator.faults().is_on(Fault::Error503));
    visitor.press("act=fault-off&fault=error-503").await;
    assert!(!visitor.simulator.faults().is_on(Fault::Error503));

    let page = visitor.press("act=rotate").await;
    assert!(page.contains("whsec_") && page.contains("Two secrets sign"), "{page}");
}

#[tokio::test]
async fn another_sites_form_does_nothing() {
    let visitor = Visitor::of(0, 0).await;

    assert_eq!(
        visitor.press_from("act=hire&organization=org_1", "http://elsewhere.test").await,
        Err(StatusCode::FORBIDDEN)
    );
    assert_eq!(visitor.people(), 0);

    let back = visitor.press("act=hire&organization=org_1&back=//elsewhere.test").await;
    assert!(back.contains("Organizations"), "led home");
}

#[tokio::test]
async fn a_site_that_is_said_to_live_here_sees_and_presses_nothing() {
    let visitor = Visitor::of(2, 3).await;
    let port = visitor.url.rsplit_once(':').unwrap().1;
    for path in ["/", "/simulator.css", "/organizations/org_1"] {
        let request = visitor
            .http
            .get(format!("{}{path}", visitor.url))
            .header("host", format!("evil.example:{port}"));
        assert_eq!(
            request.send().await.unwrap().status(),
            StatusCode::MISDIRECTED_REQUEST,
            "{path}"
        );
    }
    let evil = format!("http://evil.example:{port}");
    let request = visitor
        .http
        .post(format!("{}/acts", visitor.url))
        .header("origin", &evil)
        .header("host", &evil[7..]);
    let request = request
        .header("content-type", "application/x-www-form-urlencoded")
        .body("act=fault-on&fault=loss");
    assert_eq!(request.send().await.unwrap().status(), StatusCode::MISDIRECTED_REQUEST);
    assert!(!visitor.simulator.faults().is_on(Fault::Loss));

    let request = visitor.http.get(&visitor.url).header("host", format!("localhost:{port}"));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
}
