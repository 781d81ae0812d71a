//! The staff accounts: who sees every organization, and who is invited. A part of the settings of
//! the installation. Staff admins only.

use domain::{
    access::Role,
    organization::{SeatLimit, grouped},
};
use leptos::{prelude::*, server_fn::ServerFn};
use views::members::{AccountsQuery, StaffAccountsPage, StaffRow};

use super::members::{
    invitations::{InvitationTable, InviteForm},
    list_words,
    rows::{LastUse, Name, second_step},
    words::{done, refusal},
};
use crate::{
    components::{
        account_role::account_role,
        banner::Banners,
        confirm_first::{confirm_first, confirmed},
        empty_state::EmptyState,
        export_csv::ExportCsv,
        filter_chips::Search,
        page_data::loaded,
        page_header::{PageHeader, Section},
        pagination::KeysetPagination,
        settings_parts::SettingsParts,
        table::{Heading, Table},
    },
    csv_paths, paths,
    query::Query,
    server_fns::{ChangeStaffAccount, ChangeStaffInvitation, InviteStaff, load_staff_accounts},
};

#[component]
pub fn StaffAccounts() -> impl IntoView {
    let query = Query::of_request();
    let asked: AccountsQuery = query.read();
    loaded(
        move || load_staff_accounts(asked.clone()),
        move |_, page| view! { <Page page query=query.clone() /> }.into_any(),
    )
}

#[component]
fn Page(page: StaffAccountsPage, query: Query) -> impl IntoView {
    let asked: AccountsQuery = query.read();
    let proof = confirm_first(&query, paths::STAFF_ACCOUNTS).or_else(|| confirmed(&query));
    let refused = query.refusal(SeatLimit::NotSet).filter(|_| proof.is_none());
    let (told, refused) = (done(&query), refusal(refused.as_ref()));
    let rows = if page.rows.is_empty() {
        view! {
            <EmptyState title="No staff account matches">
                "Search for another part of the name or of the e-mail address."
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <Rows page=page.clone() /> }.into_any()
    };
    let search = (page.accounts > 1).then(|| {
        view! {
            <div class="filters">
                <Search
                    label="Name or e-mail"
                    value=asked.search.clone()
                    action=paths::STAFF_ACCOUNTS.to_owned()
                    kept=Vec::new()
                />
            </div>
        }
    });
    let says = list_words(page.rows.len(), ("account", "accounts"));
    let csv = csv_paths::staff_accounts(&asked);
    let path = move |before| {
        paths::staff_accounts(&AccountsQuery { search: asked.search.clone(), before })
    };
    let noun = if page.accounts == 1 { "account sees" } else { "accounts see" };
    view! {
        <div class="members">
            <SettingsParts here=paths::STAFF_ACCOUNTS />
            <PageHeader
                title="Staff accounts"
                sentence=format!("{} {noun} every organization.", grouped(page.accounts))
            />
            <Banners>{told} {refused} {proof}</Banners>
            {search}
            {rows}
            <KeysetPagination page=page.page.clone() words=says path />
            <ExportCsv href=csv />
            <Section title="Invitations">
                <InvitationTable
                    id=None
                    action=ChangeStaffInvitation::url()
                    rows=page.invitations
                    may_change=true
                    now=page.now
                />
                <InviteForm
                    id=None
                    action=InviteStaff::url()
                    query
                    has_mail_server=page.has_mail_server
                />
            </Section>
        </div>
    }
}

#[component]
fn Rows(page: StaffAccountsPage) -> impl IntoView {
    let now = page.now;
    let row = |one: StaffRow| {
        let tags: Vec<_> = one
            .is_own
            .then_some("you")
            .into_iter()
            .chain(one.is_disabled.then_some("disabled"))
            .collect();
        view! {
            <tr>
                <Name name=one.name.clone() email=one.email.clone() tags />
                <td>{account_role(one.role)}</td>
                <td class="wide quiet">{second_step(one.factors)}</td>
                <td class="wide number quiet">
                    <LastUse at=one.last_used_at now />
                </td>
                <td class="members__change">
                    <Change one />
                </td>
            </tr>
        }
    };
    let rows = page.rows.into_iter().map(row).collect_view();
    view! {
        <Table label="Staff accounts">
            <thead>
                <tr>
                    <Heading word="Person" />
                    <Heading word="Role" />
                    <Heading word="Second step" wide=true />
                    <Heading word="Last use" number=true wide=true />
                    <Heading word="Change" />
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

/// The forms of a row, closed until they are asked for.
#[component]
fn Change(one: StaffRow) -> impl IntoView {
    let account = one.account.to_string();
    let fields = |act: &'static str| {
        let disabled = one.is_disabled.then(|| {
            view! { <input type="hidden" name="disabled" value="yes" /> }
        });
        view! {
            <input type="hidden" name="account" value=account.clone() />
            <input type="hidden" name="seen" value=one.role.as_str() data-seen="" />
            {disabled}
            <input type="hidden" name="act" value=act />
        }
    };
    let label = format!("Role of {}", one.name);
    let option = |role: Role| {
        view! {
            <option value=role.as_str() selected=one.role == role>
                {account_role(role)}
            </option>
        }
    };
    let summary = format!("Change {}", one.name);
    let reset = one.factors.is_any().then(|| {
        let label = format!("Take the second step of {} away …", one.name);
        view! {
            <details class="members__remove">
                <summary aria-label=label>"Take the second step away …"</summary>
                <p class="quiet">
                    "For a person who lost the phone, or the passkeys, and the recovery codes. The person is signed out and gets an e-mail."
                </p>
                <form method="post" action=ChangeStaffAccount::url()>
                    {fields("reset-factors")}
                    <button class="button button--danger" type="submit">
                        "Take the second step away"
                    </button>
                </form>
            </details>
        }
    });
    let access = if one.is_disabled {
        view! {
            <form method="post" action=ChangeStaffAccount::url()>
                {fields("enable")}
                <button class="button button--quiet" type="submit">
                    "Enable the account"
                </button>
            </form>
        }
        .into_any()
    } else {
        let disable = format!("Disable {} …", one.name);
        view! {
            <form method="post" action=ChangeStaffAccount::url()>
                {fields("sign-out")}
                <button class="button button--quiet" type="submit">
                    "Sign out everywhere"
                </button>
            </form>
            <details class="members__remove">
                <summary aria-label=disable>"Disable …"</summary>
                <p class="quiet">
                    "The person is signed out at once, and cannot sign in until the account is enabled again."
                </p>
                <form method="post" action=ChangeStaffAccount::url()>
                    {fields("disable")}
                    <button class="button button--danger" type="submit">
                        "Disable the account"
                    </button>
                </form>
            </details>
        }
        .into_any()
    };
    view! {
        <details class="members__more">
            <summary aria-label=summary>"Change"</summary>
            <form class="members__form" method="post" action=ChangeStaffAccount::url()>
                {fields("role")}
                <select class="input" name="role" aria-label=label autocomplete="off">
                    {option(Role::Staff)}
                    {option(Role::StaffAdmin)}
                </select>
                <button class="button" type="submit">
                    "Save role"
                </button>
            </form>
            {reset}
            {access}
        </details>
    }
}
