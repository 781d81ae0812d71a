//! The passkeys of the reader's own account.

use domain::{organization::SeatLimit, passkey::LONGEST_NAME, refusal::Refusal, time::Timestamp};
use leptos::{prelude::*, server_fn::ServerFn};
use views::factors::{FactorsPage, PasskeyRow};

use crate::{
    components::{
        field::{Field, TextField},
        passkey_form::{PasskeyCall, PasskeyForm},
        relative_time::RelativeTime,
        words::words,
    },
    query::Query,
    server_fns::{
        AddPasskey, BeginFirstPasskey, BeginPasskey, NamedRefusal, RemovePasskey, RenamePasskey,
        SetFirstPasskey,
    },
};

#[component]
pub(super) fn Passkeys(page: FactorsPage, query: Query) -> impl IntoView {
    if page.passkeys.is_empty() && !page.offers_passkeys {
        return ().into_any();
    }
    let is_last = page.is_needed && !page.factors.has_app && page.passkeys.len() == 1;
    let new = page.offers_passkeys.then(|| {
        let typed = query.get("name").map(str::to_owned);
        let refusal = name_refusal(&query).filter(|_| query.get("passkey").is_none());
        view! { <New name=typed.unwrap_or_else(|| page.device.clone()) refusal /> }
    });
    let now = page.now;
    let is_empty = page.passkeys.is_empty();
    let rows = page.passkeys.into_iter().map(move |row| {
        let is_typed = query.get("passkey") == Some(row.id.as_str());
        let refusal = name_refusal(&query).filter(|_| is_typed);
        let typed = query.get("rename").filter(|_| refusal.is_some()).map(str::to_owned);
        view! { <One row typed refusal is_last now /> }
    });
    let list = (!is_empty).then(|| {
        view! {
            <ul class="passkeys" role="list">
                {rows.collect_view()}
            </ul>
        }
    });
    view! {
        <section class="card" aria-label="Passkeys">
            <h2 class="card__title">"Passkeys"</h2>
            <p>
                "A passkey is in your phone, your computer or your password manager. It opens your account without a password, and asks for your finger, your face or a PIN."
            </p>
            {list}
            {new}
        </section>
    }
    .into_any()
}

/// A refusal that stands beside the name of a passkey.
pub(super) fn name_refusal(query: &Query) -> Option<String> {
    let refused = query.refusal(SeatLimit::NotSet)?;
    let is_name = matches!(
        &refused,
        NamedRefusal::Known(refusal @ Refusal::Passkey(_)) if refusal.field() == Some("name")
    );
    is_name.then(|| refused.to_string())
}

fn name_field(name: String, refusal: Option<String>) -> Field {
    Field {
        name: "name",
        label: "Name of the new passkey",
        hint: "By which you will know it again.",
        value: name,
        refusal,
    }
}

/// For staff who need a factor, before there is a session.
#[component]
pub(super) fn FirstPasskey(
    /// Of the new passkey.
    name: String,
    /// Beside the name.
    refusal: Option<String>,
    /// Below the button.
    failure: Option<String>,
    next: String,
) -> impl IntoView {
    view! {
        <PasskeyForm
            call=PasskeyCall::Create
            ask=BeginFirstPasskey::url()
            action=SetFirstPasskey::url()
            refusal=failure
        >
            <p>
                "A passkey is in your phone, your computer or your password manager, and asks for your finger, your face or a PIN."
            </p>
            <input type="hidden" name="next" value=next />
            <TextField field=name_field(name, refusal) longest=LONGEST_NAME />
            <button class="button button--main button--wide" type="submit">
                "Add a passkey and sign in"
            </button>
            <p class="first-factor__or">"Or set up an app:"</p>
        </PasskeyForm>
    }
}

#[component]
fn New(name: String, refusal: Option<String>) -> impl IntoView {
    view! {
        <p class="quiet passkey__instead">"This browser can make no passkey here."</p>
        <PasskeyForm
            call=PasskeyCall::Create
            ask=BeginPasskey::url()
            action=AddPasskey::url()
            refusal=None
        >
            <TextField field=name_field(name, refusal) longest=LONGEST_NAME />
            <div class="form__actions">
                <button class="button" type="submit">
                    "Add a passkey"
                </button>
            </div>
        </PasskeyForm>
    }
}

#[component]
fn One(
    row: PasskeyRow,
    /// The new name, if it was refused.
    typed: Option<String>,
    refusal: Option<String>,
    is_last: bool,
    now: Timestamp,
) -> impl IntoView {
    let PasskeyRow { id, name, stored_name, added_at, used_at } = row;
    let used = match used_at {
        Some(at) => view! {
            ", last used "
            <RelativeTime at now />
        }
        .into_any(),
        None => ", never used".into_any(),
    };
    let (rename, remove) = (format!("Rename {name} …"), format!("Remove {name} …"));
    let removal = if is_last {
        view! {
            <p class="quiet">
                "Staff need a second factor here, so the last one stays. Add another passkey or an app first."
            </p>
        }
        .into_any()
    } else {
        view! {
            <details class="members__remove">
                <summary aria-label=remove>"Remove …"</summary>
                <p class="quiet">"It opens your account no more. Your other sessions end."</p>
                <form method="post" action=RemovePasskey::url()>
                    <input type="hidden" name="id" value=id.as_str().to_owned() />
                    <button class="button button--danger" type="submit">
                        "Remove the passkey"
                    </button>
                </form>
            </details>
        }
        .into_any()
    };
    let is_open = refusal.is_some();
    let refusal = refusal.map(|text| view! { <p class="field__refusal">{text}</p> });
    view! {
        <li class="passkeys__one">
            <p class="passkeys__name">{words(&name)}</p>
            <p class="quiet">"Added " <RelativeTime at=added_at now /> {used} "."</p>
            <details class="members__remove" open=is_open>
                <summary aria-label=rename>"Rename …"</summary>
                <form class="members__form" method="post" action=RenamePasskey::url()>
                    <input type="hidden" name="id" value=id.as_str().to_owned() />
                    <input
                        class="input"
                        name="name"
                        aria-label="New name"
                        value=typed.unwrap_or(stored_name)
                        maxlength=LONGEST_NAME.to_string()
                        autocomplete="off"
                    />
                    <button class="button" type="submit">
                        "Save name"
                    </button>
                </form>
                {refusal}
            </details>
            {removal}
        </li>
    }
}
