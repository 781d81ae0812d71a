use super::*;

#[test]
fn staff_read_what_scalekit_said() {
    let facts = ResyncFailed {
        organization: OrganizationId::new("org_17"),
        name: "R&D <Labs>".to_owned(),
        code: "NOT_FOUND".to_owned(),
        message: "Scalekit said no:\n organization not found".to_owned(),
    };

    let letter = facts.letter("https://seats.example.com");

    assert_eq!(letter.subject, "R&D <Labs> could not be compared with its directory: NOT_FOUND");
    insta::assert_snapshot!(letter.text, @r#"
    R&D <Labs> (org_17) could not be compared with its directory.

    Scalekit said no: organization not found (NOT_FOUND)

    No person was removed, and webhooks are still processed. Seatkeeper tries again automatically, at the latest tomorrow night.

    Look at the organization:
    https://seats.example.com/organizations/org_17

    You get this e-mail because you are on the staff. It comes once, until a comparison works again.
    "#);
    assert!(letter.html.contains("R&#38;D &#60;Labs&#62;") && !letter.html.contains("<Labs>"));
}
