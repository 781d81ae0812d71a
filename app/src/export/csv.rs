//! A list as the text of a CSV.

use seatkeeper::queries::export::List;

/// The columns of a list, in order: the name of each, and its cell in a row.
pub type Columns<Row> = &'static [(&'static str, fn(&Row) -> String)];

/// A list that can be exported. `app/src/cli/export.rs` documents the columns.
pub trait Csv: List {
    /// The file is called after it.
    const NAME: &'static str;
    const COLUMNS: Columns<Self::Row>;
}

/// The row with the names of the columns.
pub fn header_row<L: Csv>() -> Vec<u8> {
    written([L::COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect()])
}

/// The rows of a part.
pub fn rows<L: Csv>(rows: &[L::Row]) -> Vec<u8> {
    let cells = |row| L::COLUMNS.iter().map(|(_, cell)| cell(row)).collect();
    written(rows.iter().map(cells))
}

fn written(rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // a `Vec` takes every byte, and all rows have the same length
        let _ = writer.write_record(row.into_iter().map(harmless));
    }
    writer.into_inner().unwrap_or_default()
}

/// The text of a cell. A spreadsheet takes a text that begins like a formula for one; an apostrophe
/// before it makes it a text.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

/// The text; an unknown one is an empty cell.
pub(super) fn text(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

pub(super) fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_begins_like_a_formula_is_a_text() {
        for cell in ["+1", "@x", "\rx", "-"] {
            assert_eq!(harmless(cell.to_owned()), format!("'{cell}"));
        }
        assert_eq!(harmless("Ada - Lovelace".to_owned()), "Ada - Lovelace");
    }
}
