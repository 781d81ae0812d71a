use super::{super::samples::asked_for, *};

fn email(audience: Audience) -> Email {
    let asked = asked_for();
    let now = asked.asked_at.plus(std::time::Duration::from_hours(49));
    let question = Some("From when on?".to_owned());
    SeatRequestReminder { asked, question, audience, now }.email("https://seats.example.com")
}

#[test]
fn staff_read_what_waits_for_them() {
    let email = email(Audience::Staff);

    assert_eq!(email.subject, "Northwind Robotics still waits for 10 more seats");
    insta::assert_snapshot!(email.text, @r#"
    Northwind Robotics still waits for 10 more seats. Asked 22 Nov. The plan has 50 seats, all taken.

    > Two teams start in May.

    Approve it, decline it, or ask back. The answer goes to the admins of the organization.

    Answer the request:
    https://seats.example.com/organizations/org_1001/requests/srq_01

    You get this e-mail because you are on the staff. It comes once, when a request has waited for 48 hours.
    Change what you get: https://seats.example.com/preferences
    "#);
}

#[test]
fn admins_read_the_question_that_waits_for_them() {
    insta::assert_snapshot!(email(Audience::TenantAdmins).text, @r#"
    A question about your seat request waits. You asked for 10 more seats 22 Nov.

    > From when on?

    Your request waits until one of you answers. You can also withdraw it.

    Answer the question:
    https://seats.example.com/organizations/org_1001/requests/srq_01

    You get this e-mail because you are an admin of Northwind Robotics. It comes once, when a request has waited for 48 hours.
    Change what you get: https://seats.example.com/preferences
    "#);
}
