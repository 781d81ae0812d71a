//! The waitlist, the preview of a manual decision, and the decision.

use domain::{id::OrganizationId, refusal::Refusal, time::Timestamp};
use leptos::prelude::*;
use views::waitlist::{DecisionPreview, DecisionQuery, WaitlistPage, WaitlistQuery};

use super::AppError;

#[server(prefix = "/api", endpoint = "load_waitlist")]
pub async fn load_waitlist(
    id: OrganizationId,
    query: WaitlistQuery,
) -> Result<WaitlistPage, AppError> {
    let scope = super::scope(&id).await?;
    Ok(seatkeeper::queries::waitlist(&super::state()?, &scope, &query).await?)
}

/// Previews a decision, or says why there is none; `since` is the time of an earlier preview.
/// Viewers of the tenant, who cannot decide, get a 404.
#[server(prefix = "/api", endpoint = "preview_decision")]
pub async fn preview_decision(
    id: OrganizationId,
    query: DecisionQuery,
    since: Option<Timestamp>,
) -> Result<Result<DecisionPreview, Refusal>, AppError> {
    super::decider(&id).await?;
    let (scope, viewer) = (super::scope(&id).await?, super::signed_in().await?);
    let DecisionQuery { decision, people } = query;
    let state = super::state()?;
    let asked = (&scope, &viewer);
    match seatkeeper::queries::decision_preview(&state, asked, decision, people, since).await {
        Ok(preview) => Ok(Ok(preview)),
        Err(seatkeeper::commands::Error::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(error.into()),
    }
}

/// Decides and goes back to the list, which shows the result. After a refusal the preview comes
/// back with everything that was typed. `decision` is the query of the preview's address: what is
/// decided, and about which people.
#[server(prefix = "/api", endpoint = "decide_by_hand")]
pub async fn decide_by_hand(
    id: OrganizationId,
    decision: String,
    #[server(default)] note: String,
    mark: String,
    previewed_at: i64,
) -> Result<(), AppError> {
    use super::{Refused, answer};
    use crate::{
        paths,
        query::{Query, chosen_people},
    };
    use domain::manual_decision::ManualDecision;
    use seatkeeper::{
        commands::{self, ByHand},
        queries,
    };
    use views::waitlist::{ChosenPeople, ResultKey, WaitlistQuery};

    let actor = super::decider(&id).await?;
    let asked = Query::of(&decision);
    let Some(decision) = ManualDecision::parse(asked.text("action"), asked.text("position")) else {
        return Err(AppError::missing());
    };
    let Some(people) = chosen_people(&asked) else {
        return Err(AppError::refused(Refusal::PersonMissing));
    };
    let previewed_at = Timestamp::from_nanos(previewed_at);
    // people who came after the preview are not meant
    let people = match people {
        ChosenPeople::All(filter, _) => ChosenPeople::All(filter, Some(previewed_at)),
        these @ ChosenPeople::These(_) => these,
    };
    let state = super::state()?;
    let new = ByHand {
        organization: id.clone(),
        decision,
        chosen: queries::chosen(people.clone(), previewed_at),
        note: note.clone(),
        preview_mark: Some(mark),
    };
    match commands::decide_by_hand(&state, &actor, &new).await.map_err(AppError::from) {
        Ok(decided) => {
            let mut list = match people {
                ChosenPeople::All(filter, _) => {
                    WaitlistQuery { filter, ..WaitlistQuery::default() }
                }
                ChosenPeople::These(_) => WaitlistQuery::default(),
            };
            list.result = Some(ResultKey { at: decided.at, request_id: answer::request_id() });
            answer::redirect(&paths::waitlist(&id, &list));
        }
        Err(failure @ AppError::Refused(_)) if answer::is_form() => {
            let refused = Refused::of(&failure).word();
            let query = DecisionQuery { decision, people };
            let note: String = note.chars().take(600).collect();
            let typed = [
                ("note", note.as_str()),
                ("since", &previewed_at.nanos().to_string()),
                ("refused", refused),
            ];
            answer::redirect(&paths::decision_again(&id, &query, &typed));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}
