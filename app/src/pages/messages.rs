//! The outbox: the messages that wait, left, were given up, or had nothing to say. Staff only.

use domain::{
    organization::{SeatLimit, grouped},
    time::Timestamp,
};
use leptos::prelude::*;
use views::{
    alerts::Fate,
    messages::{MessageRow, MessagesPage, MessagesQuery, ShowMessages},
};

use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        empty_state::EmptyState,
        page_data::loaded,
        page_header::PageHeader,
        pagination::{KeysetPagination, KeysetWords},
        relative_time::RelativeTime,
        segmented_links::{SegmentedLink, SegmentedLinks},
        table::{Heading, Table},
        words::words,
    },
    pages::alerts::{fate_words, recipient},
    paths,
    query::Query,
    server_fns::{SendAgain, load_messages},
};

#[component]
pub fn Messages() -> impl IntoView {
    let asked = Query::of_request();
    let query: MessagesQuery = asked.read();
    let refused = asked.refusal(SeatLimit::NotSet).map(|refusal| refusal.to_string());
    let asking = query.clone();
    loaded(
        move || load_messages(asking.clone()),
        move |_, page| {
            view! { <Page page query=query.clone() refused=refused.clone() /> }.into_any()
        },
    )
}

#[component]
fn Page(page: MessagesPage, query: MessagesQuery, refused: Option<String>) -> impl IntoView {
    let MessagesPage { rows, page, waiting, failed, has_mail_server, now } = page;
    let refused = refused.map(|title| {
        view! {
            <Banner tone=Tone::Broken title=title>
                "Nothing was changed."
            </Banner>
        }
    });
    let parked = (!has_mail_server && waiting > 0).then(|| {
        let title = format!("{} wait for a mail server", counted(waiting));
        view! {
            <Banner tone=Tone::Act title=title>
                "Set SMTP_URL and start Seatkeeper again. Nothing is lost until then."
            </Banner>
        }
    });
    let again = (failed > 0).then(|| view! { <SendAllAgain failed /> });
    let choices = ShowMessages::ALL.map(|show| SegmentedLink {
        word: match show {
            ShowMessages::All => "All",
            ShowMessages::Failed => "Given up",
            ShowMessages::Waiting => "Waiting",
            ShowMessages::Sent => "Sent",
            ShowMessages::Dropped => "Not sent",
        },
        count: match show {
            ShowMessages::Failed => Some(grouped(failed)),
            ShowMessages::Waiting => Some(grouped(waiting)),
            ShowMessages::All | ShowMessages::Sent | ShowMessages::Dropped => None,
        },
        href: paths::messages(&MessagesQuery { show, before: None }),
        chosen: show == query.show,
    });
    let list = if rows.is_empty() && page.is_first() {
        view! { <Empty show=query.show /> }.into_any()
    } else {
        let says = KeysetWords::of(&page, rows.len(), ("message", "messages"));
        let show = query.show;
        let path = move |before| paths::messages(&MessagesQuery { show, before });
        view! {
            <Rows rows now />
            <KeysetPagination page words=says path />
        }
        .into_any()
    };
    view! {
        <PageHeader title="Messages" sentence=sentence(waiting, failed)>
            <a class="button button--quiet" href=paths::PREVIEWS>
                "Preview the e-mails"
            </a>
        </PageHeader>
        <Banners>{refused} {parked}</Banners>
        <div class="filters">
            <SegmentedLinks label="Show" choices=choices.into() />
        </div>
        {again}
        {list}
    }
}

fn counted(number: i64) -> String {
    format!("{} {}", grouped(number), if number == 1 { "message" } else { "messages" })
}

fn sentence(waiting: i64, failed: i64) -> String {
    match (waiting, failed) {
        (0, 0) => "E-mails and Slack posts. All have left.".to_owned(),
        (waiting, 0) => format!("E-mails and Slack posts. {} to be sent.", waits(waiting)),
        (0, failed) => format!("{} given up.", was(failed)),
        (waiting, failed) => format!("{} given up, {} to be sent.", was(failed), waits(waiting)),
    }
}

