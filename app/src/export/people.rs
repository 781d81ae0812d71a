//! The columns of the list of people.

use domain::attribute::Attributes;
use seatkeeper::queries::export::{People, PersonCells};

use super::csv::{Columns, Csv, text, yes};

impl Csv for People {
    const NAME: &'static str = "people";
    const COLUMNS: Columns<PersonCells> = &[
        ("user_id", |person| person.user.clone()),
        ("name", |person| text(person.name.as_ref())),
        ("email", |person| text(person.email.as_ref())),
        ("state", |person| person.state.as_str().to_owned()),
        ("position", |person| person.position.map(|at| at.to_string()).unwrap_or_default()),
        ("since", |person| person.since.clone()),
        ("roles", |person| person.roles.join("; ")),
        ("directory_roles", |person| person.directory_roles.join("; ")),
        ("groups", |person| person.groups.join("; ")),
        ("duplicate_email", |person| yes(person.has_duplicate_email)),
        ("attributes", |person| json(&person.attributes)),
    ];
}

/// A JSON object; empty without attributes.
fn json(attributes: &Attributes) -> String {
    if attributes.is_empty() {
        return String::new();
    }
    serde_json::to_string(attributes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use domain::directory_user::SeatState;

    use super::{super::csv::rows, *};

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
            attributes: Attributes::from([("title".to_owned(), "Lead".to_owned())]),
        };

        let text = String::from_utf8(rows::<People>(&[person])).unwrap();

        assert_eq!(
            text,
            "diruser_1,\"'=HYPERLINK(\"\"x\"\")\",\"a,b@acme.test\",blocked,3,\
             2026-11-22T05:48:00Z,editor,'-1; b,'\tx,yes,\"{\"\"title\"\":\"\"Lead\"\"}\"\n"
        );
    }
}
