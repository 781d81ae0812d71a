//! The pages behind links in e-mails: their tokens stay between the mailbox and this server.

use super::support::{Server, ask_at};

const STAFF: &str = "sam.staff@seats.test";
/// No link has it.
const TOKEN: &str = "c2VjcmV0LXRva2VuLW9mLWEtbGluay10aGF0LWlz";

#[test]
fn a_page_with_a_token_sends_no_referrer_and_no_log_has_the_token() {
    let server = Server::new().account(STAFF, "staff", &[]).serving();

    for page in ["reset-password", "confirm-address"] {
        let answer = server.page(&format!("/{page}/{TOKEN}"), "");
        assert_eq!((answer.status, answer.header("referrer-policy")), (404, Some("no-referrer")));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let page = server.page("/reset-password", "");
    assert_eq!(page.header("referrer-policy"), Some("same-origin"), "it holds no token");
    for (name, form) in [
        ("reset_password", format!("token={TOKEN}&password={TOKEN}")),
        ("confirm_address", format!("token={TOKEN}")),
        ("load_reset_link", format!("token={TOKEN}")),
    ] {
        let answer = server.call(name, &form, "");
        assert!([404, 422].contains(&answer.status), "{name}: {answer:?}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{name}");
    }

    assert!(!server.log().contains(TOKEN), "{}", server.log());
}

/// A page that sends no referrer hides its origin as well, if the site is not served over https.
#[test]
fn a_form_behind_a_link_is_taken_without_its_origin_and_no_other_form_is() {
    let server = Server::new().account(STAFF, "staff", &[]).serving();
    let sent = |name: &str, form: &str| {
        let headers = "accept: text/html\r\norigin: null\r\n\
            content-type: application/x-www-form-urlencoded\r\n";
        ask_at(server.address(), &format!("POST /api/{name}"), headers, form)
    };

    for (name, form) in [
        ("reset_password", format!("token={TOKEN}&password=a+passphrase+that+stays+secret")),
        ("confirm_address", format!("token={TOKEN}")),
    ] {
        let answer = sent(name, &form);
        let back = answer.header("location").unwrap_or_default();
        assert_eq!(answer.status, 303, "{name}: {answer:?}");
        assert!(back.contains(TOKEN) && back.contains("refused=link-ended"), "{back}");
    }
    for (name, form) in [
        ("ask_for_reset", "email=sam.staff%40seats.test"),
        ("change_password", "present=x&password=y"),
        ("sign_in", "email=sam.staff%40seats.test&password=x"),
    ] {
        assert_eq!(sent(name, form).status, 403, "{name}");
    }
}
