//! Texts about a resync: its state, its result, and what started it.

use std::time::Duration;

use domain::{
    directory::PlanWarning,
    organization::{grouped, people},
    resync::{Resync, ResyncCause, ResyncState, WaitCause, WaitingFor},
    text::ExternalText,
};
use views::resyncs::Progress;

/// One sentence about the state or the result.
pub fn sentence(run: &Resync) -> String {
    match run.state {
        ResyncState::Queued => "Waits for its turn.".to_owned(),
        ResyncState::Listing if run.is_import() => {
            "The people of the file are being compared.".to_owned()
        }
        ResyncState::Listing => "All people are being compared.".to_owned(),
        ResyncState::Applying => "The plan is being applied.".to_owned(),
        ResyncState::Waiting => {
            format!("{}, and waits for a person to confirm it.", unusual_change(run))
        }
        ResyncState::Done if run.is_empty() => {
            format!("Nothing differs. {} {} compared.", grouped(run.listed), were(run.listed))
        }
        ResyncState::Done if run.dry_run => {
            format!("{}. Nothing was changed.", changes(run, "would be "))
        }
        ResyncState::Done => format!("{}.", changes(run, "")),
        ResyncState::Cancelled if run.applied > 0 => {
            format!(
                "Cancelled after {} of {} {}; those stay as they are now.",
                grouped(run.applied),
                grouped(run.counts.people()),
                people(run.counts.people())
            )
        }
        ResyncState::Cancelled => match run.error.as_ref().map(|(code, _)| code.as_str()) {
            Some(Resync::EXPIRED) => format!("Expired. {}", untouched(run)),
            Some(Resync::ORGANIZATION_DELETED) => {
                format!("Discarded with its organization. {}", untouched(run))
            }
            Some(Resync::NOT_ENABLED) => {
                "There was nothing to compare: no directory is enabled yet.".to_owned()
            }
            _ => format!("Cancelled. {}", untouched(run)),
        },
        ResyncState::Failed if run.applied > 0 => {
            format!("Failed after {} {} were applied.", grouped(run.applied), people(run.applied))
        }
        ResyncState::Failed => format!("Failed. {}", untouched(run)),
    }
}

/// What a plan does that must be confirmed: `Takes 5 people away`.
pub fn unusual_change(run: &Resync) -> String {
    let number = run.to_confirm().unwrap_or_else(|| run.counts.takes_away());
    let (shown, noun) = (grouped(number), people(number));
    if run.warning == Some(PlanWarning::AddsMany) {
        format!("Adds {shown} {noun}")
    } else {
        format!("Takes {shown} {noun} away")
    }
}

/// The sentence for a resync that ended before it changed any person. Once a plan is being applied,
/// directories and groups come first, so something else may have changed.
fn untouched(run: &Resync) -> &'static str {
    if run.has_changed_nothing() { "Nothing was changed." } else { "No person was changed." }
}

/// The changes in words: `12 people would be created, 3 updated and 1 removed`.
fn changes(run: &Resync, would: &str) -> String {
    let counts = &run.counts;
    let parts = [
        (counts.created, "created"),
        (counts.reactivated, "reactivated"),
        (counts.updated, "updated"),
        (counts.deactivated, "deactivated"),
        (counts.removed, "removed"),
    ];
    let part = |(at, (n, word)): (usize, (i64, &str))| {
        if at == 0 {
            format!("{} {} {would}{word}", grouped(n), people(n))
        } else {
            format!("{} {word}", grouped(n))
        }
    };
    let mut parts: Vec<String> =
        parts.into_iter().filter(|(n, _)| *n > 0).enumerate().map(part).collect();
    if counts.groups > 0 {
        let noun = if counts.groups == 1 { "group" } else { "groups" };
        let would = if parts.is_empty() { would } else { "" };
        parts.push(format!("{} {noun} {would}changed", grouped(counts.groups)));
    }
    listed(&parts)
}

fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn were(n: i64) -> String {
    format!("{} {}", people(n), if n == 1 { "was" } else { "were" })
}

/// The person or the reason that started the resync.
pub fn started_by(run: &Resync) -> String {
    let by = run.by.as_deref().map(|by| ExternalText::new(by).to_string());
    match run.cause {
        ResyncCause::Form => by.unwrap_or_else(|| "By hand".to_owned()),
        ResyncCause::CommandLine => by.unwrap_or_else(|| "By the operator".to_owned()),
        ResyncCause::Import => format!("Import: {}", by.unwrap_or_else(|| "a file".to_owned())),
        ResyncCause::Schedule => "Automatic: once a night".to_owned(),
        ResyncCause::NewDirectory => "Automatic: a new directory".to_owned(),
        ResyncCause::Inconsistency => "Automatic: webhooks were missing or in doubt".to_owned(),
    }
}

