//! The endpoints of outgoing webhooks. Staff admins only.

use domain::id::{OutgoingEventId, WebhookEndpointId};
use leptos::prelude::*;
use views::webhook_endpoints::{
    EndpointPage, EndpointsPage, EventDeliveryKey, EventDeliveryPage, MadeSecret,
};

use super::AppError;

#[server(prefix = "/api", endpoint = "load_webhook_endpoints")]
pub async fn load_webhook_endpoints() -> Result<EndpointsPage, AppError> {
    let admin = super::staff_admin().await?;
    super::lead_to_proof().await?;
    super::answer::forget_secret(); // it was shown
    Ok(seatkeeper::queries::endpoints_page(&super::state()?, &admin).await?)
}

/// An endpoint with its log. A reader of the log need not show who they are; the forms that need it
/// say so.
#[server(prefix = "/api", endpoint = "load_webhook_endpoint")]
pub async fn load_webhook_endpoint(
    id: WebhookEndpointId,
    before: Option<EventDeliveryKey>,
) -> Result<EndpointPage, AppError> {
    let admin = super::staff_admin().await?;
    super::answer::forget_secret(); // it was shown
    let state = super::state()?;
    Ok(seatkeeper::queries::endpoint_page(&state, &admin, (&id, before.as_ref())).await?)
}

#[server(prefix = "/api", endpoint = "load_webhook_delivery")]
pub async fn load_webhook_delivery(
    id: WebhookEndpointId,
    event: OutgoingEventId,
) -> Result<EventDeliveryPage, AppError> {
    let (state, admin) = (super::state()?, super::staff_admin().await?);
    Ok(seatkeeper::queries::event_delivery(&state, &admin, (&id, &event)).await?)
}

/// The endpoint, with its secret if that was made a moment ago in this browser; no page says it
/// again.
#[server(prefix = "/api", endpoint = "load_webhook_secret")]
pub async fn load_webhook_secret(
    id: WebhookEndpointId,
) -> Result<(MadeSecret, Option<String>), AppError> {
    let (state, admin) = (super::state()?, super::staff_admin().await?);
    let made = seatkeeper::queries::made_secret(&state, &admin, &id).await?;
    let kept = super::answer::kept_secret("whsec_").filter(|(of, _)| of == id.as_str());
    Ok((made, kept.map(|(_, secret)| secret)))
}

/// Adds an endpoint and goes on to the page that shows its secret once. After a refusal the form
/// has what was typed.
#[server(prefix = "/api", endpoint = "add_webhook_endpoint")]
pub async fn add_webhook_endpoint(
    url: String,
    #[server(default)] types: Vec<String>,
    #[server(default)] reach: String,
    #[server(default)] organization: String,
    #[server(default)] note: String,
) -> Result<(), AppError> {
    use super::{answer, api_keys};
    use crate::paths;
    use domain::webhook_endpoint::EventFilter;
    use seatkeeper::commands::webhook_endpoints::{NewEndpoint, add_endpoint};

    let (state, actor) = (super::state()?, super::staff_admin_actor().await?);
    let types = types.join(",");
    let add = async {
        let proof = super::fresh_proof().await?;
        let organization = api_keys::chosen_organization(&reach, &organization)?;
        let types = EventFilter::parse_types(&types)?;
        let filter = EventFilter { organization, types };
        let new = NewEndpoint { url: url.clone(), note: note.clone(), filter };
        let added = add_endpoint(&state, &actor, &proof, &new).await;
        let added = added.map_err(api_keys::no_organization)?;
        answer::keep_secret(added.endpoint.as_str(), &added.secret);
        Ok(paths::webhook_secret(&added.endpoint))
    };
    let form = [
        ("form", "endpoint"),
        ("types", &*api_keys::short(&types)),
        ("reach", &api_keys::short(&reach)),
        ("organization", &api_keys::short(&organization)),
        ("note", &api_keys::short(&note)),
    ];
    let added = add.await;
    if added.is_err() && answer::is_form() {
        answer::keep_url(&url);
    }
    super::done(added, &paths::with_query(paths::WEBHOOK_ENDPOINTS, &form))
}

