//! The table of the members, with what can be done about each of them.

use domain::{
    access::Role, factor::Factors, id::OrganizationId, text::ExternalText, time::Timestamp,
};
use leptos::{prelude::*, server_fn::ServerFn};
use views::{
    groups::GroupQuery,
    members::{MemberRow, MembersPage},
};

use crate::{
    components::{
        account_role::account_role,
        badge::Tag,
        relative_time::RelativeTime,
        table::{Heading, Table},
        words::words,
    },
    paths,
    server_fns::ChangeMember,
};

#[component]
pub(super) fn Rows(page: MembersPage) -> impl IntoView {
    let MembersPage { organization, name, may_change, archived, rows, now, .. } = page;
    let row = |member: MemberRow| {
        let change = may_change.then(|| {
            let (id, name) = (organization.to_string(), name.clone());
            view! {
                <td class="members__change">
                    <Change member=member.clone() id name archived />
                </td>
            }
        });
        view! {
            <tr>
                <Name name=member.name.clone() email=member.email.clone() tags=tags(&member) />
                <td>
                    {account_role(member.role)}
                    <FromGroups member=member.clone() organization=organization.clone() />
                </td>
                <td class="wide quiet">{second_step(member.factors)}</td>
                <td class="wide number quiet">
                    <LastUse at=member.last_used_at now />
                </td>
                {change}
            </tr>
        }
    };
    let rows = rows.into_iter().map(row).collect_view();
    let change = may_change.then(|| view! { <Heading word="Change" /> });
    view! {
        <Table label="Members">
            <thead>
                <tr>
                    <Heading word="Person" />
                    <Heading word="Role" />
                    <Heading word="Second step" wide=true />
                    <Heading word="Last use" number=true wide=true />
                    {change}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

fn tags(member: &MemberRow) -> Vec<&'static str> {
    let you = member.is_own.then_some("you");
    let disabled = member.is_disabled.then_some("disabled");
    you.into_iter().chain(disabled).collect()
}

/// The cell with the name and the address of an account.
#[component]
pub(in crate::pages) fn Name(
    name: ExternalText,
    email: ExternalText,
    tags: Vec<&'static str>,
) -> impl IntoView {
    let is_named = name != email;
    let tags = tags
        .into_iter()
        .map(|tag| {
            view! {
                " "
                <Tag word=tag />
            }
        })
        .collect_view();
    let email = is_named.then(move || view! { <span class="sub">{words(email)}</span> });
    view! {
        <th scope="row" class="row__name">
            {words(name)}
            {tags}
            {email}
        </th>
    }
}

/// What signing in needs besides the password, or in its place.
pub(in crate::pages) fn second_step(factors: Factors) -> &'static str {
    match (factors.passkeys > 0, factors.has_app) {
        (true, true) => "Passkey, app",
        (true, false) => "Passkey",
        (false, true) => "App",
        (false, false) => "None",
    }
}

#[component]
pub(in crate::pages) fn LastUse(at: Option<Timestamp>, now: Timestamp) -> impl IntoView {
    match at {
        Some(at) => view! { <RelativeTime at now /> }.into_any(),
        None => "Never".into_any(),
    }
}

/// Which groups make the account an admin, if people gave it a lower role.
#[component]
fn FromGroups(member: MemberRow, organization: OrganizationId) -> impl IntoView {
    if member.own == Role::TenantAdmin || member.role != Role::TenantAdmin {
        return ().into_any();
    }
    if member.groups.is_empty() {
        return view! { <span class="sub">"the last admin stays one"</span> }.into_any();
    }
    let groups = member.groups.into_iter().map(|(id, name)| {
        let href = paths::group(&organization, &id, &GroupQuery::default());
        view! {
            " "
            <a href=href>{words(&name)}</a>
        }
    });
    view! { <span class="sub">"by the group" {groups.collect_view()}</span> }.into_any()
}

/// The forms of a row, closed until they are asked for.
#[component]
fn Change(member: MemberRow, id: String, name: ExternalText, archived: bool) -> impl IntoView {
    let account = member.account.to_string();
    let seen = member.own.as_str();
    let fields = move |act: &'static str| {
        view! {
            <input type="hidden" name="id" value=id.clone() />
            <input type="hidden" name="account" value=account.clone() />
            <input type="hidden" name="seen" value=seen data-seen="" />
            <input type="hidden" name="act" value=act />
        }
    };
    let label = format!("Role of {}", member.name);
    let option = |role: Role| {
        view! {
            <option value=role.as_str() selected=member.own == role>
                {account_role(role)}
            </option>
        }
    };
    let role = (!archived).then(|| {
        view! {
            <form class="members__form" method="post" action=ChangeMember::url()>
                {fields("role")}
                <select class="input" name="role" aria-label=label autocomplete="off">
                    {option(Role::TenantAdmin)}
                    {option(Role::TenantViewer)}
                </select>
                <button class="button" type="submit">
                    "Save role"
                </button>
            </form>
        }
    });
    let summary = format!("Change {}", member.name);
    let remove = format!("Remove {} …", member.name);
    view! {
        <details class="members__more">
            <summary aria-label=summary>"Change"</summary>
            {role}
            <form method="post" action=ChangeMember::url()>
                {fields("sign-out")}
                <button class="button button--quiet" type="submit">
                    "Sign out everywhere"
                </button>
            </form>
            <details class="members__remove">
                <summary aria-label=remove>"Remove …"</summary>
                <p class="quiet">
                    "The person sees " {words(&name)}
                    " no more, at once. The account stays, with its other organizations."
                </p>
                <form method="post" action=ChangeMember::url()>
                    {fields("remove")}
                    <button class="button button--danger" type="submit">
                        "Remove from the organization"
                    </button>
                </form>
            </details>
        </details>
    }
}
