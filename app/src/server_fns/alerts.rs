//! The server functions of alerts and of the outbox.

use leptos::prelude::*;
use views::{
    alerts::{AlertsPage, AlertsQuery},
    messages::{MessagesPage, MessagesQuery, Preview},
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

/// Marks open alerts as read by the viewer, and goes back to the page: one of them, or without an
/// id all of an organization, or for staff all.
#[server(prefix = "/api", endpoint = "read_alerts")]
pub async fn read_alerts(
    organization: String,
    #[server(default)] alert: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use crate::paths;
    use domain::id::{AlertId, OrganizationId};

    let scope = match organization.as_str() {
        "" => None,
        id => {
            let id = OrganizationId::parse(id).ok_or_else(AppError::missing)?;
            Some(super::scope(&id).await?)
        }
    };
    let viewer = super::signed_in().await?;
    let alert = (!alert.is_empty()).then(|| AlertId::parse(&alert).ok_or_else(AppError::missing));
    let (state, alert) = (super::state()?, alert.transpose()?);
    seatkeeper::commands::read_alerts(&state, &viewer, scope.as_ref(), alert.as_ref()).await?;
    let page = match &scope {
        Some(scope) => paths::alerts_of(scope.id()),
        None => paths::ALERTS.to_owned(),
    };
    super::answer::redirect(paths::local_path(&next).unwrap_or(&page));
    Ok(())
}

#[server(prefix = "/api", endpoint = "load_messages")]
pub async fn load_messages(query: MessagesQuery) -> Result<MessagesPage, AppError> {
    let staff = super::staff().await?;
    Ok(seatkeeper::queries::messages(&super::state()?, &staff, &query).await?)
}

#[server(prefix = "/api", endpoint = "load_previews")]
pub async fn load_previews() -> Result<Vec<Preview>, AppError> {
    let staff = super::staff().await?;
    Ok(seatkeeper::queries::previews(&super::state()?, &staff))
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
