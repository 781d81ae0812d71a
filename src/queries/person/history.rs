//! The history of one person: decisions, deliveries, resyncs, manual actions and changes of groups,
//! newest first.

use std::cmp::Reverse;

use super::super::{audit::shown, organization::decision_row};
use crate::{
    db::Tx,
    domain::{
        access::OrganizationScope,
        body::{self, HIDDEN},
        id::{DirectoryUserId, GroupId},
        text::ExternalText,
        time::Timestamp,
    },
    store::{
        audit_log,
        membership_changes::{self, OfUser},
        person_history::{self, Decision, Delivery, Resynced},
    },
    views::{
        DecisionRow,
        pagination::KeysetPage,
        person::{HistoryCursor, HistoryEntry, HistoryRow, Source},
    },
};

/// Which entries of a person's history.
#[derive(Clone, Copy)]
pub(super) struct Which<'a> {
    pub scope: &'a OrganizationScope,
    pub user: &'a DirectoryUserId,
    /// With the deliveries.
    pub is_staff: bool,
    pub before: Option<&'a HistoryCursor>,
    pub most: i64,
}

impl Which<'_> {
    /// The point before which the entries of a source come. Its key is `None` where the time alone
    /// decides.
    fn bound(&self, source: Source) -> (i64, Option<&str>) {
        match self.before {
            None => (i64::MAX, None),
            Some(cursor) if source < cursor.source => (cursor.at.nanos().saturating_add(1), None),
            Some(cursor) if source > cursor.source => (cursor.at.nanos(), None),
            Some(cursor) => (cursor.at.nanos(), Some(&cursor.id)),
        }
    }
}

pub(super) enum Happened {
    Decision(Decision),
    Delivery(Delivery),
    Resync(Resynced),
    Action(Box<audit_log::AuditRow>),
    Group(OfUser),
}

impl Happened {
    pub fn key(&self) -> HistoryCursor {
        let (at, source, id) = match self {
            Self::Decision(Decision { revision, ordinal, listed }) => {
                (listed.at, Source::Decision, format!("{revision}-{ordinal}"))
            }
            Self::Delivery(delivery) => (delivery.at, Source::Delivery, delivery.id.to_string()),
            Self::Resync(resync) => (resync.at, Source::Resync, resync.run.to_string()),
            Self::Action(entry) => (entry.at, Source::Action, entry.id.to_string()),
            Self::Group(OfUser { at, revision, ordinal, .. }) => {
                (Timestamp::from_nanos(*at), Source::Group, format!("{revision}-{ordinal}"))
            }
        };
        HistoryCursor { at, source, id }
    }
}

/// A part of the history, newest first: the first ones of all sources together.
pub(super) async fn history(
    tx: &mut Tx,
    which: Which<'_>,
) -> sqlx::Result<(Vec<Happened>, KeysetPage<HistoryCursor>)> {
    let Which { scope, user, is_staff, before, most } = which;
    let by_id = |source| {
        let (at, id) = which.bound(source);
        (at, id.unwrap_or_default())
    };
    let by_number = |source| {
        let (at, id) = which.bound(source);
        let (revision, ordinal) = id.and_then(|id| id.split_once('-')).unwrap_or_default();
        (at, revision.parse().unwrap_or(i64::MIN), ordinal.parse().unwrap_or(i64::MIN))
    };
    let more = most + 1;
    let mut all: Vec<Happened> = Vec::new();
    let decisions =
        person_history::decisions(tx, scope, user, by_number(Source::Decision), more).await?;
    all.extend(decisions.into_iter().map(Happened::Decision));
    let groups =
        membership_changes::of_user(tx, scope, user, by_number(Source::Group), more).await?;
    all.extend(groups.into_iter().map(Happened::Group));
    let resyncs = person_history::resyncs(tx, scope, user, by_id(Source::Resync), more).await?;
    all.extend(resyncs.into_iter().map(Happened::Resync));
    let target = user.as_str();
    let actions = audit_log::about_target(tx, scope, target, by_id(Source::Action), more).await?;
    all.extend(actions.into_iter().map(|entry| Happened::Action(Box::new(entry))));
    if is_staff {
        let deliveries =
            person_history::deliveries(tx, scope, user, by_id(Source::Delivery), more).await?;
        all.extend(deliveries.into_iter().map(Happened::Delivery));
    }
    // the sort is stable: the rows of each source are in the order of their keys already
    all.sort_by_key(|entry| {
        let HistoryCursor { at, source, .. } = entry.key();
        Reverse((at, source))
    });
    let page = KeysetPage::cut(before.cloned(), &mut all, most, Happened::key);
    Ok((all, page))
}

pub(super) fn history_row(entry: Happened, is_staff: bool) -> HistoryRow {
    let key = entry.key();
    let entry = match entry {
        Happened::Decision(Decision { listed, .. }) => {
            let row = decision_row(listed);
            // who of staff acted is for staff
            let actor = row.actor.clone().filter(|_| is_staff);
            HistoryEntry::Decision(Box::new(DecisionRow { actor, ..row }))
        }
        Happened::Delivery(delivery) => HistoryEntry::Delivery {
            kind: kind(&delivery.kind),
            id: delivery.id,
            outcome: delivery.outcome,
            of_another: delivery.of_another,
        },
        Happened::Resync(Resynced { run, change, outcome, .. }) => {
            HistoryEntry::Resync { run, change, outcome }
        }
        Happened::Group(OfUser { group_id, name, joined, .. }) => HistoryEntry::Group {
            name: ExternalText::or_id(name.as_deref().unwrap_or_default(), &group_id),
            group: GroupId::new(group_id),
            joined,
        },
        Happened::Action(entry) => HistoryEntry::Action(Box::new(shown(*entry, is_staff))),
    };
    HistoryRow { key, entry }
}

/// The type of a delivery. A type may contain any text, even an address of another person.
fn kind(kind: &str) -> Option<ExternalText> {
    let shown = if body::is_kind(kind) { kind } else { HIDDEN };
    (!kind.is_empty()).then(|| ExternalText::new(shown))
}
