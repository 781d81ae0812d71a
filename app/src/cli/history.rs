//! `seatkeeper history`: the seat history of an organization and its forecast, for people and for
//! scripts.

use std::fmt::Write;

use clap::Args;
use domain::{
    organization::{grouped, people},
    text::lines,
};
use seatkeeper::queries::{self, SeatHistoryRecord};

use super::{CliError, organization::parse, output::print, resync::scope};

#[derive(Debug, Args)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub struct History {
    /// Scalekit's id, org_…
    id: String,
    /// Print one JSON object {used, limit, waiting, over, forecast, days}, and nothing else
    ///
    /// forecast is {earliest, latest, level, reason, sentence}; earliest and latest are null if no
    /// statement is possible, and reason says why. days has the days on which something changed:
    /// {day, used, limit, waiting, most_used, most_waiting, most_over, blocked, admitted}.
    #[arg(long)]
    json: bool,
}

impl History {
    pub async fn run(self) -> Result<(), CliError> {
        let id = parse(&self.id)?;
        let state = super::open().await?;
        let scope = scope("command line", &id)?;
        let history = queries::history(&state, &scope).await?;
        if self.json {
            let record = SeatHistoryRecord::from(history);
            let record = serde_json::to_string(&record).map_err(CliError::failed)?;
            return print(&format!("{}\n", lines(&record))).map(|_| ());
        }
        let now = history.now;
        let mut text =
            format!("{}\n{}\n", history.usage.sentence(), history.forecast.sentence(now));
        if let Some(how) = history.forecast.how_we_know() {
            let _ = writeln!(text, "{how}");
        }
        for month in history.months() {
            let _ = writeln!(
                text,
                "{:<15} at most {} used, {} waiting, {} over; limit: {}; {} {} blocked",
                month.month.words(),
                grouped(month.most.used),
                grouped(month.most.waiting),
                grouped(month.over),
                month.most.limit,
                grouped(month.blocked),
                people(month.blocked),
            );
        }
        print(&text).map(|_| ())
    }
}
