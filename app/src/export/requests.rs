//! The columns of the list of seat requests.

use seatkeeper::queries::{RequestRecord, export::Requests};

use super::csv::{Columns, Csv};

impl Csv for Requests {
    const NAME: &'static str = "requests";
    const COLUMNS: Columns<RequestRecord> = &[
        ("request_id", |request| request.id.to_string()),
        ("organization_id", |request| request.organization_id.to_string()),
        ("state", |request| request.state.as_str().to_owned()),
        ("seats", |request| request.seats.to_string()),
        ("reason", |request| request.reason.clone()),
        ("asked_by", |request| request.asked_by.clone()),
        ("asked_at", |request| request.asked_at.clone()),
        ("changed_at", |request| request.changed_at.clone()),
    ];
}
