//! The columns of the list of people who seem not to use their seats.

use seatkeeper::queries::{UnusedRecord, export::Unused};

use super::csv::{Columns, Csv, text};

impl Csv for Unused {
    const NAME: &'static str = "reclaim";
    const COLUMNS: Columns<UnusedRecord> = &[
        ("user_id", |person| person.user.to_string()),
        ("name", |person| text(person.name.as_ref())),
        ("email", |person| text(person.email.as_ref())),
        ("seat_since", |person| person.seat_since.clone()),
        ("last_used_at", |person| text(person.last_used_at.as_ref())),
        ("reasons", |person| person.reasons.join("; ")),
        ("kept_at", |person| text(person.kept_at.as_ref())),
        ("kept_by", |person| text(person.kept_by.as_ref())),
    ];
}
