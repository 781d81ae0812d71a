//! Large changes of a seat limit: one staff member proposes them, another one approves or rejects
//! them. Only one answer counts, however many people answer at once: each of them locks the
//! organization first.

mod approve;
mod end;
mod propose;

pub use self::{
    approve::approve_proposal,
    end::{expire_proposals, reject_proposal, withdraw_proposal},
};
pub(super) use self::{
    end::end_with_request,
    propose::{NewProposal, propose},
};
use super::Error;
use crate::{
    db::Tx,
    domain::{
        access::OrganizationScope,
        id::{AccountId, OrganizationId, ProposalId},
        limit_proposal::LimitProposal,
        refusal::Refusal,
        time::Timestamp,
    },
    store::{accounts, limit_proposals},
};

/// What a person does about a proposal.
#[derive(Clone, Debug)]
pub struct NewProposalAnswer {
    pub organization: OrganizationId,
    pub proposal: ProposalId,
    /// The sentence of a rejection.
    pub text: String,
    /// The version of the limit that the person saw; `None` approves on any.
    pub expected_limit_version: Option<i64>,
}

/// The proposal, if it still waits.
async fn open(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &ProposalId,
    now: Timestamp,
) -> Result<LimitProposal, Error> {
    let proposal = limit_proposals::find(tx, organization, id).await?.ok_or(Error::Missing)?;
    if proposal.is_open(now) { Ok(proposal) } else { Err(Refusal::ProposalOver.into()) }
}

/// Whether an account may decide about limits at this moment.
async fn is_staff(tx: &mut Tx, account: &AccountId) -> Result<bool, Error> {
    let viewer = accounts::viewer(tx, account).await?;
    Ok(viewer.is_some_and(|viewer| viewer.role.is_staff()))
}
