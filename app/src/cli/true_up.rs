//! `seatkeeper organization true-up`: the used seats of each month, for people and for scripts.

use std::fmt::Write;

use clap::Args;
use domain::{organization::grouped, text::lines};
use seatkeeper::queries::{self, TrueUpRow};

use super::{CliError, organization::parse, output::print, resync::scope};

#[derive(Debug, Args)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub struct TrueUp {
    /// Scalekit's id, org_…
    id: String,
    /// A year of the calendar; without it this year
    #[arg(long)]
    year: Option<i64>,
    /// Print a JSON array of {month, most_used, most_used_at, limit, days_over}, and nothing else
    #[arg(long)]
    json: bool,
}

impl TrueUp {
    pub async fn run(self) -> Result<(), CliError> {
        let id = parse(&self.id)?;
        let state = super::open().await?;
        let scope = scope("command line", &id)?;
        let report = queries::true_up(&state, &scope, self.year).await?;
        if self.json {
            let rows: Vec<TrueUpRow> = report.months.into_iter().map(TrueUpRow::from).collect();
            let rows = serde_json::to_string(&rows).map_err(CliError::failed)?;
            return print(&format!("{}\n", lines(&rows))).map(|_| ());
        }
        let mut text = String::new();
        for month in report.months {
            let days = match month.days_over {
                0 => String::new(),
                1 => ", over the limit on 1 day".to_owned(),
                days => format!(", over the limit on {days} days"),
            };
            let _ = writeln!(
                text,
                "{:<15} at most {} used, since {}; limit: {}{days}",
                month.month.words(),
                grouped(month.most_used),
                month.at.exact(),
                month.limit,
            );
        }
        print(&text).map(|_| ())
    }
}
