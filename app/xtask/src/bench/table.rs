//! Prints the figures of both engines in one table, beside earlier ones.

pub struct Figure {
    pub what: &'static str,
    pub value: String,
    /// An earlier figure to compare it with, or an empty text.
    pub beside: &'static str,
}

impl Figure {
    pub fn new(what: &'static str, value: String, beside: &'static str) -> Self {
        Self { what, value, beside }
    }
}

/// `sqlite` and `postgres` hold the same figures in the same order; `both` does not depend on the
/// engine. `beside` says what the figures are compared with.
pub fn side_by_side(
    beside: &str,
    (sqlite, postgres): (&[Figure], &[Figure]),
    both: &[Figure],
) -> String {
    let mut rows = vec![["", "SQLite", "Postgres", beside].map(str::to_owned)];
    rows.extend(sqlite.iter().zip(postgres).map(|(one, other)| row(one, &other.value)));
    rows.extend(both.iter().map(|figure| row(figure, "")));
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [what, left, right] = [width(0), width(1), width(2)];
    let lines = rows
        .iter()
        .map(|row| format!("{:what$}  {:>left$}  {:>right$}  {}", row[0], row[1], row[2], row[3]));
    lines.map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn row(figure: &Figure, other: &str) -> [String; 4] {
    [figure.what.to_owned(), figure.value.clone(), other.to_owned(), figure.beside.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_stand_side_by_side() {
        let speed = |value: &str| vec![Figure::new("speed", value.to_owned(), "7")];
        let size = vec![Figure::new("size", "9 B".to_owned(), "")];

        let table = side_by_side("trials before", (&speed("8"), &speed("1,000")), &size);

        let lines: Vec<_> = table
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(lines, ["SQLite Postgres trials before", "speed 8 1,000 7", "size 9 B"]);
    }
}
