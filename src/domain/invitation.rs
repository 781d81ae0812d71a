//! Invitations: a person is invited by e-mail to an organization, or to the staff. The link in the
//! e-mail works once, and for three days.

use std::time::Duration;

use super::{
    access::Role,
    id::{InvitationId, OrganizationId},
    refusal::Refusal,
    time::Timestamp,
};

/// An invitation of one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// `None`: to the staff.
    pub organization: Option<OrganizationId>,
    pub id: InvitationId,
    pub email: String,
    pub role: Role,
    /// The name of the person who invites.
    pub invited_by: String,
    /// When it was sent last.
    pub invited_at: Timestamp,
    pub expires_at: Timestamp,
    /// How often it was sent: only the links of the last time work.
    pub sending: i64,
    pub state: InvitationState,
}

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InvitationState {
    /// It may be accepted until it expires.
    Open,
    Accepted,
    Revoked,
    /// Another invitation to the same address followed after its end.
    Expired,
}

impl InvitationState {
    pub const ALL: [Self; 4] = [Self::Open, Self::Accepted, Self::Revoked, Self::Expired];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl Invitation {
    /// How long its links work.
    pub const LASTS: Duration = Duration::from_hours(72);
    /// How many e-mails with invitations leave in an hour: from one organization, or to the staff.
    pub const MOST_PER_HOUR: i64 = 20;

    /// Whether a role fits: tenants are invited to an organization, and staff to none.
    pub fn is_role_for(role: Role, organization: Option<&OrganizationId>) -> bool {
        role.is_staff() == organization.is_none()
    }

    pub fn has_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// Why a link cannot accept it any more; `sending` is that of the link.
    pub fn refusal(&self, sending: i64, now: Timestamp) -> Option<Refusal> {
        match self.state {
            InvitationState::Accepted => Some(Refusal::InvitationUsed),
            InvitationState::Revoked => Some(Refusal::InvitationRevoked),
            InvitationState::Open if sending != self.sending => Some(Refusal::InvitationReplaced),
            InvitationState::Open if !self.has_expired(now) => None,
            InvitationState::Open | InvitationState::Expired => Some(Refusal::InvitationExpired),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

    #[test]
    fn a_link_works_while_the_invitation_is_open_and_until_it_is_sent_again() {
        let with = |state| Invitation {
            organization: None,
            id: InvitationId::new("inv_1"),
            email: "kim@seats.test".to_owned(),
            role: Role::Staff,
            invited_by: "Sam".to_owned(),
            invited_at: NOW,
            expires_at: NOW.plus(Invitation::LASTS),
            sending: 2,
            state,
        };
        let open = with(InvitationState::Open);
        let end = open.expires_at;

        assert_eq!(open.refusal(2, end.minus(Duration::from_nanos(1))), None);
        assert_eq!(open.refusal(2, end), Some(Refusal::InvitationExpired));
        assert_eq!(open.refusal(1, NOW), Some(Refusal::InvitationReplaced));
        for (state, refusal) in [
            (InvitationState::Accepted, Refusal::InvitationUsed),
            (InvitationState::Revoked, Refusal::InvitationRevoked),
            (InvitationState::Expired, Refusal::InvitationExpired),
        ] {
            assert_eq!(with(state).refusal(2, NOW), Some(refusal));
            assert_eq!(InvitationState::parse(state.as_str()), Some(state));
        }
    }

    #[test]
    fn staff_are_invited_to_no_organization_and_tenants_to_one() {
        let org = OrganizationId::new("org_1");
        for role in Role::ALL {
            assert_eq!(Invitation::is_role_for(role, None), role.is_staff());
            assert_eq!(Invitation::is_role_for(role, Some(&org)), !role.is_staff());
        }
    }
}
