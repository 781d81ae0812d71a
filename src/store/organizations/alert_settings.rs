//! What an organization has set about its alerts. The Slack address is a secret, so no page reads
//! it with the rest.

use sqlx::FromRow;

use crate::{
    db::{Tx, sql},
    domain::{
        access::OrganizationScope, alert::UsageThresholds, id::OrganizationId, organization::Usage,
    },
    store::{
        columns::Limit,
        exactly_one,
        rows::{Keyed, Stored, Text},
    },
};

pub async fn slack_webhook(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Option<String>> {
    let found: Option<(Option<String>,)> = sql!(
        optional(tx),
        r"
        select slack_webhook
        from organizations
        where id = $1
        ",
        organization.id().as_str(),
    )?;
    Ok(found.and_then(|(url,)| url))
}

/// Sets the address, or removes it. The organization is locked.
pub async fn set_slack_webhook(
    tx: &mut Tx,
    organization: &OrganizationScope,
    url: Option<&str>,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update organizations
        set slack_webhook = $2
        where id = $1
        ",
        organization.id().as_str(),
        url,
    )
    .and_then(exactly_one)
}

/// When the organization is notified of its usage; `None`: as the installation's setting says.
pub async fn usage_thresholds(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Option<UsageThresholds>> {
    let found: Option<(Option<Text<UsageThresholds>>,)> = sql!(
        optional(tx),
        r"
        select usage_thresholds
        from organizations
        where id = $1
        ",
        organization.id().as_str(),
    )?;
    Ok(found.and_then(|(text,)| text).map(|Text(thresholds)| thresholds))
}

/// Sets the thresholds. The organization is locked.
pub async fn set_usage_thresholds(
    tx: &mut Tx,
    organization: &OrganizationScope,
    thresholds: Option<&UsageThresholds>,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update organizations
        set usage_thresholds = $2
        where id = $1
        ",
        organization.id().as_str(),
        thresholds.map(UsageThresholds::text),
    )
    .and_then(exactly_one)
}

/// The numbers of an organization, and its own thresholds.
#[derive(Clone, Debug)]
pub struct UsageRow {
    pub id: OrganizationId,
    pub usage: Usage,
    pub thresholds: Option<UsageThresholds>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    #[sqlx(flatten)]
    limit: Limit,
    used: i64,
    waiting: i64,
    usage_thresholds: Option<Text<UsageThresholds>>,
}

impl Stored for Row {
    const TABLE: &'static str = "organizations";
    const KEY: &'static [&'static str] = &["id"];
}

impl From<Row> for UsageRow {
    fn from(row: Row) -> Self {
        Self {
            id: OrganizationId::new(row.id),
            usage: Usage { limit: row.limit.0, used: row.used, waiting: row.waiting },
            thresholds: row.usage_thresholds.map(|Text(thresholds)| thresholds),
        }
    }
}

/// The numbers of organizations that are not archived, in order of id, after `after`.
pub async fn usage_after(
    tx: &mut Tx,
    after: Option<&OrganizationId>,
    most: i64,
) -> sqlx::Result<Vec<UsageRow>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select id, limit_kind, limit_seats, used, waiting, usage_thresholds
        from organizations
        where id > $1 and not archived
        order by id
        limit $2
        ",
        after.map_or("", OrganizationId::as_str),
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}
