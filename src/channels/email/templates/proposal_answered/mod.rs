//! What became of a proposed change of a seat limit: to the person who proposed it.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email, ProposedLimit,
    asked::lines,
    picture::Picture,
    words::{one_line, plan, preferences},
    written,
};
use crate::domain::{
    limit_proposal::{ProposalAnswer, ProposalState},
    text::ExternalText,
};

/// A proposal was approved, rejected or withdrawn, or it has expired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalAnswered {
    pub proposed: ProposedLimit,
    pub state: ProposalState,
    pub answer: ProposalAnswer,
}

impl ProposalAnswered {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let (proposed, answer) = (&self.proposed, &self.answer);
        let (name, by) = (proposed.called(), one_line(&answer.by));
        let limit = proposed.limit;
        let headline = match self.state {
            ProposalState::Approved => format!("{by} approved {limit}"),
            ProposalState::Rejected => format!("{by} rejected {limit}"),
            ProposalState::Expired => format!("The proposal of {limit} expired"),
            ProposalState::Open | ProposalState::Withdrawn => {
                format!("The proposal of {limit} ended")
            }
        };
        let content = Content {
            preferences: preferences(public_url, Audience::Staff),
            plan: plan(&proposed.usage),
            quote: if answer.text.is_empty() { Vec::new() } else { lines(&answer.text) },
            quoted: Some(by).filter(|_| !answer.text.is_empty()),
            picture: Picture::of(&proposed.usage),
            next: match self.state {
                ProposalState::Approved => "The new limit applies now.",
                _ => "The limit was not changed. You can propose it again.",
            },
            link: proposed.link(public_url),
            headline: &headline,
            name: &name,
        };
        let said = match answer.text.as_str() {
            "" => String::new(),
            text => format!(" “{}”", ExternalText::sentence(text)),
        };
        Email {
            subject: format!("{name}: {headline}"),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: Some(format!("{name}: {headline}.{said}")),
            link: content.link,
            unsubscribe: None,
        }
    }
}

struct Content<'a> {
    preferences: Option<String>,
    name: &'a str,
    headline: &'a str,
    plan: String,
    /// What the other person wrote, and who it was.
    quote: Vec<String>,
    quoted: Option<String>,
    picture: Picture,
    next: &'static str,
    link: String,
}

#[derive(Template)]
#[template(path = "proposal_answered/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "proposal_answered/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests {
    use super::{super::samples::proposed, *};
    use crate::domain::time::Timestamp;

    fn answered(state: ProposalState, text: &str) -> Email {
        let (by, at) = ("Noor Haddad".to_owned(), Timestamp::from_seconds(1_795_326_492));
        let answer = ProposalAnswer { by, text: text.to_owned(), at };
        ProposalAnswered { proposed: proposed(), state, answer }.email("https://seats.example.com")
    }

    #[test]
    fn the_person_reads_who_answered_and_what_follows() {
        let email = answered(ProposalState::Rejected, "The contract says 300.");

        assert_eq!(email.subject, "Northwind Robotics: Noor Haddad rejected 500 seats");
        insta::assert_snapshot!(email.text, @"
        Noor Haddad rejected 500 seats for Northwind Robotics. The plan has 50 seats, all taken.

        > The contract says 300.

        Noor Haddad

        The limit was not changed. You can propose it again.

        See the proposal:
        https://seats.example.com/organizations/org_1001/proposals/lpr_01

        You get this e-mail because you proposed the change.
        Change what you get: https://seats.example.com/preferences
        ");
        let approved = answered(ProposalState::Approved, "");
        assert!(approved.text.contains("The new limit applies now."), "{}", approved.text);
        let expired = answered(ProposalState::Expired, "");
        assert_eq!(expired.subject, "Northwind Robotics: The proposal of 500 seats expired");
    }
}
