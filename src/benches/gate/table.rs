//! Prints figures as a table.

/// Aligns the first column to the left and the others to the right.
pub fn print(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| {
            if at == 0 { format!("{cell:width$}") } else { format!("{cell:>width$}") }
        });
        println!("  {}", cells.collect::<Vec<_>>().join("   ").trim_end());
    }
}

pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let grouped: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    grouped.join(",")
}

pub fn ms(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.1} ms"))
}

pub fn times(value: f64) -> String {
    format!("{value:.2} ×")
}

#[expect(clippy::cast_precision_loss, reason = "counts and sizes for reading, far below 2^52")]
pub fn float(number: u64) -> f64 {
    number as f64
}
