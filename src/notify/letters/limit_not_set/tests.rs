use super::*;

#[test]
fn staff_read_who_needs_a_limit() {
    let facts = LimitNotSet { organization: OrganizationId::new("org_17"), name: "R&D <Labs>".to_owned(), waiting: 1 };

    let letter = facts.letter("https://seats.example.com");

    assert_eq!(letter.subject, "R&D <Labs> has no seat limit yet: 1 person is waiting");
    insta::assert_snapshot!(letter.text, @r#"
    1 person is waiting at R&D <Labs> (org_17). Nobody has set its seat limit yet.

    Until somebody does, nobody from R&D <Labs> gets in. When you set it, whoever fits gets in at once, first come, first served. R&D <Labs> itself has not been told.

    Set the seat limit:
    https://seats.example.com/organizations/org_17

    You get this mail because you are on the staff. It comes once for an organization without a limit, not once for each person.
    "#);
    assert!(letter.html.contains("R&#38;D &#60;Labs&#62;") && !letter.html.contains("<Labs>"));
    assert!(letter.html.contains(r#"<td class="seat wait""#) && !letter.html.contains(r#"<td class="line limit""#));
}
