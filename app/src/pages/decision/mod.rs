//! The preview of a manual decision: who is chosen, who gets in and who moves. A button that says
//! what will happen confirms it.

mod words;

use domain::{
    directory_user::SeatState, id::OrganizationId, manual_decision::ManualDecision,
    refusal::Refusal, time::Timestamp,
};
use leptos::{prelude::*, server_fn::ServerFn};
use views::waitlist::{
    ChosenPeople, DecisionPreview, DecisionQuery, PreviewedPerson, WaitlistQuery,
};

use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        field::{Field, Labelled, TextArea},
        page_data::loaded,
        page_header::PageHeader,
        waitlist_places::WaitlistPlaces,
        words::words,
    },
    pages::{organization::decisions::Decided, people::PersonCell},
    paths,
    query::{Parameters, Query, chosen_fields},
    server_fns::{DecideByHand, preview_decision},
};

/// What the address says beside the decision.
#[derive(Clone, Debug, Default)]
struct Typed {
    note: String,
    /// Why it could not be confirmed.
    refused: Option<String>,
}

#[component]
pub fn Decision() -> impl IntoView {
    let id = paths::asked_organization();
    let query = Query::of_request();
    let asked: DecisionQuery = query.read();
    let since = query.text("since").parse().ok().map(Timestamp::from_nanos);
    let refused = query.refusal(domain::organization::SeatLimit::NotSet);
    let typed = Typed {
        note: query.get("note").unwrap_or_default().to_owned(),
        refused: refused.map(|refusal| refusal.to_string()),
    };
    let (organization, asking) = (id.clone(), asked.clone());
    let load = move || preview_decision(organization.clone(), asking.clone(), since);
    loaded(load, move |_, preview| match preview {
        Ok(preview) => {
            view! { <Page preview asked=asked.clone() typed=typed.clone() /> }.into_any()
        }
        Err(refusal) => view! { <Refused id=id.clone() refusal /> }.into_any(),
    })
}

/// Nothing can be previewed.
#[component]
fn Refused(id: OrganizationId, refusal: Refusal) -> impl IntoView {
    view! {
        <PageHeader title="Nothing to decide" sentence=refusal.to_string() />
        <p>
            <a class="button" href=paths::waitlist(&id, &WaitlistQuery::default())>
                "Back to the waitlist"
            </a>
        </p>
    }
}

#[component]
fn Page(preview: DecisionPreview, asked: DecisionQuery, typed: Typed) -> impl IntoView {
    let back = paths::waitlist(&preview.organization, &back(&asked, &preview));
    let again = typed.refused.clone().map(|sentence| {
        let rows = preview.changes.clone();
        let (now, organization) = (preview.now, Some(preview.organization.clone()));
        let changes = (!rows.is_empty()).then(|| view! { <Decided rows now organization /> });
        view! {
            <Banner tone=Tone::Act title="Nothing was changed yet.".to_owned()>
                {sentence}
            </Banner>
            {changes}
        }
    });
    let moves = matches!(preview.decision, ManualDecision::MoveTo(_));
    let revision = preview.revision.to_string();
    view! {
        <div data-revision=revision>
            <p class="crumb">
                <a href=back.clone()>"Waitlist, " {words(&preview.organization_name)}</a>
            </p>
            <PageHeader
                title=words::title(&preview)
                sentence=words::sentence(&preview)
                within=Some(preview.organization_name.clone())
            />
            <Banners>{again}</Banners>
            {moves.then(|| view! { <Position preview=preview.clone() asked=asked.clone() /> })}
            <div class="decision-preview">
                <Chosen preview=preview.clone() />
                <After preview=preview.clone() />
            </div>
            <Confirm preview asked typed back />
        </div>
    }
}

/// The list that the people were chosen from.
fn back(asked: &DecisionQuery, preview: &DecisionPreview) -> WaitlistQuery {
    match &asked.people {
        ChosenPeople::All(filter, _) => {
            WaitlistQuery { filter: filter.clone(), ..WaitlistQuery::default() }
        }
        ChosenPeople::These(_) => match asked.decision {
            ManualDecision::UndoDismissal => WaitlistQuery::of(SeatState::Dismissed),
            ManualDecision::Dismiss if takes_a_seat(preview) => {
                WaitlistQuery::of(SeatState::Provisioned)
            }
            _ => WaitlistQuery::default(),
        },
    }
}

/// Whether a person loses a seat.
fn takes_a_seat(preview: &DecisionPreview) -> bool {
    let has_seat = |person: &PreviewedPerson| person.before == Some(SeatState::Provisioned);
    preview.decision == ManualDecision::Dismiss && preview.people.iter().any(has_seat)
}

