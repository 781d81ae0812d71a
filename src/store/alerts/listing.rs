//! Lists of alerts, the newest first: those of one organization, and all of them.

use sqlx::FromRow;

use crate::{
    db::{Tx, sql},
    domain::{
        access::OrganizationScope,
        alert::{Message, Notice},
        id::{AlertId, OrganizationId},
        time::Timestamp,
    },
    store::{
        columns,
        rows::{Keyed, Stored, Text},
    },
};

/// An alert of an organization or of the installation.
#[derive(Clone, Debug)]
pub struct Listed {
    /// With its name; `None`: about Seatkeeper itself.
    pub organization: Option<(OrganizationId, String)>,
    pub id: AlertId,
    pub kind: Message,
    pub target: String,
    pub opened_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    pub notice: Notice,
}

#[derive(FromRow)]
struct Row {
    organization_id: String,
    organization_name: String,
    id: String,
    kind: Text<Message>,
    target: String,
    opened_at: i64,
    resolved_at: Option<i64>,
    notice: Text<Notice>,
}

impl Stored for Row {
    const TABLE: &'static str = "alerts";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        let organization = columns::organization(row.organization_id);
        Self {
            organization: organization.map(|id| (id, row.organization_name)),
            id: AlertId::new(row.id),
            kind: row.kind.0,
            target: row.target,
            opened_at: Timestamp::from_nanos(row.opened_at),
            resolved_at: row.resolved_at.map(Timestamp::from_nanos),
            notice: row.notice.0,
        }
    }
}

/// A place in a list of alerts.
pub type Place = (Timestamp, AlertId);

/// Which alerts of a list, and how many of them.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    /// Of any kind without one.
    pub kind: Option<Message>,
    /// Also those that tenants do not see.
    pub for_staff: bool,
    /// Only alerts that were opened before this one.
    pub before: Option<&'a Place>,
    pub most: i64,
}

impl Filter<'_> {
    fn kind(&self) -> &'static str {
        self.kind.map_or("", Message::as_str)
    }

    fn before(&self) -> (i64, &str) {
        self.before.map_or((i64::MAX, ""), |(at, id)| (at.nanos(), id.as_str()))
    }
}

/// The open alerts of an organization. One that another open alert covers is left out.
pub async fn open_of_organization(
    tx: &mut Tx,
    organization: &OrganizationScope,
    filter: Filter<'_>,
) -> sqlx::Result<Vec<Listed>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select l.organization_id, '' as organization_name, l.id, l.kind, l.target, l.opened_at,
          l.resolved_at, l.notice
        from shown_alerts l
        where l.organization_id = $1 and l.resolved_at is null and ($2 = '' or l.kind = $2)
          and ($6 or not l.is_for_staff)
          and (l.opened_at, l.id) < ($3, $4)
          and not l.is_covered
        order by l.opened_at desc, l.id desc
        limit $5
        ",
        organization.id().as_str(),
        filter.kind(),
        filter.before().0,
        filter.before().1,
        filter.most,
        filter.for_staff,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The resolved alerts of an organization, without those that notified no one because another one
/// covered them.
pub async fn resolved_of_organization(
    tx: &mut Tx,
    organization: &OrganizationScope,
    filter: Filter<'_>,
) -> sqlx::Result<Vec<Listed>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, '' as organization_name, id, kind, target, opened_at, resolved_at,
          notice
        from shown_alerts
        where organization_id = $1 and resolved_at is not null and not is_covered
          and ($2 = '' or kind = $2) and (opened_at, id) < ($3, $4)
          and ($6 or not is_for_staff)
        order by opened_at desc, id desc
        limit $5
        ",
        organization.id().as_str(),
        filter.kind(),
        filter.before().0,
        filter.before().1,
        filter.most,
        filter.for_staff,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The open alerts of all organizations and of the installation, in the same way.
pub async fn all_open(tx: &mut Tx, filter: Filter<'_>) -> sqlx::Result<Vec<Listed>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select l.organization_id, o.name as organization_name, l.id, l.kind, l.target,
          l.opened_at, l.resolved_at, l.notice
        from shown_alerts l
        join organizations o on o.id = l.organization_id
        where l.resolved_at is null and ($1 = '' or l.kind = $1)
          and (l.opened_at, l.id) < ($2, $3)
          and not l.is_covered
        union all
        select '', '', id, kind, '', opened_at, resolved_at, notice
        from system_alerts
        where resolved_at is null and ($1 = '' or kind = $1) and (opened_at, id) < ($2, $3)
        order by 6 desc, 3 desc
        limit $4
        ",
        filter.kind(),
        filter.before().0,
        filter.before().1,
        filter.most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The resolved alerts of all organizations and of the installation, in the same way.
pub async fn all_resolved(tx: &mut Tx, filter: Filter<'_>) -> sqlx::Result<Vec<Listed>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select *
        from (
            select l.organization_id, o.name as organization_name, l.id, l.kind, l.target,
              l.opened_at, l.resolved_at, l.notice
            from shown_alerts l
            join organizations o on o.id = l.organization_id
            where l.resolved_at is not null and not l.is_covered and ($1 = '' or l.kind = $1)
              and (l.opened_at, l.id) < ($2, $3)
            order by l.opened_at desc, l.id desc
            limit $4
          ) of_organizations
        union all
        select '', '', id, kind, '', opened_at, resolved_at, notice
        from system_alerts
        where resolved_at is not null and ($1 = '' or kind = $1) and (opened_at, id) < ($2, $3)
        order by 6 desc, 3 desc
        limit $4
        ",
        filter.kind(),
        filter.before().0,
        filter.before().1,
        filter.most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The number of open alerts of an organization, and of all organizations and the installation,
/// counted up to `most`.
pub async fn count_open(
    tx: &mut Tx,
    organization: Option<&OrganizationScope>,
    for_staff: bool,
    most: i64,
) -> sqlx::Result<i64> {
    let Some(organization) = organization else { return count_all_open(tx, most).await };
    sql!(
        value(tx),
        r"
        select count(*)
        from (
            select l.id
            from shown_alerts l
            where l.organization_id = $1 and l.resolved_at is null
              and ($3 or not l.is_for_staff)
              and not l.is_covered
            limit $2
          ) o
        ",
        organization.id().as_str(),
        most,
        for_staff,
    )
}

async fn count_all_open(tx: &mut Tx, most: i64) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from (
            select l.id
            from shown_alerts l
            where l.resolved_at is null
              and not l.is_covered
            union all
            select id
            from system_alerts
            where resolved_at is null
            limit $1
          ) o
        ",
        most,
    )
}
