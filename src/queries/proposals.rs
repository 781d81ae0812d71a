//! Changes of a seat limit that wait for a second staff member: for staff alone.

use serde::Serialize;

use super::limit_preview;
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Staff},
        id::{AccountId, OrganizationId, ProposalId},
        limit_proposal::{LimitProposal, ProposalState},
        text::ExternalText,
        time::Timestamp,
    },
    state::AppState,
    store::{limit_ends, limit_proposals, organizations},
    views::proposals::{ProposalAnswered, ProposalPage, ProposalRow},
};

/// How many proposals the queue and the command line list.
const MOST: i64 = 200;

/// One proposal, with what an approval would do now.
pub async fn proposal_page(
    state: &AppState,
    (staff, scope): (&Staff, &OrganizationScope),
    id: &ProposalId,
) -> Result<ProposalPage, Error> {
    let now = state.clock.now();
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let proposal = limit_proposals::find(&mut tx, scope, id).await?.ok_or(Error::Missing)?;
    let known = limit_ends::find(&mut tx, scope, card.limit_version).await?;
    drop(tx);
    let is_open = proposal.is_open(now);
    let preview = if is_open && !card.archived {
        Some(limit_preview(state, scope, proposal.limit).await?)
    } else {
        None
    };
    let then = known.map_or(card.usage.limit, |end| end.then);
    let answered = |answer: &crate::domain::limit_proposal::ProposalAnswer| ProposalAnswered {
        by: ExternalText::new(&answer.by),
        text: ExternalText::paragraph(&answer.text),
        at: answer.at,
    };
    Ok(ProposalPage {
        is_open,
        text: ExternalText::paragraph(&proposal.text),
        end: proposal.end(then),
        answer: proposal.answer.as_ref().map(answered),
        usage: card.usage,
        archived: card.archived,
        is_changed: is_open && proposal.limit_version != card.limit_version,
        limit_version: card.limit_version,
        preview,
        revision: card.revision,
        now,
        row: row(proposal, card.called(scope), (&staff.account, now)),
    })
}

/// The open proposal of an organization.
pub(super) async fn open_of(
    tx: &mut Tx,
    scope: &OrganizationScope,
    name: ExternalText,
    (account, now): (&AccountId, Timestamp),
) -> sqlx::Result<Option<ProposalRow>> {
    let known = limit_proposals::open_of(tx, scope).await?;
    let open = known.filter(|proposal| proposal.is_open(now));
    Ok(open.map(|proposal| row(proposal, name, (account, now))))
}

/// The proposals that wait, the oldest first.
pub(super) async fn waiting(
    tx: &mut Tx,
    (account, now): (&AccountId, Timestamp),
) -> sqlx::Result<Vec<ProposalRow>> {
    let waiting = limit_proposals::waiting(tx, now, MOST).await?;
    let ids: Vec<OrganizationId> = waiting.iter().map(|one| one.organization.clone()).collect();
    let names = organizations::names(tx, &ids).await?;
    let shown = |proposal: LimitProposal| {
        let id = &proposal.organization;
        let name = names.iter().find(|(known, _)| known == id).map(|(_, name)| name.as_str());
        let name = ExternalText::or_id(name.unwrap_or_default(), id.as_str());
        row(proposal, name, (account, now))
    };
    Ok(waiting.into_iter().map(shown).collect())
}

fn row(
    proposal: LimitProposal,
    organization: ExternalText,
    (account, now): (&AccountId, Timestamp),
) -> ProposalRow {
    let is_expired = proposal.state == ProposalState::Open && !proposal.is_open(now);
    ProposalRow {
        id: proposal.id,
        organization: (proposal.organization, organization),
        state: if is_expired { ProposalState::Expired } else { proposal.state },
        before: ExternalText::new(&proposal.before),
        limit: proposal.limit,
        by: ExternalText::new(&proposal.by),
        is_own: proposal.account == *account,
        reason: ExternalText::paragraph(&proposal.reason),
        at: proposal.at,
        expires_at: proposal.expires_at,
        request: proposal.request,
    }
}

/// A proposal that waits, for scripts.
#[derive(Clone, Debug, Serialize)]
pub struct ProposalRecord {
    pub id: ProposalId,
    pub organization_id: OrganizationId,
    /// The limit when it was proposed, in words.
    pub from: String,
    /// As it is typed: a number, or `unlimited`.
    pub to: String,
    /// RFC 3339, as all times; `null`: the new limit does not end.
    pub until: Option<String>,
    pub reason: String,
    pub proposed_by: String,
    pub proposed_at: String,
    pub expires_at: String,
}

/// The proposals that wait, the oldest first.
pub async fn proposal_records(state: &AppState) -> Result<Vec<ProposalRecord>, Error> {
    let mut tx = state.db.read().await?;
    let waiting = limit_proposals::waiting(&mut tx, state.clock.now(), MOST).await?;
    let record = |proposal: LimitProposal| ProposalRecord {
        id: proposal.id,
        organization_id: proposal.organization,
        from: proposal.before,
        to: proposal.limit.typed(),
        until: proposal.until.map(Timestamp::rfc3339),
        reason: proposal.reason,
        proposed_by: proposal.by,
        proposed_at: proposal.at.rfc3339(),
        expires_at: proposal.expires_at.rfc3339(),
    };
    Ok(waiting.into_iter().map(record).collect())
}
