//! What a person is told by e-mail, and the end of digests without a sign-in.

use std::collections::BTreeMap;

use domain::preference::Period;
use leptos::prelude::*;
use views::preferences::PreferencesPage;

use super::AppError;

#[server(prefix = "/api", endpoint = "load_preferences")]
pub async fn load_preferences() -> Result<PreferencesPage, AppError> {
    let viewer = super::signed_in().await?;
    Ok(seatkeeper::queries::preferences(&super::state()?, &viewer).await?)
}

/// Sets what the viewer chose for each topic, and goes back to the page.
#[server(prefix = "/api", endpoint = "set_preferences")]
pub async fn set_preferences(chosen: BTreeMap<String, String>) -> Result<(), AppError> {
    use crate::paths;
    use domain::preference::{Frequency, Topic};

    let viewer = super::signed_in().await?;
    let actor = super::own_actor().await?;
    let read = |(topic, frequency): (&String, &String)| {
        Some((Topic::parse(topic)?, Frequency::parse(frequency)?))
    };
    let chosen: Option<BTreeMap<Topic, Frequency>> = chosen.iter().map(read).collect();
    let chosen = chosen.ok_or_else(AppError::missing)?;
    let set =
        seatkeeper::commands::set_preferences(&super::state()?, &actor, &viewer, &chosen).await?;
    let saved = if set { "yes" } else { "same" };
    super::answer::redirect(&paths::with_query(paths::PREFERENCES, &[("saved", saved)]));
    Ok(())
}

/// Which digests the owner of this token can end.
#[server(prefix = "/api", endpoint = "load_unsubscribe")]
pub async fn load_unsubscribe(token: String) -> Result<(Period, bool), AppError> {
    Ok(seatkeeper::queries::digest_of_token(&super::state()?, &token).await?)
}

/// Ends the digests of the account to which the digest with this token went.
#[server(prefix = "/api", endpoint = "unsubscribe")]
pub async fn unsubscribe(token: String) -> Result<(), AppError> {
    use crate::paths;

    seatkeeper::commands::unsubscribe(&super::state()?, &token).await?;
    super::answer::redirect(&paths::with_query(&paths::unsubscribe(&token), &[("done", "yes")]));
    Ok(())
}
