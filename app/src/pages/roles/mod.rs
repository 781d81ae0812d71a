//! The roles of an organization's groups: which groups have roles, and the change of one group with
//! its preview.

mod change;
mod words;

use domain::{id::GroupId, organization::SeatLimit};
use leptos::prelude::*;
use views::{
    groups::{GroupQuery, GroupsQuery},
    roles::{RolesPage, RolesQuery, RolesRow},
};

use self::{
    change::Change,
    words::{dashboard, sentence},
};
use crate::{
    components::{
        badge::Tag,
        banner::{Banner, Banners, Tone},
        empty_state::{ArchivedOrganization, EmptyState},
        groups_or_roles::GroupsOrRoles,
        page_data::loaded,
        page_header::PageHeader,
        role_names::RoleNames,
        table::{Heading, Table},
        words::words,
    },
    paths,
    query::Query,
    server_fns::load_roles,
};

#[component]
pub fn Roles() -> impl IntoView {
    let id = paths::asked_organization();
    let query = Query::of_request();
    let asked: RolesQuery = query.read();
    let saved = GroupId::parse(query.text("saved"));
    let refused = query.refusal(SeatLimit::NotSet).map(|refusal| refusal.to_string());
    loaded(
        move || load_roles(id.clone(), asked.clone()),
        move |person, page| {
            let may = person.role_in(&page.organization).may_map_roles();
            let staff = person.role.is_staff();
            let (saved, refused) = (saved.clone(), refused.clone());
            view! { <Page page may staff saved refused /> }.into_any()
        },
    )
}

#[component]
fn Page(
    page: RolesPage,
    may: bool,
    staff: bool,
    saved: Option<GroupId>,
    refused: Option<String>,
) -> impl IntoView {
    let id = page.organization.clone();
    let told = saved.map(|group| {
        let name = page.rows.iter().find(|row| row.group == group).map(|row| row.name.clone());
        let title = name.map_or_else(
            || "The group gives no roles any more.".to_owned(),
            |name| format!("The roles of “{name}” were saved."),
        );
        view! {
            <Banner tone=Tone::Calm title>
                "They count from now on."
            </Banner>
        }
    });
    let refused = refused.map(|sentence| {
        view! {
            <Banner tone=Tone::Broken title="The roles were not changed.".to_owned()>
                {sentence}
            </Banner>
        }
    });
    let last = page.last_admin.clone().map(|name| {
        let title = format!("{name} stays an admin of this dashboard.");
        view! {
            <Banner tone=Tone::Act title>
                "No group and no other account has an admin now, and an organization keeps its last one."
            </Banner>
        }
    });
    let content = if page.archived {
        view! { <ArchivedOrganization id=id.clone() /> }.into_any()
    } else {
        view! { <Content page=page.clone() may staff /> }.into_any()
    };
    view! {
        <div class="roles" data-revision=page.revision.to_string()>
            <p class="crumb">
                <a href=paths::organization(&id)>{words(&page.organization_name)}</a>
            </p>
            <PageHeader
                title="Roles"
                sentence=sentence(&page)
                within=Some(page.organization_name.clone())
            />
            <div class="filters">
                <GroupsOrRoles id=id.clone() roles=true />
            </div>
            <Banners>{told} {refused} {last}</Banners>
            {content}
        </div>
    }
}

#[component]
fn Content(page: RolesPage, may: bool, staff: bool) -> impl IntoView {
    let change = page.change.clone().filter(|_| may).map(|change| {
        view! { <Change page=page.clone() change staff /> }
    });
    let choose = may.then(|| view! { <Choose page=page.clone() /> });
    let list = if page.rows.is_empty() {
        view! {
            <EmptyState title="No group has a role yet">
                "Choose a group to give its members roles in the product or in this dashboard."
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <Rows page=page.clone() may /> }.into_any()
    };
    view! {
        {change}
        {list}
        {choose}
        <Rules page />
    }
}

