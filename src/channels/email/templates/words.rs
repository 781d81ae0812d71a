//! Words that e-mails share, and the preparation of external text for an e-mail.

use url::form_urlencoded::byte_serialize;

use super::{Audience, WaitingPerson};
use crate::domain::{
    id::OrganizationId,
    invariant::Finding,
    organization::{SeatLimit, Usage, grouped, people, seats},
    text::ExternalText,
};

/// External text on one line of bounded length. A name with line breaks could otherwise add
/// paragraphs to the text or headers to the e-mail, and a name with invisible marks could reverse
/// the rest of the line.
pub(super) fn one_line(text: &str) -> String {
    ExternalText::short(text).to_string()
}

/// The name of an organization; its id if the name has no visible character.
pub(super) fn name_of(name: &str, id: &OrganizationId) -> String {
    if ExternalText::seen(name).is_some() { one_line(name) } else { one_line(id.as_str()) }
}

/// A sentence of external text.
pub(super) fn sentence(text: &str) -> String {
    ExternalText::sentence(text).to_string()
}

/// Why a reader gets an e-mail about an organization.
pub(super) fn because(audience: Audience, name: &str) -> String {
    match audience {
        Audience::Staff => "You get this e-mail because you are on the staff.".to_owned(),
        Audience::TenantAdmins => {
            format!("You get this e-mail because you are an admin of {name}.")
        }
        Audience::ExtraRecipients => format!(
            "You get this e-mail because an admin of {name} entered your address in Seatkeeper."
        ),
    }
}

/// Where a reader with an account chooses what they get.
pub(super) fn preferences(public_url: &str, audience: Audience) -> Option<String> {
    (audience != Audience::ExtraRecipients).then(|| format!("{public_url}/preferences"))
}

/// The address of an organization's page.
pub(super) fn link(public_url: &str, id: &OrganizationId) -> String {
    // Ids hold no blanks, so it does not matter that this encoding writes a blank as `+`.
    let id: String = byte_serialize(id.as_str().as_bytes()).collect();
    format!("{public_url}/organizations/{id}")
}

/// The address of the form with which an admin asks for seats.
pub(super) fn ask_for_seats(public_url: &str, id: &OrganizationId) -> String {
    format!("{}/requests/new", link(public_url, id))
}

/// `3 people are waiting`.
pub(super) fn waiting(n: i64) -> String {
    format!("{} {} {} waiting", grouped(n), people(n), if n == 1 { "is" } else { "are" })
}

/// `The plan has 50 seats, all taken.`
pub(super) fn plan(usage: &Usage) -> String {
    let SeatLimit::Seats(limit) = usage.limit else {
        return match usage.limit {
            SeatLimit::Unlimited => "The plan has no limit.".to_owned(),
            _ => "No seat limit is set yet.".to_owned(),
        };
    };
    let plan = format!("The plan has {} {}", grouped(limit), seats(limit));
    match (limit, usage.over(), usage.free().unwrap_or(0)) {
        (0, 0, _) => "The plan has no seats.".to_owned(),
        (_, 0, 0) if limit == 1 => format!("{plan}, and it is taken."),
        (_, 0, 0) => format!("{plan}, all taken."),
        (_, 0, free) => format!("{plan}, {} of them free.", grouped(free)),
        (_, over, _) => {
            format!("{plan}, and {} are taken: {} over.", grouped(usage.used), grouped(over))
        }
    }
}

/// One entry in the list of waiting users.
pub(super) struct WaitlistEntry {
    /// 1 is next.
    pub position: usize,
    pub name: String,
    /// The address, if `name` is not the address itself.
    pub email: Option<String>,
}

impl WaitlistEntry {
    pub(super) fn of(position: usize, person: &WaitingPerson) -> Self {
        let shown = |text: &Option<String>| {
            text.as_deref().filter(|text| ExternalText::seen(text).is_some()).map(one_line)
        };
        let (name, email) = match (shown(&person.name), shown(&person.email)) {
            (Some(name), email) => (name, email),
            (None, Some(email)) => (email, None),
            (None, None) => (one_line(person.id.as_str()), None),
        };
        Self { position, name, email }
    }
}

/// The findings of a check as entries of a list.
pub(super) struct Found {
    pub lines: Vec<String>,
    /// How many more findings there are.
    pub more: usize,
}

impl Found {
    /// `2 rules do not hold: org_1: …`, for a channel with one paragraph.
    pub(super) fn brief(&self, headline: &str) -> String {
        let first = self.lines.first().map(String::as_str).unwrap_or_default();
        format!("{headline}: {first}")
    }

    const LINES: usize = 10;

    pub(super) fn of(found: &[Finding]) -> Self {
        let line = |finding: &Finding| match &finding.organization {
            Some(organization) => {
                format!("{}: {}.", one_line(organization.as_str()), finding.sentence)
            }
            None => finding.sentence.clone(),
        };
        Self {
            lines: found.iter().take(Self::LINES).map(line).collect(),
            more: found.len().saturating_sub(Self::LINES),
        }
    }
}

/// `1 rule does`, `2 rules do`.
pub(super) fn number_of(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_words_stay_on_one_line() {
        assert_eq!(
            one_line("Bob\r\nBcc: all@example.com\n\n\tClick"),
            "Bob Bcc: all@example.com Click"
        );
        assert_eq!(one_line("\u{202e}gro.live\u{202c}\u{200b} Ltd"), "�gro.live� Ltd");
        assert_eq!(one_line("שלום"), "\u{2068}שלום\u{2069}");
        assert_eq!(one_line(&"ü".repeat(500)).chars().count(), 80);
        assert_eq!(name_of(" \u{0} ", &OrganizationId::new("org_1")), "org_1");
    }

    #[test]
    fn an_id_cannot_leave_its_place_in_the_address() {
        let hostile = OrganizationId::new("org_1/../../x?y=\"#<");

        assert_eq!(
            link("https://s.test", &hostile),
            "https://s.test/organizations/org_1%2F..%2F..%2Fx%3Fy%3D%22%23%3C"
        );
    }

    #[test]
    fn the_plan_is_described_as_it_is() {
        let sentence = |limit, used| plan(&Usage { limit, used, waiting: 3 });

        assert_eq!(sentence(SeatLimit::Seats(50), 50), "The plan has 50 seats, all taken.");
        assert_eq!(sentence(SeatLimit::Seats(1), 1), "The plan has 1 seat, and it is taken.");
        assert_eq!(sentence(SeatLimit::Seats(0), 0), "The plan has no seats.");
        assert_eq!(
            sentence(SeatLimit::Seats(40), 48),
            "The plan has 40 seats, and 48 are taken: 8 over."
        );
        assert_eq!(
            sentence(SeatLimit::Seats(1_200), 1_198),
            "The plan has 1,200 seats, 2 of them free."
        );
        assert_eq!(sentence(SeatLimit::Unlimited, 7), "The plan has no limit.");
        assert_eq!(sentence(SeatLimit::NotSet, 0), "No seat limit is set yet.");
    }
}
