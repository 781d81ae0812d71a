//! What each page or report shows. A page reads its data in one consistent view.

mod accounts;
mod audit;
mod deliveries;
pub mod invariants;
mod limit_preview;
mod measures;
mod organization;
mod overview;
mod people;
mod ready;
mod resyncs;
mod room;
mod status;
mod system;
mod viewer;

pub use accounts::{AccountRow, accounts};
pub use audit::{AuditEntry, audit, audit_entries};
pub use deliveries::{deliveries, delivery, replay_progress};
pub use limit_preview::limit_preview;
pub use measures::measures;
pub use organization::{organization, revision};
pub use overview::overview;
pub use people::people;
pub use ready::ready;
pub use resyncs::{event_log, resync, resync_page, resync_plan, resyncs, resyncs_page};
pub use status::{Check, Inbox, StatusRow, check, inbox, status};
pub use system::system;
pub use viewer::{person, viewer};

use crate::domain::text::folded;

/// The search text as a `like` pattern: it matches anywhere, is folded as the search keys are, and
/// takes `%` and `_` literally.
fn pattern(search: &str) -> String {
    // A longer search text is cut; names are shorter.
    let search: String = search.trim().chars().take(200).collect();
    let escaped = folded(&search).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// The requested page, limited to the range from 1 to the last one, and the number of pages.
fn paged(asked: i64, matching: i64, rows: i64) -> (i64, i64) {
    let pages = ((matching + rows - 1) / rows).max(1);
    (asked.clamp(1, pages), pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_taken_literally() {
        assert_eq!(pattern(" Ada_100% "), "%ada\\_100\\%%");
        assert_eq!(pattern("\0İstanbul\u{200b}"), "%istanbul%");
    }

    #[test]
    fn a_page_that_is_not_there_becomes_the_nearest() {
        assert_eq!(paged(0, 0, 50), (1, 1));
        assert_eq!(paged(9, 101, 50), (3, 3));
        assert_eq!(paged(2, 100, 50), (2, 2));
    }
}