#[component]
fn Rows(page: RolesPage, may: bool) -> impl IntoView {
    let id = page.organization;
    let row = |row: RolesRow| {
        let group = paths::group(&id, &row.group, &GroupQuery::default());
        let edit = paths::roles(&id, &RolesQuery { group: Some(row.group.clone()), asked: None });
        let deleted = row.deleted.then(|| {
            view! { <Tag word="deleted" title="The directory has deleted this group" /> }
        });
        let change = may.then(|| {
            let label = format!("Change the roles of “{}”", row.name);
            view! {
                <td class="number">
                    <a href=edit aria-label=label>
                        "Change"
                    </a>
                </td>
            }
        });
        view! {
            <tr>
                <th scope="row">
                    <a class="person-cell__name" href=group>
                        {words(&row.name)}
                    </a>
                    " "
                    {deleted}
                </th>
                <td class="number wide">{domain::organization::grouped(row.members)}</td>
                <td>
                    <RoleNames names=row.roles.application.into_iter().collect() />
                </td>
                <td>{row.roles.dashboard.map_or("–", dashboard)}</td>
                {change}
            </tr>
        }
    };
    let rows = page.rows.into_iter().map(row).collect_view();
    let change = may.then(|| view! { <Heading word="Change" number=true /> });
    view! {
        <Table label="Groups with roles" sticky=true>
            <thead>
                <tr>
                    <Heading word="Group" />
                    <Heading word="Members" number=true wide=true />
                    <Heading word="Application roles" />
                    <Heading word="Dashboard" />
                    {change}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

/// The choice of the group to change.
#[component]
fn Choose(page: RolesPage) -> impl IntoView {
    if page.groups.is_empty() {
        return view! { <p class="quiet">"The directory has sent no group yet."</p> }.into_any();
    }
    let has_roles = |group: &GroupId| page.rows.iter().any(|row| row.group == *group);
    let groups: Vec<_> = page.groups.iter().filter(|(id, _)| !has_roles(id)).cloned().collect();
    // the page of each group leads here
    let others = page.has_more_groups().then(|| {
        let search = paths::groups(&page.organization, &GroupsQuery::default());
        view! {
            <p class="quiet">
                {format!("Only the first {} groups are here. ", RolesPage::GROUPS)}
                <a href=search>"Search all groups"</a>
            </p>
        }
    });
    let options = groups.iter().map(|(id, name)| {
        view! { <option value=id.to_string()>{name.to_string()}</option> }
    });
    let action = paths::roles(&page.organization, &RolesQuery::default());
    let choice = (!groups.is_empty()).then(|| {
        view! {
            <form class="roles__choose" method="get" action=action>
                <label class="field__label" for="roles-group">
                    "Give roles to a group"
                </label>
                <select class="input" id="roles-group" name="group" autocomplete="off">
                    {options.collect_view()}
                </select>
                <button class="button" type="submit">
                    "Choose"
                </button>
            </form>
        }
    });
    view! {
        {choice}
        {others}
    }
    .into_any()
}

/// How roles follow from groups.
#[component]
fn Rules(page: RolesPage) -> impl IntoView {
    let default = page.default_role.map_or_else(
        || "A person in no such group has no application role.".to_owned(),
        |role| format!("A person in no such group has the default role, “{role}”."),
    );
    view! {
        <section class="card roles__rules" aria-label="How roles follow from groups">
            <h2 class="card__title">"How roles follow from groups"</h2>
            <ul>
                <li>
                    "Application roles add up: a person has the roles of all their groups. "
                    {default}
                </li>
                <li>
                    "In this dashboard the highest role wins: that of a group, or the one that the account was given."
                </li>
                <li>
                    "The last admin of an organization stays an admin until there is another one."
                </li>
                <li>"A person who leaves a group loses its roles at once."</li>
            </ul>
        </section>
    }
}
