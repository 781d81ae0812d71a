//! Seat requests: the lists, one with its conversation, and what each side does about it.

use domain::id::{DirectoryUserId, OrganizationId, SeatRequestId};
#[cfg(feature = "ssr")]
use domain::seat_request::EntryKind;
use leptos::prelude::*;
use views::requests::{AskPage, RequestPage, RequestsPage, RequestsQuery};

use super::AppError;

/// All requests for staff, and an organization's own for its tenants.
#[server(prefix = "/api", endpoint = "load_requests")]
pub async fn load_requests(query: RequestsQuery) -> Result<RequestsPage, AppError> {
    let viewer = super::signed_in().await?;
    if let Some(organization) = &query.organization {
        super::scope(organization).await?;
    }
    Ok(seatkeeper::queries::requests(&super::state()?, &viewer, &query).await?)
}

/// One request. `limit` is what staff typed for the approval.
#[server(prefix = "/api", endpoint = "load_request")]
pub async fn load_request(
    id: OrganizationId,
    request: SeatRequestId,
    #[server(default)] limit: String,
) -> Result<RequestPage, AppError> {
    let scope = super::scope(&id).await?;
    let (state, viewer) = (super::state()?, super::signed_in().await?);
    Ok(seatkeeper::queries::request_page(&state, (&scope, &viewer), &request, &limit).await?)
}

/// The form that asks for seats; for the organization's admins.
#[server(prefix = "/api", endpoint = "load_ask")]
pub async fn load_ask(id: OrganizationId) -> Result<AskPage, AppError> {
    super::asker(&id).await?;
    let scope = super::scope(&id).await?;
    Ok(seatkeeper::queries::ask_page(&super::state()?, &scope).await?)
}

/// Asks for seats and shows the request. After a refusal the form comes back with everything that
/// was typed.
#[server(prefix = "/api", endpoint = "ask_for_seats")]
pub async fn ask_for_seats(
    id: OrganizationId,
    seats: String,
    #[server(default)] reason: String,
    #[server(default)] people: Vec<DirectoryUserId>,
) -> Result<(), AppError> {
    use super::{Refused, answer};
    use crate::paths;
    use seatkeeper::commands::{self, NewRequest};

    let actor = super::asker(&id).await?;
    let new = NewRequest { organization: id.clone(), seats, reason, people };
    let asked = commands::ask_for_seats(&super::state()?, &actor, &new).await;
    match asked.map_err(AppError::from) {
        Ok(request) => answer::redirect(&paths::with_query(
            &paths::request(&id, &request),
            &[("done", "asked")],
        )),
        Err(failure @ AppError::Refused(_)) if answer::is_form() => {
            let (seats, reason) = (cut(&new.seats, 20), cut(&new.reason, 1_100));
            let refused = Refused::of(&failure).word();
            let mut typed = vec![("seats", seats.as_str()), ("reason", &reason)];
            typed.extend(new.people.iter().map(|user| ("person", user.as_str())));
            typed.push(("refused", refused));
            answer::redirect(&paths::with_query(&paths::ask_for_seats(&id), &typed));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

/// Approves a request; staff only. `limit` is the new limit.
#[server(prefix = "/api", endpoint = "approve_request")]
pub async fn approve_request(
    request: SeatRequestId,
    limit: String,
    #[server(default)] text: String,
    version: i64,
    limit_version: i64,
) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use domain::organization::SeatLimit;
    use seatkeeper::commands::{self, LimitOutcome, NewApproval};

    let actor = super::staff_actor().await?;
    let of = seatkeeper::queries::organization_of_request(&super::state()?, &request).await?;
    let id = of.ok_or_else(AppError::missing)?;
    let approve = async {
        let new = NewApproval {
            organization: id.clone(),
            request: request.clone(),
            limit: Some(SeatLimit::parse(&limit)?),
            text: text.clone(),
            expected_version: Some(version),
            expected_limit_version: Some(limit_version),
        };
        commands::approve_request(&super::state()?, &actor, &new).await.map_err(AppError::from)
    };
    let done = match approve.await {
        Ok(LimitOutcome::Proposed(proposal)) => {
            answer::redirect(&paths::with_query(
                &paths::proposal(&id, &proposal),
                &[("done", "proposed")],
            ));
            return Ok(());
        }
        Ok(LimitOutcome::Set(admitted)) => Ok(("approved", Some(admitted))),
        Err(failure) => Err(failure),
    };
    settled(&id, &request, done, &[("limit", &limit), ("answer", &text)])
}

/// Declines, or asks back; staff only. `answer` is `declined` or `question`.
#[server(prefix = "/api", endpoint = "answer_request")]
pub async fn answer_request(
    id: OrganizationId,
    request: SeatRequestId,
    answer: String,
    #[server(default)] text: String,
    version: i64,
) -> Result<(), AppError> {
    let actor = super::staff_actor().await?;
    let kind = EntryKind::parse(&answer)
        .filter(|kind| matches!(kind, EntryKind::Declined | EntryKind::Question));
    let kind = kind.ok_or_else(AppError::missing)?;
    write(&actor, (&id, &request), (kind, text), version).await
}

/// Answers a question, or withdraws the request; for the organization's admins. `answer` is `reply`
/// or `withdrawn`.
#[server(prefix = "/api", endpoint = "reply_to_request")]
pub async fn reply_to_request(
    id: OrganizationId,
    request: SeatRequestId,
    answer: String,
    #[server(default)] text: String,
    version: i64,
) -> Result<(), AppError> {
    let actor = super::asker(&id).await?;
    let kind = EntryKind::parse(&answer)
        .filter(|kind| matches!(kind, EntryKind::Reply | EntryKind::Withdrawn));
    let kind = kind.ok_or_else(AppError::missing)?;
    write(&actor, (&id, &request), (kind, text), version).await
}

#[cfg(feature = "ssr")]
async fn write(
    actor: &seatkeeper::commands::Actor,
    (id, request): (&OrganizationId, &SeatRequestId),
    (kind, text): (EntryKind, String),
    version: i64,
) -> Result<(), AppError> {
    use seatkeeper::commands::{self, NewEntry};

    let new = NewEntry {
        organization: id.clone(),
        request: request.clone(),
        kind,
        text: text.clone(),
        expected_version: Some(version),
    };
    let written = commands::add_to_request(&super::state()?, actor, &new).await;
    let done = written.map(|()| (kind.as_str(), None)).map_err(AppError::from);
    settled(id, request, done, &[("form", kind.as_str()), ("text", &text)])
}

/// Goes back to the request, with what was done or why it was refused.
#[cfg(feature = "ssr")]
fn settled(
    id: &OrganizationId,
    request: &SeatRequestId,
    done: Result<(&'static str, Option<usize>), AppError>,
    typed: &[(&str, &str)],
) -> Result<(), AppError> {
    use super::{Refused, answer};
    use crate::paths;

    let page = paths::request(id, request);
    match done {
        Ok((done, admitted)) => {
            let admitted = admitted.map(|n| n.to_string()).unwrap_or_default();
            let said = [("done", done), ("admitted", &admitted)];
            answer::redirect(&paths::with_query(&page, &said));
        }
        Err(failure @ AppError::Refused(_)) if answer::is_form() => {
            let typed: Vec<(&str, String)> =
                typed.iter().map(|(name, text)| (*name, cut(text, 1_100))).collect();
            let mut fields: Vec<(&str, &str)> =
                typed.iter().map(|(name, text)| (*name, text.as_str())).collect();
            fields.push(("refused", Refused::of(&failure).word()));
            answer::redirect(&paths::with_query(&page, &fields));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

#[cfg(feature = "ssr")]
fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
