//! A tenant admin asks for seats, and staff answer. The conversation is a list of entries; what an
//! entry does to the request is decided here.

mod words;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::words::more_seats;
use super::{
    audit::AuditAction,
    id::{AccountId, OrganizationId, SeatRequestEntryId, SeatRequestId},
    organization::{SeatLimit, ungrouped},
    refusal::Refusal,
    text::is_visible,
    time::Timestamp,
};

/// A seat request. An organization has at most one that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatRequest {
    pub organization: OrganizationId,
    pub id: SeatRequestId,
    pub state: RequestState,
    /// How many more seats are wanted.
    pub seats: i64,
    pub reason: String,
    /// The name and the account of the person who asks.
    pub asked_by: String,
    pub account: AccountId,
    pub asked_at: Timestamp,
    /// When its state changed last.
    pub changed_at: Timestamp,
    /// Counts what people did, so that two of them cannot answer at once.
    pub version: i64,
}

impl SeatRequest {
    /// The most seats that one request may ask for.
    pub const MOST_SEATS: i64 = 100_000;
    /// The longest text of an entry, in characters.
    pub const LONGEST_TEXT: usize = 1_000;
    /// For how many waiting people a request can be.
    pub const MOST_PEOPLE: usize = 50;

    /// The limit that gives as many more seats as are wanted; `None` if seats are unlimited.
    pub fn wanted_limit(&self, now: SeatLimit) -> Option<SeatLimit> {
        Self::limit_with(self.seats, now)
    }

    /// The limit with more seats; `None` if seats are unlimited.
    pub fn limit_with(more: i64, now: SeatLimit) -> Option<SeatLimit> {
        let seats = match now {
            SeatLimit::NotSet => 0,
            SeatLimit::Seats(seats) => seats,
            SeatLimit::Unlimited => return None,
        };
        Some(SeatLimit::Seats((seats + more).min(SeatLimit::MOST)))
    }
}

/// Reads how many seats a person asks for.
///
/// ```
/// use domain::seat_request::parse_seats;
///
/// assert_eq!(parse_seats(" 1,200 "), Ok(1_200));
/// assert!(parse_seats("0").is_err() && parse_seats("many").is_err());
/// ```
pub fn parse_seats(text: &str) -> Result<i64, Refusal> {
    let number = ungrouped(text.trim()).and_then(|digits| digits.parse().ok());
    number.filter(|n| (1..=SeatRequest::MOST_SEATS).contains(n)).ok_or(Refusal::RequestSeats)
}

/// The text of an entry, with blanks around it removed. `missing` without a visible character.
pub fn parse_text(text: &str, missing: Refusal) -> Result<String, Refusal> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    match text {
        text if text.contains('\0') || !is_visible(text) => Err(missing),
        long if long.chars().count() > SeatRequest::LONGEST_TEXT => {
            Err(Refusal::RequestTextTooLong)
        }
        text => Ok(text.to_owned()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// It waits for staff.
    Open,
    /// Staff asked back: it waits for the organization.
    Question,
    Approved,
    Declined,
    Withdrawn,
}

impl RequestState {
    pub const ALL: [Self; 5] =
        [Self::Open, Self::Question, Self::Approved, Self::Declined, Self::Withdrawn];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Question => "question",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Nothing more happens to it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Approved | Self::Declined | Self::Withdrawn)
    }

    /// The state after an entry; refused if the entry has no place here.
    pub fn after(self, entry: EntryKind) -> Result<Self, Refusal> {
        match (self, entry) {
            (Self::Approved | Self::Declined | Self::Withdrawn, _) => Err(Refusal::RequestOver),
            (Self::Open, EntryKind::Question) => Ok(Self::Question),
            (Self::Question, EntryKind::Question) => Err(Refusal::QuestionWaits),
            (Self::Question, EntryKind::Reply) => Ok(Self::Open),
            (Self::Open, EntryKind::Reply) => Err(Refusal::NoQuestion),
            (_, EntryKind::Asked) => Err(Refusal::RequestWaits),
            (_, EntryKind::Approved) => Ok(Self::Approved),
            (_, EntryKind::Declined) => Ok(Self::Declined),
            (_, EntryKind::Withdrawn) => Ok(Self::Withdrawn),
            (state, EntryKind::Reminder) => Ok(state),
        }
    }
}

