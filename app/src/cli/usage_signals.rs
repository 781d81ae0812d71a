//! `seatkeeper usage-signals`: when people used the product last, from a file of the product.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
};

use clap::Subcommand;
use domain::{
    id::OrganizationId,
    usage_signal::{SignalRefusal, UsageSignal},
};
use seatkeeper::{
    commands::{self, RecordedUsage, SignalLine},
    state::AppState,
};

use super::{CliError, organization::parse};

/// How many lines are recorded in one transaction.
const PART: usize = 1_000;

#[derive(Debug, Subcommand)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub enum UsageSignals {
    /// Record when people used the product last; the later time of each person stays
    ///
    /// Each line is a person and a time: as CSV (person,2026-11-22T05:48:00Z; a first line
    /// user,last_used_at is left out), or as a JSON object {"user": …, "last_used_at": …}. A person
    /// is named by the directory user's id (diruser_…), the external id, or the e-mail address. A
    /// line that cannot be taken is told with its number, and the others are recorded all the same;
    /// then the exit code is 1.
    Import {
        /// Scalekit's id of the organization, org_…
        organization: String,
        /// The file; - reads standard input
        file: String,
    },
}

impl UsageSignals {
    pub async fn run(self) -> Result<(), CliError> {
        let Self::Import { organization, file } = self;
        let id = parse(&organization)?;
        let unreadable =
            |error| CliError::refused(format!("The file {file} cannot be read: {error}."));
        let source: Box<dyn Read> = if file == "-" {
            Box::new(std::io::stdin())
        } else {
            Box::new(File::open(&file).map_err(unreadable)?)
        };
        import(&super::open().await?, &id, Lines::of(source)).await
    }
}

/// Records the lines part by part, so that a file of any length needs little memory.
async fn import(state: &AppState, id: &OrganizationId, mut lines: Lines) -> Result<(), CliError> {
    let (mut all, mut refused) = (RecordedUsage::default(), 0_u64);
    loop {
        let part = lines.part()?;
        if part.is_empty() {
            break;
        }
        let done = commands::record_usage(state, &super::operator(), id, &part).await?;
        for (number, refusal) in &done.refused {
            eprintln!("Line {number}: {refusal}");
            refused += 1;
        }
        all.recorded += done.recorded;
        all.known += done.known;
    }
    let said =
        format!("{} recorded, {} known already, {refused} refused.", all.recorded, all.known);
    if refused > 0 {
        return Err(CliError::failed(said));
    }
    eprintln!("{said}");
    Ok(())
}

/// The lines of a file, with their numbers. No more than one part is in memory.
struct Lines {
    source: BufReader<Box<dyn Read>>,
    number: u64,
}

impl Lines {
    fn of(source: Box<dyn Read>) -> Self {
        Self { source: BufReader::new(source), number: 0 }
    }

    /// The next lines that say something; empty at the end of the file.
    fn part(&mut self) -> Result<Vec<SignalLine>, CliError> {
        let mut part = Vec::new();
        while part.len() < PART {
            let Some(line) = self.next()? else { break };
            let read = match line {
                Ok(line) => UsageSignal::parse(&line),
                Err(refusal) => Some(Err(refusal)),
            };
            part.extend(read.map(|read| (self.number, read)));
        }
        Ok(part)
    }

    /// The next line, if it is a text and not too long; `None` at the end of the file.
    fn next(&mut self) -> Result<Option<Result<String, SignalRefusal>>, CliError> {
        let unreadable = |error| CliError::failed(format!("The file cannot be read: {error}."));
        let most = u64::try_from(UsageSignal::LONGEST_LINE).unwrap_or(u64::MAX);
        let mut line = Vec::new();
        let source = &mut self.source;
        let read = source.by_ref().take(most).read_until(b'\n', &mut line).map_err(unreadable)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if read == UsageSignal::LONGEST_LINE && !line.ends_with(b"\n") {
            source.skip_until(b'\n').map_err(unreadable)?;
            return Ok(Some(Err(SignalRefusal::Unreadable)));
        }
        Ok(Some(String::from_utf8(line).map_err(|_| SignalRefusal::Unreadable)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<(u64, bool)> {
        let mut lines = Lines::of(Box::new(std::io::Cursor::new(text.to_vec())));
        let part = lines.part().unwrap();
        assert!(lines.part().unwrap().is_empty(), "that was the end");
        part.into_iter().map(|(number, line)| (number, line.is_ok())).collect()
    }

    #[test]
    fn each_line_keeps_its_number_whatever_the_others_are() {
        let good = "ada@acme.test,2026-11-22T05:48:00Z";
        let long = "a".repeat(3 * UsageSignal::LONGEST_LINE);
        let mut text = format!("user,last_used_at\r\n\n{good}\n{long}\n").into_bytes();
        text.extend(b"\xff,2026-11-22T05:48:00Z\n");
        text.extend(good.as_bytes());

        assert_eq!(lines(&text), [(3, true), (4, false), (5, false), (6, true)]);
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn a_part_has_so_many_lines() {
        let text = "ada,2026-11-22T05:48:00Z\n".repeat(PART + 1);
        let mut lines = Lines::of(Box::new(std::io::Cursor::new(text.into_bytes())));
        let parts = [lines.part().unwrap().len(), lines.part().unwrap().len()];
        assert_eq!(parts, [PART, 1]);
    }
}
