//! The headers of every answer: cookies that scripts and other sites cannot read, a policy that
//! allows only our own scripts, and no caching of private answers.

use super::support::{Answer, Server};

const STAFF: &str = "sam.staff@seats.test";

fn start() -> Server {
    Server::new().account(STAFF, "staff", &[]).serving()
}

fn start_behind_https() -> Server {
    Server::new()
        .with("SEATKEEPER_PUBLIC_URL", "https://seats.test")
        .account(STAFF, "staff", &[])
        .serving()
}

/// A page without a session, three pages for staff, and a redirect.
fn pages(server: &Server) -> Vec<Answer> {
    let cookie = server.signed_in(STAFF);
    let for_staff = ["/organizations", "/organizations/org_404", "/nothing/like/it", "/sign-in"];
    let all = [("/sign-in", "")].into_iter().chain(for_staff.map(|path| (path, cookie.as_str())));
    all.map(|(path, cookie)| server.page(path, cookie)).collect()
}

/// The name and the attributes of a cookie, without its value.
fn parts(answer: &Answer) -> (String, Vec<String>) {
    let cookie = answer.session().unwrap();
    let mut parts = cookie.split("; ").map(str::to_owned);
    let name = parts.next().unwrap().split_once('=').unwrap().0.to_owned();
    (name, parts.collect())
}

fn has(parts: &[String], wanted: &str) -> bool {
    parts.iter().any(|part| part == wanted)
}

/// Answers that set a cookie: the session, the e-mail address of a refused sign-in, the colour
/// scheme.
fn cookies(server: &Server) -> [Answer; 3] {
    let form = "accept: text/html\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    [
        server.sign_in(STAFF, super::support::PASSWORD),
        server.ask("POST /api/sign_in", form, "email=unknown%40seats.test&password=a+wrong+one"),
        server.call("set_theme", "theme=dark", ""),
    ]
}

#[test]
fn no_script_and_no_other_site_gets_at_a_cookie() {
    let server = start();

    for answer in cookies(&server) {
        let (name, parts) = parts(&answer);
        assert!(has(&parts, "HttpOnly") && has(&parts, "SameSite=Lax"), "{name}: {parts:?}");
        assert!(!has(&parts, "Secure"), "{name} would be lost on the way: {parts:?}");
    }
}

#[test]
fn over_https_a_cookie_never_travels_in_the_clear_and_the_session_is_bound_to_its_host() {
    let server = start_behind_https();

    for answer in cookies(&server) {
        let (name, parts) = parts(&answer);
        assert!(
            has(&parts, "HttpOnly") && has(&parts, "SameSite=Lax") && has(&parts, "Secure"),
            "{name}: {parts:?}"
        );
        assert!(name.starts_with("__Host-seatkeeper-") && has(&parts, "Path=/"), "{name}");
    }
    let welcome = server.sign_in(STAFF, super::support::PASSWORD);
    let (name, parts) = parts(&welcome);
    assert!(name.starts_with("__Host-seatkeeper-"), "{name}");
    assert!(
        has(&parts, "Path=/") && !parts.iter().any(|part| part.starts_with("Domain")),
        "a browser refuses it: {parts:?}"
    );
    let cookie = server.signed_in(STAFF);
    assert_eq!(server.page("/organizations", &cookie).status, 200, "it signs in");
}

#[test]
fn only_over_https_the_header_keeps_browsers_on_https() {
    let (plain, https) = (start(), start_behind_https());

    for path in ["/sign-in", "/favicon.svg", "/healthz", "/live"] {
        assert_eq!(plain.page(path, "").header("strict-transport-security"), None, "{path}");
        let hsts = https.page(path, "");
        let hsts = hsts.header("strict-transport-security").unwrap_or_else(|| panic!("{path}"));
        let seconds: u64 =
            hsts.split("max-age=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap();
        assert!(seconds >= 31_536_000, "{hsts}");
    }
}

#[test]
fn every_script_of_a_page_carries_the_nonce_that_its_policy_names() {
    let server = start();

    for page in pages(&server) {
        let nonce = page.nonce().unwrap_or_else(|| panic!("{page:?}"));
        assert!(nonce.len() >= 22, "as hard to guess as 128 bits: {nonce}");
        let scripts: Vec<_> = page
            .body
            .split("<script")
            .skip(1)
            .map(|rest| rest.split('>').next().unwrap())
            .collect();
        assert!(scripts.len() >= 3, "{scripts:?}");
        for script in scripts {
            assert!(script.contains(&format!("nonce=\"{nonce}\"")), "<script{script}>");
        }
        assert!(
            !page.body.contains(" onclick=") && !page.body.contains("javascript:"),
            "{}",
            page.body
        );
    }
}

#[test]
fn the_nonce_stands_in_nonces_alone() {
    let server = start();

    for page in pages(&server) {
        let nonce = page.nonce().unwrap();
        assert_eq!(
            page.body.matches(nonce).count(),
            page.body.matches(&format!(" nonce=\"{nonce}\"")).count(),
            "{}",
            page.body
        );
    }
}

#[test]
fn no_two_answers_have_the_same_nonce() {
    let server = start();

    let nonces: Vec<_> =
        (0..20).map(|_| server.page("/sign-in", "").nonce().unwrap().to_owned()).collect();

    let different: std::collections::BTreeSet<_> = nonces.iter().collect();
    assert_eq!(different.len(), nonces.len());
}

#[test]
fn a_page_runs_our_scripts_and_talks_to_us_alone() {
    let server = start();

    for page in pages(&server) {
        let policy = page.header("content-security-policy").unwrap().to_owned();
        let of = |name: &str| {
            policy
                .split("; ")
                .find_map(|part| part.strip_prefix(name))
                .unwrap_or_else(|| panic!("{name}: {policy}"))
                .trim()
        };
        for name in ["default-src", "style-src", "connect-src", "form-action"] {
            assert_eq!(of(name), "'self'", "{name}");
        }
        for name in ["object-src", "base-uri", "frame-ancestors"] {
            assert_eq!(of(name), "'none'", "{name}");
        }
        assert!(
            !policy.contains("unsafe-inline")
                && !policy.contains("'unsafe-eval'")
                && !policy.contains('*'),
            "{policy}"
        );
    }
}

#[test]
fn every_answer_has_a_fixed_type_is_shown_in_no_frame_and_is_cached_nowhere() {
    let server = start();
    let cookie = server.signed_in(STAFF);
    let call = |name: &str| server.call(name, "", &cookie);

    let private = pages(&server).into_iter().chain([
        call("load_system"),
        call("load_person"),
        call("no_such_call"),
        server.page("/live", ""),
    ]);
    let private: Vec<_> = private
        .chain([server.page("/healthz", ""), server.ask("POST /webhooks/scalekit", "", "{}")])
        .collect();
    let public =
        ["/favicon.svg", "/robots.txt", "/pkg/no-such-file.js"].map(|path| server.page(path, ""));

    for answer in private.iter().chain(&public) {
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{answer:?}");
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{answer:?}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{answer:?}");
        assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"), "{answer:?}");
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            Some("same-origin"),
            "{answer:?}"
        );
        assert!(answer.header("permissions-policy").is_some(), "{answer:?}");
        assert!(
            answer.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"),
            "{answer:?}"
        );
    }
    for answer in &private {
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:?}");
    }
}