/// What one entry of the conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// The request itself.
    Asked,
    /// Staff ask back.
    Question,
    /// The organization answers a question.
    Reply,
    Approved,
    Declined,
    Withdrawn,
    /// The side that must act did not for [`REMIND_AFTER`].
    Reminder,
}

impl EntryKind {
    pub const ALL: [Self; 7] = [
        Self::Asked,
        Self::Question,
        Self::Reply,
        Self::Approved,
        Self::Declined,
        Self::Withdrawn,
        Self::Reminder,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Question => "question",
            Self::Reply => "reply",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Reminder => "reminder",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether staff write it; otherwise the organization does.
    pub fn is_by_staff(self) -> bool {
        matches!(self, Self::Question | Self::Approved | Self::Declined)
    }

    /// How the audit log calls it; `None`: no person does it.
    pub fn action(self) -> Option<AuditAction> {
        Some(match self {
            Self::Asked => AuditAction::AskForSeats,
            Self::Question => AuditAction::AskBack,
            Self::Reply => AuditAction::ReplyToQuestion,
            Self::Approved => AuditAction::ApproveRequest,
            Self::Declined => AuditAction::DeclineRequest,
            Self::Withdrawn => AuditAction::WithdrawRequest,
            Self::Reminder => return None,
        })
    }
}

/// A message about a seat request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestMessage {
    /// To staff: seats are asked for.
    Received,
    /// To the organization: staff ask back.
    Question,
    /// To staff: their question was answered.
    Reply,
    /// To the organization.
    Approved,
    /// To the organization.
    Declined,
    /// To staff: a request waits for them.
    Reminder,
    /// To the organization: a question waits for its answer.
    QuestionReminder,
}

impl RequestMessage {
    pub const ALL: [Self; 7] = [
        Self::Received,
        Self::Question,
        Self::Reply,
        Self::Approved,
        Self::Declined,
        Self::Reminder,
        Self::QuestionReminder,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "seat_request_received",
            Self::Question => "seat_request_question",
            Self::Reply => "seat_request_reply",
            Self::Approved => "seat_request_approved",
            Self::Declined => "seat_request_declined",
            Self::Reminder => "seat_request_reminder",
            Self::QuestionReminder => "seat_request_question_reminder",
        }
    }

    /// The message about an entry; `state` is that of the request after it. `None`: the other side
    /// needs none, because it has nothing to do.
    pub fn about(entry: EntryKind, state: RequestState) -> Option<Self> {
        Some(match entry {
            EntryKind::Asked => Self::Received,
            EntryKind::Question => Self::Question,
            EntryKind::Reply => Self::Reply,
            EntryKind::Approved => Self::Approved,
            EntryKind::Declined => Self::Declined,
            EntryKind::Reminder if state == RequestState::Question => Self::QuestionReminder,
            EntryKind::Reminder => Self::Reminder,
            EntryKind::Withdrawn => return None,
        })
    }

    pub fn is_for_staff(self) -> bool {
        matches!(self, Self::Received | Self::Reply | Self::Reminder)
    }

    /// Whether it still has something to say when the request has this state: staff need not hear
    /// of a request that was answered meanwhile.
    pub fn is_current(self, state: RequestState) -> bool {
        match self {
            Self::Received | Self::Reply | Self::Reminder => state == RequestState::Open,
            Self::Question | Self::QuestionReminder => state == RequestState::Question,
            Self::Approved | Self::Declined => true,
        }
    }
}

/// For how long a request waits for the same side until that side is reminded, once.
pub const REMIND_AFTER: Duration = Duration::from_hours(48);

