//! The page of a link, over HTTP: the first account, its headers, and that the log has no link.

use super::support::{Answer, Server};

/// The token of the link that the console shows.
fn offered(server: &Server) -> Option<String> {
    let log = server.log();
    let rest = log.split("/invitations/").nth(1)?;
    rest.split(char::is_whitespace).next().map(str::to_owned)
}

fn accept(server: &Server, token: &str, fields: &str) -> Answer {
    let headers = "accept: text/html\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    server.ask("POST /api/accept_invitation", headers, &format!("token={token}&{fields}"))
}

#[test]
fn the_first_account_is_made_with_the_link_of_the_console_and_signed_in() {
    let server = Server::new().serving();
    server.wait_for("a link is offered", || offered(&server).is_some());
    let token = offered(&server).unwrap();
    let page = format!("/invitations/{token}");
    let answer = server.page(&page, "");
    assert_eq!((answer.status, answer.header("referrer-policy")), (200, Some("no-referrer")));
    assert!(answer.body.contains("Make the first account"), "{}", answer.body);

    let weak =
        accept(&server, &token, "email=sam%40seats.test&name=Sam+Staff&password=password12345");
    let back = weak.header("location").unwrap().to_owned();
    assert!(back.starts_with(&page) && back.contains("name=Sam%20Staff"), "{back}");
    assert!(!back.contains("password1"), "{back}");
    let cookie = weak.session().unwrap().split(';').next().unwrap();
    let again = server.page(&back, cookie);
    assert!(again.body.contains("too easy to guess. This is"), "{}", again.body);
    assert!(again.body.contains("sam@seats.test") && again.body.contains("Sam Staff"));

    let fields = "email=sam%40seats.test&name=Sam+Staff&password=a+passphrase+that+stays+secret";
    let made = accept(&server, &token, fields);
    assert_eq!((made.status, made.header("location")), (303, Some("/")), "{made:?}");
    let cookie = made.session().unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(server.page("/settings/accounts", &cookie).status, 200, "a staff admin");
    let late = accept(&server, &token, fields);
    assert!(late.header("location").unwrap().ends_with("refused=first-account-exists"), "{late:?}");
    assert!(server.page(&page, "").body.contains("There is an account already"));
    // the link itself was printed and not logged
    let logged = server.log();
    let mut logged = logged.lines().filter(|line| line.starts_with('{'));
    assert!(logged.all(|line| !line.contains(&token)));
}

#[test]
fn without_a_first_account_to_make_no_link_is_offered() {
    let server = Server::new().account("sam@seats.test", "staff", &[]).serving();

    assert_eq!(server.page("/sign-in", "").status, 200);
    assert_eq!(offered(&server), None, "{}", server.log());
    let unknown = server.page("/invitations/dGVzdA", "");
    assert_eq!((unknown.status, unknown.header("referrer-policy")), (404, Some("no-referrer")));
}

#[test]
fn with_a_second_step_for_staff_the_first_account_sets_one_up_before_it_gets_in() {
    let server = Server::new().with("SEATKEEPER_STAFF_SECOND_FACTOR", "yes").serving();
    server.wait_for("a link is offered", || offered(&server).is_some());

    let fields = "email=sam%40seats.test&name=Sam+Staff&password=a+passphrase+that+stays+secret";
    let made = accept(&server, &offered(&server).unwrap(), fields);

    let page = made.header("location").unwrap();
    assert!(made.status == 303 && page.starts_with("/sign-in/set-up"), "{made:?}");
    assert_eq!(made.session(), None, "there is no session yet");
    let signed_in = server.sign_in("sam@seats.test", "a passphrase that stays secret");
    assert_eq!(signed_in.session(), None, "{signed_in:?}");
}