/// Asks for the preview of another position.
#[component]
fn Position(preview: DecisionPreview, asked: DecisionQuery) -> impl IntoView {
    let kept = chosen_fields(&asked.people)
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> });
    let field = Field {
        name: "position",
        label: "New position",
        hint: "1 gets the next seat. Several people get the positions from here on.",
        value: asked.decision.position(),
        refusal: preview.people.iter().find_map(|person| match &person.after {
            Err(refusal @ Refusal::WaitlistPosition(_)) => Some(refusal.to_string()),
            _ => None,
        }),
    };
    view! {
        <form
            class="decision-position"
            method="get"
            action=paths::decision_form(&preview.organization)
        >
            {kept.collect_view()}
            <input type="hidden" name="action" value=asked.decision.slug() />
            <Labelled field=field.clone()>
                <div class="decision-position__row">
                    <input
                        class="input input--number"
                        id=field.id()
                        name="position"
                        type="number"
                        inputmode="numeric"
                        min="1"
                        max=preview.before.waiting.to_string()
                        value=field.value.clone()
                        autocomplete="off"
                        required=true
                        aria-describedby=field.described_by()
                        aria-invalid=field.invalid()
                    />
                    <button class="button" type="submit">
                        "Preview"
                    </button>
                </div>
            </Labelled>
        </form>
    }
}

/// The chosen people, each with what happens to them.
#[component]
fn Chosen(preview: DecisionPreview) -> impl IntoView {
    let more = preview.done + preview.refused - i64::try_from(preview.people.len()).unwrap_or(0);
    let rows = preview.people.iter().map(|person| {
        let what = words::change(person);
        let refused = person.after.is_err();
        view! {
            <li class="decision-person" data-refused=refused.then_some("")>
                <PersonCell
                    name=person.name.clone()
                    email=person.email.clone()
                    user=person.user.to_string()
                    has_duplicate_email=false
                    href=paths::person(&preview.organization, &person.user)
                />
                <p class="decision-person__what">{what}</p>
            </li>
        }
    });
    view! {
        <section class="card" aria-label="People">
            <h2 class="card__title">"Who this is about"</h2>
            <ul class="decision-people">{rows.collect_view()}</ul>
            {(more > 0).then(|| view! { <p class="quiet">{words::and_more(more)}</p> })}
        </section>
    }
}

/// The waitlist after the decision, and who else gets a seat.
#[component]
fn After(preview: DecisionPreview) -> impl IntoView {
    let admitted = words::admitted(&preview);
    view! {
        <section class="card" aria-label="Afterwards">
            <h2 class="card__title">"Afterwards"</h2>
            <p>{format!("{}.", preview.after.sentence())}</p>
            {admitted.map(|sentence| view! { <p class="decision-admitted">{sentence}</p> })}
            <WaitlistPlaces line=preview.line waiting=preview.after.waiting />
        </section>
    }
}

#[component]
fn Confirm(
    preview: DecisionPreview,
    asked: DecisionQuery,
    typed: Typed,
    back: String,
) -> impl IntoView {
    if preview.done == 0 {
        let instead = words::instead(&preview).map(|(word, decision)| {
            let query = DecisionQuery { decision, people: asked.people.clone() };
            view! {
                <a class="button" href=paths::decision(&preview.organization, &query)>
                    {word}
                </a>
            }
        });
        return view! {
            <p class="form__actions">
                {instead} <a class="button button--quiet" href=back>
                    "Back to the waitlist"
                </a>
            </p>
        }
        .into_any();
    }
    let fields = asked.written();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let decision = paths::with_query("", &fields);
    let field = Field {
        name: "note",
        label: "Note (optional)",
        hint: "Kept in the audit log.",
        value: typed.note,
        refusal: None,
    };
    let tone = if takes_a_seat(&preview) { "button button--danger" } else { "button button--main" };
    view! {
        <form class="decision-confirm form" method="post" action=DecideByHand::url()>
            <input type="hidden" name="id" value=preview.organization.to_string() />
            <input
                type="hidden"
                name="decision"
                value=decision.trim_start_matches('?').to_owned()
            />
            <input type="hidden" name="mark" value=preview.mark.clone() data-seen="" />
            <input
                type="hidden"
                name="previewed_at"
                value=preview.now.nanos().to_string()
                data-seen=""
            />
            <TextArea field=field rows=2 longest=500 />
            <div class="form__actions">
                <button class=tone type="submit">
                    {words::verb(&preview)}
                </button>
                <a class="button button--quiet" href=back>
                    "Cancel"
                </a>
            </div>
        </form>
    }
    .into_any()
}
