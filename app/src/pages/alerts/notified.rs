//! Who was notified of an alert, by which channel, and with what result.

use domain::{
    alert::{Channel, Notice},
    organization::grouped,
    text::ExternalText,
    time::Timestamp,
};
use leptos::prelude::*;
use views::alerts::{AlertRow, Fate, MessageFate};

use crate::components::{relative_time::RelativeTime, words::words};

#[component]
pub(super) fn Notified(row: AlertRow, now: Timestamp) -> impl IntoView {
    let summary = summary(&row);
    if row.messages.is_empty() {
        return view! { <span class="quiet">{summary}</span> }.into_any();
    }
    let has_more = row.has_more;
    let messages = row.messages.into_iter().map(|message| {
        let to = recipient(&message);
        let (name, sent) = (message.message.name(), sent_at(&message.fate));
        let about = sent.map_or_else(|| name.to_owned(), |at| format!("{name}, {}", at.exact()));
        view! { <li>{to} " · " {fate_words(message.fate, now)} <span class="sub">{about}</span></li> }
    });
    let more = has_more.then(|| view! { <li class="quiet">"and more"</li> });
    view! {
        <details class="notified row__other">
            <summary>{summary}</summary>
            <ul class="notified__list">{messages.collect_view()} {more}</ul>
        </details>
    }
    .into_any()
}

pub fn recipient(message: &MessageFate) -> AnyView {
    match (message.channel, &message.recipient) {
        (Channel::Email, Some(recipient)) if message.is_former => view! {
            {words(recipient)}
            " (no longer an admin)"
        }
        .into_any(),
        (Channel::Email, Some(recipient)) => words(recipient).into_any(),
        // a tenant does not learn which
        (Channel::Email, None) => "Staff, or an earlier recipient".into_any(),
        (Channel::Slack, None) => "Slack".into_any(),
        (Channel::Slack, Some(_)) => "Slack of staff".into_any(),
    }
}

fn sent_at(fate: &Fate) -> Option<Timestamp> {
    match fate {
        Fate::Sent(at) => Some(*at),
        Fate::Waits(_) | Fate::Failed(..) | Fate::Dropped(..) => None,
    }
}

/// What became of a message: `sent 5 min ago`.
pub fn fate_words(fate: Fate, now: Timestamp) -> AnyView {
    let because = |why: ExternalText| view! { <span class="sub">{words(&why)}</span> };
    match fate {
        Fate::Sent(at) => view! {
            "sent "
            <RelativeTime at now />
        }
        .into_any(),
        Fate::Waits(why) => view! {
            "waits"
            {why.map(because)}
        }
        .into_any(),
        Fate::Failed(at, why) => view! {
            "given up "
            <RelativeTime at now />
            {because(why)}
        }
        .into_any(),
        Fate::Dropped(at, why) => view! {
            "not sent, "
            <RelativeTime at now />
            {because(why)}
        }
        .into_any(),
    }
}

/// `2 messages sent, 1 not sent yet`
fn summary(row: &AlertRow) -> String {
    let no_message = match row.notice {
        Notice::Covered => Some("No: a more urgent alert was sent instead"),
        Notice::Suppressed => Some("No: a replay without messages opened it"),
        Notice::Owed if row.resolved_at.is_some() => Some("No: no account could get it"),
        Notice::Owed => Some("Not yet: no account could get it"),
        Notice::Sent if row.messages.is_empty() => Some("Yes; the record was removed"),
        Notice::Sent => None,
    };
    if let Some(words) = no_message.filter(|_| row.messages.is_empty()) {
        return words.to_owned();
    }
    let count = |is: fn(&Fate) -> bool| row.messages.iter().filter(|one| is(&one.fate)).count();
    let parts = [
        (count(|fate| matches!(fate, Fate::Sent(_))), "sent"),
        (count(|fate| matches!(fate, Fate::Waits(_))), "not sent yet"),
        (count(|fate| matches!(fate, Fate::Failed(..))), "given up"),
        (count(|fate| matches!(fate, Fate::Dropped(..))), "not sent"),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0).enumerate();
    let more = if row.has_more { "+" } else { "" };
    let part = |(at, (number, what)): (usize, (usize, &str))| {
        // the first number says of what
        let noun = match (at, number) {
            (0, 1) if !row.has_more => " message",
            (0, _) => " messages",
            _ => "",
        };
        format!("{}{more}{noun} {what}", grouped(i64::try_from(number).unwrap_or(i64::MAX)))
    };
    parts.map(part).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use domain::{
        alert::{AlertKind, Message},
        id::AlertId,
    };

    use super::*;

    fn row(notice: Notice, fates: Vec<Fate>) -> AlertRow {
        let message = |fate| MessageFate {
            message: Message::Opened(AlertKind::OverLimit),
            channel: Channel::Email,
            recipient: None,
            is_former: false,
            fate,
        };
        AlertRow {
            id: AlertId::new("alr_1"),
            organization: None,
            kind: Message::Opened(AlertKind::OverLimit),
            title: "Over the limit".to_owned(),
            opened_at: Timestamp::from_nanos(0),
            resolved_at: None,
            notice,
            messages: fates.into_iter().map(message).collect(),
            has_more: false,
            is_unread: false,
        }
    }

    #[test]
    fn the_summary_says_how_many_were_notified_or_why_no_one_was() {
        let at = Timestamp::from_nanos(0);
        let failed = Fate::Failed(at, ExternalText::new("no such user"));
        let fates = vec![Fate::Sent(at), Fate::Sent(at), Fate::Waits(None), failed];
        assert_eq!(
            summary(&row(Notice::Sent, fates)),
            "2 messages sent, 1 not sent yet, 1 given up"
        );
        assert_eq!(summary(&row(Notice::Sent, vec![Fate::Waits(None)])), "1 message not sent yet");
        assert_eq!(
            summary(&row(Notice::Covered, vec![])),
            "No: a more urgent alert was sent instead"
        );
        assert_eq!(summary(&row(Notice::Owed, vec![])), "Not yet: no account could get it");
        assert_eq!(summary(&row(Notice::Sent, vec![])), "Yes; the record was removed");
    }
}
