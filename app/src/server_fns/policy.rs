//! The admission policy: the form with the preview of a new one, and setting it. Staff only.

use domain::id::OrganizationId;
use leptos::prelude::*;
use views::policy::{PolicyForm, PolicyQuery};

use super::AppError;

#[server(prefix = "/api", endpoint = "load_policy")]
pub async fn load_policy(
    id: OrganizationId,
    #[server(default)] query: PolicyQuery,
) -> Result<PolicyForm, AppError> {
    super::staff().await?;
    let scope = super::scope(&id).await?;
    let state = super::state()?;
    Ok(seatkeeper::queries::policy_form(&state, &scope, query.policy.as_ref()).await?)
}

/// Sets the policy and goes back to the organization. After a refusal the form comes back with
/// everything that was typed. `groups` has the groups of "groups first", in order, as the address
/// of the form has them.
#[server(prefix = "/api", endpoint = "set_policy")]
pub async fn set_policy(
    id: OrganizationId,
    policy: String,
    policy_version: i64,
    #[server(default)] groups: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    use super::{Refused, answer};
    use crate::{paths, query::Query};
    use domain::refusal::Refusal;
    use seatkeeper::commands;

    let actor = super::staff_actor().await?;
    let query: PolicyQuery = Query::of(&format!("policy={policy}&{groups}")).read();
    let set = async {
        let new = commands::NewPolicy {
            organization: id.clone(),
            policy: query.policy.clone().unwrap_or(Err(Refusal::PolicyGroups))?,
            reason: reason.clone(),
            expected_version: Some(policy_version),
        };
        commands::set_policy(&super::state()?, &actor, &new).await.map_err(AppError::from)
    };
    match set.await {
        Ok(admitted) => answer::redirect(&paths::with_query(
            &paths::organization(&id),
            &[("saved", &admitted.to_string())],
        )),
        Err(failure) if answer::is_form() => {
            let refused = Refused::of(&failure).word();
            let reason: String = reason.chars().take(600).collect();
            let typed = [("reason", reason.as_str()), ("refused", refused)];
            answer::redirect(&paths::policy_again(&id, &query, &typed));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}
