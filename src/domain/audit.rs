//! What the audit log records.

use serde::{Deserialize, Serialize};

/// One kind of change by a person, by the command line or by the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditAction {
    AddOrganization,
    RenameOrganization,
    SetExternalId,
    SetAccountManager,
    SetNotes,
    /// Where alerts are posted.
    SetSlack,
    /// From which usage on an organization is notified.
    SetThresholds,
    /// Which addresses get the e-mails of an organization beside its admins.
    SetExtraRecipients,
    /// What a person is told by e-mail, and when.
    SetPreferences,
    ArchiveOrganization,
    RestoreOrganization,
    SetSeatLimit,
    /// A large change of the limit waits for a second staff member; what became of it.
    ProposeLimit,
    RejectProposal,
    WithdrawProposal,
    ExpireProposal,
    /// A large change of the limit on the command line needed no second staff member.
    SkipApproval,
    SetPolicy,
    AskForSeats,
    ApproveRequest,
    DeclineRequest,
    AskBack,
    ReplyToQuestion,
    WithdrawRequest,
    AdmitPerson,
    MovePerson,
    DismissPerson,
    UndoDismissal,
    /// The product told when people used it last.
    ImportUsageSignals,
    /// A person keeps a seat that seems unused.
    IgnoreSuggestion,
    RestoreSuggestion,
    DryRunResync,
    StartResync,
    ConfirmResync,
    CancelResync,
    CreateAccount,
    Invite,
    ResendInvitation,
    RevokeInvitation,
    AcceptInvitation,
    GrantMembership,
    RevokeMembership,
    /// A person left the directory, so their dashboard access ended.
    EndMembership,
    SetPassword,
    EndSessions,
    DisableAccount,
    EnableAccount,
    /// An account's owner changed what the account is called; the next ones are theirs, too.
    SetName,
    ChangePassword,
    /// A forgotten password was replaced with a link from an e-mail.
    ResetPassword,
    /// A link went to a new address; nothing is changed before it is used.
    AskForAddress,
    ChangeAddress,
    EndSession,
    EndOtherSessions,
    AddFactor,
    RemoveFactor,
    MakeRecoveryCodes,
    UseRecoveryCode,
    /// A staff admin or the command line took all factors of an account away.
    ResetFactors,
    /// A staff account became a staff admin, or is none any more.
    ChangeStaffRole,
    StartReplay,
    CancelReplay,
    ChangeSetting,
    SetGroupRoles,
    /// A person got or lost an application role with a group.
    ChangeRoles,
    /// An account got another role in the dashboard, from a person or with a group.
    ChangeDashboardRole,
    ReplayDelivery,
    /// Messages that were given up wait again.
    SendAgain,
    /// Staff looked at the names and addresses in a delivery.
    RevealPersonalData,
    /// Staff see an organization as its admin does, and see their own pages again.
    BeginView,
    EndView,
    /// Which identity provider an organization uses, and whether it makes accounts.
    SetSingleSignOn,
    SetSignOnDomains,
    RequireSingleSignOn,
    /// An account is opened by an identity of a provider from now on.
    ConnectIdentity,
    DisconnectIdentity,
}

impl AuditAction {
    /// In the order in which a form offers them.
    pub const ALL: [Self; 76] = [
        Self::AddOrganization,
        Self::RenameOrganization,
        Self::SetExternalId,
        Self::SetAccountManager,
        Self::SetNotes,
        Self::SetSlack,
        Self::SetThresholds,
        Self::SetExtraRecipients,
        Self::SetPreferences,
        Self::ArchiveOrganization,
        Self::RestoreOrganization,
        Self::SetSeatLimit,
        Self::ProposeLimit,
        Self::RejectProposal,
        Self::WithdrawProposal,
        Self::ExpireProposal,
        Self::SkipApproval,
        Self::SetPolicy,
        Self::AskForSeats,
        Self::ApproveRequest,
        Self::DeclineRequest,
        Self::AskBack,
        Self::ReplyToQuestion,
        Self::WithdrawRequest,
        Self::AdmitPerson,
        Self::MovePerson,
        Self::DismissPerson,
        Self::UndoDismissal,
        Self::ImportUsageSignals,
        Self::IgnoreSuggestion,
        Self::RestoreSuggestion,
        Self::DryRunResync,
        Self::StartResync,
        Self::ConfirmResync,
        Self::CancelResync,
        Self::CreateAccount,
        Self::Invite,
        Self::ResendInvitation,
        Self::RevokeInvitation,
        Self::AcceptInvitation,
        Self::GrantMembership,
        Self::RevokeMembership,
        Self::EndMembership,
        Self::SetPassword,
        Self::EndSessions,
        Self::DisableAccount,
        Self::EnableAccount,
        Self::SetName,
        Self::ChangePassword,
        Self::ResetPassword,
        Self::AskForAddress,
        Self::ChangeAddress,
        Self::EndSession,
        Self::EndOtherSessions,
        Self::AddFactor,
        Self::RemoveFactor,
        Self::MakeRecoveryCodes,
        Self::UseRecoveryCode,
        Self::ResetFactors,
        Self::ChangeStaffRole,
        Self::StartReplay,
        Self::CancelReplay,
        Self::ChangeSetting,
        Self::SetGroupRoles,
        Self::ChangeRoles,
        Self::ChangeDashboardRole,
        Self::ReplayDelivery,
        Self::SendAgain,
        Self::RevealPersonalData,
        Self::BeginView,
        Self::EndView,
        Self::SetSingleSignOn,
        Self::SetSignOnDomains,
        Self::RequireSingleSignOn,
        Self::ConnectIdentity,
        Self::DisconnectIdentity,
    ];

