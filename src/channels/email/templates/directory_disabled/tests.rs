use super::*;
use crate::domain::organization::SeatLimit;

fn email(provider: Option<&str>, state: DirectoryState, audience: Audience) -> Email {
    DirectoryDisabled {
        organization: OrganizationId::new("org_17"),
        name: "Acme Robotics".to_owned(),
        provider: provider.map(str::to_owned),
        state,
        usage: Usage { limit: SeatLimit::Seats(50), used: 48, waiting: 0 },
        audience,
    }
    .email("https://seats.example.com")
}

#[test]
fn admins_read_what_stops_and_what_to_do() {
    let email = email(Some("OKTA"), DirectoryState::Disabled, Audience::TenantAdmins);

    assert_eq!(email.subject, "Acme Robotics: a directory is switched off");
    insta::assert_snapshot!(email.text, @r#"
    The directory Okta of Acme Robotics is switched off. 48 people keep their seats.

    Until a directory is connected, Seatkeeper does not learn who joins or leaves: people who left keep their seats, and new people get none. If this was not meant, switch the directory on again where you connected it, or ask your account manager.

    Look at the directories:
    https://seats.example.com/organizations/org_17

    You get this e-mail because you are an admin of Acme Robotics. It comes once until the directory is on again.
    Change what you get: https://seats.example.com/preferences
    "#);
    assert!(email.html.contains("https://seats.example.com/organizations/org_17"));
}

#[test]
fn staff_ask_the_customer() {
    let email = email(Some(" \u{200b}"), DirectoryState::Deleted, Audience::Staff);

    assert_eq!(email.subject, "Acme Robotics: a directory was deleted");
    insta::assert_snapshot!(email.text, @r#"
    A directory of Acme Robotics was deleted. 48 people keep their seats.

    Until a directory is connected, Seatkeeper does not learn who joins or leaves: people who left keep their seats, and new people get none. Ask Acme Robotics whether this was meant.

    Look at the directories:
    https://seats.example.com/organizations/org_17

    You get this e-mail because you are on the staff. It comes once until the directory is on again.
    Change what you get: https://seats.example.com/preferences
    "#);
}
