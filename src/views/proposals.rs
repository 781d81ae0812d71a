//! What pages show of changes of a seat limit that wait for a second staff member.

use domain::{
    id::{OrganizationId, ProposalId, SeatRequestId},
    limit_end::LimitEnd,
    limit_proposal::ProposalState,
    organization::{SeatLimit, Usage},
    text::ExternalText,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::LimitPreview;

/// A proposal in a few words; staff only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalRow {
    pub id: ProposalId,
    pub organization: (OrganizationId, ExternalText),
    pub state: ProposalState,
    /// The limit when it was proposed: `50 seats`.
    pub before: ExternalText,
    pub limit: SeatLimit,
    pub by: ExternalText,
    /// The reader proposed it, so another person decides.
    pub is_own: bool,
    pub reason: ExternalText,
    pub at: Timestamp,
    pub expires_at: Timestamp,
    /// The seat request that it answers.
    pub request: Option<SeatRequestId>,
}

/// The page of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalPage {
    pub row: ProposalRow,
    /// It still waits.
    pub is_open: bool,
    /// What the organization reads with the approval of its request; may be empty.
    pub text: ExternalText,
    /// When the proposed limit ends, and what applies then.
    pub end: Option<LimitEnd>,
    pub answer: Option<ProposalAnswered>,
    pub usage: Usage,
    pub archived: bool,
    /// The limit was changed since it was proposed.
    pub is_changed: bool,
    pub limit_version: i64,
    /// What an approval would do now; while it waits.
    pub preview: Option<LimitPreview>,
    pub revision: i64,
    pub now: Timestamp,
}

/// How a proposal ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalAnswered {
    pub by: ExternalText,
    pub text: ExternalText,
    pub at: Timestamp,
}
