//! Messages about seat requests: written with the entry that they are about, composed when they
//! leave.

use super::{Composed, Error, enqueue, recipients};
use crate::{
    channels::email::templates::{
        Audience, SeatRequestAnswered, SeatRequestReceived, SeatRequestReminder, SeatsAskedFor,
    },
    db::Tx,
    domain::{
        access::OrganizationScope,
        alert::Message,
        id::SeatRequestEntryId,
        seat_request::{EntryKind, RequestMessage},
        text::called,
        time::Timestamp,
    },
    state::AppState,
    store::{
        organizations::Locked,
        outbox::QueuedMessage,
        seat_requests::{self, Wanted},
    },
};

/// Writes the messages about an entry to the outbox.
pub(in crate::commands) async fn notify_about_request(
    tx: &mut Tx,
    state: &AppState,
    organization: &OrganizationScope,
    (entry, message): (&SeatRequestEntryId, RequestMessage),
    now: Timestamp,
) -> Result<(), Error> {
    let message = Message::Request(message);
    let recipients = recipients(tx, state, organization, message.audience()).await?;
    enqueue(tx, state, (Some(organization.id()), entry.into(), message), recipients, now).await
}

const OVER: Composed = Composed::Dropped("The request moved on before the message left.");

/// The e-mail about an entry, from the request as it is now.
pub(super) async fn about_request(
    tx: &mut Tx,
    state: &AppState,
    queued: &QueuedMessage,
    (locked, message): (&Locked, RequestMessage),
    audience: Audience,
) -> Result<Composed, Error> {
    let (scope, url) = (&locked.scope, &state.settings.public_url);
    let id = SeatRequestEntryId::new(queued.about.as_str());
    let Some((request, entry)) = seat_requests::entry(tx, scope, &id).await? else {
        return Ok(OVER);
    };
    let Some(request) = seat_requests::find(tx, scope, &request).await? else { return Ok(OVER) };
    if !message.is_current(request.state) {
        return Ok(OVER);
    }
    let people = seat_requests::people(tx, scope, &request.id).await?;
    let asked = SeatsAskedFor {
        organization: scope.id().clone(),
        name: locked.details.name.clone(),
        request: request.id,
        seats: request.seats,
        reason: request.reason,
        asked_by: request.asked_by,
        asked_at: request.asked_at,
        people: people.iter().map(called_now).collect(),
        usage: locked.roster.usage(),
    };
    let email = match message {
        RequestMessage::Received => SeatRequestReceived { asked }.email(url),
        RequestMessage::Question
        | RequestMessage::Reply
        | RequestMessage::Approved
        | RequestMessage::Declined => SeatRequestAnswered { asked, entry }.email(url),
        RequestMessage::Reminder | RequestMessage::QuestionReminder => {
            let entries = seat_requests::entries(tx, scope, &asked.request).await?;
            let question = entries.into_iter().rfind(|entry| entry.kind == EntryKind::Question);
            let question = question.map(|entry| entry.text);
            SeatRequestReminder { asked, question, audience, now: state.clock.now() }.email(url)
        }
    };
    Ok(Composed::of(email))
}

fn called_now(person: &Wanted) -> String {
    called(person.name.as_deref(), person.email.as_deref(), person.user.as_str()).to_string()
}
