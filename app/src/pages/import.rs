//! Taking a file of people: the form, and what the file may have. The plan that it makes is the
//! page of a resync.

use domain::{
    id::OrganizationId,
    import::Column,
    organization::SeatLimit,
    resync::{Resync, ResyncState},
};
use leptos::prelude::*;
use views::imports::ImportForm;

use crate::{
    components::{
        empty_state::ArchivedOrganization,
        field::{Field, Labelled},
        page_data::loaded,
        page_header::{PageHeader, Section},
        table::{Heading, Table},
        words::words,
    },
    pages::resyncs::open_run,
    paths,
    query::Query,
    server_fns::{NamedRefusal, answer, load_import},
};

#[component]
pub fn Import() -> impl IntoView {
    let id = paths::asked_organization();
    let refusal = Query::of_request().refusal(SeatLimit::NotSet);
    loaded(
        move || load_import(id.clone()),
        move |_, form| {
            let refused = refusal.as_ref().map(sentence);
            view! { <Page form refused /> }.into_any()
        },
    )
}

/// Why the last file was refused. A sentence that quotes the file is not in the address.
fn sentence(refusal: &NamedRefusal) -> String {
    let kept = answer::kept_reason().filter(|_| *refusal == NamedRefusal::Other);
    kept.unwrap_or_else(|| refusal.to_string())
}

#[component]
fn Page(form: ImportForm, refused: Option<String>) -> impl IntoView {
    let ImportForm { organization, name, revision, archived, open } = form;
    let content = match open {
        _ if archived => view! { <ArchivedOrganization id=organization.clone() /> }.into_any(),
        Some(run) => busy(&run, refused),
        None => view! { <FileForm id=organization.clone() refused /> }.into_any(),
    };
    view! {
        <div data-revision=revision.to_string()>
            <p class="crumb">
                <a href=paths::resyncs(&organization, None)>"Resyncs of " {words(&name)}</a>
            </p>
            <PageHeader
                title="Import people"
                sentence="From a file, for people that no directory lists. First you see the plan."
                within=Some(name)
            />
            {content}
            <Columns />
        </div>
    }
}

/// Another run must end before a file is taken.
fn busy(run: &Resync, refused: Option<String>) -> AnyView {
    let refused = refused.map(|sentence| {
        view! {
            <p class="field__refusal" role="alert">
                {sentence}
            </p>
        }
    });
    let why = if run.state == ResyncState::Waiting {
        "A plan waits for a person. Apply or cancel it, then send a file."
    } else {
        "A file can be sent as soon as this has ended."
    };
    view! {
        <section class="card" aria-label="In progress">
            {open_run(run, true)}
            <p class="quiet">{why}</p>
            {refused}
        </section>
    }
    .into_any()
}

/// The choice stands before the file, because the file is read as it arrives.
#[component]
fn FileForm(id: OrganizationId, refused: Option<String>) -> impl IntoView {
    let field = Field {
        name: "file",
        label: "File",
        hint: "CSV or NDJSON, at most 100,000 people and 64 MiB. Its name ends with .csv, .ndjson or .jsonl.",
        value: String::new(),
        refusal: refused,
    };
    view! {
        <section class="card" aria-label="Send a file">
            <form
                class="form import"
                method="post"
                action=paths::imports(&id)
                enctype="multipart/form-data"
            >
                <fieldset class="import__kinds">
                    <legend class="field__label">"Who is in the file?"</legend>
                    <Kind
                        value="no"
                        word="Some of the people"
                        meaning="They are added or brought up to date. All others stay as they are."
                        chosen=true
                    />
                    <Kind
                        value="yes"
                        word="All people"
                        meaning="Those who came with an earlier file and are not in this one are removed."
                        chosen=false
                    />
                </fieldset>
                <Labelled field=field.clone()>
                    <input
                        class="input input--file"
                        id=field.id()
                        name="file"
                        type="file"
                        accept=".csv,.ndjson,.jsonl,text/csv,application/x-ndjson"
                        required=true
                        autofocus=field.is_refused()
                        aria-describedby=field.described_by()
                        aria-invalid=field.invalid()
                    />
                </Labelled>
                <div class="form__actions">
                    <button class="button button--main" type="submit">
                        "Send and see the plan"
                    </button>
                </div>
                <p class="quiet">
                    "Nothing changes until a person applies the plan. People of a connected directory stay as the directory has them."
                </p>
            </form>
        </section>
    }
}

#[component]
fn Kind(
    value: &'static str,
    word: &'static str,
    meaning: &'static str,
    chosen: bool,
) -> impl IntoView {
    view! {
        <label class="import__kind">
            <input type="radio" name="whole" value=value checked=chosen autocomplete="off" />
            <span>
                <b>{word}</b>
                <span class="quiet">{meaning}</span>
            </span>
        </label>
    }
}

const EXAMPLE: &str = "email,name,external_id,active
ada@acme.example,Ada Lovelace,e-1,true
alan@acme.example,Alan Turing,e-2,true
";

#[component]
fn Columns() -> impl IntoView {
    let rows = Column::ALL.into_iter().map(|column| {
        let needed = (column == Column::Email).then_some(" (must be there)");
        view! {
            <tr>
                <th scope="row">
                    <code>{column.as_str()}</code>
                    <span class="quiet">{needed}</span>
                </th>
                <td>{meaning(column)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <Section title="What a file has">
            <p class="narrowed">
                "The first line of a CSV names its columns, in any order. NDJSON has one object in each line, with the same names as fields. The same file may be sent twice: the second one changes nothing."
            </p>
            <Table label="Columns">
                <thead>
                    <tr>
                        <Heading word="Column" />
                        <Heading word="What it says" />
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            <pre class="payload" dir="ltr" tabindex="0" role="region" aria-label="An example">
                <code>{EXAMPLE}</code>
            </pre>
        </Section>
    }
}

fn meaning(column: Column) -> &'static str {
    match column {
        Column::ExternalId => {
            "The id of the person in another system. It finds the person again after the address has changed."
        }
        Column::Email => "The address, by which the person is known.",
        Column::Name => "The whole name.",
        Column::GivenName | Column::FamilyName => "A part of the name, in place of “name”.",
        Column::Active => {
            "true or false; without it, true. A person who is not active needs no seat."
        }
    }
}
