//! One row: a person, or a sentence that says why the row cannot be taken.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

use super::columns::Column;
use crate::{
    directory_user::{Profile, email_key},
    id::DirectoryUserId,
    organization::grouped,
    text::{ExternalText, is_unseen},
};

/// The longest e-mail address, in bytes.
const LONGEST_EMAIL: usize = 254;
/// The longest name and the longest external id, in characters.
const LONGEST_TEXT: usize = 200;
/// A spreadsheet takes a cell that begins with one of these for a formula.
const FORMULAS: [char; 4] = ['=', '+', '-', '@'];

/// A person as a row has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedPerson {
    pub external_id: Option<String>,
    pub email: String,
    pub name: Option<String>,
    /// A row that does not say otherwise is about an active person.
    pub active: bool,
}

/// Why a row cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowRefusal {
    #[error("This line is no JSON object.")]
    NotJson,
    #[error("“{0}” is no field here. The fields are {names}.", names = Column::names())]
    UnknownField(String),
    #[error("This field stands in the object twice.")]
    Twice(Column),
    #[error("This row has {found} cells, and the first line names {expected} columns.")]
    Cells { found: usize, expected: usize },
    #[error(
        "A quotation mark stands inside a cell. Put the cell in quotation marks and double those inside it."
    )]
    Quote,
    #[error("What stands here is no text.")]
    NoText(Column),
    #[error("Write true or false.")]
    Active,
    #[error("The e-mail address is missing.")]
    NoEmail,
    #[error("This is no e-mail address.")]
    Email,
    #[error("This is too long: it has more than {} characters.", grouped(*.1))]
    TooLong(Column, i64),
    #[error("There is a character in it that cannot be seen.")]
    Unseen(Column),
    #[error("This is the form of an e-mail address, and not that of the row.")]
    OtherAddress,
    #[error("It begins with “{1}”, so a spreadsheet would run it as a formula.")]
    Formula(Column, char),
    #[error("Line {} has the same e-mail address.", grouped(*.0))]
    SameEmail(i64),
    #[error("Line {} has the same external id.", grouped(*.0))]
    SameExternalId(i64),
    #[error("Line {} is about the same person.", grouped(*.0))]
    SamePerson(i64),
    #[error("The external id and the e-mail address belong to different people.")]
    SeveralPeople,
}

impl RowRefusal {
    /// The column that is wrong; `None`: the whole row is.
    pub fn column(&self) -> Option<Column> {
        match self {
            Self::Twice(column)
            | Self::NoText(column)
            | Self::TooLong(column, _)
            | Self::Unseen(column)
            | Self::Formula(column, _) => Some(*column),
            Self::Active => Some(Column::Active),
            Self::NoEmail | Self::Email | Self::SameEmail(_) => Some(Column::Email),
            Self::SameExternalId(_) | Self::OtherAddress => Some(Column::ExternalId),
            Self::NotJson
            | Self::UnknownField(_)
            | Self::Cells { .. }
            | Self::Quote
            | Self::SamePerson(_)
            | Self::SeveralPeople => None,
        }
    }
}

impl ImportedPerson {
    pub fn profile(&self) -> Profile {
        Profile {
            email: Some(self.email.clone()),
            name: self.name.clone(),
            external_id: self.external_id.clone(),
        }
    }

    /// Reads the cells of a row, each with its column. An empty cell says nothing.
    pub(super) fn of_cells(cells: &[(Column, &str)]) -> Result<Self, RowRefusal> {
        let text = |wanted: Column| {
            let cell = cells.iter().find(|(column, _)| *column == wanted);
            cell.map(|(_, text)| text.trim()).filter(|text| !text.is_empty())
        };
        let checked = |column| text(column).map(|text| check(column, text)).transpose();
        let email = checked(Column::Email)?.ok_or(RowRefusal::NoEmail)?;
        let name = checked(Column::Name)?;
        let (given, family) = (checked(Column::GivenName)?, checked(Column::FamilyName)?);
        let both = match (given, family) {
            (Some(given), Some(family)) => Some(format!("{given} {family}")),
            (given, family) => given.or(family).map(str::to_owned),
        };
        let active = match text(Column::Active).map(str::to_ascii_lowercase).as_deref() {
            None | Some("true" | "yes" | "1") => true,
            Some("false" | "no" | "0") => false,
            Some(_) => return Err(RowRefusal::Active),
        };
        let external_id = checked(Column::ExternalId)?;
        // products name people by address, too: no person gets the name of another one
        let is_address = external_id.is_some_and(|id| id.contains('@'));
        if is_address && external_id.map(email_key) != Some(email_key(email)) {
            return Err(RowRefusal::OtherAddress);
        }
        Ok(Self {
            external_id: external_id.map(str::to_owned),
            email: email.to_owned(),
            name: name.map(str::to_owned).or(both),
            active,
        })
    }

    /// Reads a line with a JSON object.
    pub(super) fn of_json(line: &str) -> Result<Self, RowRefusal> {
        let Fields(fields) = serde_json::from_str(line).map_err(|_| RowRefusal::NotJson)?;
        let mut cells: Vec<(Column, String)> = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            let Some(column) = Column::parse(&name) else {
                return Err(RowRefusal::UnknownField(short(&name)));
            };
            if cells.iter().any(|(other, _)| *other == column) {
                return Err(RowRefusal::Twice(column));
            }
            let text = match (value, column) {
                (Value::Null, _) => String::new(),
                (Value::String(text), _) => text,
                (Value::Bool(is), Column::Active) => is.to_string(),
                // many systems number their people
                (Value::Number(number), Column::ExternalId) if !number.is_f64() => {
                    number.to_string()
                }
                _ => return Err(RowRefusal::NoText(column)),
            };
            cells.push((column, text));
        }
        let cells: Vec<(Column, &str)> =
            cells.iter().map(|(column, text)| (*column, text.as_str())).collect();
        Self::of_cells(&cells)
    }
}

fn check(column: Column, text: &str) -> Result<&str, RowRefusal> {
    if let Some(first) = text.chars().next().filter(|first| FORMULAS.contains(first)) {
        return Err(RowRefusal::Formula(column, first));
    }
    if text.chars().any(|c| is_unseen(c) || c == char::REPLACEMENT_CHARACTER) {
        return Err(RowRefusal::Unseen(column));
    }
    let most = if column == Column::Email { LONGEST_EMAIL } else { LONGEST_TEXT };
    if text.chars().count() > most || (column == Column::Email && text.len() > most) {
        return Err(RowRefusal::TooLong(column, i64::try_from(most).unwrap_or(i64::MAX)));
    }
    if column == Column::Email && !is_email(text) {
        return Err(RowRefusal::Email);
    }
    Ok(text)
}

/// Whether a text is an address without a name around it, by which a person can be known.
fn is_email(text: &str) -> bool {
    let parts = text.rsplit_once('@').filter(|(local, domain)| {
        !local.is_empty()
            && !local.contains('@')
            && domain.split('.').all(|label| !label.is_empty())
    });
    let is_plain = !text.chars().any(|c| c.is_whitespace() || r#"<>()[]\,;:""#.contains(c));
    parts.is_some()
        && is_plain
        && DirectoryUserId::parse(DirectoryUserId::by_email(text).as_str()).is_some()
}

/// At most as much of a name as a sentence has room for.
fn short(name: &str) -> String {
    ExternalText::label(name).as_str().to_owned()
}

/// The fields of an object in their order, also those that stand in it twice.
struct Fields(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
