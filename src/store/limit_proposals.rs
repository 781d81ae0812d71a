//! Changes of a seat limit that wait for a second staff member, and what became of them.

use sqlx::FromRow;

use super::{
    columns::{self, Limit},
    exactly_one,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, sql},
    domain::{
        access::OrganizationScope,
        id::{AccountId, OrganizationId, ProposalId, SeatRequestId},
        limit_proposal::{LimitProposal, ProposalAnswer, ProposalState},
        time::Timestamp,
    },
};

#[derive(FromRow)]
struct Row {
    organization_id: String,
    id: String,
    state: Text<ProposalState>,
    before_value: String,
    limit_version: i64,
    #[sqlx(flatten)]
    limit: Limit,
    ends_at: Option<i64>,
    reason: String,
    request_id: Option<String>,
    text: String,
    proposed_by: String,
    account_id: String,
    proposed_at: i64,
    expires_at: i64,
    answered_by: Option<String>,
    answer: Option<String>,
    answered_at: Option<i64>,
}

impl Stored for Row {
    const TABLE: &'static str = "limit_proposals";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

impl From<Row> for LimitProposal {
    fn from(row: Row) -> Self {
        let answer = row.answered_by.zip(row.answered_at).map(|(by, at)| ProposalAnswer {
            by,
            text: row.answer.unwrap_or_default(),
            at: Timestamp::from_nanos(at),
        });
        Self {
            organization: OrganizationId::new(row.organization_id),
            id: ProposalId::new(row.id),
            state: row.state.0,
            before: row.before_value,
            limit_version: row.limit_version,
            limit: row.limit.0,
            until: row.ends_at.map(Timestamp::from_nanos),
            reason: row.reason,
            request: row.request_id.map(SeatRequestId::new),
            text: row.text,
            by: row.proposed_by,
            account: AccountId::new(row.account_id),
            at: Timestamp::from_nanos(row.proposed_at),
            expires_at: Timestamp::from_nanos(row.expires_at),
            answer,
        }
    }
}

/// Adds an open proposal.
pub async fn add(tx: &mut Tx, new: &LimitProposal) -> sqlx::Result<()> {
    let (kind, seats): (&str, Option<i64>) = columns::from_limit(new.limit);
    sql!(
        execute(tx),
        r"
        insert into limit_proposals (organization_id, id, state, before_value, limit_version,
          limit_kind, limit_seats, ends_at, reason, request_id, text, proposed_by, account_id,
          proposed_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        ",
        new.organization.as_str(),
        new.id.as_str(),
        new.state.as_str(),
        new.before.as_str(),
        new.limit_version,
        kind,
        seats,
        new.until.map(Timestamp::nanos),
        new.reason.as_str(),
        new.request.as_ref().map(SeatRequestId::as_str),
        new.text.as_str(),
        new.by.as_str(),
        new.account.as_str(),
        new.at.nanos(),
        new.expires_at.nanos(),
    )
    .and_then(exactly_one)
}

/// Ends an open proposal.
pub async fn end(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &ProposalId,
    (state, answer): (ProposalState, &ProposalAnswer),
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update limit_proposals
        set state = $3, answered_by = $4, answer = $5, answered_at = $6
        where organization_id = $1 and id = $2 and state = 'open'
        ",
        organization.id().as_str(),
        id.as_str(),
        state.as_str(),
        answer.by.as_str(),
        answer.text.as_str(),
        answer.at.nanos(),
    )
    .and_then(exactly_one)
}

pub async fn find(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &ProposalId,
) -> sqlx::Result<Option<LimitProposal>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select organization_id, id, state, before_value, limit_version, limit_kind, limit_seats,
          ends_at, reason, request_id, text, proposed_by, account_id, proposed_at, expires_at,
          answered_by, answer, answered_at
        from limit_proposals
        where organization_id = $1 and id = $2
        ",
        organization.id().as_str(),
        id.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// The proposal of an organization that no person has answered; it may have expired.
pub async fn open_of(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Option<LimitProposal>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select organization_id, id, state, before_value, limit_version, limit_kind, limit_seats,
          ends_at, reason, request_id, text, proposed_by, account_id, proposed_at, expires_at,
          answered_by, answer, answered_at
        from limit_proposals
        where organization_id = $1 and state = 'open'
        ",
        organization.id().as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// The proposals that wait, the oldest first.
pub async fn waiting(tx: &mut Tx, now: Timestamp, most: i64) -> sqlx::Result<Vec<LimitProposal>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, id, state, before_value, limit_version, limit_kind, limit_seats,
          ends_at, reason, request_id, text, proposed_by, account_id, proposed_at, expires_at,
          answered_by, answer, answered_at
        from limit_proposals
        where state = 'open' and expires_at > $1
        order by proposed_at, id
        limit $2
        ",
        now.nanos(),
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// How many proposals wait for this account: all but its own. Counted up to `most`.
pub async fn count_for(
    tx: &mut Tx,
    account: &AccountId,
    now: Timestamp,
    most: i64,
) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from (
          select id
          from limit_proposals
          where state = 'open' and expires_at > $1 and account_id <> $2
          order by proposed_at, id
          limit $3
        ) waiting
        ",
        now.nanos(),
        account.as_str(),
        most,
    )
}

/// The proposals whose time is over.
pub async fn expired(
    tx: &mut Tx,
    now: Timestamp,
    most: i64,
) -> sqlx::Result<Vec<(OrganizationId, ProposalId)>> {
    let rows: Vec<(String, String)> = sql!(
        all(tx),
        r"
        select organization_id, id
        from limit_proposals
        where state = 'open' and expires_at <= $1
        order by proposed_at, id
        limit $2
        ",
        now.nanos(),
        most,
    )?;
    let ids = |(organization, id)| (OrganizationId::new(organization), ProposalId::new(id));
    Ok(rows.into_iter().map(ids).collect())
}
