//! The refusals of imports: the whole file cannot be taken.

use serde::{Deserialize, Serialize};

use crate::organization::grouped;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ImportRefusal {
    #[error("There are no people in this file.")]
    Empty,
    #[error("Line {} is not in UTF-8. Save the file as “CSV UTF-8”, then send it again.", grouped(*.0))]
    NotUtf8(i64),
    #[error("Line {} is longer than 16 KiB. It is no row of a person.", grouped(*.0))]
    LineTooLong(i64),
    #[error("The quotation mark on line {} is not closed.", grouped(*.0))]
    QuoteNotClosed(i64),
    #[error("A file has at most 100,000 people. Divide it.")]
    TooManyRows,
    #[error("A file has at most 64 MiB. Divide it.")]
    TooLarge,
    #[error("“{0}” is no column here. The columns are {names}.", names = crate::import::Column::names())]
    UnknownColumn(String),
    #[error("The column {0} stands in the first line twice.")]
    ColumnTwice(String),
    #[error("The first line names the columns, and “email” must be one of them.")]
    NoEmails,
    #[error("Say whether the file is CSV or NDJSON.")]
    Format,
    #[error("The rows of this import were removed when their retention time was over.")]
    RowsRemoved,
}

impl ImportRefusal {
    #[cfg(test)]
    pub(super) const CODES: [&str; 11] = [
        "import-empty",
        "import-not-utf8",
        "import-line-too-long",
        "import-quote",
        "import-too-many-rows",
        "import-too-large",
        "import-column",
        "import-column-twice",
        "import-no-emails",
        "import-format",
        "import-rows-removed",
    ];

    /// The code in an address, and in the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "import-empty",
            Self::NotUtf8(_) => "import-not-utf8",
            Self::LineTooLong(_) => "import-line-too-long",
            Self::QuoteNotClosed(_) => "import-quote",
            Self::TooManyRows => "import-too-many-rows",
            Self::TooLarge => "import-too-large",
            Self::UnknownColumn(_) => "import-column",
            Self::ColumnTwice(_) => "import-column-twice",
            Self::NoEmails => "import-no-emails",
            Self::Format => "import-format",
            Self::RowsRemoved => "import-rows-removed",
        }
    }

    /// The refusal that a code stands for, if it quotes nothing of the file.
    pub fn of_code(code: &str) -> Option<Self> {
        [
            Self::Empty,
            Self::TooManyRows,
            Self::TooLarge,
            Self::NoEmails,
            Self::Format,
            Self::RowsRemoved,
        ]
        .into_iter()
        .find(|refusal| refusal.code() == code)
    }

    /// The `name` of the refused form field.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Format => Some("format"),
            Self::RowsRemoved => None,
            _ => Some("file"),
        }
    }
}
