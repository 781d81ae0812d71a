//! The refusals that the document names. Each is one that a call gives, so that its status and its
//! sentence are the real ones.

use domain::{
    api_key::KeyScope,
    id::OrganizationId,
    organization::SeatLimit,
    refusal::{ApiKeyRefusal, ImportRefusal, Refusal},
};
use seatkeeper::commands::KeyError;

use super::super::{Problem, input::USUAL_BODY};

/// Every refusal of the API, those that any call may give first.
pub fn all() -> Vec<Problem> {
    let mut all = vec![
        Problem::no_key(),
        Problem::of_key(KeyError::Mistyped),
        Problem::of_key(KeyError::Unknown),
        Problem::of_key(KeyError::Expired),
        Problem::of_key(KeyError::Revoked),
        Problem::scope(KeyScope::Write),
        Problem::of_installation(),
        Problem::missing(),
        Problem::unknown_parameter("colour"),
        Problem::parameter("limit", "A limit is a number from 1 to 500."),
        Problem::body("missing field `reason` at line 1 column 16"),
        Problem::content_type("application/json"),
        Problem::body_too_large(USUAL_BODY),
        Problem::idempotency_key(),
        Problem::another_call(),
        Problem::in_flight(),
        Problem::in_doubt(),
        Problem::no_precondition(),
        Problem::if_match(),
        Problem::stale(),
        Problem::events_removed(41_205),
        Problem::too_many(1),
        Problem::too_many_waiting(),
        Problem::unknown_organization(),
        Problem::cursor(),
        Problem::event_to_come(),
        Problem::group_id(),
        Problem::position("A move needs a position."),
        Problem::busy(),
        Problem::failed(),
    ];
    all.extend(refusals().map(Problem::from));
    all
}

/// Those of the domain.
fn refusals() -> impl Iterator<Item = Refusal> {
    [
        Refusal::OrganizationId("acme".to_owned()),
        Refusal::OrganizationExists(OrganizationId::new("org_12345")),
        Refusal::Name,
        Refusal::ExternalId,
        Refusal::SeatLimit,
        Refusal::ReasonMissing,
        Refusal::ReasonTooLong,
        Refusal::LimitChangedMeanwhile(SeatLimit::Seats(40)),
        Refusal::ApiKey(ApiKeyRefusal::NeedsPeople),
        Refusal::ProposalWaits,
        Refusal::PolicyGroups,
        Refusal::PolicyReasonMissing,
        Refusal::Archived,
        Refusal::NoFreeSeat,
        Refusal::NotWaiting,
        Refusal::NotDismissed,
        Refusal::WantsNoSeat,
        Refusal::WaitlistPosition(12),
        Refusal::NoteTooLong,
        Refusal::RequestSeats,
        Refusal::RequestReasonMissing,
        Refusal::RequestTextTooLong,
        Refusal::RequestPeople,
        Refusal::RequestWaits,
        Refusal::RequestNotNeeded,
        Refusal::TooOften,
        Refusal::NoDirectoryApi,
        Refusal::ResyncUnderWay,
        Refusal::PeopleToTakeAway(51),
        Refusal::PeopleToAdd(600),
        Refusal::PlanNotOpen,
        Refusal::PlanOutdated,
        Refusal::ResyncOver,
        ImportRefusal::Empty.into(),
        ImportRefusal::NotUtf8(12).into(),
        ImportRefusal::LineTooLong(12).into(),
        ImportRefusal::QuoteNotClosed(12).into(),
        ImportRefusal::TooManyRows.into(),
        ImportRefusal::TooLarge.into(),
        ImportRefusal::UnknownColumn("mail".to_owned()).into(),
        ImportRefusal::ColumnTwice("email".to_owned()).into(),
        ImportRefusal::NoEmails.into(),
        ImportRefusal::RowsRemoved.into(),
        Refusal::WebhookUrl,
        Refusal::EventType("seat.sold".to_owned()),
        Refusal::EndpointNote,
        Refusal::TooManyEndpoints,
        Refusal::TooManySecrets,
        Refusal::EndpointDisabled,
        Refusal::Time("yesterday".to_owned()),
    ]
    .into_iter()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_code_has_one_status() {
        let mut known = BTreeMap::new();
        for problem in all() {
            let (code, status) = (problem.code(), problem.status());
            assert_eq!(*known.entry(code).or_insert(status), status, "{code}");
        }
    }
}
