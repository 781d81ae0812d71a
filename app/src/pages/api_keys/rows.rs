//! The table of the keys, with what can be done about each of them.

use domain::{
    api_key::{ApiKey, KeyState},
    time::Timestamp,
};
use leptos::{prelude::*, server_fn::ServerFn};
use views::api_keys::{ApiKeyRow, ApiKeysPage};

use super::words::{may, reaches};
use crate::{
    components::{
        badge::KeyBadge,
        id::Id,
        relative_time::RelativeTime,
        table::{Heading, Table},
        words::words,
    },
    query::Sent,
    server_fns::{RevokeApiKey, RotateApiKey},
};

/// The form of a row in an address.
const ROTATE: &str = "rotate";

#[component]
pub(super) fn Rows(page: ApiKeysPage, sent: Sent) -> impl IntoView {
    let now = page.now;
    let row = move |row: ApiKeyRow| view! { <Row row sent=sent.clone() now /> };
    let rows = page.rows.into_iter().map(row).collect_view();
    view! {
        <Table label="API keys">
            <thead>
                <tr>
                    <Heading word="Key" />
                    <Heading word="May" wide=true />
                    <Heading word="Reaches" wide=true />
                    <Heading word="Last use" number=true wide=true />
                    <Heading word="State" />
                    <Heading word="Change" />
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Row(row: ApiKeyRow, sent: Sent, now: Timestamp) -> impl IntoView {
    let last_use = match row.last_used_at {
        Some(at) => view! { <RelativeTime at now /> }.into_any(),
        None => "Never".into_any(),
    };
    let change = if row.state.works() {
        view! { <Change row=row.clone() sent /> }.into_any()
    } else {
        view! { <span class="quiet">"–"</span> }.into_any()
    };
    view! {
        <tr>
            <th scope="row" class="row__name">
                {words(&row.name)}
                <span class="sub">
                    <Id text=row.id.to_string() />
                </span>
                <span class="sub">
                    "by " {words(&row.created_by)} ", " <RelativeTime at=row.created_at now />
                </span>
                <span class="narrow sub">
                    {may(&row.scopes)} " · " {reaches(row.organization.clone())}
                </span>
            </th>
            <td class="wide">{may(&row.scopes)}</td>
            <td class="wide">{reaches(row.organization)}</td>
            <td class="wide number quiet">{last_use}</td>
            <td>
                <KeyBadge state=row.state />
                {until(row.state, row.expires_at)
                    .map(|until| view! { <span class="sub">{until}</span> })}
            </td>
            <td class="members__change">{change}</td>
        </tr>
    }
}

/// When a key ends, or ended.
fn until(state: KeyState, expires_at: Option<Timestamp>) -> Option<String> {
    let Some(at) = expires_at.map(Timestamp::exact) else {
        return state.works().then(|| "No end".to_owned());
    };
    match state {
        KeyState::Works => Some(format!("until {at}")),
        KeyState::Replaced => Some(format!("it works until {at}")),
        KeyState::Expired => Some(at),
        KeyState::Revoked => None,
    }
}

/// The forms of a row, closed until they are asked for.
#[component]
fn Change(row: ApiKeyRow, sent: Sent) -> impl IntoView {
    let id = row.id.to_string();
    let typed = sent.typed(ROTATE).filter(|typed| typed.get("key") == Some(row.id.as_str()));
    let refusal = sent.beside(ROTATE, "hours").filter(|_| typed.is_some());
    let typed_hours = typed.and_then(|typed| typed.get("hours")).map(str::to_owned);
    let is_open = typed_hours.is_some();
    let hours = typed_hours.unwrap_or_else(|| ApiKey::OVERLAP_HOURS.to_string());
    let rotate = (row.state == KeyState::Works).then(|| {
        let summary = format!("Rotate {} …", row.name);
        let (described, refusal_id) = (refusal.is_some(), format!("refusal-hours-{id}"));
        let described = described.then(|| refusal_id.clone());
        let invalid = refusal.is_some().then_some("true");
        let refusal = refusal.map(|text| {
            view! {
                <p class="field__refusal" id=refusal_id>
                    {text}
                </p>
            }
        });
        view! {
            <details class="members__remove" open=is_open>
                <summary aria-label=summary>"Rotate …"</summary>
                <p class="quiet">
                    "A new key with the same rights takes its place; you see it once. The old one works for some more hours, so that you can exchange them without a gap."
                </p>
                <form method="post" action=RotateApiKey::url() novalidate=true>
                    <input type="hidden" name="id" value=id.clone() />
                    <label class="key__hours">
                        "Hours that the old key still works"
                        <input
                            class="input"
                            name="hours"
                            value=hours
                            inputmode="numeric"
                            autocomplete="off"
                            aria-describedby=described
                            aria-invalid=invalid
                        />
                    </label>
                    {refusal}
                    <button class="button" type="submit">
                        "Rotate the key"
                    </button>
                </form>
            </details>
        }
    });
    let (summary, revoke) = (format!("Change {}", row.name), format!("Revoke {} …", row.name));
    view! {
        <details class="members__more" open=is_open>
            <summary aria-label=summary>"Change"</summary>
            {rotate}
            <details class="members__remove">
                <summary aria-label=revoke>"Revoke …"</summary>
                <p class="quiet">
                    "The key opens nothing from the next call on. A program that still uses it gets 401. This cannot be undone."
                </p>
                <form method="post" action=RevokeApiKey::url()>
                    <input type="hidden" name="id" value=row.id.to_string() />
                    <button class="button button--danger" type="submit">
                        "Revoke the key"
                    </button>
                </form>
            </details>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_when_it_ends() {
        let at = Some(Timestamp::from_seconds(1_790_000_000));
        let says = |state| until(state, at).unwrap_or_default();

        assert_eq!(says(KeyState::Works), "until 21 Sep 2026, 14:13:20 UTC");
        assert_eq!(says(KeyState::Replaced), "it works until 21 Sep 2026, 14:13:20 UTC");
        assert_eq!(says(KeyState::Revoked), "");
        assert_eq!(until(KeyState::Works, None).as_deref(), Some("No end"));
        assert_eq!(until(KeyState::Revoked, None), None);
    }
}
