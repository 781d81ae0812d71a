//! Changing the admission policy: staff choose one, see a preview, and save it with a button that
//! says what will happen.

use domain::{
    admission::AdmissionPolicy,
    id::GroupId,
    organization::{SeatLimit, grouped, people},
    refusal::Refusal,
    text::ExternalText,
};
use leptos::{prelude::*, server_fn::ServerFn};
use views::policy::{PolicyForm, PolicyPreview, PolicyQuery};

use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        empty_state::ArchivedOrganization,
        field::{Field, TextArea},
        group_links::GroupLinks,
        page_data::loaded,
        page_header::PageHeader,
        waitlist_places::WaitlistPlaces,
        words::words,
    },
    paths,
    query::{Parameters, Query},
    server_fns::{SetPolicy, load_policy},
};

#[component]
pub fn Policy() -> impl IntoView {
    let id = paths::asked_organization();
    let query = Query::of_request();
    let asked: PolicyQuery = query.read();
    let reason = query.get("reason").unwrap_or_default().to_owned();
    let refused = query.refusal(SeatLimit::NotSet).map(|refusal| refusal.to_string());
    let is_beside = ["reason-missing", "reason-too-long", "policy-reason-missing"]
        .contains(&query.text("refused"));
    let asking = asked.clone();
    loaded(
        move || load_policy(id.clone(), asking.clone()),
        move |_, form| {
            let typed = Typed {
                asked: asked.clone(),
                reason: reason.clone(),
                refused: refused.clone(),
                is_beside,
            };
            view! { <Page form typed /> }.into_any()
        },
    )
}

/// What the address says beside the policy.
#[derive(Clone, Debug)]
struct Typed {
    asked: PolicyQuery,
    reason: String,
    refused: Option<String>,
    /// The refusal is about the reason.
    is_beside: bool,
}

#[component]
fn Page(form: PolicyForm, typed: Typed) -> impl IntoView {
    let (beside, above) =
        if typed.is_beside { (typed.refused, None) } else { (None, typed.refused) };
    let above = above.or_else(|| match &form.preview {
        Some(Err(refusal)) if *refusal != Refusal::PolicyIsTheSame => Some(refusal.to_string()),
        _ => None,
    });
    let above = above.map(|sentence| {
        view! {
            <Banner tone=Tone::Broken title="The policy was not changed.".to_owned()>
                {sentence}
            </Banner>
        }
    });
    let chosen = match &typed.asked.policy {
        Some(Ok(policy)) => policy.clone(),
        _ => form.policy.clone(),
    };
    let preview = match form.preview.clone() {
        Some(Ok(preview)) => view! { <After preview /> }.into_any(),
        Some(Err(Refusal::PolicyIsTheSame)) => {
            view! { <p class="quiet">"This is the policy now."</p> }.into_any()
        }
        _ => ().into_any(),
    };
    let ready = form.preview.clone().and_then(Result::ok);
    let ranked = ranked(&form);
    let now = (!ranked.is_empty()).then(|| {
        view! {
            <p class="policy__now">
                "These groups come first now: "
                <GroupLinks organization=form.organization.clone() groups=ranked />
            </p>
        }
    });
    let id = form.organization.clone();
    let content = if form.archived {
        view! { <ArchivedOrganization id=id.clone() /> }.into_any()
    } else {
        view! {
            {now}
            <div class="policy">
                <Choose form=form.clone() chosen reason=typed.reason.clone() />
                <div>
                    {preview}
                    {ready
                        .map(|preview| {
                            let form = form.clone();
                            let reason = typed.reason.clone();
                            view! { <Save form preview reason beside=beside.clone() /> }
                        })}
                </div>
            </div>
        }
        .into_any()
    };
    view! {
        <div data-revision=form.revision.to_string()>
            <p class="crumb">
                <a href=paths::organization(&id)>{words(&form.organization_name)}</a>
            </p>
            <PageHeader
                title="Admission policy"
                sentence=format!("{}.", form.usage.sentence())
                within=Some(form.organization_name.clone())
            />
            <Banners>{above}</Banners>
            {content}
        </div>
    }
}

/// The groups of the present policy in their order, with their names.
fn ranked(form: &PolicyForm) -> Vec<(GroupId, ExternalText)> {
    let named = |id: &GroupId| form.groups.iter().find(|(known, _)| known == id).cloned();
    form.policy.groups().iter().filter_map(named).collect()
}

/// The choice; the button asks for the preview, so that no policy is saved unseen.
#[component]
fn Choose(form: PolicyForm, chosen: AdmissionPolicy, reason: String) -> impl IntoView {
    let now = form.policy.as_str();
    let choice = |policy: &'static str, title: &'static str, sentence: &'static str| {
        let is_now = (policy == now).then_some(" (now)");
        view! {
            <label class="policy__choice">
                <input
                    type="radio"
                    name="policy"
                    value=policy
                    checked=chosen.as_str() == policy
                    autocomplete="off"
                />
                <span>
                    <b>{title} {is_now}</b>
                    <span class="policy__meaning">{sentence}</span>
                </span>
            </label>
        }
    };
    let first = choice(
        "first-come",
        "First come, first served",
        "The person who has waited longest gets the next free seat.",
    );
    let groups = choice(
        "groups",
        "Groups first",
        "The highest of these groups comes first; inside a group the person who has waited longest.",
    );
    let by_hand = choice(
        "by-hand",
        "By hand",
        "The waitlist waits until an admin admits a person. A new person gets a free seat only if no person waits.",
    );
    view! {
        <form class="card policy__form" method="get" action=paths::policy(&form.organization)>
            <fieldset class="policy__choices">
                <legend class="card__title">"Who gets a free seat?"</legend>
                {first}
                {groups}
                <Groups groups=form.groups chosen=chosen.groups().to_vec() />
                {by_hand}
            </fieldset>
            <input type="hidden" name="reason" value=reason />
            <div class="form__actions">
                <button class="button" type="submit">
                    "Preview"
                </button>
            </div>
        </form>
    }
}

