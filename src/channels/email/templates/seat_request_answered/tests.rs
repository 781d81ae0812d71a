use super::{
    super::samples::{asked_for, entry, usage},
    *,
};

fn email(kind: EntryKind, text: &str) -> Email {
    let mut asked = asked_for();
    if kind == EntryKind::Approved {
        asked.usage = usage(60, 53, 0);
    }
    SeatRequestAnswered { asked, entry: entry(kind, text) }.email("https://seats.example.com")
}

#[test]
fn admins_read_that_they_got_seats() {
    let email = email(EntryKind::Approved, "Welcome to the larger plan.");

    assert_eq!(email.subject, "Seat request approved: 10 more seats for Northwind Robotics");
    insta::assert_snapshot!(email.text, @r#"
    Seat request approved. The plan has 60 seats, 7 of them free.

    > Welcome to the larger plan.

    No person waits for a seat any more.

    See the seats:
    https://seats.example.com/organizations/org_1001

    You get this e-mail because you are an admin of Northwind Robotics. It comes once for each answer.
    Change what you get: https://seats.example.com/preferences
    "#);
}

#[test]
fn admins_read_why_they_got_none() {
    let email = email(EntryKind::Declined, "The contract ends in June; let us talk first.");

    insta::assert_snapshot!(email.text, @r#"
    Seat request declined. You asked for 10 more seats.

    > The contract ends in June; let us talk first.

    The limit stays as it is. You can make room by deactivating people in your directory, or ask again for another number.

    See the answer:
    https://seats.example.com/organizations/org_1001/requests/srq_01

    You get this e-mail because you are an admin of Northwind Robotics. It comes once for each answer.
    Change what you get: https://seats.example.com/preferences
    "#);
    assert!(!email.text.contains("Sam Rivera"), "staff act without their names");
}

#[test]
fn admins_read_a_question() {
    insta::assert_snapshot!(email(EntryKind::Question, "From when on?").text, @r#"
    A question about your seat request. You asked for 10 more seats.

    > From when on?

    The request waits until one of you answers.

    Answer the question:
    https://seats.example.com/organizations/org_1001/requests/srq_01

    You get this e-mail because you are an admin of Northwind Robotics. It comes once for each answer.
    Change what you get: https://seats.example.com/preferences
    "#);
}

#[test]
fn staff_read_the_reply_and_who_wrote_it() {
    let email = email(EntryKind::Reply, "From 1 May on.");

    insta::assert_snapshot!(email.text, @r#"
    Your question was answered. Northwind Robotics asks for 10 more seats.

    > From 1 May on.

    Kim Park

    The request waits for you again: approve it, decline it, or ask back.

    Answer the request:
    https://seats.example.com/organizations/org_1001/requests/srq_01

    You get this e-mail because you are on the staff. It comes once for each answer.
    Change what you get: https://seats.example.com/preferences
    "#);
    insta::assert_snapshot!(email.brief.unwrap(), @r#"Your question was answered: 10 more seats for Northwind Robotics. “From 1 May on.”"#);
}
