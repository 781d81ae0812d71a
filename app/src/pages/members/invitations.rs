//! Invitations: the form that makes one, and the open ones. The page of an organization has them,
//! and that of the staff accounts.

use domain::{access::Role, organization::SeatLimit, time::Timestamp};
use leptos::prelude::*;
use views::members::{AccountsQuery, InvitationRow};

use super::words::field;
use crate::{
    components::{
        account_role::account_role,
        badge::Tag,
        field::{Field, Labelled},
        relative_time::RelativeTime,
        table::{Heading, Table},
        words::words,
    },
    query::Query,
};

/// The form that invites an address. `id` is the organization; `None`: to the staff.
#[component]
pub(in crate::pages) fn InviteForm(
    id: Option<String>,
    action: &'static str,
    query: Query,
    has_mail_server: bool,
) -> impl IntoView {
    let refused = query.refusal(SeatLimit::NotSet);
    let refusal = |name: &str| {
        let refused = refused.as_ref().filter(|refused| field(refused) == Some(name));
        refused.map(ToString::to_string)
    };
    // an address that is none is refused without its text
    let is_unnamed = query.text("refused") == "email";
    let unnamed = is_unnamed.then(|| "This is not an e-mail address.".to_owned());
    let typed = move |name: &str| query.get(name).unwrap_or_default().to_owned();
    let is_staff = id.is_none();
    let email = Field {
        name: "email",
        label: "E-mail",
        hint: "The person gets a link that works once, for three days.",
        value: typed("email"),
        refusal: unnamed.or_else(|| refusal("email")),
    };
    let role = Field {
        name: "role",
        label: "Role",
        hint: if is_staff {
            "Staff see every organization. Staff admins also change settings and staff accounts."
        } else {
            "Admins decide about seats and invite others. Viewers read."
        },
        refusal: refusal("role"),
        ..Field::default()
    };
    let roles = if is_staff {
        [Role::Staff, Role::StaffAdmin]
    } else {
        [Role::TenantAdmin, Role::TenantViewer]
    };
    let chosen = Role::parse(&typed("role"));
    let options = roles.map(|role| {
        view! {
            <option value=role.as_str() selected=chosen == Some(role)>
                {account_role(role)}
            </option>
        }
    });
    let waits = (!has_mail_server).then(|| {
        view! { <p class="field__hint">"No mail server is set yet: the e-mail waits until it is."</p> }
    });
    let id = id.map(|id| view! { <input type="hidden" name="id" value=id /> });
    view! {
        <form class="card form members__invite" method="post" action=action novalidate=true>
            <h3 class="card__title">"Invite a colleague"</h3>
            {id}
            <Labelled field=email.clone()>
                <input
                    class="input"
                    id=email.id()
                    name="email"
                    type="email"
                    value=email.value.clone()
                    required=true
                    autocomplete="off"
                    aria-describedby=email.described_by()
                    aria-invalid=email.invalid()
                />
            </Labelled>
            <Labelled field=role.clone()>
                <select
                    class="input"
                    id=role.id()
                    name="role"
                    autocomplete="off"
                    aria-describedby=role.described_by()
                    aria-invalid=role.invalid()
                >
                    {options}
                </select>
            </Labelled>
            {waits}
            <div class="form__actions">
                <button class="button button--main" type="submit">
                    "Send the invitation"
                </button>
            </div>
        </form>
    }
}

/// The open invitations. `action` is where a form of a row goes.
#[component]
pub(in crate::pages) fn InvitationTable(
    id: Option<String>,
    action: &'static str,
    rows: Vec<InvitationRow>,
    may_change: bool,
    now: Timestamp,
) -> impl IntoView {
    if rows.is_empty() {
        return view! { <p class="quiet">"No invitation is open."</p> }.into_any();
    }
    let is_cut = i64::try_from(rows.len()).is_ok_and(|shown| shown >= AccountsQuery::INVITATIONS);
    let cut = is_cut.then(|| {
        let sentence = format!("The newest {} are shown.", AccountsQuery::INVITATIONS);
        view! { <p class="quiet">{sentence}</p> }
    });
    let row = move |row: InvitationRow| {
        let change = may_change.then(|| {
            view! {
                <td>
                    <Acts id=id.clone() action row=row.clone() />
                </td>
            }
        });
        let expired = row.has_expired.then(|| {
            view! {
                " "
                <Tag word="expired" />
            }
        });
        view! {
            <tr>
                <th scope="row" class="row__name">
                    {words(&row.email)}
                    {expired}
                    <span class="sub">
                        "by " {words(&row.invited_by)} ", " <RelativeTime at=row.invited_at now />
                    </span>
                </th>
                <td>{account_role(row.role)}</td>
                <td class="wide number quiet">
                    <time datetime=row.expires_at.rfc3339()>{row.expires_at.exact()}</time>
                </td>
                {change}
            </tr>
        }
    };
    let rows = rows.into_iter().map(row).collect_view();
    let change = may_change.then(|| view! { <Heading word="Change" /> });
    view! {
        <Table label="Open invitations">
            <thead>
                <tr>
                    <Heading word="Invited" />
                    <Heading word="Role" />
                    <Heading word="Until" number=true wide=true />
                    {change}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
        {cut}
    }
    .into_any()
}

#[component]
fn Acts(id: Option<String>, action: &'static str, row: InvitationRow) -> impl IntoView {
    let invitation = row.id.to_string();
    let form = |act: &'static str, word: &'static str| {
        let id = id.clone().map(|id| view! { <input type="hidden" name="id" value=id /> });
        let label = format!("{word}: {}", row.email);
        view! {
            <form method="post" action=action>
                {id}
                <input type="hidden" name="invitation" value=invitation.clone() />
                <input type="hidden" name="act" value=act />
                <button class="button button--quiet" type="submit" aria-label=label>
                    {word}
                </button>
            </form>
        }
    };
    view! { <div class="members__acts">{form("resend", "Send again")} {form("revoke", "Revoke")}</div> }
}
