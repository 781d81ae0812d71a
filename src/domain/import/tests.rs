use proptest::prelude::*;

use super::*;
use crate::{id::DirectoryUserId, property::cases, refusal::ImportRefusal};

fn read(format: ImportFormat, text: &[u8]) -> Result<Vec<ImportRow>, ImportRefusal> {
    let mut reader = ImportReader::new(format);
    let mut rows = reader.push(text)?;
    rows.extend(reader.finish()?);
    Ok(rows)
}

fn csv(text: &str) -> Vec<ImportRow> {
    read(ImportFormat::Csv, text.as_bytes()).unwrap()
}

fn ndjson(text: &str) -> Vec<ImportRow> {
    read(ImportFormat::Ndjson, text.as_bytes()).unwrap()
}

fn ada() -> ImportedPerson {
    ImportedPerson {
        external_id: Some("e-1".to_owned()),
        email: "Ada@acme.test".to_owned(),
        name: Some("Ada Lovelace".to_owned()),
        active: true,
    }
}

/// `line column sentence` of the first row.
fn refusal(rows: &[ImportRow]) -> String {
    let refusal = rows[0].person.clone().unwrap_err();
    let column = refusal.column().map_or("-", Column::as_str);
    format!("{} {column} {refusal}", rows[0].line)
}

