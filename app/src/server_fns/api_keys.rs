//! The API keys. Staff admins only.

use domain::id::ApiKeyId;
use leptos::prelude::*;
use views::api_keys::{ApiKeysPage, MadeKey};

use super::AppError;

#[server(prefix = "/api", endpoint = "load_api_keys")]
pub async fn load_api_keys(before: Option<ApiKeyId>) -> Result<ApiKeysPage, AppError> {
    let admin = super::staff_admin().await?;
    super::lead_to_proof().await?;
    super::answer::forget_secret(); // it was shown
    let state = super::state()?;
    Ok(seatkeeper::queries::api_keys_page(&state, &admin, before.as_ref()).await?)
}

/// The key that was made a moment ago in this browser, with its text; nothing else has that. `old`
/// is the key whose place it takes.
#[server(prefix = "/api", endpoint = "load_made_key")]
pub async fn load_made_key(old: Option<ApiKeyId>) -> Result<Option<(MadeKey, String)>, AppError> {
    let (state, admin) = (super::state()?, super::staff_admin().await?);
    let Some((id, text)) = super::answer::kept_secret("sk_") else { return Ok(None) };
    let Some(id) = ApiKeyId::parse(&id) else { return Ok(None) };
    let made = seatkeeper::queries::made_key(&state, &admin, (&id, old.as_ref())).await?;
    Ok(made.map(|made| (made, text)))
}

/// What a form sends for a key without an end.
pub const NO_END: &str = "none";

/// Makes a key and goes on to the page that shows it once. After a refusal the form has what was
/// typed.
#[server(prefix = "/api", endpoint = "create_api_key")]
pub async fn create_api_key(
    name: String,
    #[server(default)] scopes: Vec<String>,
    #[server(default)] reach: String,
    #[server(default)] organization: String,
    #[server(default)] days: String,
) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use seatkeeper::commands::{self, NewApiKey};

    let (state, actor) = (super::state()?, super::staff_admin_actor().await?);
    let scopes = scopes.join(",");
    let create = async {
        let proof = super::fresh_proof().await?;
        let new = NewApiKey {
            organization: chosen_organization(&reach, &organization)?,
            name: name.clone(),
            scopes: scopes.clone(),
            days: chosen_days(&days)?,
        };
        let made = commands::create_api_key(&state, &actor, &proof, &new).await;
        let (key, text) = made.map_err(no_organization)?;
        answer::keep_secret(key.id.as_str(), &text);
        Ok(paths::MADE_API_KEY.to_owned())
    };
    let typed = [
        ("form", "key"),
        ("name", &*short(&name)),
        ("scopes", &short(&scopes)),
        ("reach", &short(&reach)),
        ("organization", &short(&organization)),
        ("days", &short(&days)),
    ];
    super::done(create.await, &paths::with_query(paths::API_KEYS, &typed))
}

/// Makes a key in the place of this one, which works for `hours` more, and goes on to the page that
/// shows the new one once.
#[server(prefix = "/api", endpoint = "rotate_api_key")]
pub async fn rotate_api_key(
    id: ApiKeyId,
    #[server(default)] hours: String,
) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;

    let (state, actor) = (super::state()?, super::staff_admin_actor().await?);
    let rotate = async {
        let proof = super::fresh_proof().await?;
        let which = (None, &id);
        let made =
            seatkeeper::commands::rotate_api_key(&state, &actor, &proof, which, &hours).await;
        let (key, text) = made?;
        answer::keep_secret(key.id.as_str(), &text);
        Ok(paths::with_query(paths::MADE_API_KEY, &[("old", id.as_str())]))
    };
    let typed = [("form", "rotate"), ("key", id.as_str()), ("hours", &*short(&hours))];
    super::done(rotate.await, &paths::with_query(paths::API_KEYS, &typed))
}

/// Ends a key at once and goes back to the list.
#[server(prefix = "/api", endpoint = "revoke_api_key")]
pub async fn revoke_api_key(id: ApiKeyId) -> Result<(), AppError> {
    use crate::paths;

    let (state, actor) = (super::state()?, super::staff_admin_actor().await?);
    let revoke = async {
        let proof = super::fresh_proof().await?;
        let which = (None, &id);
        let revoked = seatkeeper::commands::revoke_api_key(&state, &actor, &proof, which).await?;
        let done = if revoked { "revoked" } else { "same" };
        Ok(paths::with_query(paths::API_KEYS, &[("done", done)]))
    };
    super::done(revoke.await, paths::API_KEYS)
}

/// The organization that a form names; `None`: all of them. `reach` says `one` or `all`, so that an
/// empty field is no choice.
#[cfg(feature = "ssr")]
pub(super) fn chosen_organization(
    reach: &str,
    named: &str,
) -> Result<Option<domain::id::OrganizationId>, AppError> {
    use domain::{id::OrganizationId, refusal::ApiKeyRefusal};

    let refused = match (reach, named.trim()) {
        ("all", "") => return Ok(None),
        ("all", _) => ApiKeyRefusal::OneAndAll,
        ("one", "") => ApiKeyRefusal::Unnamed,
        ("one", id) => match OrganizationId::parse(id) {
            Some(id) => return Ok(Some(id)),
            None => ApiKeyRefusal::Organization,
        },
        _ => ApiKeyRefusal::Reach,
    };
    Err(AppError::refused(refused.into()))
}

/// How many days a form says; an empty text, as the command takes it: no end. A form without a
/// choice is refused.
#[cfg(feature = "ssr")]
fn chosen_days(days: &str) -> Result<String, AppError> {
    use domain::refusal::ApiKeyRefusal;

    match days.trim() {
        "" => Err(AppError::refused(ApiKeyRefusal::Days.into())),
        NO_END => Ok(String::new()),
        days => Ok(days.to_owned()),
    }
}

/// What is missing is the organization that the form names.
#[cfg(feature = "ssr")]
pub(super) fn no_organization(error: seatkeeper::commands::Error) -> AppError {
    use domain::refusal::ApiKeyRefusal;
    use seatkeeper::commands::Error;

    match error {
        Error::Missing => AppError::refused(ApiKeyRefusal::Organization.into()),
        error => error.into(),
    }
}

/// What was typed, for an address.
#[cfg(feature = "ssr")]
pub(super) fn short(typed: &str) -> String {
    typed.chars().take(300).collect()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use domain::{id::OrganizationId, refusal::ApiKeyRefusal};

    use super::*;

    #[test]
    fn an_empty_field_is_no_choice() {
        let refused = |refusal: ApiKeyRefusal| AppError::refused(refusal.into());
        let org_1 = OrganizationId::new("org_1");

        assert_eq!(chosen_organization("all", " "), Ok(None));
        assert_eq!(chosen_organization("one", " org_1 "), Ok(Some(org_1)));
        for (reach, named, refusal) in [
            ("", "", ApiKeyRefusal::Reach),
            ("", "org_1", ApiKeyRefusal::Reach),
            ("both", "org_1", ApiKeyRefusal::Reach),
            ("one", " ", ApiKeyRefusal::Unnamed),
            ("one", "a b", ApiKeyRefusal::Organization),
            ("all", "org_1", ApiKeyRefusal::OneAndAll),
        ] {
            assert_eq!(chosen_organization(reach, named), Err(refused(refusal)), "{reach} {named}");
        }
        assert_eq!(chosen_days("none"), Ok(String::new()));
        assert_eq!(chosen_days("90"), Ok("90".to_owned()));
        assert_eq!(chosen_days(" "), Err(refused(ApiKeyRefusal::Days)));
    }
}
