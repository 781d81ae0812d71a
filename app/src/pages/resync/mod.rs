//! One resync: its progress, its result, its plan, and the decision that it waits for.

mod deciding;
mod failure;
mod plan;
pub(super) mod running;
mod set_aside;
pub(super) mod words;

use domain::{
    organization::{SeatLimit, grouped},
    refusal::Refusal,
    resync::{Resync as Run, ResyncState},
    text::ExternalText,
    time::Timestamp,
};
use leptos::prelude::*;
use views::{
    Person,
    resyncs::{ActKind, ResyncAct, ResyncPage, ResyncQuery},
};

use crate::{
    components::{
        badge::resync_badge,
        banner::{Banner, Banners, Tone},
        description_list::{DescriptionList, Entry},
        id::Id,
        page_data::loaded,
        page_header::{PageHeader, Section},
        relative_time::RelativeTime,
        words::words,
    },
    paths,
    query::Query,
    server_fns::{NamedRefusal, load_resync},
};

#[component]
pub fn Resync() -> impl IntoView {
    let (id, run) = (paths::asked_organization(), paths::asked_run());
    let asked = Query::of_request();
    let query: ResyncQuery = asked.read();
    let refusal = asked.refusal(SeatLimit::NotSet);
    let asking = query.clone();
    let typed = asked.get("people").unwrap_or_default().to_owned();
    loaded(
        move || load_resync(id.clone(), run.clone(), asking.clone()),
        move |person, page| {
            let (query, refusal, typed) = (query.clone(), refusal.clone(), typed.clone());
            view! { <Page person page query refusal typed /> }.into_any()
        },
    )
}

#[component]
fn Page(
    person: Person,
    page: ResyncPage,
    query: ResyncQuery,
    refusal: Option<NamedRefusal>,
    typed: String,
) -> impl IntoView {
    let may = person.role_in(&page.run.organization).may_resync();
    let (is_staff, now) = (person.role.is_staff(), page.now);
    let (beside, above) = placed(refusal, &page.run);
    let title = if page.run.dry_run { "Preview" } else { "Resync" };
    let sentence = words::sentence(&page.run);
    let again = (may && page.run.state == ResyncState::Failed && !page.archived).then(|| {
        view! {
            <a class="button" href=paths::resyncs(&page.run.organization, None)>
                "Try again"
            </a>
        }
    });
    let failed = page.run.error.clone().map(|error| match page.run.state {
        ResyncState::Cancelled => view! {
            <Banner tone=Tone::Calm title=error.1>
                "You do not have to do anything."
            </Banner>
        }
        .into_any(),
        _ => view! { <failure::Failed error staff=is_staff /> }.into_any(),
    });
    let strange = (page.run.set_aside > 0).then(
        || view! { <set_aside::SetAside count=page.run.set_aside rows=page.set_aside.clone() /> },
    );
    let running = page
        .progress
        .map(|progress| view! { <running::Running run=page.run.clone() progress may /> });
    let deciding = view! { <deciding::Deciding page=page.clone() may beside typed /> };
    view! {
        <div data-revision=page.revision.to_string()>
            <p class="crumb">
                <a href=paths::resyncs(
                    &page.run.organization,
                    None,
                )>"Resyncs of " {words(&page.name)}</a>
            </p>
            <PageHeader title sentence within=Some(page.name.clone())>
                {again}
            </PageHeader>
            <div class="facts">
                {resync_badge(&page.run)} <span>
                    <RelativeTime at=page.run.created_at now />
                </span> <Id text=page.run.id.to_string() />
            </div>
            <Banners>
                {above
                    .map(|sentence| {
                        view! {
                            <Banner tone=Tone::Broken title="Nothing was changed.".to_owned()>
                                {sentence}
                            </Banner>
                        }
                    })} {failed}
            </Banners>
            {running}
            {deciding}
            {strange}
            <plan::Planned page=page.clone() only=query.only />
            <About run=page.run commands=page.commands now />
        </div>
    }
}

/// A refusal that is named in the address, as (beside the number, at the top of the page).
fn placed(refusal: Option<NamedRefusal>, run: &Run) -> (Option<String>, Option<String>) {
    match refusal {
        Some(NamedRefusal::Known(Refusal::PeopleToTakeAway(_))) => {
            (Some(Refusal::PeopleToTakeAway(run.counts.takes_away()).to_string()), None)
        }
        Some(NamedRefusal::Known(Refusal::PeopleToAdd(_))) => {
            (Some(Refusal::PeopleToAdd(run.counts.adds()).to_string()), None)
        }
        Some(refusal) => (None, Some(refusal.to_string())),
        None => (None, None),
    }
}

#[component]
fn About(run: Run, commands: Vec<ResyncAct>, now: Timestamp) -> impl IntoView {
    let people = match run.total {
        Some(total) if total != run.listed => {
            format!("{} of {}", grouped(run.listed), grouped(total))
        }
        _ => grouped(run.listed),
    };
    let is_shown = |act: &ResyncAct| matches!(act.what, ActKind::Confirmed | ActKind::Cancelled);
    let commands = commands.into_iter().filter(is_shown).map(move |act| {
        let (word, by) =
            (if act.what == ActKind::Confirmed { "Confirmed" } else { "Cancelled" }, act.by);
        view! {
            <Entry word=word>
                {by.map(|by| format!("{}, ", ExternalText::new(&by)))}<RelativeTime at=act.at now />
            </Entry>
        }
    });
    let aside = (run.set_aside > 0).then(|| {
        view! {
            <Entry word="Set aside" act=true>
                {grouped(run.set_aside)}
            </Entry>
        }
    });
    let took = run.took().map(|took| view! { <Entry word="Took">{words::span(took)}</Entry> });
    let is_over = !matches!(run.state, ResyncState::Queued | ResyncState::Listing);
    let whole = (is_over && run.planned_at.is_some() && !run.is_complete).then(|| {
        view! {
            <Entry word="Removing people">
                "Skipped: a directory is switched off, or its list could not be read completely"
            </Entry>
        }
    });
    let by = format!("{}, ", words::started_by(&run));
    let (at, groups, calls) =
        (run.created_at, run.planned_at.map(|_| grouped(run.counts.groups)), grouped(run.calls));
    let groups = groups.map(|groups| view! { <Entry word="Groups changed">{groups}</Entry> });
    view! {
        <Section title="About this run">
            <div class="about-run">
                <DescriptionList>
                    <Entry word="Started">{by}<RelativeTime at now /></Entry>
                    {commands.collect_view()}
                    {took}
                    <Entry word="People listed">{people}</Entry>
                    {aside}
                    {groups}
                    {whole}
                    <Entry word="Calls to Scalekit">{calls}</Entry>
                </DescriptionList>
            </div>
        </Section>
    }
}

#[cfg(test)]
mod tests;
