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
    resyncs::{ActKind, ImportedFile, ResyncAct, ResyncPage, ResyncQuery},
};

use crate::{
    components::{
        badge::resync_badge,
        banner::{Banner, Banners, Tone},
        description_list::{DescriptionList, Entry},
        export_csv::ExportCsv,
        id::Id,
        page_data::loaded,
        page_header::{PageHeader, Section},
        relative_time::RelativeTime,
        words::words,
    },
    csv_paths, paths,
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
    let title = match (page.run.is_import(), page.run.dry_run) {
        (true, true) => "Preview of an import",
        (true, false) => "Import",
        (false, true) => "Preview",
        (false, false) => "Resync",
    };
    let sentence = words::sentence(&page.run);
    let again = (may && page.run.state == ResyncState::Failed && !page.archived).then(|| {
        view! {
            <a class="button" href=again(&page.run)>
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
    let strange = (page.run.set_aside > 0).then(|| {
        view! {
            <set_aside::SetAside
                count=page.run.set_aside
                is_import=page.run.is_import()
                rows=page.set_aside.clone()
            />
        }
    });
    let result = page.import.as_ref().filter(|file| file.has_result).map(|file| {
        let href = csv_paths::import(&page.run.organization, &file.id);
        view! { <ExportCsv href word="What became of each row, as CSV" /> }
    });
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
            {result}
            <About run=page.run file=page.import commands=page.commands now />
        </div>
    }
}

/// Where the same is begun once more.
fn again(run: &Run) -> String {
    if run.is_import() {
        paths::import(&run.organization)
    } else {
        paths::resyncs(&run.organization, None)
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
fn About(
    run: Run,
    file: Option<ImportedFile>,
    commands: Vec<ResyncAct>,
    now: Timestamp,
) -> impl IntoView {
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
    let word = if run.is_import() { "Refused rows" } else { "Set aside" };
    let aside = (run.set_aside > 0).then(|| {
        view! {
            <Entry word=word act=true>
                {grouped(run.set_aside)}
            </Entry>
        }
    });
    let took = run.took().map(|took| view! { <Entry word="Took">{words::span(took)}</Entry> });
    let is_over = !matches!(run.state, ResyncState::Queued | ResyncState::Listing);
    let skipped = match &file {
        None => {
            Some("Skipped: a directory is switched off, or its list could not be read completely")
        }
        Some(file) if file.is_whole => Some("Skipped: a row of the file could not be taken"),
        Some(_) => None,
    };
    let is_skipped = is_over && run.planned_at.is_some() && !run.is_complete;
    let whole = skipped
        .filter(|_| is_skipped)
        .map(|why| view! { <Entry word="Removing people">{why}</Entry> });
    let by = format!("{}, ", words::started_by(&run));
    let (at, groups, calls) =
        (run.created_at, run.planned_at.map(|_| grouped(run.counts.groups)), grouped(run.calls));
    let by_directory = file.is_none().then(|| {
        view! {
            {groups.map(|groups| view! { <Entry word="Groups changed">{groups}</Entry> })}
            <Entry word="Calls to Scalekit">{calls}</Entry>
        }
    });
    let by_file = file.map(|file| view! { <FileFacts file /> });
    view! {
        <Section title="About this run">
            <div class="about-run">
                <DescriptionList>
                    <Entry word="Started">{by}<RelativeTime at now /></Entry>
                    {commands.collect_view()}
                    {took}
                    {by_file}
                    <Entry word="People listed">{people}</Entry>
                    {aside}
                    {whole}
                    {by_directory}
                </DescriptionList>
            </div>
        </Section>
    }
}

#[component]
fn FileFacts(file: ImportedFile) -> impl IntoView {
    let who = if file.is_whole { "all people" } else { "some of the people" };
    let left = (file.left_to_directory > 0).then(|| {
        view! { <Entry word="Left to the directory">{grouped(file.left_to_directory)}</Entry> }
    });
    view! {
        <Entry word="File">{format!("{} rows, {who}", grouped(file.rows))}</Entry>
        {left}
    }
}

#[cfg(test)]
mod tests;
