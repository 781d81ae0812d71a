//! The server functions of alerts and of the outbox.

use leptos::prelude::*;
use views::{
    alerts::{AlertsPage, AlertsQuery},
    messages::{MessagesPage, MessagesQuery},
};

use super::AppError;

/// All alerts for staff, and an organization's own for its tenants.
#[server(prefix = "/api", endpoint = "load_alerts")]
pub async fn load_alerts(query: AlertsQuery) -> Result<AlertsPage, AppError> {
    let viewer = super::viewer().await?.ok_or_else(AppError::sign_in)?;
    if let Some(organization) = &query.organization {
        super::scope(organization).await?;
    }
    Ok(seatkeeper::queries::alerts(&super::state()?, &viewer, &query).await?)
}

#[server(prefix = "/api", endpoint = "load_messages")]
pub async fn load_messages(query: MessagesQuery) -> Result<MessagesPage, AppError> {
    let staff = super::staff().await?;
    Ok(seatkeeper::queries::messages(&super::state()?, &staff, &query).await?)
}

/// Sends a message that was given up again, or `all` of them, and goes back to the list.
#[server(prefix = "/api", endpoint = "send_again")]
pub async fn send_again(id: String) -> Result<(), AppError> {
    use domain::id::MessageId;
    use seatkeeper::commands::{self, Again};
    use views::messages::ShowMessages;

    let actor = super::staff_actor().await?;
    let again = match id.as_str() {
        "all" => Again::All,
        id => Again::One(MessageId::parse(id).ok_or_else(AppError::missing)?),
    };
    let show = MessagesQuery { show: ShowMessages::Waiting, before: None };
    let (done, back) =
        (crate::paths::messages(&show), crate::paths::messages(&MessagesQuery::default()));
    let sent = commands::send_again(&super::state()?, &actor, &again).await;
    super::settled(sent.map(|_| done), &back)
}
