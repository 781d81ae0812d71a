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
    islands::preview::{Known, LimitEditor, Refusals, Typed},
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
    let is_refused = query.get("refused").is_some();
    let until = query.get("until").map(str::to_owned).or(is_refused.then(String::new));
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
    let refused = query.all("refused").filter_map(|word| NamedRefusal::read(word, limit));
    let refused: Vec<NamedRefusal> = refused.collect();
    let is_changed = refused.contains(&NamedRefusal::Known(Refusal::LimitChangedMeanwhile(limit)));
    let (refusals, above) = placed(refused, unreadable);
    let is_typed = query.get("limit").is_some() || query.get("refused").is_some();
    let typed = if is_typed { typed } else { Typed { limit: limit.typed(), ..typed } };
    let proposal = organization.proposal.as_ref().map(proposal_banner);
    let editor = if organization.archived {
        view! { <ArchivedOrganization id=organization.id.clone() /> }.into_any()
    } else {
        view! {
            <LimitEditor
                id=organization.id.clone()
                known=Known {
                    version: organization.limit_version,
                    usage: organization.usage,
                    end: organization.limit_end,
                    changed: organization.limit_changes.into_iter().next().filter(|_| is_changed),
                    now: organization.now,
                }
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
        <PageHeader
            title
            sentence=format!("{}.", organization.usage.sentence())
            within=Some(organization.name.clone())
        />
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

/// Puts each refusal beside its field, and above the form what belongs to no field. `unreadable`:
/// why the text is no seat limit.
fn placed(refused: Vec<NamedRefusal>, unreadable: Option<Refusal>) -> (Refusals, Option<String>) {
    let (mut beside, mut above) = (Refusals::default(), None);
    for refusal in refused.into_iter().chain(unreadable.map(NamedRefusal::Known)) {
        let field = match &refusal {
            NamedRefusal::Known(refusal) => refusal.field(),
            NamedRefusal::Other => None,
        };
        let place = match field {
            Some("limit") => &mut beside.limit,
            Some("reason") => &mut beside.reason,
            Some("until") => &mut beside.until,
            _ => &mut above,
        };
        place.get_or_insert(refusal.to_string());
    }
    (beside, above)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_stands_beside_its_field() {
        let known = NamedRefusal::Known;
        let (beside, above) = placed(vec![known(Refusal::ReasonMissing)], Some(Refusal::SeatLimit));
        assert!(beside.reason.is_some() && beside.limit.is_some() && above.is_none());

        let (beside, above) = placed(vec![known(Refusal::Archived), NamedRefusal::Other], None);
        assert!(beside == Refusals::default());
        assert_eq!(above, Some(Refusal::Archived.to_string()), "the first one");
    }
}
