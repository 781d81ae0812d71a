//! The system page for staff: what needs attention first, then the numbers of this installation.

use domain::{
    organization::{grouped, people},
    text::ExternalText,
    time::Timestamp,
};
use leptos::prelude::*;
use views::system::{
    CheckSeen, Deliveries, Emails, EventLog, Retention, Setup, SystemPage, ViolationRow,
};

use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        description_list::{DescriptionList, Entry},
        page_data::loaded,
        page_header::{PageHeader, Section},
        relative_time::RelativeTime,
        test_email::TestEmail,
        words::words,
    },
    paths,
    server_fns::load_system,
};

#[component]
pub fn System() -> impl IntoView {
    loaded(load_system, |_, page| view! { <Page page /> }.into_any())
}

#[component]
fn Page(page: SystemPage) -> impl IntoView {
    let now = page.now;
    let sentence = sentence(&page);
    let problems = page.problems.into_iter().map(|line| {
        view! {
            <Banner tone=Tone::Broken title=line>
                "Until this is fixed, load balancers send deliveries to other servers."
            </Banner>
        }
    });
    view! {
        <PageHeader title="System" sentence />
        <Banners>{problems.collect_view()}</Banners>
        <Invariants violations=page.violations check=page.check minutes=page.check_minutes now />
        <div class="halves">
            <Inbox
                deliveries=page.deliveries
                log=page.event_log
                directory_api=page.setup.directory_api
                now
            />
            <Outbox emails=page.emails setup=page.setup.clone() now />
            <Bodies retention=page.retention now />
            <Installation setup=page.setup now />
        </div>
    }
}

/// The sentence under the title: what needs attention, or that nothing does.
fn sentence(page: &SystemPage) -> String {
    let things = things(page);
    match things.as_slice() {
        [] => "Nothing needs your attention.".to_owned(),
        [one] => format!("One thing needs your attention: {one}."),
        [others @ .., last] => format!(
            "{} things need your attention: {} and {last}.",
            things.len(),
            others.join(", ")
        ),
    }
}

