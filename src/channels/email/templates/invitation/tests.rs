use super::*;

fn invitation(organization: Option<&str>, role: Role) -> Email {
    Invitation {
        organization: organization.map(str::to_owned),
        role,
        invited_by: "Kim Park".to_owned(),
        expires_at: Timestamp::from_seconds(1_795_326_492),
        token: "dGVzdA".to_owned(),
    }
    .email("https://seats.example.com")
}

#[test]
fn a_person_reads_who_invites_to_what_and_until_when() {
    let email = invitation(Some("Acme Robotics"), Role::TenantAdmin);

    assert_eq!(email.subject, "Kim Park invites you to Acme Robotics");
    assert_eq!(email.link, "https://seats.example.com/invitations/dGVzdA");
    insta::assert_snapshot!(email.text, @r"
    You are invited to Acme Robotics. Kim Park invites you to Acme Robotics in Seatkeeper. As an admin you see who holds a seat and who waits, and you decide about seats.

    The link works once, until 22 Nov 2026, 05:48:12 UTC. After that, ask Kim Park for a new one.

    Accept the invitation:
    https://seats.example.com/invitations/dGVzdA

    You get this e-mail because Kim Park entered your address in Seatkeeper. If you do not expect it, do nothing: without the link no account is made.
    ");
}

#[test]
fn staff_are_invited_to_no_organization() {
    let email = invitation(None, Role::StaffAdmin);

    assert_eq!(email.subject, "Kim Park invites you to the staff");
    assert!(email.text.contains("As a staff admin you see every organization"), "{}", email.text);
    assert!(email.html.contains("Accept the invitation"));
}

#[test]
fn no_name_leaves_its_place() {
    let email = Invitation {
        organization: Some("Acme</h1><a href=\"https://evil.test\">\r\nBcc: all@evil.test".into()),
        role: Role::TenantViewer,
        invited_by: "<b>Kim</b>\r\n\r\nEvil".into(),
        expires_at: Timestamp::from_seconds(1_795_326_492),
        token: "dGVzdA".to_owned(),
    }
    .email("https://seats.example.com");

    assert!(!email.subject.contains(['\r', '\n']), "{:?}", email.subject);
    assert!(!email.html.contains("<a href=\"https://evil.test") && !email.html.contains("<b>Kim"));
    assert!(!email.text.contains("\nBcc:") && !email.text.contains("\n\nEvil"), "{}", email.text);
}
