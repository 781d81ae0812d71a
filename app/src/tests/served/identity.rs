//! What is worth a stolen session: its pages and forms, some minutes after the sign-in.

use sqlx::{Connection, SqliteConnection};

use super::support::{Answer, PASSWORD, Server};

const BOSS: &str = "boss@seats.test";

/// Lets the sign-ins of this server be longer ago than a proof lasts.
async fn time_passes(server: &Server) {
    let url = format!("sqlite://{}", server.folder().join("seats.db").display());
    let mut db = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("update sessions set proved_at = 0").execute(&mut db).await.unwrap();
}

/// Sends a form as a browser without JavaScript does.
fn sends(server: &Server, name: &str, form: &str, cookie: &str) -> Answer {
    let headers = format!(
        "accept: text/html\r\ncontent-type: application/x-www-form-urlencoded\r\ncookie: {cookie}\r\n"
    );
    server.ask(&format!("POST /api/{name}"), &headers, form)
}

fn leads_to(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{answer:?}");
    answer.header("location").unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_proof_leads_to_the_password_and_back_with_what_was_typed() {
    let server = Server::new().account(BOSS, "staff-admin", &[]).serving();
    let cookie = server.signed_in(BOSS);
    assert_eq!(server.page("/settings", &cookie).status, 200);
    time_passes(&server).await;

    for (page, next) in [
        ("/settings", "%2Fsettings"),
        ("/settings/accounts?search=x", "%2Fsettings%2Faccounts%3Fsearch%3Dx"),
    ] {
        let led = leads_to(&server.page(page, &cookie));
        assert_eq!(led, format!("/confirm-identity?next={next}"), "{page}");
        let itself = format!("accept: text/html\r\nx-seatkeeper-live: 1\r\ncookie: {cookie}\r\n");
        let itself = server.ask(&format!("GET {page}"), &itself, "");
        assert_eq!(itself.status, 200, "an open page stays");
    }
    let form = "name=session_hours&value=9&seen=12";
    let page = leads_to(&sends(&server, "change_setting", form, &cookie));
    let refused = server.page(page.split('#').next().unwrap(), &cookie);
    assert!(refused.body.contains("value=\"9\"") && refused.body.contains("It is a while ago"));
    let link = "/confirm-identity?next=%2Fsettings%3F";
    assert!(refused.body.contains(link), "{}", refused.body);
    let script = server.call("change_setting", form, &cookie);
    assert!(script.status == 422 && script.body.contains("ProofTooOld"), "{script:?}");

    let back = "%2Fsettings%3Fsetting%3Dsession_hours%26value%3D9%26refused%3Dconfirmed";
    let wrong = sends(&server, "confirm_identity", &format!("present=x&next={back}"), &cookie);
    let again = server.page(&leads_to(&wrong), &cookie).body;
    assert!(again.contains("This is not your present password."), "{again}");
    let present = PASSWORD.replace(' ', "+");
    let form_of_identity = format!("present={present}&next={back}");
    let confirmed = sends(&server, "confirm_identity", &form_of_identity, &cookie);

    let renewed = confirmed.session().unwrap().split(';').next().unwrap().to_owned();
    let page = server.page(&leads_to(&confirmed), &renewed).body;
    assert!(page.contains("value=\"9\"") && page.contains("This is not saved yet."), "{page}");
    assert_eq!(leads_to(&server.page("/confirm-identity?next=%2Fsystem", &renewed)), "/system");
    let saved = leads_to(&sends(&server, "change_setting", form, &renewed));
    assert_eq!(saved, "/settings?saved=session_hours");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_accounts_and_invitations_to_the_staff_need_a_fresh_proof() {
    let server = Server::new().account(BOSS, "staff-admin", &[]).serving();
    let cookie = server.signed_in(BOSS);
    time_passes(&server).await;

    for (name, form) in [
        ("invite_staff", "email=new%40seats.test&role=staff"),
        ("change_staff_invitation", "invitation=inv_404&act=revoke"),
        ("change_staff_account", "account=acc_404&act=disable&seen=staff"),
    ] {
        let page = leads_to(&sends(&server, name, form, &cookie));
        assert!(page.contains("refused=proof"), "{name}: {page}");
        let refused = server.page(&page, &cookie).body;
        assert!(refused.contains("/confirm-identity?next=%2Fsettings%2Faccounts"), "{refused}");
    }
    let page =
        leads_to(&sends(&server, "invite_staff", "email=new%40seats.test&role=staff", &cookie));
    assert!(server.page(&page, &cookie).body.contains("value=\"new@seats.test\""));
}
