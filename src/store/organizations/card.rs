//! An organization's row as pages show it.

use sqlx::FromRow;

use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::OrganizationScope, admission::AdmissionPolicy, id::OrganizationId,
        organization::Usage, text::ExternalText, time::Timestamp,
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
    pub usage: Usage,
    pub archived: bool,
    pub policy: AdmissionPolicy,
    pub policy_version: i64,
    pub revision: i64,
    pub limit_version: i64,
    pub limit_set_by: Option<String>,
    pub limit_reason: Option<String>,
    pub limit_set_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct Row {
    name: String,
    #[sqlx(flatten)]
    limit: Limit,
    used: i64,
    waiting: i64,
    archived: bool,
    #[sqlx(flatten)]
    policy: Policy,
    policy_version: i64,
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
            usage: Usage { limit: row.limit.0, used: row.used, waiting: row.waiting },
            archived: row.archived,
            policy: row.policy.0,
            policy_version: row.policy_version,
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
        select id, name, limit_kind, limit_seats, used, waiting, archived, policy, policy_groups,
          policy_version, revision, limit_version, limit_set_by, limit_reason, limit_set_at
        from organizations
        where id = $1
        ",
        organization.id().as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
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
