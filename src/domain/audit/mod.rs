//! What the audit log records.

mod words;

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
    /// A file of people was sent.
    ImportPeople,
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
    SendTestEmail,
    EndSession,
    EndOtherSessions,
    AddFactor,
    RemoveFactor,
    RenamePasskey,
    /// Its counter went back, so that there seems to be a copy of it.
    RefusePasskey,
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
    AddWebhookEndpoint,
    ChangeWebhookEndpoint,
    SendWebhookEvents,
    CreateApiKey,
    /// Another key took the place of one.
    RotateApiKey,
    RevokeApiKey,
}

impl AuditAction {
    /// In the order in which a form offers them.
    pub const ALL: [Self; 86] = [
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
        Self::ImportPeople,
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
        Self::SendTestEmail,
        Self::EndSession,
        Self::EndOtherSessions,
        Self::AddFactor,
        Self::RemoveFactor,
        Self::RenamePasskey,
        Self::RefusePasskey,
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
        Self::AddWebhookEndpoint,
        Self::ChangeWebhookEndpoint,
        Self::SendWebhookEvents,
        Self::CreateApiKey,
        Self::RotateApiKey,
        Self::RevokeApiKey,
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
            Self::ImportPeople => "import_people",
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
            Self::SendTestEmail => "send_test_email",
            Self::EndSession => "end_session",
            Self::EndOtherSessions => "end_other_sessions",
            Self::AddFactor => "add_factor",
            Self::RemoveFactor => "remove_factor",
            Self::RenamePasskey => "rename_passkey",
            Self::RefusePasskey => "refuse_passkey",
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
            Self::AddWebhookEndpoint => "add_webhook_endpoint",
            Self::ChangeWebhookEndpoint => "change_webhook_endpoint",
            Self::SendWebhookEvents => "send_webhook_events",
            Self::CreateApiKey => "create_api_key",
            Self::RotateApiKey => "rotate_api_key",
            Self::RevokeApiKey => "revoke_api_key",
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
