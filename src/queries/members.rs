//! The members of an organization, with its open invitations.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::invitations::invitation_rows;
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Role, Viewer},
        id::{AccountId, GroupId, OrganizationId},
        role::RoleMapping,
        text::{ExternalText, called, folded},
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts::{self, Member},
        factors, groups, organizations, role_mappings,
    },
    views::{
        members::{AccountKey, AccountsQuery, MemberRow, MembersPage},
        pagination::KeysetPage,
    },
};

/// `Missing` if there is no such organization.
pub async fn members_page(
    state: &AppState,
    (scope, viewer): (&OrganizationScope, &Viewer),
    query: &AccountsQuery,
) -> Result<MembersPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let all = in_order(&mut tx, scope).await?;
    let members = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let (listed, page) = part(all, query, AccountsQuery::ROWS);
    let mapping = role_mappings::of(&mut tx, scope).await?;
    let names = group_names(&mut tx, scope, (&listed, &mapping)).await?;
    let ids: Vec<AccountId> = listed.iter().map(|member| member.access.account.clone()).collect();
    let factors = factors::of_accounts(&mut tx, &ids).await?;
    let now = state.clock.now();
    let row = |member: Member| {
        let groups = admin_groups(&member, &mapping);
        let with_name = |id: GroupId| {
            let name = names.get(&id).cloned().unwrap_or_default();
            let name = ExternalText::or_id(&name, id.as_str());
            (id, name)
        };
        MemberRow {
            name: called(Some(&member.name), Some(&member.email), member.access.account.as_str()),
            email: ExternalText::new(&member.email),
            role: member.access.role,
            own: member.access.own,
            groups: groups.into_iter().map(with_name).collect(),
            is_disabled: member.access.is_disabled,
            last_used_at: member.last_used_at,
            factors: factors.get(&member.access.account).copied().unwrap_or_default(),
            is_own: member.access.account == viewer.account,
            account: member.access.account,
        }
    };
    Ok(MembersPage {
        organization: scope.id().clone(),
        name: card.called(scope),
        revision: card.revision,
        archived: card.archived,
        may_change: viewer.role_in(scope.id()).is_some_and(Role::may_manage_members),
        rows: listed.into_iter().map(row).collect(),
        page,
        members,
        invitations: invitation_rows(&mut tx, Some(scope.id()), now).await?,
        has_mail_server: state.settings.operations.mail_server.is_some(),
        now,
    })
}

/// The members in order of their addresses. An organization has few.
pub(super) async fn in_order(tx: &mut Tx, scope: &OrganizationScope) -> sqlx::Result<Vec<Member>> {
    let id: &OrganizationId = scope.id();
    let mut all = accounts::dashboard_members(tx, std::slice::from_ref(id)).await?;
    all.sort_by(|one, other| one.email_key.cmp(&other.email_key));
    Ok(all)
}

/// Some of the members that the query asks for.
pub(super) fn part(
    all: Vec<Member>,
    query: &AccountsQuery,
    most: i64,
) -> (Vec<Member>, KeysetPage<AccountKey>) {
    let is_asked = |member: &Member| {
        is_behind(&member.email_key, query.before.as_ref())
            && matches(&query.search, &member.name, &member.email)
    };
    let mut rows: Vec<Member> = all.into_iter().filter(is_asked).collect();
    let key = |member: &Member| AccountKey(member.email_key.clone());
    let page = KeysetPage::cut(query.before.clone(), &mut rows, most, key);
    (rows, page)
}

pub(super) fn is_behind(email_key: &str, before: Option<&AccountKey>) -> bool {
    before.is_none_or(|before| email_key > before.0.as_str())
}

/// Whether a search finds an account by its name or its address.
pub(super) fn matches(search: &str, name: &str, email: &str) -> bool {
    let search = folded(search);
    folded(name).contains(&search) || folded(email).contains(&search)
}

fn admin_groups(member: &Member, mapping: &RoleMapping) -> Vec<GroupId> {
    let is_of_admins =
        |group: &&GroupId| mapping.dashboard(std::iter::once(*group)) == Some(Role::TenantAdmin);
    member.access.groups.iter().filter(is_of_admins).cloned().collect()
}

async fn group_names(
    tx: &mut Tx,
    scope: &OrganizationScope,
    (members, mapping): (&[Member], &RoleMapping),
) -> sqlx::Result<BTreeMap<GroupId, String>> {
    let groups: BTreeSet<GroupId> =
        members.iter().flat_map(|member| admin_groups(member, mapping)).collect();
    let mut names = BTreeMap::new();
    for group in groups {
        let row = groups::one(tx, scope, &group).await?;
        names.insert(group, row.and_then(|row| row.name).unwrap_or_default());
    }
    Ok(names)
}

/// A member for scripts.
#[derive(Clone, Debug, Serialize)]
pub struct MemberRecord {
    pub account_id: AccountId,
    pub name: String,
    pub email: String,
    pub role: &'static str,
    /// The role that people gave the account; a group may give a higher one.
    pub given_role: &'static str,
    pub disabled: bool,
    /// RFC 3339, as all times; `null`: the account was never used.
    pub last_used_at: Option<String>,
    pub member_since: String,
}

impl MemberRecord {
    pub(super) fn of(member: Member) -> Self {
        Self {
            account_id: member.access.account,
            name: member.name,
            email: member.email,
            role: member.access.role.as_str(),
            given_role: member.access.own.as_str(),
            disabled: member.access.is_disabled,
            last_used_at: member.last_used_at.map(Timestamp::rfc3339),
            member_since: member.access.granted_at.rfc3339(),
        }
    }
}