fn was(number: i64) -> String {
    format!("{} {}", counted(number), if number == 1 { "was" } else { "were" })
}

fn waits(number: i64) -> String {
    format!("{} {}", grouped(number), if number == 1 { "waits" } else { "wait" })
}

#[component]
fn SendAllAgain(failed: i64) -> impl IntoView {
    let action = ServerAction::<SendAgain>::new();
    let verb = match failed {
        1 => "Send the one that was given up again".to_owned(),
        n => format!("Send all {} again", grouped(n)),
    };
    view! {
        <section class="card" aria-label="Send again">
            <p>
                "A message is given up when the mail server says that it will never take it, for example because the address does not exist. Fix the cause first."
            </p>
            <ActionForm action attr:class="replaying__form">
                <input type="hidden" name="id" value="all" />
                <button class="button button--main" type="submit">
                    {verb}
                </button>
            </ActionForm>
        </section>
    }
}

#[component]
fn Empty(show: ShowMessages) -> impl IntoView {
    let title = match show {
        ShowMessages::All => "No message yet",
        ShowMessages::Failed => "No message was given up",
        ShowMessages::Waiting => "No message waits",
        ShowMessages::Sent => "No message was sent yet",
        ShowMessages::Dropped => "Every message was sent",
    };
    view! {
        <EmptyState title=title>
            "When an alert opens, each of its recipients gets a message. It is here until retention removes it."
        </EmptyState>
    }
}

#[component]
fn Rows(rows: Vec<MessageRow>, now: Timestamp) -> impl IntoView {
    let rows = rows.into_iter().map(|row| view! { <Row row now /> }).collect_view();
    view! {
        <Table label="Messages">
            <thead>
                <tr>
                    <Heading word="Message" />
                    <th scope="col" class="wide">
                        "To"
                    </th>
                    <Heading word="State" />
                    <Heading word="Written" number=true wide=true />
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Row(row: MessageRow, now: Timestamp) -> impl IntoView {
    let MessageRow { id, organization, title, created_at, due_at, attempts, fate } = row;
    let (id, row_id) = (id.to_string(), id.to_string());
    let organization = organization.map(|(id, name)| {
        view! {
            <span class="sub">
                <a href=paths::organization(&id)>{words(&name)}</a>
            </span>
        }
    });
    let next = matches!(fate.fate, Fate::Waits(Some(_))).then(|| {
        let next = if due_at > now { due_at.exact() } else { "now".to_owned() };
        let attempts = match attempts {
            1 => "1 attempt".to_owned(),
            n => format!("{} attempts", grouped(n)),
        };
        view! { <span class="sub">{format!("{attempts}, next: {next}")}</span> }
    });
    let again = matches!(fate.fate, Fate::Failed(..)).then(|| {
        let action = ServerAction::<SendAgain>::new();
        view! {
            <ActionForm action>
                <input type="hidden" name="id" value=id />
                <button class="button button--quiet" type="submit">
                    "Send again"
                </button>
            </ActionForm>
        }
    });
    let (to, narrow_to) = (recipient(&fate), recipient(&fate));
    view! {
        <tr class="row" id=row_id>
            <th scope="row" class="row__name">
                {words(&title)}
                {organization}
                <span class="narrow sub">{narrow_to}</span>
            </th>
            <td class="wide">{to}</td>
            <td>{fate_words(fate.fate, now)} {next} {again}</td>
            <td class="wide number quiet">
                <RelativeTime at=created_at now />
            </td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_says_whether_a_person_must_act() {
        assert_eq!(sentence(0, 0), "E-mails and Slack posts. All have left.");
        assert_eq!(sentence(3, 0), "E-mails and Slack posts. 3 wait to be sent.");
        assert_eq!(sentence(0, 1), "1 message was given up.");
        assert_eq!(sentence(1, 2), "2 messages were given up, 1 waits to be sent.");
    }
}