/// The progress, for pages that do not measure the speed.
pub fn reached(run: &Resync, reached: &Progress) -> (String, String) {
    (progress(run, reached).0, run.waits.map(waits).unwrap_or_default())
}

/// The progress, as (what is done, how fast and how long still).
pub fn progress(run: &Resync, progress: &Progress) -> (String, String) {
    let (reached, rest) = at_work(run, progress);
    (reached, run.waits.map_or(rest, waits))
}

/// What the run waits for:
/// `Scalekit allows only a few calls a minute; the next call is at 10:42:00 UTC.`
fn waits(waits: WaitingFor) -> String {
    let at = waits.until.time_of_day();
    match waits.cause {
        WaitCause::RateLimit => {
            format!("Scalekit allows only a few calls a minute; the next call is at {at}.")
        }
        WaitCause::Unavailable => format!("Scalekit does not answer; the next try is at {at}."),
    }
}

fn at_work(run: &Resync, progress: &Progress) -> (String, String) {
    let done = grouped(progress.done);
    match (run.state, progress.total) {
        (ResyncState::Applying, Some(total)) => {
            (format!("{done} of {} {} applied", grouped(total), people(total)), rest(progress))
        }
        (ResyncState::Listing, total) if run.is_import() => of_file(progress, total),
        (ResyncState::Listing, Some(total)) if progress.done >= total => (
            format!("{} {} listed", grouped(total), people(total)),
            "Groups and missing people are checked next. Then Seatkeeper makes the plan."
                .to_owned(),
        ),
        (ResyncState::Listing, Some(total)) => {
            (format!("{done} of {} {} listed", grouped(total), people(total)), rest(progress))
        }
        (ResyncState::Listing, None) if progress.done == 0 => {
            ("Asking Scalekit".to_owned(), "The number of people is not known yet.".to_owned())
        }
        (ResyncState::Listing, None) => {
            let pace = pace(progress).map(|pace| format!("{pace}. ")).unwrap_or_default();
            (
                format!("{done} {} listed", people(progress.done)),
                format!("{pace}Scalekit does not say how many there are."),
            )
        }
        _ => {
            ("Waiting for its turn".to_owned(), "It begins as soon as a worker is free.".to_owned())
        }
    }
}

/// The progress while the rows of a file are compared.
fn of_file(progress: &Progress, total: Option<i64>) -> (String, String) {
    let done = grouped(progress.done);
    match total {
        Some(total) if progress.done < total => (
            format!("{done} of {} {} of the file compared", grouped(total), people(total)),
            rest(progress),
        ),
        _ => (
            format!("{done} {} of the file compared", people(progress.done)),
            "Seatkeeper makes the plan.".to_owned(),
        ),
    }
}

/// The speed and the remaining time: `30 people a second, about 15 s left`.
fn rest(progress: &Progress) -> String {
    let left = progress
        .left
        .map(|left| format!("about {} left", span(Duration::from_secs(whole_seconds(left)))));
    let parts: Vec<String> = pace(progress).into_iter().chain(left).collect();
    if parts.is_empty() { "Just started.".to_owned() } else { parts.join(", ") }
}

/// Rounds up, so that remaining work never takes 0 seconds.
fn whole_seconds(span: Duration) -> u64 {
    span.as_secs() + u64::from(span.subsec_nanos() > 0)
}

fn pace(progress: &Progress) -> Option<String> {
    progress.pace.map(|pace| {
        if pace == 0 {
            "Less than 1 person a second".to_owned()
        } else {
            format!("{} {} a second", grouped(pace), people(pace))
        }
    })
}

/// A duration in words: `under 0.1 s`, `0.4 s`, `15 s`, `3 min 5 s`, `2 h 5 min`.
pub fn span(span: Duration) -> String {
    match span.as_secs() {
        0 if span.subsec_millis() < 100 => "under 0.1 s".to_owned(),
        0..10 if span.subsec_millis() >= 100 => {
            format!("{}.{} s", span.as_secs(), span.subsec_millis() / 100)
        }
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds @ 60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}
