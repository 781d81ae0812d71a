//! The start page of the staff: what needs a decision, the most urgent first. On a new installation
//! also what is left until the gate works.

use domain::{
    condition::Condition,
    event,
    organization::{grouped, people},
};
use leptos::prelude::*;
use views::{
    OverviewQuery,
    start::{Checklist, Decision, SetUpStep, StartPage},
};

use crate::{
    components::{
        id::Id,
        page_data::loaded,
        page_header::{PageHeader, Section},
        test_email::TestEmail,
    },
    paths,
    server_fns::load_start,
};

#[component]
pub fn Start() -> impl IntoView {
    loaded(load_start, |_, page| view! { <Page page /> }.into_any())
}

#[component]
fn Page(page: StartPage) -> impl IntoView {
    let StartPage { decisions, organizations, checklist } = page;
    let sentence = sentence(decisions.len(), checklist.as_ref());
    let is_calm = decisions.is_empty() && checklist.is_none();
    let calm = is_calm.then(|| {
        let words = match organizations {
            1 => "Your one organization has room, and everything works.".to_owned(),
            n => format!("All {} organizations have what they need.", grouped(n)),
        };
        view! {
            <div class="calm-start">
                <svg viewBox="0 0 24 24" width="28" height="28" aria-hidden="true">
                    <circle cx="12" cy="12" r="10.500" />
                    <path d="M7 12.500l3.500 3.500 6.500-7" />
                </svg>
                <p>{words} " " <a href=paths::ORGANIZATIONS>"See the organizations"</a> "."</p>
            </div>
        }
    });
    let list = (!decisions.is_empty()).then(|| {
        let rows = decisions.into_iter().map(|decision| view! { <Row decision /> });
        view! { <ul class="to-decide">{rows.collect_view()}</ul> }
    });
    view! {
        <PageHeader title="Start" sentence />
        {list}
        {calm}
        {checklist.map(|checklist| view! { <Steps checklist /> })}
    }
}

fn sentence(decisions: usize, checklist: Option<&Checklist>) -> String {
    let decisions = match decisions {
        0 => "Nothing needs a decision.".to_owned(),
        1 => "One thing needs a decision.".to_owned(),
        n => format!("{n} things need a decision, the most urgent first."),
    };
    match checklist.map(|checklist| checklist.left.len()) {
        None => decisions,
        Some(1) => format!("{decisions} One step is left until everything works."),
        Some(left) => format!("{decisions} {left} steps are left until everything works."),
    }
}

/// How bad it is, for the mark beside a decision.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Severity {
    Broken,
    Act,
    Look,
}

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Act => "act",
            Self::Look => "look",
        }
    }
}

