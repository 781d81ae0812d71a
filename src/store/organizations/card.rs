//! An organization's row as pages show it.

use sqlx::FromRow;

use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::OrganizationScope,
        admission::AdmissionPolicy,
        id::{AccountId, OrganizationId},
        organization::Usage,
        text::{ExternalText, called},
        time::Timestamp,
    },
    store::{
        KEYS_AT_ONCE,
        columns::{Limit, Policy},
        rows::{Keyed, Stored},
    },
};

/// The columns of the row that a page shows.
#[derive(Clone, Debug)]
pub struct Card {
    pub name: String,
    pub external_id: Option<String>,
    pub account_manager: Option<AccountManager>,
    /// The version of name, external id and account manager.
    pub details_version: i64,
    pub usage: Usage,
    pub archived: bool,
    /// Who archived it by hand, if the newest deletion is not Scalekit's.
    pub archived_by: Option<String>,
    pub archive_reason: Option<String>,
    pub policy: AdmissionPolicy,
    pub policy_version: i64,
    /// 0: no group has ever had a role.
    pub roles_version: i64,
    pub revision: i64,
    pub limit_version: i64,
    pub limit_set_by: Option<String>,
    pub limit_reason: Option<String>,
    pub limit_set_at: Option<Timestamp>,
}

/// The staff account that looks after the customer.
#[derive(Clone, Debug)]
pub struct AccountManager {
    pub account: AccountId,
    name: String,
    email: String,
}

impl AccountManager {
    /// `None` if a join found no account.
    pub(in crate::store) fn of(
        (account, name, email): (Option<String>, Option<String>, Option<String>),
    ) -> Option<Self> {
        Some(Self { account: AccountId::new(account?), name: name?, email: email? })
    }

    pub fn called(&self) -> ExternalText {
        called(Some(&self.name), Some(&self.email), self.account.as_str())
    }
}

#[derive(FromRow)]
struct Row {
    name: String,
    external_id: Option<String>,
    account_manager_id: Option<String>,
    manager_name: Option<String>,
    manager_email: Option<String>,
    details_version: i64,
    #[sqlx(flatten)]
    limit: Limit,
    used: i64,
    waiting: i64,
    archived: bool,
    archived_by: Option<String>,
    archive_reason: Option<String>,
    #[sqlx(flatten)]
    policy: Policy,
    policy_version: i64,
    roles_version: i64,
    revision: i64,
    limit_version: i64,
    limit_set_by: Option<String>,
    limit_reason: Option<String>,
    limit_set_at: Option<i64>,
}

impl Stored for Row {
    const TABLE: &'static str = "organizations";
    const KEY: &'static [&'static str] = &["id"];
}

impl From<Row> for Card {
    fn from(row: Row) -> Self {
        Self {
            name: row.name,
            external_id: row.external_id,
            account_manager: AccountManager::of((
                row.account_manager_id,
                row.manager_name,
                row.manager_email,
            )),
            details_version: row.details_version,
            usage: Usage { limit: row.limit.0, used: row.used, waiting: row.waiting },
            archived: row.archived,
            archived_by: row.archived_by,
            archive_reason: row.archive_reason,
            policy: row.policy.0,
            policy_version: row.policy_version,
            roles_version: row.roles_version,
            revision: row.revision,
            limit_version: row.limit_version,
            limit_set_by: row.limit_set_by,
            limit_reason: row.limit_reason,
            limit_set_at: row.limit_set_at.map(Timestamp::from_nanos),
        }
    }
}

impl Card {
    /// The name; the id if the name has no visible character.
    pub fn called(&self, organization: &OrganizationScope) -> ExternalText {
        ExternalText::or_id(&self.name, organization.id().as_str())
    }
}

pub async fn card(tx: &mut Tx, organization: &OrganizationScope) -> sqlx::Result<Option<Card>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select o.id, o.name, o.external_id, o.account_manager_id, m.name as manager_name,
          m.email as manager_email, o.details_version, o.limit_kind, o.limit_seats, o.used,
          o.waiting, o.archived, o.archived_by, o.archive_reason, o.policy, o.policy_groups,
          o.policy_version, o.roles_version, o.revision, o.limit_version, o.limit_set_by,
          o.limit_reason,
          o.limit_set_at
        from organizations o
        left join accounts m on m.id = o.account_manager_id
        where o.id = $1
        ",
        organization.id().as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// Whether an organization is archived, for a person who has a link to it.
pub async fn is_archived(tx: &mut Tx, id: &OrganizationId) -> sqlx::Result<bool> {
    let row: Option<(bool,)> = sql!(
        optional(tx),
        r"
        select archived
        from organizations
        where id = $1
        ",
        id.as_str(),
    )?;
    Ok(row.is_none_or(|(archived,)| archived))
}

/// The current revision, which an open page compares with its own.
pub async fn revision(tx: &mut Tx, organization: &OrganizationScope) -> sqlx::Result<Option<i64>> {
    let row: Option<(i64,)> = sql!(
        optional(tx),
        r"
        select revision
        from organizations
        where id = $1
        ",
        organization.id().as_str(),
    )?;
    Ok(row.map(|(revision,)| revision))
}

/// The names of these organizations, in order of name; for a tenant's organization switcher.
pub async fn names(
    tx: &mut Tx,
    ids: &[OrganizationId],
) -> sqlx::Result<Vec<(OrganizationId, String)>> {
    let rows: Vec<(String, String)> = listed!(
        tx,
        ids,
        KEYS_AT_ONCE,
        r"
        select id, name
        from organizations
        where id in ({keys})
        order by name, id
        ",
        |id| [id.as_str()],
    );
    Ok(rows.into_iter().map(|(id, name)| (OrganizationId::new(id), name)).collect())
}
