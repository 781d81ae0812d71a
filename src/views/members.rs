//! What the pages about accounts show: the members of an organization, the staff accounts, and an
//! invitation.

use serde::{Deserialize, Serialize};

use super::pagination::{Key, KeysetPage};
use domain::{
    access::Role,
    factor::Factors,
    id::{AccountId, GroupId, InvitationId, OrganizationId},
    refusal::Refusal,
    text::{ExternalText, is_key},
    time::Timestamp,
};

/// Which accounts are shown. All of it is in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountsQuery {
    pub search: String,
    /// Only accounts behind this one.
    pub before: Option<AccountKey>,
}

impl AccountsQuery {
    /// The number of rows on a page.
    pub const ROWS: i64 = 50;
    /// How many open invitations a page shows.
    pub const INVITATIONS: i64 = 100;
}

/// A place in a list of accounts: they are in order of their folded addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountKey(pub String);

impl Key for AccountKey {
    fn written(&self) -> String {
        self.0.clone()
    }

    fn parse(text: &str) -> Option<Self> {
        (!text.is_empty() && is_key(text)).then(|| Self(text.to_owned()))
    }
}

/// One page of the members of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersPage {
    pub organization: OrganizationId,
    pub name: ExternalText,
    pub revision: i64,
    pub archived: bool,
    /// Whether the viewer may invite people and change members.
    pub may_change: bool,
    pub rows: Vec<MemberRow>,
    pub page: KeysetPage<AccountKey>,
    /// All members, whatever is searched.
    pub members: i64,
    pub invitations: Vec<InvitationRow>,
    /// A mail server is set.
    pub has_mail_server: bool,
    pub now: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    pub account: AccountId,
    pub name: ExternalText,
    pub email: ExternalText,
    pub role: Role,
    /// The role that people gave it; a group may give a higher one.
    pub own: Role,
    /// The groups that make the account an admin.
    pub groups: Vec<(GroupId, ExternalText)>,
    pub is_disabled: bool,
    /// `None`: the account was never used.
    pub last_used_at: Option<Timestamp>,
    pub factors: Factors,
    /// The viewer.
    pub is_own: bool,
}

/// One page of the staff accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffAccountsPage {
    pub rows: Vec<StaffRow>,
    pub page: KeysetPage<AccountKey>,
    /// All staff accounts, whatever is searched.
    pub accounts: i64,
    pub invitations: Vec<InvitationRow>,
    /// A mail server is set.
    pub has_mail_server: bool,
    pub now: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffRow {
    pub account: AccountId,
    pub name: ExternalText,
    pub email: ExternalText,
    pub role: Role,
    pub is_disabled: bool,
    pub last_used_at: Option<Timestamp>,
    pub factors: Factors,
    /// The viewer.
    pub is_own: bool,
}

/// An open invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationRow {
    pub id: InvitationId,
    pub email: ExternalText,
    pub role: Role,
    pub invited_by: ExternalText,
    /// When it was sent last.
    pub invited_at: Timestamp,
    pub expires_at: Timestamp,
    pub has_expired: bool,
}

/// What the person who has a link reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationPage {
    /// The name of the organization; `None`: to the staff.
    pub organization: Option<ExternalText>,
    /// The invited address; `None`: the first account, whose address the person types.
    pub email: Option<ExternalText>,
    pub role: Role,
    /// `None`: the first account.
    pub invited_by: Option<ExternalText>,
    pub expires_at: Option<Timestamp>,
    pub next: NextStep,
}

/// What the person does next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NextStep {
    /// Choose a name and a password.
    MakeAccount,
    /// An account has the address.
    SignIn,
    /// The account that has the address is signed in.
    Join,
    /// Nothing can be accepted, for this reason.
    Nothing(Refusal),
}
