//! The staff accounts, with the open invitations to the staff. Staff admins only.

use serde::Serialize;

use super::{
    invitations::invitation_rows,
    members::{is_behind, matches},
};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::StaffAdmin,
        id::AccountId,
        text::{ExternalText, called},
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts::{self, StaffAccount},
        factors,
    },
    views::{
        members::{AccountKey, AccountsQuery, StaffAccountsPage, StaffRow},
        pagination::KeysetPage,
    },
};

pub async fn staff_accounts(
    state: &AppState,
    admin: &StaffAdmin,
    query: &AccountsQuery,
) -> Result<StaffAccountsPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let all = in_order(&mut tx).await?;
    let accounts = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let (rows, page) = part(all, query, AccountsQuery::ROWS);
    let now = state.clock.now();
    let ids: Vec<AccountId> = rows.iter().map(|one| one.account.clone()).collect();
    let factors = factors::of_accounts(&mut tx, &ids).await?;
    let row = |one: StaffAccount| StaffRow {
        name: called(Some(&one.name), Some(&one.email), one.account.as_str()),
        email: ExternalText::new(&one.email),
        role: one.role,
        is_disabled: one.is_disabled,
        last_used_at: one.last_used_at,
        factors: factors.get(&one.account).copied().unwrap_or_default(),
        is_own: one.account == admin.staff().account,
        account: one.account,
    };
    Ok(StaffAccountsPage {
        rows: rows.into_iter().map(row).collect(),
        page,
        accounts,
        invitations: invitation_rows(&mut tx, None, now).await?,
        has_mail_server: state.settings.operations.mail_server.is_some(),
        now,
    })
}

/// All of them, in order of their addresses. An installation has few.
pub(super) async fn in_order(tx: &mut Tx) -> sqlx::Result<Vec<StaffAccount>> {
    const MOST: i64 = 10_000;
    accounts::staff_accounts(tx, "", MOST).await
}

/// Some of the accounts that the query asks for.
pub(super) fn part(
    all: Vec<StaffAccount>,
    query: &AccountsQuery,
    most: i64,
) -> (Vec<StaffAccount>, KeysetPage<AccountKey>) {
    let is_asked = |one: &StaffAccount| {
        is_behind(&one.email_key, query.before.as_ref())
            && matches(&query.search, &one.name, &one.email)
    };
    let mut rows: Vec<StaffAccount> = all.into_iter().filter(is_asked).collect();
    let key = |one: &StaffAccount| AccountKey(one.email_key.clone());
    let page = KeysetPage::cut(query.before.clone(), &mut rows, most, key);
    (rows, page)
}

/// A staff account for scripts.
#[derive(Clone, Debug, Serialize)]
pub struct StaffRecord {
    pub account_id: AccountId,
    pub name: String,
    pub email: String,
    pub role: &'static str,
    pub disabled: bool,
    /// RFC 3339; `null`: the account was never used.
    pub last_used_at: Option<String>,
}

impl StaffRecord {
    pub(super) fn of(one: StaffAccount) -> Self {
        Self {
            account_id: one.account,
            name: one.name,
            email: one.email,
            role: one.role.as_str(),
            disabled: one.is_disabled,
            last_used_at: one.last_used_at.map(Timestamp::rfc3339),
        }
    }
}
