//! The members of an organization: who has an account here, with which role, and who is invited. A
//! part of its settings. Viewers read.

pub(super) mod invitations;
pub(super) mod rows;
pub(super) mod words;

use domain::organization::{SeatLimit, grouped};
use leptos::{prelude::*, server_fn::ServerFn};
use views::members::{AccountsQuery, MembersPage};

use self::{
    invitations::{InvitationTable, InviteForm},
    rows::Rows,
    words::{done, members, refusal},
};
use crate::{
    components::{
        banner::Banners,
        empty_state::EmptyState,
        export_csv::ExportCsv,
        filter_chips::Search,
        page_data::loaded,
        page_header::{PageHeader, Section},
        pagination::{KeysetPagination, KeysetWords},
        words::words,
    },
    csv_paths, paths,
    query::Query,
    server_fns::{ChangeInvitation, InviteMember, load_members},
};

#[component]
pub fn Members() -> impl IntoView {
    let id = paths::asked_organization();
    let query = Query::of_request();
    let asked: AccountsQuery = query.read();
    loaded(
        move || load_members(id.clone(), asked.clone()),
        move |_, page| view! { <Page page query=query.clone() /> }.into_any(),
    )
}

#[component]
fn Page(page: MembersPage, query: Query) -> impl IntoView {
    let asked: AccountsQuery = query.read();
    let (told, refused) = (done(&query), refusal(query.refusal(SeatLimit::NotSet).as_ref()));
    let id = page.organization.clone();
    let rows = if page.rows.is_empty() {
        view! { <Empty searched=!asked.search.is_empty() /> }.into_any()
    } else {
        view! { <Rows page=page.clone() /> }.into_any()
    };
    let search = (page.members > 1).then(|| {
        let action = paths::members(&id, &AccountsQuery::default());
        view! {
            <div class="filters">
                <Search label="Name or e-mail" value=asked.search.clone() action kept=Vec::new() />
            </div>
        }
    });
    let path_id = id.clone();
    let search_text = asked.search.clone();
    let path = move |before| {
        paths::members(&path_id, &AccountsQuery { search: search_text.clone(), before })
    };
    let says = list_words(page.rows.len(), ("member", "members"));
    let csv = csv_paths::members(&id, &asked);
    let invited = view! { <Invited page=page.clone() query /> };
    view! {
        <div class="members" data-revision=page.revision.to_string()>
            <p class="crumb">
                <a href=paths::settings(&id)>{words(&page.name)} ": Settings"</a>
            </p>
            <PageHeader
                title="Members"
                sentence=sentence(page.members, page.invitations.len())
                within=Some(page.name.clone())
            />
            <Banners>{told} {refused}</Banners>
            {search}
            {rows}
            <KeysetPagination page=page.page.clone() words=says path />
            <ExportCsv href=csv />
            {invited}
        </div>
    }
}

/// `3 members, 1 invitation waits.`
fn sentence(count: i64, invited: usize) -> String {
    let invited = match invited {
        0 => String::new(),
        1 => " 1 invitation is open.".to_owned(),
        n => format!(" {n} invitations are open."),
    };
    format!("{} can see this organization here.{invited}", members(count))
}

/// What a list in order of addresses says.
pub(super) fn list_words(shown: usize, (one, many): (&str, &str)) -> KeysetWords {
    let noun = if shown == 1 { one } else { many };
    let shown = grouped(i64::try_from(shown).unwrap_or(i64::MAX));
    let (older, first) = ("Next", "First");
    KeysetWords { sentence: format!("{shown} {noun}, by e-mail address"), older, first }
}

#[component]
fn Empty(searched: bool) -> impl IntoView {
    let (title, text) = if searched {
        ("No member matches", "Search for another part of the name or of the e-mail address.")
    } else {
        ("No member yet", "Invite the first admin by e-mail.")
    };
    view! { <EmptyState title>{text}</EmptyState> }
}

/// The open invitations, and the form that makes one.
#[component]
fn Invited(page: MembersPage, query: Query) -> impl IntoView {
    let id = page.organization.to_string();
    let form = match (page.may_change, page.archived) {
        (false, _) => ().into_any(),
        (true, true) => view! { <p class="quiet">"This organization is archived, so no person can be invited."</p> }
        .into_any(),
        (true, false) => view! {
            <InviteForm
                id=Some(id.clone())
                action=InviteMember::url()
                query
                has_mail_server=page.has_mail_server
            />
        }
        .into_any(),
    };
    view! {
        <Section title="Invitations">
            <InvitationTable
                id=Some(id)
                action=ChangeInvitation::url()
                rows=page.invitations
                may_change=page.may_change && !page.archived
                now=page.now
            />
            {form}
        </Section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_counts_members_and_invitations() {
        assert_eq!(sentence(1, 0), "1 member can see this organization here.");
        assert_eq!(
            sentence(2, 1),
            "2 members can see this organization here. 1 invitation is open."
        );
        assert_eq!(list_words(1, ("member", "members")).sentence, "1 member, by e-mail address");
    }
}
