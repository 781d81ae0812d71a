//! The server functions of the webhook inspector, and those that replay dead letters. Staff only.

use domain::id::{DeliveryId, ReplayId};
use leptos::prelude::*;
use views::deliveries::{Deliveries, DeliveriesQuery, DeliveryPage};

use super::AppError;

#[server(prefix = "/api", endpoint = "load_deliveries")]
pub async fn load_deliveries(query: DeliveriesQuery) -> Result<Deliveries, AppError> {
    let staff = super::staff().await?;
    Ok(seatkeeper::queries::deliveries(&super::state()?, &staff, &query).await?)
}

#[server(prefix = "/api", endpoint = "load_delivery")]
pub async fn load_delivery(id: DeliveryId) -> Result<DeliveryPage, AppError> {
    let staff = super::staff().await?;
    Ok(seatkeeper::queries::delivery(&super::state()?, &staff, &id).await?)
}

/// Replays one dead letter and goes back to its page, which shows the result.
#[server(prefix = "/api", endpoint = "replay_delivery")]
pub async fn replay_delivery(
    id: DeliveryId,
    #[server(default)] emails: Option<String>,
) -> Result<(), AppError> {
    use seatkeeper::commands::{self, ReplayContext};

    let actor = super::staff_actor().await?;
    let replayed = commands::replay(
        &super::state()?,
        &ReplayContext::by(&actor, asked_for(emails.as_ref())),
        &id,
    )
    .await;
    let path = crate::paths::delivery(&id);
    super::settled(replayed.map(|_| path.clone()), &path)
}

/// Starts a bulk replay of the matching dead letters, and goes back to the list, which shows its
/// progress.
#[server(prefix = "/api", endpoint = "start_replay")]
pub async fn start_replay(
    #[server(default)] organization: String,
    #[server(default)] kind: String,
    #[server(default)] emails: Option<String>,
) -> Result<(), AppError> {
    use domain::id::OrganizationId;
    use seatkeeper::commands::{self, BulkReplay};

    let actor = super::staff_actor().await?;
    let organization = match organization.as_str() {
        "" => None,
        // without this check, an invalid id would replay everything
        id => Some(OrganizationId::parse(id).ok_or_else(AppError::missing)?),
    };
    // no event type is longer, and the address of the list stays short
    let kind: String = kind.chars().take(200).collect();
    let back = dead_letters(organization.as_ref(), &kind);
    let many = BulkReplay {
        organization,
        kind: Some(kind).filter(|kind| !kind.is_empty()),
        notify: asked_for(emails.as_ref()),
    };
    super::settled(
        commands::start_replay(&super::state()?, &actor, &many).await.map(|_| back.clone()),
        &back,
    )
}

#[server(prefix = "/api", endpoint = "cancel_replay")]
pub async fn cancel_replay(id: ReplayId) -> Result<(), AppError> {
    use seatkeeper::commands;

    let actor = super::staff_actor().await?;
    let back = dead_letters(None, "");
    super::settled(
        commands::cancel_replay(&super::state()?, &actor, &id).await.map(|()| back.clone()),
        &back,
    )
}

/// Shows the personal data of a delivery to this reader for ten minutes, and records that they
/// asked.
#[server(prefix = "/api", endpoint = "reveal_personal_data")]
pub async fn reveal_personal_data(id: DeliveryId) -> Result<(), AppError> {
    let actor = super::staff_actor().await?;
    let shown = seatkeeper::commands::reveal_personal_data(&super::state()?, &actor, &id).await;
    let path = crate::paths::delivery(&id);
    super::settled(shown.map(|()| path.clone()), &path)
}

#[cfg(feature = "ssr")]
fn asked_for(emails: Option<&String>) -> seatkeeper::commands::Notify {
    if emails.is_some() {
        seatkeeper::commands::Notify::Sent
    } else {
        seatkeeper::commands::Notify::Suppressed
    }
}

#[cfg(feature = "ssr")]
fn dead_letters(organization: Option<&domain::id::OrganizationId>, kind: &str) -> String {
    use domain::decision::Outcome;
    use views::deliveries::Show;

    let show = Show::Of(Outcome::Dead);
    let query = DeliveriesQuery {
        show,
        organization: organization.cloned(),
        kind: kind.to_owned(),
        ..DeliveriesQuery::default()
    };
    crate::paths::deliveries(&query)
}