/// Changes an endpoint. `act` is `enable`, `disable`, `rotate` or `remove`.
#[server(prefix = "/api", endpoint = "change_webhook_endpoint")]
pub async fn change_webhook_endpoint(id: WebhookEndpointId, act: String) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use seatkeeper::commands::webhook_endpoints::{
        remove_endpoint, rotate_secret, set_endpoint_state,
    };

    let (state, actor) = (super::state()?, super::staff_admin_actor().await?);
    let page = paths::webhook_endpoint(&id, None);
    let change = async {
        let proof = super::fresh_proof().await?;
        match act.as_str() {
            "enable" | "disable" => {
                let new = (&id, act == "enable");
                let changed = set_endpoint_state(&state, &actor, &proof, new).await?;
                let done = if changed { act.as_str() } else { "same" };
                Ok(paths::with_query(&page, &[("done", done)]))
            }
            "rotate" => {
                let new = rotate_secret(&state, &actor, &proof, &id).await?;
                answer::keep_secret(id.as_str(), &new.secret);
                Ok(paths::webhook_secret(&id))
            }
            "remove" => {
                remove_endpoint(&state, &actor, &proof, &id).await?;
                Ok(paths::with_query(paths::WEBHOOK_ENDPOINTS, &[("done", "remove")]))
            }
            _ => Err(AppError::missing()),
        }
    };
    super::done(change.await, &page)
}

/// Sends a test to an endpoint and goes back to its log.
#[server(prefix = "/api", endpoint = "send_webhook_test")]
pub async fn send_webhook_test(id: WebhookEndpointId) -> Result<(), AppError> {
    use seatkeeper::commands::webhook_endpoints::send_test_event;

    let (state, actor) = (super::state()?, super::staff_admin_actor().await?);
    let sent = send_test_event(&state, &actor, &id).await;
    sending(&id, sent.map(|_| "test").map_err(AppError::from))
}

/// Sends one delivery again, whatever became of it, and goes back to the log.
#[server(prefix = "/api", endpoint = "resend_webhook_event")]
pub async fn resend_webhook_event(
    id: WebhookEndpointId,
    event: OutgoingEventId,
) -> Result<(), AppError> {
    use seatkeeper::commands::webhook_endpoints::resend_event;

    let (state, actor) = (super::state()?, super::staff_admin_actor().await?);
    let sent = resend_event(&state, &actor, (&id, &event)).await;
    sending(&id, sent.map(|()| "resend").map_err(AppError::from))
}

/// Sends the events since a time that the endpoint has not taken, and goes back to the log. `since`
/// is a time in UTC, as a field for a date and a time has it.
#[server(prefix = "/api", endpoint = "recover_webhook_events")]
pub async fn recover_webhook_events(id: WebhookEndpointId, since: String) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use domain::refusal::Refusal;
    use seatkeeper::commands::webhook_endpoints::recover_events;
    use views::past::AsOfQuery;

    let (state, actor) = (super::state()?, super::staff_admin_actor().await?);
    let asked = AsOfQuery { at: since };
    let Some(at) = asked.moment() else {
        if answer::is_form() {
            // the refusal quotes the text, which an address does not hold
            let refused = [("refused", Refusal::Time(String::new()).code())];
            answer::redirect(&paths::with_query(&paths::webhook_endpoint(&id, None), &refused));
            return Ok(());
        }
        return Err(AppError::refused(Refusal::Time(asked.at)));
    };
    let found = recover_events(&state, &actor, (&id, at)).await;
    let done = found.map(|found| if found { "recover" } else { "none" });
    sending(&id, done.map_err(AppError::from))
}

/// Goes back to the log, with what is sent.
#[cfg(feature = "ssr")]
fn sending(id: &WebhookEndpointId, done: Result<&'static str, AppError>) -> Result<(), AppError> {
    use crate::paths;

    let page = paths::webhook_endpoint(id, None);
    super::done(done.map(|done| paths::with_query(&page, &[("done", done)])), &page)
}
