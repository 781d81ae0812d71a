//! Archiving an organization by hand: who loses a seat and who stops waiting, a reason, and a
//! button that says what will happen. Staff only.

use domain::{
    organization::{SeatLimit, grouped, people},
    refusal::Refusal,
    text::ExternalText,
};
use leptos::{prelude::*, server_fn::ServerFn};
use views::settings::ArchivePage;

use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        empty_state::ArchivedOrganization,
        field::{Field, TextArea},
        page_data::loaded,
        page_header::PageHeader,
        words::words,
    },
    paths,
    query::Query,
    server_fns::{ArchiveOrganization, NamedRefusal, load_archive},
};

#[component]
pub fn Archive() -> impl IntoView {
    let id = paths::asked_organization();
    let query = Query::of_request();
    let reason = query.get("reason").unwrap_or_default().to_owned();
    let refused = query.refusal(SeatLimit::NotSet);
    loaded(
        move || load_archive(id.clone()),
        move |_, page| {
            view! { <Page page reason=reason.clone() refused=refused.clone() /> }.into_any()
        },
    )
}

#[component]
fn Page(page: ArchivePage, reason: String, refused: Option<NamedRefusal>) -> impl IntoView {
    let sentence = refused.as_ref().map(ToString::to_string);
    let is_beside = matches!(
        refused,
        Some(NamedRefusal::Known(Refusal::ArchiveReasonMissing | Refusal::ReasonTooLong))
    );
    let (beside, above) = if is_beside { (sentence, None) } else { (None, sentence) };
    let above = above.map(|sentence| {
        view! {
            <Banner tone=Tone::Act title="Nothing was archived.".to_owned()>
                {sentence}
            </Banner>
        }
    });
    let id = page.organization.clone();
    let content = if page.archived {
        view! { <ArchivedOrganization id /> }.into_any()
    } else {
        view! {
            <Preview page=page.clone() />
            <Confirm page=page.clone() reason refusal=beside />
        }
        .into_any()
    };
    view! {
        <div class="settings" data-revision=page.revision.to_string()>
            <p class="crumb">
                <a href=paths::settings(&page.organization)>"Settings, " {words(&page.name)}</a>
            </p>
            <PageHeader
                title="Archive organization"
                sentence="Its people lose their seats, and nothing is deleted: the history stays readable."
                within=Some(page.name.clone())
            />
            <Banners>{above}</Banners>
            {content}
        </div>
    }
}

/// What would end, in sentences.
#[component]
fn Preview(page: ArchivePage) -> impl IntoView {
    let usage = page.usage;
    let held = told((usage.used, "loses the seat", "lose their seats"), &page.holders);
    let waited = told((usage.waiting, "waits no longer", "wait no longer"), &page.waiting);
    view! {
        <section class="card" aria-label="What ends">
            <h2 class="card__title">"What ends"</h2>
            <p>{held.unwrap_or_else(|| "No person holds a seat.".to_owned())}</p>
            <p>{waited.unwrap_or_else(|| "No person waits for a seat.".to_owned())}</p>
            <p>
                "The seat limit ends. People of the directory who have an account here lose their access, and a resync that is under way is discarded."
            </p>
            <p>
                "A newer event about the organization from Scalekit brings it back, without a seat limit. You can restore it by hand, too."
            </p>
        </section>
    }
}

/// `3 people lose their seats: Ada, Bob and 1 more.`; `None` for no person.
fn told((count, one, many): (i64, &str, &str), first: &[ExternalText]) -> Option<String> {
    if count == 0 {
        return None;
    }
    let names: Vec<String> = first.iter().map(ToString::to_string).collect();
    let more = count - i64::try_from(names.len()).unwrap_or(i64::MAX);
    let names = match names.as_slice() {
        [] => String::new(),
        names if more > 0 => format!(": {} and {} more", names.join(", "), grouped(more)),
        [only] => format!(": {only}"),
        [names @ .., last] => format!(": {} and {last}", names.join(", ")),
    };
    let verb = if count == 1 { one } else { many };
    Some(format!("{} {} {verb}{names}.", grouped(count), people(count)))
}

#[component]
fn Confirm(page: ArchivePage, reason: String, refusal: Option<String>) -> impl IntoView {
    let usage = page.usage;
    let field = Field {
        name: "reason",
        label: "Reason",
        hint: "Kept in the audit log; the customer does not see it.",
        value: reason,
        refusal,
    };
    view! {
        <form class="form" method="post" action=ArchiveOrganization::url()>
            <input type="hidden" name="id" value=page.organization.to_string() />
            <input type="hidden" name="used" value=usage.used.to_string() data-seen="" />
            <input type="hidden" name="waiting" value=usage.waiting.to_string() data-seen="" />
            <TextArea field=field rows=2 longest=500 required=true />
            <div class="form__actions">
                <button class="button button--danger" type="submit">
                    {verb(usage.used)}
                </button>
                <a class="button button--quiet" href=paths::settings(&page.organization)>
                    "Cancel"
                </a>
            </div>
        </form>
    }
}

/// The text of the button: `Archive: 3 people lose their seats`
fn verb(used: i64) -> String {
    match used {
        0 => "Archive".to_owned(),
        1 => "Archive: 1 person loses the seat".to_owned(),
        n => format!("Archive: {} people lose their seats", grouped(n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_loses_a_seat_is_named() {
        let words = |count, first: &[&str]| {
            let first: Vec<_> = first.iter().map(|name| ExternalText::new(name)).collect();
            told((count, "loses the seat", "lose their seats"), &first)
        };
        assert_eq!(words(0, &[]), None);
        assert_eq!(words(1, &["Ada"]).unwrap(), "1 person loses the seat: Ada.");
        assert_eq!(words(2, &["Ada", "Bob"]).unwrap(), "2 people lose their seats: Ada and Bob.");
        assert_eq!(
            words(1_200, &["Ada", "Bob"]).unwrap(),
            "1,200 people lose their seats: Ada, Bob and 1,198 more."
        );
        assert_eq!(verb(1_200), "Archive: 1,200 people lose their seats");
    }
}
