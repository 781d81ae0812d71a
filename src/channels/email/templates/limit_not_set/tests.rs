use super::*;

#[test]
fn staff_read_who_needs_a_limit() {
    let facts = LimitNotSet {
        organization: OrganizationId::new("org_17"),
        name: "R&D <Labs>".to_owned(),
        waiting: 1,
    };

    let email = facts.email("https://seats.example.com");

    assert_eq!(email.subject, "R&D <Labs> has no seat limit yet: 1 person is waiting");
    insta::assert_snapshot!(email.text, @r#"
    1 person is waiting at R&D <Labs> (org_17). Its seat limit is not set yet.

    Until it is set, no person from R&D <Labs> gets in. When you set it, people get the free seats at once, first come, first served. R&D <Labs> itself has not been notified.

    Set the seat limit:
    https://seats.example.com/organizations/org_17

    You get this e-mail because you are on the staff. It comes once for an organization without a limit, not once for each person.
    Change what you get: https://seats.example.com/preferences
    "#);
    assert!(email.html.contains("R&#38;D &#60;Labs&#62;") && !email.html.contains("<Labs>"));
    assert!(
        email.html.contains(r#"<td class="seat wait""#)
            && !email.html.contains(r#"<td class="mark limit""#)
    );
}
