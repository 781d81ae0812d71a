//! Changing the seat limit: the reader types it, sees a preview, and saves it with a button that
//! says what will happen. Staff only.

use domain::{organization::SeatLimit as Limit, refusal::Refusal};
use leptos::prelude::*;

use crate::{
    components::{
        banner::{Banner, Banners, Tone, proposal_banner},
        empty_state::ArchivedOrganization,
        id::Id,
        page_data::loaded,
        page_header::PageHeader,
        words::words,
    },
    islands::preview::{LimitEditor, Refusals, Typed},
    paths,
    query::Query,
    server_fns::{LimitForm, NamedRefusal, load_limit_form},
};

#[component]
pub fn SeatLimit() -> impl IntoView {
    let id = paths::asked_organization();
    let query = Query::of_request();
    let text = |name| query.get(name).unwrap_or_default().to_owned();
    // an address leaves out what is empty
    let is_typed = query.get("limit").is_some() || query.get("refused").is_some();
    let until = query.get("until").map(str::to_owned).or(is_typed.then(String::new));
    let typed = Typed { limit: text("limit"), reason: text("reason"), until };
    let limit = typed.limit.clone();
    loaded(
        move || load_limit_form(id.clone(), limit.clone()),
        move |_, form| view! { <Page form typed=typed.clone() query=query.clone() /> }.into_any(),
    )
}

#[component]
fn Page(form: LimitForm, typed: Typed, query: Query) -> impl IntoView {
    let LimitForm { organization, preview } = form;
    let limit = organization.usage.limit;
    let (preview, unreadable) = match preview {
        Some(Ok(preview)) => (Some(preview), None),
        Some(Err(refusal)) => (None, Some(refusal)),
        None => (None, None),
    };
    let (refusals, above) = match query.refusal(limit) {
        Some(NamedRefusal::Known(refusal)) => placed(Some(refusal)),
        Some(NamedRefusal::Other) => (placed(unreadable).0, Some(NamedRefusal::Other.to_string())),
        None => placed(unreadable),
    };
    let proposal = organization.proposal.as_ref().map(proposal_banner);
    let editor = if organization.archived {
        view! { <ArchivedOrganization id=organization.id.clone() /> }.into_any()
    } else {
        view! {
            <LimitEditor
                id=organization.id.clone()
                version=organization.limit_version
                current=organization.usage
                end=organization.limit_end
                typed
                refusals
                preview
            />
        }
        .into_any()
    };
    let title = if limit == Limit::NotSet { "Set seat limit" } else { "Change seat limit" };
    view! {
        <p class="crumb">
            <a href=paths::organization(&organization.id)>{words(&organization.name)}</a>
        </p>
        <PageHeader title sentence=format!("{}.", organization.usage.sentence()) />
        <div class="facts">
            <Id text=organization.id.to_string() whole=true />
        </div>
        <Banners>
            {proposal}
            {above
                .map(|sentence| {
                    view! {
                        <Banner tone=Tone::Broken title="The limit was not changed.".to_owned()>
                            {sentence}
                        </Banner>
                    }
                })}
        </Banners>
        {editor}
    }
}

/// Puts a refusal beside its field, or above the form if it belongs to no field.
fn placed(refusal: Option<Refusal>) -> (Refusals, Option<String>) {
    let Some(refusal) = refusal else {
        return (Refusals::default(), None);
    };
    let sentence = Some(refusal.to_string());
    match refusal.field() {
        Some("limit") => (Refusals { limit: sentence, ..Refusals::default() }, None),
        Some("reason") => (Refusals { reason: sentence, ..Refusals::default() }, None),
        Some("until") => (Refusals { until: sentence, ..Refusals::default() }, None),
        _ => (Refusals::default(), sentence),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_stands_beside_its_field() {
        let (beside, above) = placed(Some(Refusal::ReasonMissing));
        assert!(beside.reason.is_some() && beside.limit.is_none() && above.is_none());

        let (beside, above) = placed(Some(Refusal::Archived));
        assert!(beside == Refusals::default() && above.is_some());
    }
}
