use super::*;
use crate::domain::{id::DirectoryUserId, organization::SeatLimit};

const URL: &str = "https://seats.example.com";

fn person(name: &str, email: &str) -> WaitingPerson {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    WaitingPerson { id: DirectoryUserId::new("diruser_9"), name: some(name), email: some(email) }
}

fn facts() -> SeatLimitReached {
    SeatLimitReached {
        organization: OrganizationId::new("org_17"),
        name: "Acme Robotics".to_owned(),
        usage: Usage { limit: SeatLimit::Seats(50), used: 50, waiting: 3 },
        first: vec![
            person("Ada Lovelace", "ada@acme.test"),
            person("", "bob@acme.test"),
            person("", ""),
        ],
        policy: AdmissionPolicy::FirstCome,
        audience: Audience::TenantAdmins,
        has_admins: false,
    }
}

#[test]
fn admins_read_who_waits_and_what_to_do() {
    let email = facts().email(URL);

    assert_eq!(email.subject, "Acme Robotics: 3 people are waiting for a seat");
    insta::assert_snapshot!(email.text, @r#"
    3 people are waiting at Acme Robotics. The plan has 50 seats, all taken.

    First on the waitlist:
    1. Ada Lovelace <ada@acme.test>
    2. bob@acme.test
    3. diruser_9

    See the waitlist:
    https://seats.example.com/organizations/org_17/waitlist

    As soon as a seat becomes free, the person who has waited longest gets in. To make room, deactivate people in your directory who no longer need a seat, or ask for more seats: https://seats.example.com/organizations/org_17/requests/new

    You get this e-mail because you are an admin of Acme Robotics. It comes once when people start to wait, not once for each of them.
    Change what you get: https://seats.example.com/preferences
    "#);
}

#[test]
fn staff_read_why_they_alone_get_the_email() {
    let email =
        SeatLimitReached { audience: Audience::Staff, policy: AdmissionPolicy::ByHand, ..facts() }
            .email(URL);

    insta::assert_snapshot!(email.text, @r#"
    3 people are waiting at Acme Robotics. The plan has 50 seats, all taken.

    Acme Robotics has no admin here, so this e-mail comes to you instead. No person there has been notified.

    First on the waitlist:
    1. Ada Lovelace <ada@acme.test>
    2. bob@acme.test
    3. diruser_9

    See the waitlist:
    https://seats.example.com/organizations/org_17/waitlist

    As soon as a seat becomes free, a person can be let in. Raise the seat limit on that page, or ask Acme Robotics to deactivate people in their directory.

    You get this e-mail because you are on the staff and Acme Robotics has no admin who could get it. It comes once when people start to wait, not once for each of them.
    Change what you get: https://seats.example.com/preferences
    "#);
    assert!(
        email
            .html
            .contains("Acme Robotics has no admin here, so this e-mail comes to you instead.")
    );
}

#[test]
fn over_the_limit_the_number_of_seats_is_exact() {
    let usage = Usage { limit: SeatLimit::Seats(500), used: 1_185, waiting: 3 };
    let email = SeatLimitReached { usage, ..facts() }.email(URL);

    let sentence = "686 seats must become free before the person who has waited longest gets in.";
    assert!(email.text.contains(sentence) && email.html.contains(sentence), "{}", email.text);
    let unlimited = SeatLimitReached {
        usage: Usage { limit: SeatLimit::Seats(0), used: 0, waiting: 3 },
        ..facts()
    }
    .email(URL);
    assert!(
        unlimited.text.contains("No person gets in until the plan has seats."),
        "{}",
        unlimited.text
    );
}

#[test]
fn ten_are_named_and_the_rest_is_counted() {
    let first = (1..=12).map(|n| person(&format!("Person {n}"), "")).collect();
    let email =
        SeatLimitReached { usage: Usage { waiting: 1_234, ..facts().usage }, first, ..facts() }
            .email(URL);

    for body in [&email.text, &email.html] {
        assert!(body.contains("Person 10") && !body.contains("Person 11"), "{body}");
        assert!(body.contains("and 1,224 more"), "{body}");
    }
}

#[test]
fn the_page_draws_fifty_seats_the_limit_and_three_who_wait() {
    let html = facts().email(URL).html;

    let cells = |class: &str| html.matches(&format!("<td class=\"{class}\"")).count();
    assert_eq!(
        (cells("seat taken"), cells("seat free"), cells("mark limit"), cells("seat wait")),
        (50, 0, 1, 3)
    );
    assert!(html.contains(r#"role="img" aria-label="All 50 seats taken, 3 waiting""#));
    assert!(html.contains(r#"<a href="https://seats.example.com/organizations/org_17/waitlist""#));
    assert!(html.contains("Ada Lovelace") && html.contains("ada@acme.test"));
    assert!(!html.contains("<img"), "nothing is loaded from anywhere");
}

#[test]
fn a_large_plan_is_drawn_as_a_bar() {
    let html = SeatLimitReached {
        usage: Usage { limit: SeatLimit::Seats(1_200), used: 1_200, waiting: 3 },
        ..facts()
    }
    .email(URL)
    .html;

    assert!(html.contains(r#"<td class="taken" width="98%""#));
    assert!(html.contains("1,200 taken"));
}

#[test]
fn hostile_names_are_text_and_nothing_else() {
    let email = SeatLimitReached {
        name: "<script>alert(1)</script>\r\nBcc: x@y.test".to_owned(),
        first: vec![person(
            "\"><img src=x onerror=alert(1)>\n\nSee https://evil.test",
            "'><b>@acme.test",
        )],
        organization: OrganizationId::new("org_\"><script>"),
        audience: Audience::Staff,
        ..facts()
    }
    .email(URL);

    assert_eq!(email.subject.lines().count(), 1);
    for tag in ["<script", "<img", "<b>", "onerror=alert(1)>", "org_\""] {
        assert_eq!(email.html.matches(tag).count(), 0, "{tag}");
    }
    assert!(email.html.contains("&#60;script&#62;alert(1)&#60;/script&#62; Bcc: x@y.test"));
    assert!(
        email.text.contains(
            "1. \"><img src=x onerror=alert(1)> See https://evil.test <'><b>@acme.test>\n"
        ),
        "{}",
        email.text
    );
}

#[test]
fn the_html_is_well_below_what_mail_programs_cut_off() {
    let first = (1..=10).map(|_| person(&"n".repeat(200), &"e".repeat(200))).collect();
    let usage = Usage { limit: SeatLimit::Seats(60), used: 120, waiting: 500 };

    let html = SeatLimitReached { usage, first, ..facts() }.email(URL).html;

    assert!(html.len() < 60_000, "{} bytes; Gmail cuts at 102 kB", html.len());
}

#[test]
fn staff_who_get_it_too_read_that_the_settings_say_so() {
    let email =
        SeatLimitReached { audience: Audience::Staff, has_admins: true, ..facts() }.email(URL);

    let why = "You get this e-mail because you are on the staff, as the settings say; the admins of Acme Robotics get it, too. It comes once";
    assert!(email.text.contains(why) && email.html.contains(why), "{}", email.text);
    assert!(!email.text.contains("has no admin") && !email.html.contains("has no admin"));
}