    /// The name in the database, in addresses and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AddOrganization => "add_organization",
            Self::RenameOrganization => "rename_organization",
            Self::SetExternalId => "set_external_id",
            Self::SetAccountManager => "set_account_manager",
            Self::SetNotes => "set_notes",
            Self::SetSlack => "set_slack",
            Self::SetThresholds => "set_thresholds",
            Self::SetExtraRecipients => "set_extra_recipients",
            Self::SetPreferences => "set_preferences",
            Self::ArchiveOrganization => "archive_organization",
            Self::RestoreOrganization => "restore_organization",
            Self::SetSeatLimit => "set_seat_limit",
            Self::ProposeLimit => "propose_limit",
            Self::RejectProposal => "reject_proposal",
            Self::WithdrawProposal => "withdraw_proposal",
            Self::ExpireProposal => "expire_proposal",
            Self::SkipApproval => "skip_approval",
            Self::SetPolicy => "set_policy",
            Self::AskForSeats => "ask_for_seats",
            Self::ApproveRequest => "approve_request",
            Self::DeclineRequest => "decline_request",
            Self::AskBack => "ask_back",
            Self::ReplyToQuestion => "reply_to_question",
            Self::WithdrawRequest => "withdraw_request",
            Self::AdmitPerson => "admit_person",
            Self::MovePerson => "move_person",
            Self::DismissPerson => "dismiss_person",
            Self::UndoDismissal => "undo_dismissal",
            Self::ImportUsageSignals => "import_usage_signals",
            Self::IgnoreSuggestion => "ignore_suggestion",
            Self::RestoreSuggestion => "restore_suggestion",
            Self::DryRunResync => "dry_run_resync",
            Self::StartResync => "start_resync",
            Self::ConfirmResync => "confirm_resync",
            Self::CancelResync => "cancel_resync",
            Self::CreateAccount => "create_account",
            Self::Invite => "invite",
            Self::ResendInvitation => "resend_invitation",
            Self::RevokeInvitation => "revoke_invitation",
            Self::AcceptInvitation => "accept_invitation",
            Self::GrantMembership => "grant_membership",
            Self::RevokeMembership => "revoke_membership",
            Self::EndMembership => "end_membership",
            Self::SetPassword => "set_password",
            Self::EndSessions => "end_sessions",
            Self::DisableAccount => "disable_account",
            Self::EnableAccount => "enable_account",
            Self::SetName => "set_name",
            Self::ChangePassword => "change_password",
            Self::ResetPassword => "reset_password",
            Self::AskForAddress => "ask_for_address",
            Self::ChangeAddress => "change_address",
            Self::EndSession => "end_session",
            Self::EndOtherSessions => "end_other_sessions",
            Self::AddFactor => "add_factor",
            Self::RemoveFactor => "remove_factor",
            Self::MakeRecoveryCodes => "make_recovery_codes",
            Self::UseRecoveryCode => "use_recovery_code",
            Self::ResetFactors => "reset_factors",
            Self::ChangeStaffRole => "change_staff_role",
            Self::StartReplay => "start_replay",
            Self::CancelReplay => "cancel_replay",
            Self::ChangeSetting => "change_setting",
            Self::SetGroupRoles => "set_group_roles",
            Self::ChangeRoles => "change_roles",
            Self::ChangeDashboardRole => "change_dashboard_role",
            Self::ReplayDelivery => "replay_delivery",
            Self::SendAgain => "send_again",
            Self::RevealPersonalData => "reveal_personal_data",
            Self::BeginView => "begin_view",
            Self::EndView => "end_view",
            Self::SetSingleSignOn => "set_single_sign_on",
            Self::SetSignOnDomains => "set_sign_on_domains",
            Self::RequireSingleSignOn => "require_single_sign_on",
            Self::ConnectIdentity => "connect_identity",
            Self::DisconnectIdentity => "disconnect_identity",
        }
    }

    /// Tenants never learn of it, not even that it happened: it holds what staff note for each
    /// other, or what they have not decided yet.
    pub fn is_for_staff(self) -> bool {
        matches!(
            self,
            Self::SetNotes
                | Self::ProposeLimit
                | Self::RejectProposal
                | Self::WithdrawProposal
                | Self::ExpireProposal
                | Self::SkipApproval
        )
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == text)
    }

    /// What happened, in the words of a page: `Seat limit changed`.
    pub fn words(self) -> &'static str {
        match self {
            Self::AddOrganization => "Organization added",
            Self::RenameOrganization => "Organization renamed",
            Self::SetExternalId => "External id changed",
            Self::SetAccountManager => "Account manager changed",
            Self::SetNotes => "Notes changed",
            Self::SetSlack => "Slack address changed",
            Self::SetThresholds => "Usage thresholds changed",
            Self::SetExtraRecipients => "Extra recipients changed",
            Self::SetPreferences => "Notifications changed",
            Self::ArchiveOrganization => "Organization archived",
            Self::RestoreOrganization => "Organization restored",
            Self::SetSeatLimit => "Seat limit changed",
            Self::ProposeLimit => "Change of the seat limit proposed",
            Self::RejectProposal => "Change of the seat limit rejected",
            Self::WithdrawProposal => "Proposed change of the seat limit withdrawn",
            Self::ExpireProposal => "Proposed change of the seat limit expired",
            Self::SkipApproval => "Seat limit changed without a second person",
            Self::SetPolicy => "Admission policy changed",
            Self::AskForSeats => "Seats asked for",
            Self::ApproveRequest => "Seat request approved",
            Self::DeclineRequest => "Seat request declined",
            Self::AskBack => "Question about a seat request",
            Self::ReplyToQuestion => "Question about a seat request answered",
            Self::WithdrawRequest => "Seat request withdrawn",
            Self::AdmitPerson => "Person admitted",
            Self::MovePerson => "Person moved on the waitlist",
            Self::DismissPerson => "Person dismissed",
            Self::UndoDismissal => "Dismissal undone",
            Self::ImportUsageSignals => "Usage signals imported",
            Self::IgnoreSuggestion => "Suggestion to release a seat ignored",
            Self::RestoreSuggestion => "Suggestion to release a seat restored",
            Self::DryRunResync => "Resync previewed",
            Self::StartResync => "Resync started",
            Self::ConfirmResync => "Resync confirmed",
            Self::CancelResync => "Resync cancelled",
            Self::CreateAccount => "Account created",
            Self::Invite => "Invitation made",
            Self::ResendInvitation => "Invitation sent again",
            Self::RevokeInvitation => "Invitation revoked",
            Self::AcceptInvitation => "Invitation accepted",
            Self::GrantMembership => "Access given",
            Self::RevokeMembership => "Access taken away",
            Self::EndMembership => "Access ended with the directory user",
            Self::SetPassword => "Password set",
            Self::EndSessions => "Signed out everywhere",
            Self::DisableAccount => "Account disabled",
            Self::EnableAccount => "Account enabled",
            Self::SetName => "Name changed",
            Self::ChangePassword => "Password changed",
            Self::ResetPassword => "Password replaced by a link",
            Self::AskForAddress => "E-mail address asked for",
            Self::ChangeAddress => "E-mail address changed",
            Self::EndSession => "Session ended",
            Self::EndOtherSessions => "Other sessions ended",
            Self::AddFactor => "Second factor added",
            Self::RemoveFactor => "Second factor removed",
            Self::MakeRecoveryCodes => "Recovery codes made",
            Self::UseRecoveryCode => "Recovery code used",
            Self::ResetFactors => "Second factors taken away",
            Self::ChangeStaffRole => "Role of a staff account changed",
            Self::StartReplay => "Replay of failed deliveries started",
            Self::CancelReplay => "Replay of failed deliveries cancelled",
            Self::ChangeSetting => "Setting changed",
            Self::SetGroupRoles => "Roles of a group changed",
            Self::ChangeRoles => "Roles of a person changed",
            Self::ChangeDashboardRole => "Role in the dashboard changed",
            Self::ReplayDelivery => "Failed delivery replayed",
            Self::SendAgain => "Messages sent again",
            Self::RevealPersonalData => "Personal data revealed",
            Self::BeginView => "View as a tenant admin begun",
            Self::EndView => "View as a tenant admin ended",
            Self::SetSingleSignOn => "Identity provider changed",
            Self::SetSignOnDomains => "Domains of single sign-on changed",
            Self::RequireSingleSignOn => "Single sign-on required or not",
            Self::ConnectIdentity => "Account connected with single sign-on",
            Self::DisconnectIdentity => "Account disconnected from single sign-on",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_action_is_read_back_from_its_name() {
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::parse(action.as_str()), Some(action));
        }
        assert_eq!(AuditAction::parse("seat_limit"), None);
    }
}