#[test]
fn a_row_is_a_person_in_both_formats() {
    let person = Ok(ada());
    for text in [
        "external_id,email,name\ne-1,Ada@acme.test,Ada Lovelace\n",
        "\u{feff}E-mail;givenName;Family-Name;External ID;active\r\n\r\nAda@acme.test;Ada;Lovelace;e-1;TRUE\r\n",
        "email,active,external_id,name\n\"Ada@acme.test\",,\"e-1\",\" Ada Lovelace\"",
    ] {
        let rows = csv(text);
        assert_eq!(rows.len(), 1, "{text}");
        assert_eq!(rows[0].person, person, "{text}");
    }
    for text in [
        r#"{"external_id":"e-1","email":"Ada@acme.test","name":"Ada Lovelace","active":true}"#,
        "\n{\"email\":\" Ada@acme.test\",\"external_id\":\"e-1\",\"given_name\":\"Ada\",\"family_name\":\"Lovelace\",\"name\":null}\r\n\n",
    ] {
        assert_eq!(ndjson(text)[0].person, person, "{text}");
    }
    let numbered = ndjson(r#"{"external_id":17,"email":"bob@acme.test","active":"no"}"#);
    let bob = numbered[0].person.clone().unwrap();
    assert_eq!((bob.external_id.as_deref(), bob.active), (Some("17"), false));
}

#[test]
fn a_cell_in_quotes_has_commas_and_line_ends_and_the_next_row_keeps_its_line() {
    let rows =
        csv("name,email\n\"Lovelace, \"\"Ada\"\"\",ada@acme.test\n\"a\nb\",bob@acme.test\nc,x\n");

    let name = |row: &ImportRow| row.person.clone().unwrap().name.unwrap();
    assert_eq!(name(&rows[0]), "Lovelace, \"Ada\"");
    assert_eq!(refusal(&rows[1..]), "3 name There is a character in it that cannot be seen.");
    assert_eq!(refusal(&rows[2..]), "5 email This is no e-mail address.");
}

#[test]
fn a_row_that_cannot_be_taken_says_its_line_its_column_and_why() {
    let row = |cells: &str| refusal(&csv(&format!("external_id,email,name,active\n{cells}\n")));
    let expected = [
        ("e,,Ada,", "2 email The e-mail address is missing."),
        ("e,ada,Ada,", "2 email This is no e-mail address."),
        ("e,Ada <ada@acme.test>,Ada,", "2 email This is no e-mail address."),
        ("e,ada@acme..test,Ada,", "2 email This is no e-mail address."),
        ("e,ada@acme.test,Ada,maybe", "2 active Write true or false."),
        ("e,ada@acme.test,Ada", "2 - This row has 3 cells, and the first line names 4 columns."),
        ("e,a\0da@acme.test,Ada,", "2 email There is a character in it that cannot be seen."),
        (
            "e,ada@acme.test,=HYPERLINK(\"\"),",
            "2 - A quotation mark stands inside a cell. Put the cell in quotation marks and double those inside it.",
        ),
        (
            "e,ada@acme.test,=1+1,",
            "2 name It begins with “=”, so a spreadsheet would run it as a formula.",
        ),
        (
            "@SUM(A1),ada@acme.test,Ada,",
            "2 external_id It begins with “@”, so a spreadsheet would run it as a formula.",
        ),
    ];
    for (cells, sentence) in expected {
        assert_eq!(row(cells), sentence);
    }
    let long = format!("e,ada@acme.test,{},", "x".repeat(201));
    assert_eq!(row(&long), "2 name This is too long: it has more than 200 characters.");

    let object = |line: &str| refusal(&ndjson(line));
    let fields = "external_id, email, name, given_name, family_name and active";
    for (line, sentence) in [
        ("{", "1 - This line is no JSON object."),
        ("[1]", "1 - This line is no JSON object."),
        ("\"ada@acme.test\"", "1 - This line is no JSON object."),
        (
            r#"{"email":"a@b.test","email":"c@d.test"}"#,
            "1 email This field stands in the object twice.",
        ),
        (r#"{"email":["a@b.test"]}"#, "1 email What stands here is no text."),
        (r#"{"email":"a@b.test","active":1}"#, "1 active What stands here is no text."),
        (
            r#"{"email":"a@b.test","enabled":true}"#,
            &format!("1 - “enabled” is no field here. The fields are {fields}."),
        ),
    ] {
        assert_eq!(object(line), sentence);
    }
    let deep = format!("{}{}", r#"{"email":"#, "[".repeat(10_000));
    assert_eq!(object(&deep), "1 - This line is no JSON object.");
}

#[test]
fn a_person_stands_in_a_file_once() {
    let rows = csv("email,external_id\nada@acme.test,1\n ADA@acme.test,2\nbob@acme.test,1\n");

    assert!(rows[0].person.is_ok());
    assert_eq!(refusal(&rows[1..]), "3 email Line 2 has the same e-mail address.");
    assert_eq!(refusal(&rows[2..]), "4 external_id Line 2 has the same external id.");
}

#[test]
fn a_file_that_cannot_be_read_is_refused_as_a_whole() {
    let refused = |text: &[u8]| read(ImportFormat::Csv, text).unwrap_err();
    assert_eq!(refused(b""), ImportRefusal::Empty);
    assert_eq!(refused(b"email\n\n"), ImportRefusal::Empty);
    assert_eq!(refused(b"name\nAda\n"), ImportRefusal::NoEmails);
    assert_eq!(refused(b"email,mail\n"), ImportRefusal::UnknownColumn("mail".to_owned()));
    assert_eq!(refused(b"email,E-Mail\n"), ImportRefusal::ColumnTwice("email".to_owned()));
    assert_eq!(refused(b"email\nada@acme.test\nJ\xfcrgen\n"), ImportRefusal::NotUtf8(3));
    assert_eq!(refused(b"\xff\xfee\0m\0a\0i\0l\0\n\0"), ImportRefusal::NotUtf8(1));
    assert_eq!(refused(b"email,name\na@b.test,\"Ada\nx\n"), ImportRefusal::QuoteNotClosed(2));
    assert_eq!(read(ImportFormat::Ndjson, b"\n").unwrap_err(), ImportRefusal::Empty);
}

#[test]
fn a_line_without_an_end_needs_no_more_memory_than_a_row() {
    for format in ImportFormat::ALL {
        let mut reader = ImportReader::new(format);
        reader.push(b"email\n").unwrap();
        let part = vec![b'x'; 4_096];
        let refused = (0..25_000).find_map(|_| reader.push(&part).err());
        assert_eq!(refused, Some(ImportRefusal::LineTooLong(2)));
    }
}

#[test]
fn a_file_has_an_end() {
    let mut reader = ImportReader::new(ImportFormat::Csv);
    reader.push(b"email,external_id\n").unwrap();
    for number in 0..MOST_ROWS {
        let line = format!("p{number}@acme.test,{number}\n");
        assert!(reader.push(line.as_bytes()).unwrap()[0].person.is_ok());
    }
    assert_eq!(reader.push(b"one@more.test,\n").unwrap_err(), ImportRefusal::TooManyRows);

    let mut reader = ImportReader::new(ImportFormat::Ndjson);
    let blank = vec![b'\n'; 1 << 20];
    let refused = (0..65).find_map(|_| reader.push(&blank).err());
    assert_eq!(refused, Some(ImportRefusal::TooLarge));
}

#[test]
fn a_row_is_about_one_person_and_a_directory_decides_about_its_own() {
    let person = |id: &str, is_live| KnownPerson { id: DirectoryUserId::new(id), is_live };
    let (ada, by_email) = (person("diruser_ada", true), person("email:ada@acme.test", true));
    let gone = person("diruser_ada", false);
    let found = |person: &KnownPerson| Match::Person(person.id.clone());
    let one = std::slice::from_ref;

    assert_eq!(matched(&[], &[], true), Match::New);
    assert_eq!(matched(&[], one(&by_email), true), found(&by_email));
    assert_eq!(matched(one(&by_email), one(&by_email), true), found(&by_email));
    assert_eq!(matched(one(&ada), &[], true), Match::OfDirectory);
    assert_eq!(matched(one(&ada), one(&ada), true), Match::OfDirectory);
    assert_eq!(matched(&[], one(&gone), true), Match::OfDirectory, "a file brings no person back");
    assert_eq!(matched(&[], one(&gone), false), found(&gone), "no directory is left");
    assert_eq!(matched(one(&ada), &[], false), found(&ada));
    assert_eq!(matched(one(&ada), one(&by_email), true), Match::Several);
    assert_eq!(matched(&[], &[ada, by_email], false), Match::Several);
}

proptest! {
    #![proptest_config(cases(200))]

    /// The rows do not depend on how the bytes arrive.
    #[test]
    fn a_file_in_parts_is_the_same_file(
        text in r#"[a-c@.,;"\r\n{}:=é -]{0,200}"#,
        at in 0_usize..200,
        is_csv: bool,
    ) {
        let format = if is_csv { ImportFormat::Csv } else { ImportFormat::Ndjson };
        let text = if is_csv { format!("email,name\n{text}") } else { text };
        let (first, second) = text.as_bytes().split_at(at.min(text.len()));

        let mut reader = ImportReader::new(format);
        let parts = reader.push(first).and_then(|mut rows| {
            rows.extend(reader.push(second)?);
            rows.extend(reader.finish()?);
            Ok(rows)
        });

        prop_assert_eq!(parts, read(format, text.as_bytes()));
    }

    /// What a program writes is what is read, whatever stands in the cells.
    #[test]
    fn a_cell_that_is_written_is_read(name in "[A-Z][ -~é]{0,40}[a-z]", id in "[a-z0-9]{1,12}") {
        let person = ImportedPerson {
            external_id: Some(id.clone()),
            email: "ada@acme.test".to_owned(),
            name: Some(name.clone()),
            active: false,
        };
        let quoted = name.replace('"', "\"\"");
        let written = csv(&format!("name,active,email,external_id\n\"{quoted}\",no,ada@acme.test,{id}"));
        prop_assert_eq!(&written[0].person, &Ok(person.clone()));

        let object = serde_json::json!({
            "name": name, "active": false, "email": "ada@acme.test", "external_id": id,
        });
        prop_assert_eq!(&ndjson(&object.to_string())[0].person, &Ok(person));
    }

    /// No bytes are too strange: a file is refused, or each of its rows is a person or has a
    /// sentence.
    #[test]
    fn any_bytes_are_rows_or_a_refusal(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        is_csv: bool,
    ) {
        let format = if is_csv { ImportFormat::Csv } else { ImportFormat::Ndjson };
        if let Ok(rows) = read(format, &bytes) {
            for row in rows {
                if let Err(refusal) = row.person {
                    prop_assert!(refusal.to_string().ends_with('.'));
                }
            }
        }
    }
}