fn things(page: &SystemPage) -> Vec<String> {
    let said = |holds: bool, what: &str| holds.then(|| what.to_owned());
    let rules = match page.violations.len() {
        0 => None,
        1 => Some("a rule does not hold".to_owned()),
        n => Some(format!("{n} rules do not hold")),
    };
    let parked = page.setup.mail_server.is_none() && page.emails.waiting > 0;
    [
        said(!page.problems.is_empty(), "this process cannot do its work"),
        rules,
        said(page.deliveries.dead > 0, "there are dead letters"),
        said(page.event_log.error.is_some(), "Scalekit’s event log cannot be read"),
        said(page.emails.given_up > 0, "e-mails were given up"),
        said(page.emails.is_failing, "the mail server takes no e-mails"),
        said(parked, "e-mails wait until a mail server is set"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[component]
fn Invariants(
    violations: Vec<ViolationRow>,
    check: Option<CheckSeen>,
    minutes: i64,
    now: Timestamp,
) -> impl IntoView {
    let every = if minutes == 1 {
        "Every minute.".to_owned()
    } else {
        format!("Every {} minutes.", grouped(minutes))
    };
    let seen = match check {
        None => view! { <p class="calm">"Not checked yet."</p> }.into_any(),
        Some(CheckSeen { at, organizations, people: counted }) => {
            let counted = format!(
                "{} {} in {} {} counted again, ",
                grouped(counted),
                people(counted),
                grouped(organizations),
                if organizations == 1 { "organization" } else { "organizations" }
            );
            let holds = violations.is_empty().then_some("Every stored number matches its rows. ");
            view! { <p class="calm">{holds}{counted}<RelativeTime at now />"."</p> }.into_any()
        }
    };
    let list = (!violations.is_empty()).then(|| {
        let rows = violations.into_iter().map(|row| view! { <Violation row now /> });
        view! { <ul class="violations">{rows.collect_view()}</ul> }
    });
    view! {
        <Section title="Checks" note=every>
            {list}
            {seen}
        </Section>
    }
}

#[component]
fn Violation(row: ViolationRow, now: Timestamp) -> impl IntoView {
    let ViolationRow { organization, sentence, since } = row;
    let about = organization.map(|id| {
        view! {
            <a href=paths::organization(&id)>{words(ExternalText::new(id.as_str()))}</a>
            ": "
        }
    });
    let sentence = ExternalText::sentence(&sentence);
    view! {
        <li class="violation">
            <span class="violation__what">{about}{words(&sentence)}</span>
            <span class="violation__since">"Since "<RelativeTime at=since now /></span>
        </li>
    }
}

#[component]
fn Inbox(
    deliveries: Deliveries,
    log: EventLog,
    directory_api: bool,
    now: Timestamp,
) -> impl IntoView {
    let Deliveries { last_at, waiting, outcomes, refused, dead } = deliveries;
    let total: i64 = outcomes.iter().map(|(_, count)| count).sum();
    let day =
        if total >= SystemPage::MOST { "Newest of the last 24 hours" } else { "Last 24 hours" };
    let last = last_at
        .map_or_else(|| "None yet".into_any(), |at| view! { <RelativeTime at now /> }.into_any());
    let outcomes = outcomes.into_iter().map(|(outcome, count)| {
        view! {
            <Entry word=outcome.as_str() sub=true>
                {grouped(count)}
            </Entry>
        }
    });
    let refused_total: i64 = refused.iter().map(|(_, count)| count).sum();
    let refused = refused.into_iter().map(|(why, count)| {
        view! {
            <Entry word=why sub=true>
                {grouped(count)}
            </Entry>
        }
    });
    let dead_words = if dead == 0 {
        "None".into_any()
    } else {
        view! { <a href=paths::DEAD_LETTERS>{at_most(dead)}</a> }.into_any()
    };
    view! {
        <Section title="Deliveries">
            <DescriptionList>
                <Entry word="Last received">{last}</Entry>
                <Log log directory_api now />
                <Entry word="Waiting for a commit">{grouped(waiting)}</Entry>
                <Entry word="Dead letters" act={dead > 0}>
                    {dead_words}
                </Entry>
                <Entry word=day>{at_most(total)}</Entry>
                {outcomes.collect_view()}
                <Entry word="Refused since the start">{grouped(refused_total)}</Entry>
                {refused.collect_view()}
            </DescriptionList>
        </Section>
    }
}

/// Whether deliveries may be missing: when Scalekit's event log was last checked, and what the last
/// backfill found.
#[component]
fn Log(log: EventLog, directory_api: bool, now: Timestamp) -> impl IntoView {
    let checked = match log.checked_at {
        Some(at) => view! { <RelativeTime at now /> }.into_any(),
        None if directory_api => "Not yet: checked after a time without webhooks".into_any(),
        None => "Never: no credentials for Scalekit’s API".into_any(),
    };
    let closed = log.closed_at.map(|at| {
        let how = if log.by_resync {
            "by comparing all people, ".to_owned()
        } else {
            format!(
                "{} {} found, ",
                grouped(log.found),
                if log.found == 1 { "event" } else { "events" }
            )
        };
        view! {
            <Entry word="Gap closed" sub=true>
                {how}
                <RelativeTime at now />
            </Entry>
        }
    });
    let trouble = log.error.map(|(code, message)| {
        let text = ExternalText::sentence(&format!("{message} ({code})"));
        view! {
            <Entry word="Event log" act=true>
                {words(&text)}
            </Entry>
        }
    });
    view! {
        <Entry word="Event log checked for gaps">{checked}</Entry>
        {closed}
        {trouble}
    }
}

#[component]
fn Outbox(emails: Emails, setup: Setup, now: Timestamp) -> impl IntoView {
    let Emails { waiting, oldest_due, given_up, last_trouble, .. } = emails;
    let parked = setup.mail_server.is_none();
    let server = setup
        .mail_server
        .unwrap_or_else(|| "Not set: e-mails wait until a mail server is set".to_owned());
    let oldest = oldest_due.map(|at| {
        view! {
            <Entry word="Oldest due">
                <RelativeTime at now />
            </Entry>
        }
    });
    let trouble =
        last_trouble.map(|trouble| view! { <Entry word="Last error">{trouble.sentence()}</Entry> });
    view! {
        <Section title="E-mails">
            <DescriptionList>
                <Entry word="Mail server">{server}</Entry>
                <Entry word="Waiting to be sent" act={parked && waiting > 0}>
                    {at_most(waiting)}
                </Entry>
                {oldest}
                <Entry word="Given up" act={given_up > 0}>
                    {at_most(given_up)}
                </Entry>
                {trouble}
            </DescriptionList>
            {(!parked).then(|| view! { <TestEmail /> })}
        </Section>
    }
}

#[component]
fn Bodies(retention: Retention, now: Timestamp) -> impl IntoView {
    let Retention { days, until, removed } = retention;
    let kept = match days {
        None => "Forever".to_owned(),
        Some(1) => "1 day, dead letters too".to_owned(),
        Some(days) => format!("{} days, dead letters too", grouped(days)),
    };
    let until = until.map(|at| {
        view! {
            <Entry word="Removed up to">
                <RelativeTime at now />
            </Entry>
        }
    });
    view! {
        <Section title="Raw bodies">
            <DescriptionList>
                <Entry word="Kept">{kept}</Entry>
                <Entry word="Removed so far">{grouped(removed)}</Entry>
                {until}
            </DescriptionList>
        </Section>
    }
}

#[component]
fn Installation(setup: Setup, now: Timestamp) -> impl IntoView {
    let api = if setup.directory_api { "Credentials set" } else { "No credentials: no resync" };
    view! {
        <Section title="Installation">
            <DescriptionList>
                <Entry word="Database">{format!("{}, answers", setup.engine)}</Entry>
                <Entry word="Directory API">{api}</Entry>
                <Entry word="Version">{setup.version}</Entry>
                <Entry word="Started">
                    <RelativeTime at=setup.started_at now />
                </Entry>
            </DescriptionList>
        </Section>
    }
}

/// The count ends at a maximum, and the text says so.
fn at_most(count: i64) -> String {
    if count >= SystemPage::MOST {
        format!("{} or more", grouped(SystemPage::MOST))
    } else {
        grouped(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> SystemPage {
        let now = Timestamp::from_seconds(1_790_000_000);
        SystemPage {
            problems: Vec::new(),
            violations: Vec::new(),
            check: None,
            check_minutes: 5,
            deliveries: Deliveries {
                last_at: None,
                waiting: 0,
                outcomes: Vec::new(),
                refused: Vec::new(),
                dead: 0,
            },
            event_log: EventLog::default(),
            emails: Emails {
                waiting: 0,
                oldest_due: None,
                given_up: 0,
                is_failing: false,
                last_trouble: None,
            },
            retention: Retention { days: None, until: None, removed: 0 },
            setup: Setup {
                engine: "SQLite".to_owned(),
                version: "1".to_owned(),
                started_at: now,
                mail_server: None,
                directory_api: true,
            },
            now,
        }
    }

    #[test]
    fn what_needs_a_look_is_named() {
        let mut page = page();
        assert_eq!(sentence(&page), "Nothing needs your attention.");

        page.emails.waiting = 3;
        assert_eq!(
            sentence(&page),
            "One thing needs your attention: e-mails wait until a mail server is set."
        );

        page.deliveries.dead = 1;
        page.violations =
            vec![ViolationRow { organization: None, sentence: String::new(), since: page.now }; 2];
        assert_eq!(
            sentence(&page),
            "3 things need your attention: 2 rules do not hold, there are dead letters and e-mails wait until a mail server is set."
        );
    }
}