/// A decision in words: what is so, what to do, and where.
struct Said {
    severity: Severity,
    /// The number before the sentence; `None`: there is nothing to count.
    count: Option<String>,
    what: String,
    next: &'static str,
    to: (&'static str, String),
}

#[component]
fn Row(decision: Decision) -> impl IntoView {
    let Said { severity, count, what, next, to: (action, href) } = said(decision);
    view! {
        <li class="to-decide__one" data-severity=severity.word()>
            <a class="to-decide__link" href=href>
                <span class="to-decide__words">
                    <span class="to-decide__what">
                        {count
                            .map(|count| {
                                view! {
                                    <b>{count}</b>
                                    " "
                                }
                            })}{what}
                    </span>
                    <span class="to-decide__next">{next}</span>
                </span>
                <span class="to-decide__action">{action} " →"</span>
            </a>
        </li>
    }
}

fn said(decision: Decision) -> Said {
    let filtered = |condition| {
        let query = OverviewQuery { condition: Some(condition), ..OverviewQuery::default() };
        ("Show them", paths::overview(&query))
    };
    let (severity, (count, what), next, to) = match decision {
        Decision::NotReady => (
            Severity::Broken,
            (None, "Seatkeeper cannot do its work.".to_owned()),
            "Until this is fixed, load balancers send deliveries to other servers.",
            ("See why", paths::SYSTEM.to_owned()),
        ),
        Decision::Violations(n) => (
            Severity::Broken,
            counted(
                n,
                "stored number does not match its rows.",
                "stored numbers do not match their rows.",
            ),
            "Do not trust the numbers of these organizations until it is explained.",
            ("Show them", paths::SYSTEM.to_owned()),
        ),
        Decision::Waiting { organizations, people: waiting } => {
            let (one, many) =
                ("organization has people waiting", "organizations have people waiting");
            let (count, words) = counted(organizations, one, many);
            let what = format!("{words}: {} {}.", grouped(waiting), people(waiting));
            let next = "They get in with a higher limit, or when seats are free.";
            (Severity::Act, (count, what), next, filtered(Condition::Waiting))
        }
        Decision::Over(n) => (
            Severity::Act,
            counted(n, "organization is over its limit.", "organizations are over their limits."),
            "No person loses a seat. Talk about the plan, or free seats.",
            filtered(Condition::Over),
        ),
        Decision::Requests(n) => (
            Severity::Act,
            counted(n, "seat request waits for an answer.", "seat requests wait for an answer."),
            "Approve, decline, or ask back.",
            ("Answer", paths::REQUESTS.to_owned()),
        ),
        Decision::Proposals(n) => (
            Severity::Act,
            counted(
                n,
                "large change of a limit waits for you.",
                "large changes of limits wait for you.",
            ),
            "A colleague proposes it; a second person approves or rejects it.",
            ("Decide", paths::REQUESTS.to_owned()),
        ),
        Decision::FailedDeliveries(n) => (
            Severity::Broken,
            counted(n, "delivery failed.", "deliveries failed."),
            "What it says about people is not applied until it is replayed.",
            ("Look and replay", paths::DEAD_LETTERS.to_owned()),
        ),
        Decision::Trouble(n) => (
            Severity::Act,
            counted(n, "organization has trouble.", "organizations have trouble."),
            "A directory is off, a resync failed or waits for a yes, or a channel takes nothing.",
            filtered(Condition::Trouble),
        ),
        Decision::LimitNotSet(n) => (
            Severity::Look,
            counted(n, "organization has no limit yet.", "organizations have no limit yet."),
            "Until a limit is set, every person waits.",
            filtered(Condition::LimitNotSet),
        ),
        Decision::MessagesGivenUp(n) => (
            Severity::Look,
            counted(n, "message was given up.", "messages were given up."),
            "Their recipients do not know what happened.",
            ("See which", paths::MESSAGES.to_owned()),
        ),
        Decision::ChannelFailing => (
            Severity::Act,
            (None, "E-mail or Slack takes no messages.".to_owned()),
            "Messages wait and are tried again; alerts do not reach all people meanwhile.",
            ("See what waits", paths::MESSAGES.to_owned()),
        ),
    };
    Said { severity, count, what, next, to }
}

/// The number, and the words for one or for more.
fn counted(count: i64, one: &str, many: &str) -> (Option<String>, String) {
    let number = if count >= StartPage::MOST {
        format!("{} or more", grouped(count))
    } else {
        grouped(count)
    };
    (Some(number), if count == 1 { one } else { many }.to_owned())
}

/// From an empty installation to a gate that works.
#[component]
fn Steps(checklist: Checklist) -> impl IntoView {
    let Checklist { webhook_url, left } = checklist;
    let is_left = |step| left.contains(&step);
    let is_local = ["http://127.", "http://localhost", "http://[::1]"]
        .iter()
        .any(|start| webhook_url.starts_with(start));
    let webhook = is_left(SetUpStep::Webhook).then(|| {
        let kinds = event::KINDS.map(|kind| view! {
            <li>
                <code>{kind}</code>
            </li>
        });
        view! {
            <p>
                "In Scalekit’s dashboard, add a webhook endpoint with this address. This page shows the first delivery by itself."
            </p>
            <p class="step__address">
                <Id text=webhook_url whole=true />
            </p>
            {is_local
                .then(|| {
                    view! {
                        <p>
                            "Scalekit reaches public addresses alone, and this is one of this machine: set "
                            <code>"SEATKEEPER_PUBLIC_URL"</code>
                            " to the address that other machines use, and start again."
                        </p>
                    }
                })}
            <details class="step__more">
                <summary>"The events to choose"</summary>
                <ul class="step__kinds">{kinds.collect_view()}</ul>
            </details>
        }
        .into_any()
    });
    let credentials = is_left(SetUpStep::Credentials).then(|| {
        view! {
            <p>
                "Set " <code>"SCALEKIT_ENVIRONMENT_URL"</code> ", "
                <code>"SCALEKIT_CLIENT_ID"</code> " and " <code>"SCALEKIT_CLIENT_SECRET"</code>
                " and start again. Then a resync finds the people that no webhook named."
            </p>
        }
        .into_any()
    });
    let mail = is_left(SetUpStep::MailServer).then(|| {
        view! {
            <p>
                "Set " <code>"SMTP_URL"</code>
                " and start again. Until then e-mails wait, and none is lost."
            </p>
        }
        .into_any()
    });
    let limit = is_left(SetUpStep::Limit).then(|| {
        view! {
            <p>
                "An organization appears with its first webhook; its people wait until its limit is set. You can also "
                <a href=paths::NEW_ORGANIZATION>"add one with its limit"</a> "."
            </p>
        }
        .into_any()
    });
    view! {
        <Section title="Set up">
            <ol class="steps">
                <Step word="A staff account" />
                <Step word="The secret of the webhooks" />
                <Step word="The first webhook" how=webhook />
                <Step word="Credentials for Scalekit’s API" how=credentials />
                <Step word="A mail server" how=mail>
                    <TestEmail />
                </Step>
                <Step word="The first seat limit" how=limit />
            </ol>
        </Section>
    }
}

/// `how` says what to do; `None`: the step is done. The children try whether it works then.
#[component]
fn Step(
    word: &'static str,
    #[prop(optional_no_strip)] how: Option<AnyView>,
    #[prop(optional)] children: Option<ChildrenFn>,
) -> impl IntoView {
    let is_done = how.is_none();
    let tries = children.filter(|_| is_done).map(|children| children());
    let state = if is_done { "Done" } else { "To do" };
    view! {
        <li class="step" data-done=is_done.then_some("yes")>
            <svg
                class="step__mark"
                viewBox="0 0 16 16"
                width="18"
                height="18"
                role="img"
                aria-label=state
            >
                <circle cx="8" cy="8" r="6.500" />
                {is_done.then(|| view! { <path d="M5 8.300l2.200 2.200 3.800-4.600" /> })}
            </svg>
            <div class="step__text">
                <h3 class="step__word">{word}</h3>
                {how}
                {tries}
            </div>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decision_says_what_to_do_and_where() {
        for decision in [
            Decision::NotReady,
            Decision::Violations(1),
            Decision::Waiting { organizations: 2, people: 1_209 },
            Decision::Over(1),
            Decision::Requests(2),
            Decision::Proposals(1),
            Decision::FailedDeliveries(StartPage::MOST),
            Decision::Trouble(1),
            Decision::LimitNotSet(3),
            Decision::MessagesGivenUp(1),
            Decision::ChannelFailing,
        ] {
            let Said { what, next, to: (action, href), .. } = said(decision);
            assert!(what.ends_with('.') && next.ends_with('.'), "{what} {next}");
            assert!(!action.is_empty() && href.starts_with('/'), "{action} {href}");
        }
    }

    #[test]
    fn numbers_have_their_words() {
        let words = |decision| {
            let Said { count, what, .. } = said(decision);
            format!("{} {what}", count.unwrap_or_default())
        };
        let waiting = Decision::Waiting { organizations: 7, people: 1_209 };
        assert_eq!(words(waiting), "7 organizations have people waiting: 1,209 people.");
        assert_eq!(words(Decision::Over(1)), "1 organization is over its limit.");
        let most = Decision::FailedDeliveries(StartPage::MOST);
        assert_eq!(words(most), "1,000 or more deliveries failed.");
        assert_eq!(sentence(0, None), "Nothing needs a decision.");
        assert_eq!(sentence(2, None), "2 things need a decision, the most urgent first.");
    }
}
