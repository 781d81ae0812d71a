//! The columns of the seat history.

use domain::{history::DailyRollup, organization::SeatLimit};
use seatkeeper::queries::export::History;

use super::csv::{Columns, Csv};

impl Csv for History {
    const NAME: &'static str = "history";
    const COLUMNS: Columns<DailyRollup> = &[
        ("day", |row| row.day.written()),
        ("used", |row| row.usage.used.to_string()),
        ("seat_limit", |row| match row.usage.limit {
            SeatLimit::NotSet => "not_set".to_owned(),
            limit => limit.typed(),
        }),
        ("waiting", |row| row.usage.waiting.to_string()),
        ("most_used", |row| row.most_used.to_string()),
        ("most_waiting", |row| row.most_waiting.to_string()),
        ("most_over", |row| row.most_over.to_string()),
        ("blocked", |row| row.blocked.to_string()),
        ("admitted", |row| row.admitted.to_string()),
    ];
}