/// One entry of the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestEntry {
    pub id: SeatRequestEntryId,
    pub kind: EntryKind,
    /// The name of the person; empty for a reminder.
    pub by: String,
    /// Empty if nothing was written.
    pub text: String,
    /// The limit after an approval.
    pub limit: Option<SeatLimit>,
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_and_kind_has_a_name_of_its_own() {
        for state in RequestState::ALL {
            assert_eq!(RequestState::parse(state.as_str()), Some(state));
        }
        for kind in EntryKind::ALL {
            assert_eq!(EntryKind::parse(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn a_request_that_is_over_takes_no_entry() {
        for state in RequestState::ALL.into_iter().filter(|state| state.is_over()) {
            for kind in EntryKind::ALL {
                assert_eq!(state.after(kind), Err(Refusal::RequestOver), "{state:?} {kind:?}");
            }
        }
    }

    #[test]
    fn a_question_is_asked_and_answered_in_turn() {
        use {EntryKind as Entry, RequestState as State};

        assert_eq!(State::Open.after(Entry::Question), Ok(State::Question));
        assert_eq!(State::Question.after(Entry::Question), Err(Refusal::QuestionWaits));
        assert_eq!(State::Question.after(Entry::Reply), Ok(State::Open));
        assert_eq!(State::Open.after(Entry::Reply), Err(Refusal::NoQuestion));
        for state in [State::Open, State::Question] {
            assert_eq!(state.after(Entry::Approved), Ok(State::Approved));
            assert_eq!(state.after(Entry::Declined), Ok(State::Declined));
            assert_eq!(state.after(Entry::Withdrawn), Ok(State::Withdrawn));
            assert_eq!(state.after(Entry::Reminder), Ok(state));
        }
    }

    #[test]
    fn a_number_of_seats_is_whole_and_has_an_end() {
        assert_eq!(parse_seats("100000"), Ok(100_000));
        for bad in ["", "0", "-3", "+3", "1.5", "100001", "٣", "99999999999999999999"] {
            assert_eq!(parse_seats(bad), Err(Refusal::RequestSeats), "{bad:?}");
        }
    }

    #[test]
    fn a_text_is_seen_and_has_an_end() {
        let parse = |text: &str| parse_text(text, Refusal::RequestReasonMissing);

        assert_eq!(parse(" We hire.\r\nSoon. "), Ok("We hire.\nSoon.".to_owned()));
        assert_eq!(parse(" \u{200b} "), Err(Refusal::RequestReasonMissing));
        assert_eq!(parse("a\0b"), Err(Refusal::RequestReasonMissing));
        assert_eq!(parse(&"ü".repeat(1_000)).map(|text| text.len()), Ok(2_000));
        assert_eq!(parse(&"ü".repeat(1_001)), Err(Refusal::RequestTextTooLong));
    }

    #[test]
    fn the_wanted_limit_adds_to_the_limit_of_now() {
        let request = SeatRequest {
            organization: OrganizationId::new("org_1"),
            id: SeatRequestId::new("srq_1"),
            state: RequestState::Open,
            seats: 10,
            reason: "We hire.".to_owned(),
            asked_by: "Kim".to_owned(),
            account: AccountId::new("acc_1"),
            asked_at: Timestamp::from_nanos(0),
            changed_at: Timestamp::from_nanos(0),
            version: 1,
        };
        let wanted = |now| request.wanted_limit(now);

        assert_eq!(wanted(SeatLimit::Seats(50)), Some(SeatLimit::Seats(60)));
        assert_eq!(wanted(SeatLimit::NotSet), Some(SeatLimit::Seats(10)));
        assert_eq!(wanted(SeatLimit::Unlimited), None);
        assert_eq!(
            wanted(SeatLimit::Seats(SeatLimit::MOST)),
            Some(SeatLimit::Seats(SeatLimit::MOST))
        );
    }
}
