//! The columns of the list of alerts.

use seatkeeper::queries::{AlertRecord, export::Alerts};

use super::csv::{Columns, Csv, text};

impl Csv for Alerts {
    const NAME: &'static str = "alerts";
    const COLUMNS: Columns<AlertRecord> = &[
        ("alert_id", |alert| alert.id.to_string()),
        ("organization_id", |alert| {
            alert.organization_id.as_ref().map(ToString::to_string).unwrap_or_default()
        }),
        ("kind", |alert| alert.kind.as_str().to_owned()),
        ("target", |alert| text(alert.target.as_ref())),
        ("opened_at", |alert| alert.opened_at.clone()),
        ("resolved_at", |alert| text(alert.resolved_at.as_ref())),
        ("notice", |alert| alert.notice.to_owned()),
    ];
}
