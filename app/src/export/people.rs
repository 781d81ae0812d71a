//! The list of people as CSV.

use seatkeeper::queries::PersonCells;

/// The columns, in order. `app/src/cli/export.rs` documents them.
const COLUMNS: [&str; 10] = [
    "user_id",
    "name",
    "email",
    "state",
    "position",
    "since",
    "roles",
    "directory_roles",
    "groups",
    "duplicate_email",
];

/// The row with the names of the columns.
pub fn header_row() -> Vec<u8> {
    super::written([COLUMNS.map(str::to_owned)])
}

/// The rows of these people.
pub fn rows(people: &[PersonCells]) -> Vec<u8> {
    super::written(people.iter().map(|person| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        [
            person.user.clone(),
            text(&person.name),
            text(&person.email),
            person.state.as_str().to_owned(),
            person.position.map(|position| position.to_string()).unwrap_or_default(),
            person.since.clone(),
            person.roles.join("; "),
            person.directory_roles.join("; "),
            person.groups.join("; "),
            if person.has_duplicate_email { "yes" } else { "no" }.to_owned(),
        ]
    }))
}

#[cfg(test)]
mod tests {
    use domain::directory_user::SeatState;

    use super::*;

    #[test]
    fn a_cell_is_no_formula_and_keeps_its_quotes() {
        let person = PersonCells {
            user: "diruser_1".to_owned(),
            name: Some("=HYPERLINK(\"x\")".to_owned()),
            email: Some("a,b@acme.test".to_owned()),
            state: SeatState::Blocked,
            position: Some(3),
            since: "2026-11-22T05:48:00Z".to_owned(),
            roles: vec!["editor".to_owned()],
            directory_roles: vec!["-1".to_owned(), "b".to_owned()],
            groups: vec!["\tx".to_owned()],
            has_duplicate_email: true,
        };

        let text = String::from_utf8(rows(&[person])).unwrap();

        assert_eq!(
            text,
            "diruser_1,\"'=HYPERLINK(\"\"x\"\")\",\"a,b@acme.test\",blocked,3,\
             2026-11-22T05:48:00Z,editor,'-1; b,'\tx,yes\n"
        );
    }
}
