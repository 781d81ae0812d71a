//! The webhook inspector: what it shows, and replaying dead letters. For staff alone.

use leptos::prelude::*;
use seatkeeper::domain::{
    id::{DeliveryId, ReplayId},
    page::deliveries::{Deliveries, DeliveriesQuery, DeliveryPage},
};

use super::Failure;

#[server(prefix = "/api", endpoint = "load_deliveries")]
pub async fn load_deliveries(query: DeliveriesQuery) -> Result<Deliveries, Failure> {
    let staff = super::staff().await?;
    Ok(seatkeeper::reads::deliveries(&super::desk()?, &staff, &query).await?)
}

#[server(prefix = "/api", endpoint = "load_delivery")]
pub async fn load_delivery(id: DeliveryId) -> Result<DeliveryPage, Failure> {
    let staff = super::staff().await?;
    Ok(seatkeeper::reads::delivery(&super::desk()?, &staff, &id).await?)
}

/// Replays one dead letter and goes back to its page, which says what came of it.
#[server(prefix = "/api", endpoint = "replay_delivery")]
pub async fn replay_delivery(id: DeliveryId, #[server(default)] letters: Option<String>) -> Result<(), Failure> {
    use seatkeeper::acts::{self, Actor, Replaying};

    let actor = Actor::Staff(super::staff().await?);
    let replayed = acts::replay(&super::desk()?, &Replaying::by(&actor, asked_for(letters.as_ref())), &id).await;
    let path = crate::routes::delivery(&id);
    super::settled(replayed.map(|_| path.clone()), &path)
}

/// Starts replaying the dead letters that match, and goes back to the list, which says how far it is.
#[server(prefix = "/api", endpoint = "start_replay")]
pub async fn start_replay(
    #[server(default)] organization: String,
    #[server(default)] kind: String,
    #[server(default)] letters: Option<String>,
) -> Result<(), Failure> {
    use seatkeeper::{
        acts::{self, Actor, Many},
        domain::id::OrganizationId,
    };

    let actor = Actor::Staff(super::staff().await?);
    let organization = match organization.as_str() {
        "" => None,
        // what is no id would otherwise replay everything
        id => Some(OrganizationId::parse(id).ok_or_else(Failure::missing)?),
    };
    // no type is longer, and the address of the list stays short
    let kind: String = kind.chars().take(200).collect();
    let back = dead_letters(organization.as_ref(), &kind);
    let many = Many { organization, kind: Some(kind).filter(|kind| !kind.is_empty()), letters: asked_for(letters.as_ref()) };
    super::settled(acts::start_replay(&super::desk()?, &actor, &many).await.map(|_| back.clone()), &back)
}

#[server(prefix = "/api", endpoint = "cancel_replay")]
pub async fn cancel_replay(id: ReplayId) -> Result<(), Failure> {
    use seatkeeper::acts::{self, Actor};

    let actor = Actor::Staff(super::staff().await?);
    let back = dead_letters(None, "");
    super::settled(acts::cancel_replay(&super::desk()?, &actor, &id).await.map(|()| back.clone()), &back)
}

/// Shows the personal data in a delivery to whoever asks, for ten minutes, and keeps that they asked.
#[server(prefix = "/api", endpoint = "show_personal_data")]
pub async fn show_personal_data(id: DeliveryId) -> Result<(), Failure> {
    let staff = super::staff().await?;
    let shown = seatkeeper::acts::show_personal_data(&super::desk()?, &staff, &id).await;
    let path = crate::routes::delivery(&id);
    super::settled(shown.map(|()| path.clone()), &path)
}

#[cfg(feature = "ssr")]
fn asked_for(letters: Option<&String>) -> seatkeeper::acts::Letters {
    if letters.is_some() { seatkeeper::acts::Letters::Sent } else { seatkeeper::acts::Letters::Withheld }
}

#[cfg(feature = "ssr")]
fn dead_letters(organization: Option<&seatkeeper::domain::id::OrganizationId>, kind: &str) -> String {
    use seatkeeper::domain::{decision::Outcome, page::deliveries::Show};

    let show = Show::Of(Outcome::Dead);
    let query = DeliveriesQuery { show, organization: organization.cloned(), kind: kind.to_owned(), ..DeliveriesQuery::default() };
    crate::routes::deliveries(&query)
}
