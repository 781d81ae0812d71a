//! The form for the admission policy of an organization.

use serde::{Deserialize, Serialize};

use super::waitlist::PreviewedPlace;
use domain::{
    admission::AdmissionPolicy,
    id::{GroupId, OrganizationId},
    organization::Usage,
    refusal::Refusal,
    text::ExternalText,
};

/// The policy that the address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyQuery {
    /// `None`: nothing is chosen yet. Otherwise the policy, or why the choice is none.
    pub policy: Option<Result<AdmissionPolicy, Refusal>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyForm {
    pub organization: OrganizationId,
    pub organization_name: ExternalText,
    pub revision: i64,
    pub usage: Usage,
    pub archived: bool,
    /// The policy as it is, and the version that the form must send, so that two editors cannot
    /// overwrite each other.
    pub policy: AdmissionPolicy,
    pub policy_version: i64,
    /// The groups to choose from, by name.
    pub groups: Vec<(GroupId, ExternalText)>,
    /// `None` if nothing is chosen yet.
    pub preview: Option<Result<PolicyPreview, Refusal>>,
}

impl PolicyForm {
    /// The largest number of groups to choose from.
    pub const GROUPS: i64 = 500;
}

/// What a new policy would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyPreview {
    pub policy: AdmissionPolicy,
    pub after: Usage,
    /// The people who would get a seat: the first ones, and how many they are.
    pub admitted: Vec<ExternalText>,
    pub admitted_count: i64,
    /// The head of the waitlist afterwards.
    pub line: Vec<PreviewedPlace>,
}