/// So many empty places are offered behind the chosen groups.
const EMPTY: usize = 3;

/// The groups in their order: one choice for each place.
#[component]
fn Groups(groups: Vec<(GroupId, ExternalText)>, chosen: Vec<GroupId>) -> impl IntoView {
    if groups.is_empty() {
        return view! { <p class="policy__groups quiet">"The directory has sent no group yet."</p> }
        .into_any();
    }
    let places = (chosen.len() + EMPTY).min(groups.len().max(chosen.len()));
    let place = |number: usize| {
        let here = chosen.get(number);
        let options = groups.iter().map(|(id, name)| {
            view! {
                <option value=id.to_string() selected=here == Some(id)>
                    {name.to_string()}
                </option>
            }
        });
        let label = format!("Group {}", number + 1);
        view! {
            <li>
                <select class="input" name="group" aria-label=label autocomplete="off">
                    <option value="">"–"</option>
                    {options.collect_view()}
                </select>
            </li>
        }
    };
    view! { <ol class="policy__groups">{(0..places).map(place).collect_view()}</ol> }.into_any()
}

/// The waitlist under the new policy.
#[component]
fn After(preview: PolicyPreview) -> impl IntoView {
    view! {
        <section class="card" aria-label="Afterwards">
            <h2 class="card__title">"Afterwards"</h2>
            <p>{format!("{}.", preview.after.sentence())}</p>
            <p class="decision-admitted">{admitted(&preview)}</p>
            <WaitlistPlaces line=preview.line waiting=preview.after.waiting />
        </section>
    }
}

/// Who would get a seat: `Ada and Bob get in.`
fn admitted(preview: &PolicyPreview) -> String {
    let names: Vec<String> = preview.admitted.iter().map(ToString::to_string).collect();
    let more = preview.admitted_count - i64::try_from(names.len()).unwrap_or(i64::MAX);
    match names.as_slice() {
        [] => "No person gets in because of this change.".to_owned(),
        names if more > 0 => format!("{} and {} more get in.", names.join(", "), grouped(more)),
        [one] => format!("{one} gets in."),
        [names @ .., last] => format!("{} and {last} get in.", names.join(", ")),
    }
}

#[component]
fn Save(
    form: PolicyForm,
    preview: PolicyPreview,
    reason: String,
    beside: Option<String>,
) -> impl IntoView {
    let query = PolicyQuery { policy: Some(Ok(preview.policy.clone())) };
    let fields = query.written();
    let groups: Vec<_> = fields
        .iter()
        .filter(|(name, _)| *name == "group")
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let groups = paths::with_query("", &groups);
    let field = Field {
        name: "reason",
        label: "Reason",
        hint: "Kept in the audit log; the customer does not see it.",
        value: reason,
        refusal: beside,
    };
    view! {
        <form class="form" method="post" action=SetPolicy::url()>
            <input type="hidden" name="id" value=form.organization.to_string() />
            <input type="hidden" name="policy" value=preview.policy.as_str() />
            <input type="hidden" name="groups" value=groups.trim_start_matches('?').to_owned() />
            <input
                type="hidden"
                name="policy_version"
                value=form.policy_version.to_string()
                data-seen=""
            />
            <TextArea field=field rows=2 longest=500 required=true />
            <div class="form__actions">
                <button class="button button--main" type="submit">
                    {verb(&preview)}
                </button>
                <a class="button button--quiet" href=paths::organization(&form.organization)>
                    "Cancel"
                </a>
            </div>
        </form>
    }
}

/// The text of the button: `Change to “by hand”`, or `Change to “groups first”: 2 people get in`.
fn verb(preview: &PolicyPreview) -> String {
    let verb = format!("Change to “{}”", preview.policy.word());
    match preview.admitted_count {
        0 => verb,
        1 => format!("{verb}: 1 person gets in"),
        n => format!("{verb}: {} {} get in", grouped(n), people(n)),
    }
}

#[cfg(test)]
mod tests {
    use domain::organization::Usage;

    use super::*;

    #[test]
    fn the_button_and_the_sentence_say_who_gets_in() {
        let usage = Usage { limit: SeatLimit::Seats(5), used: 3, waiting: 2 };
        let preview = |names: &[&str], admitted_count| PolicyPreview {
            policy: AdmissionPolicy::FirstCome,
            after: usage,
            admitted: names.iter().map(|name| ExternalText::new(name)).collect(),
            admitted_count,
            line: Vec::new(),
        };
        let told = |names: &[&str], count| {
            let preview = preview(names, count);
            (verb(&preview), admitted(&preview))
        };
        assert_eq!(
            told(&[], 0),
            (
                "Change to “first come, first served”".to_owned(),
                "No person gets in because of this change.".to_owned()
            )
        );
        assert_eq!(
            told(&["Ada", "Bob"], 2),
            (
                "Change to “first come, first served”: 2 people get in".to_owned(),
                "Ada and Bob get in.".to_owned()
            )
        );
        assert_eq!(told(&["Ada"], 3).1, "Ada and 2 more get in.");
    }
}
