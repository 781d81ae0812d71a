//! The form field and the code of each refusal.

use super::{ApiKeyRefusal, ImportRefusal, PasskeyRefusal, Refusal, SignOnRefusal, ViewRefusal};
use crate::{organization::SeatLimit, setting::SettingName};

/// The codes of the refusals, in both directions from one table. The `match` is exhaustive, so a
/// new refusal needs a code.
macro_rules! codes {
    (
        $limit:ident;
        $($code:literal => $refusal:ident $(($value:expr))?),*;
        with text: $($text_code:literal => $text:ident),*;
    ) => {
        #[cfg(test)]
        pub(super) const CODES: &[&str] = &[$($code,)* $($text_code,)*];

        /// The code of this refusal, for an address.
        pub fn code(&self) -> &'static str {
            match self {
                $(Self::$refusal { .. } => $code,)*
                $(Self::$text { .. } => $text_code,)*
                Self::ApiKey(refusal) => refusal.code(),
                Self::Import(refusal) => refusal.code(),
                Self::View(refusal) => refusal.code(),
                Self::SignOn(refusal) => refusal.code(),
                Self::Passkey(refusal) => refusal.code(),
            }
        }

        /// The refusal that a code stands for; `limit` is the current limit of the organization. A
        /// refusal that quotes a text has none, because the text is not in the address.
        pub fn of_code(code: &str, $limit: SeatLimit) -> Option<Self> {
            match code {
                $($code => Some(Self::$refusal $(($value))?),)*
                _ => SignOnRefusal::of_code(code)
                    .map(Self::SignOn)
                    .or_else(|| PasskeyRefusal::of_code(code).map(Self::Passkey))
                    .or_else(|| ApiKeyRefusal::of_code(code).map(Self::ApiKey))
                    .or_else(|| ImportRefusal::of_code(code).map(Self::Import))
                    .or_else(|| ViewRefusal::of_code(code).map(Self::View)),
            }
        }
    };
}

impl Refusal {
    /// The `name` of the refused form field.
    #[expect(clippy::too_many_lines, reason = "a new refusal must say which field it is about")]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::SignOn(refusal) => refusal.field(),
            Self::Passkey(refusal) => refusal.field(),
            Self::ApiKey(refusal) => refusal.field(),
            Self::Import(refusal) => refusal.field(),
            Self::View(refusal) => refusal.field(),
            Self::SeatLimit
            | Self::ApprovalLowers
            | Self::LimitChangedMeanwhile(_)
            | Self::LimitIsTheSame(_) => Some("limit"),
            Self::LastDay | Self::LastDayRange | Self::LastDayOfFirstLimit => Some("until"),
            Self::ReasonMissing
            | Self::PolicyReasonMissing
            | Self::ArchiveReasonMissing
            | Self::ReasonTooLong
            | Self::RequestReasonMissing => Some("reason"),
            Self::RequestSeats => Some("seats"),
            Self::RequestTextMissing | Self::RequestTextTooLong => Some("text"),
            Self::WaitlistPosition(_) => Some("position"),
            Self::NoteTooLong | Self::EndpointNote => Some("note"),
            Self::PersonMissing | Self::NoPerson(_) | Self::RequestPeople => Some("person"),
            Self::PolicyGroups | Self::GroupId(_) | Self::TooManyRoles => Some("groups"),
            Self::PolicyChangedMeanwhile | Self::PolicyIsTheSame => Some("policy"),
            Self::PresentPassword => Some("present"),
            Self::AppCode | Self::Code | Self::CodeUsed => Some("code"),
            Self::SignIn
            | Self::TooManyAttempts
            | Self::Address
            | Self::AddressIsTheSame
            | Self::TooManyLinks
            | Self::NoMailServer
            | Self::Email(_)
            | Self::AccountExists(_)
            | Self::InvitationOpen
            | Self::AlreadyMember
            | Self::AlreadyStaff
            | Self::AddressOfCustomer
            | Self::TooManyInvitations
            | Self::NoAccount(_) => Some("email"),
            Self::InvitationRole => Some("role"),
            Self::PasswordTooShort
            | Self::PasswordTooLong
            | Self::PasswordUnprintable
            | Self::PasswordTooWeak(_) => Some("password"),
            Self::Name | Self::NoSetting(_) => Some("name"),
            Self::ExternalId => Some("external_id"),
            Self::SlackWebhook => Some("slack"),
            Self::WebhookUrl => Some("url"),
            Self::EventType(_) => Some("types"),
            Self::UsageThresholds => Some("thresholds"),
            Self::ExtraRecipient => Some("recipients"),
            Self::AccountManager => Some("account_manager"),
            Self::NotesTooLong | Self::NotesChangedMeanwhile => Some("notes"),
            Self::Time(_) | Self::TimeToCome | Self::KnownSince(_) => Some("at"),
            Self::OrganizationId(_)
            | Self::OrganizationExists(_)
            | Self::OrganizationMissing
            | Self::OrganizationNotForStaff
            | Self::StaffSeeEverything => Some("organization"),
            Self::PeopleToTakeAway(_) | Self::PeopleToAdd(_) => Some("people"),
            Self::SettingValue(_)
            | Self::SettingFixed(_)
            | Self::SettingChangedMeanwhile(_)
            | Self::SettingIsTheSame(_)
            | Self::RoleInUse(_) => Some("value"),
            Self::NoRole(_) | Self::RolesAreTheSame | Self::RolesChangedMeanwhile => Some("roles"),
            Self::LinkEnded
            | Self::NoFreeSeat
            | Self::NotWaiting
            | Self::NotDismissed
            | Self::WantsNoSeat
            | Self::HoldsNoSeat
            | Self::WaitlistChangedMeanwhile
            | Self::Archived
            | Self::ArchiveChangedMeanwhile
            | Self::NotArchived
            | Self::DeletedInScalekit
            | Self::DetailsChangedMeanwhile
            | Self::NotDead
            | Self::ProofTooOld
            | Self::StepOver
            | Self::SetUpOver
            | Self::AppThere
            | Self::NoFactor
            | Self::FactorNeeded
            | Self::OwnFactorFirst
            | Self::BodyRemoved
            | Self::NoDeadLetters
            | Self::ReplayRunning
            | Self::ReplayEnded
            | Self::NoDirectoryApi
            | Self::ResyncOver
            | Self::ResyncUnderWay
            | Self::PlanOutdated
            | Self::PlanNotOpen
            | Self::NoMessageGivenUp
            | Self::TooManyEndpoints
            | Self::NoEndpoint(_)
            | Self::TooManySecrets
            | Self::EndpointDisabled
            | Self::NoWebhookDelivery
            | Self::RequestWaits
            | Self::RequestNotNeeded
            | Self::TooOften
            | Self::RequestOver
            | Self::RequestChangedMeanwhile
            | Self::QuestionWaits
            | Self::NoQuestion
            | Self::ProposalWaits
            | Self::ProposalOver
            | Self::OwnProposal
            | Self::ProposalOfAnother
            | Self::ProposerLeft
            | Self::InvitationUsed
            | Self::InvitationRevoked
            | Self::InvitationExpired
            | Self::InvitationReplaced
            | Self::InvitationArchived
            | Self::InvitationNeedsSignIn
            | Self::InvitationDisabled
            | Self::InvitationOfAnother
            | Self::StaffJoinNothing
            | Self::FirstAccountExists
            | Self::LastAdmin
            | Self::RoleOfGroup
            | Self::MemberChangedMeanwhile
            | Self::LastStaffAdmin
            | Self::AccountChangedMeanwhile
            | Self::NoInvitation(_)
            | Self::NoRequest(_) => None,
        }
    }

    codes! { limit;
        "limit" => SeatLimit,
        "reason-missing" => ReasonMissing,
        "reason-too-long" => ReasonTooLong,
        "changed" => LimitChangedMeanwhile(limit),
        "same" => LimitIsTheSame(limit),
        "too-often" => TooOften,
        "last-day" => LastDay,
        "last-day-range" => LastDayRange,
        "last-day-first" => LastDayOfFirstLimit,
        "no-free-seat" => NoFreeSeat,
        "not-waiting" => NotWaiting,
        "not-dismissed" => NotDismissed,
        "wants-no-seat" => WantsNoSeat,
        "holds-no-seat" => HoldsNoSeat,
        // the page fills in the number
        "waitlist-position" => WaitlistPosition(0),
        "waitlist-changed" => WaitlistChangedMeanwhile,
        "person-missing" => PersonMissing,
        "note-too-long" => NoteTooLong,
        "policy-groups" => PolicyGroups,
        "policy-reason-missing" => PolicyReasonMissing,
        "policy-changed" => PolicyChangedMeanwhile,
        "policy-same" => PolicyIsTheSame,
        "archived" => Archived,
        "archive-reason-missing" => ArchiveReasonMissing,
        "archive-changed" => ArchiveChangedMeanwhile,
        "not-archived" => NotArchived,
        "deleted-in-scalekit" => DeletedInScalekit,
        "external-id" => ExternalId,
        "account-manager" => AccountManager,
        "details-changed" => DetailsChangedMeanwhile,
        "notes-too-long" => NotesTooLong,
        "notes-changed" => NotesChangedMeanwhile,
        "not-dead" => NotDead,
        "body-removed" => BodyRemoved,
        "no-dead-letters" => NoDeadLetters,
        "replay-running" => ReplayRunning,
        "replay-ended" => ReplayEnded,
        "sign-in" => SignIn,
        "attempts" => TooManyAttempts,
        "present-password" => PresentPassword,
        "proof" => ProofTooOld,
        "app-code" => AppCode,
        "code" => Code,
        "code-used" => CodeUsed,
        "step-over" => StepOver,
        "set-up-over" => SetUpOver,
        "app-there" => AppThere,
        "no-factor" => NoFactor,
        "factor-needed" => FactorNeeded,
        "own-factor-first" => OwnFactorFirst,
        "address" => Address,
        "address-same" => AddressIsTheSame,
        "too-many-links" => TooManyLinks,
        "link-ended" => LinkEnded,
        "no-mail-server" => NoMailServer,
        "name" => Name,
        "password-too-short" => PasswordTooShort,
        "password-too-long" => PasswordTooLong,
        "password-unprintable" => PasswordUnprintable,
        // the page fills in the reasons
        "password-too-weak" => PasswordTooWeak(String::new()),
        "organization-missing" => OrganizationMissing,
        "organization-not-for-staff" => OrganizationNotForStaff,
        "staff-see-everything" => StaffSeeEverything,
        "no-directory-api" => NoDirectoryApi,
        // the page fills in the number
        "people" => PeopleToTakeAway(0),
        "people-added" => PeopleToAdd(0),
        "plan-outdated" => PlanOutdated,
        "resync-over" => ResyncOver,
        "resync-under-way" => ResyncUnderWay,
        "plan-not-open" => PlanNotOpen,
        "time-to-come" => TimeToCome,
        // the page fills in the setting
        "setting-value" => SettingValue(SettingName::SessionHours),
        "setting-fixed" => SettingFixed(SettingName::SessionHours),
        "setting-changed" => SettingChangedMeanwhile(SettingName::SessionHours),
        "setting-same" => SettingIsTheSame(SettingName::SessionHours),
        "roles-same" => RolesAreTheSame,
        "roles-changed" => RolesChangedMeanwhile,
        "too-many-roles" => TooManyRoles,
        "slack-webhook" => SlackWebhook,
        "webhook-url" => WebhookUrl,
        "endpoint-note" => EndpointNote,
        "too-many-endpoints" => TooManyEndpoints,
        "too-many-secrets" => TooManySecrets,
        "endpoint-disabled" => EndpointDisabled,
        "no-webhook-delivery" => NoWebhookDelivery,
        "usage-thresholds" => UsageThresholds,
        "extra-recipient" => ExtraRecipient,
        "no-message-given-up" => NoMessageGivenUp,
        "request-seats" => RequestSeats,
        "request-reason-missing" => RequestReasonMissing,
        "request-text-missing" => RequestTextMissing,
        "request-text-too-long" => RequestTextTooLong,
        "request-people" => RequestPeople,
        "request-waits" => RequestWaits,
        "request-not-needed" => RequestNotNeeded,
        "request-over" => RequestOver,
        "request-changed" => RequestChangedMeanwhile,
        "question-waits" => QuestionWaits,
        "no-question" => NoQuestion,
        "approval-lowers" => ApprovalLowers,
        "proposal-waits" => ProposalWaits,
        "proposal-over" => ProposalOver,
        "own-proposal" => OwnProposal,
        "proposal-of-another" => ProposalOfAnother,
        "proposer-left" => ProposerLeft,
        "invitation-role" => InvitationRole,
        "invitation-open" => InvitationOpen,
        "already-member" => AlreadyMember,
        "already-staff" => AlreadyStaff,
        "address-of-customer" => AddressOfCustomer,
        "too-many-invitations" => TooManyInvitations,
        "invitation-used" => InvitationUsed,
        "invitation-revoked" => InvitationRevoked,
        "invitation-expired" => InvitationExpired,
        "invitation-replaced" => InvitationReplaced,
        "invitation-archived" => InvitationArchived,
        "invitation-needs-sign-in" => InvitationNeedsSignIn,
        "invitation-disabled" => InvitationDisabled,
        "invitation-of-another" => InvitationOfAnother,
        "staff-join-nothing" => StaffJoinNothing,
        "first-account-exists" => FirstAccountExists,
        "last-admin" => LastAdmin,
        "role-of-group" => RoleOfGroup,
        "member-changed" => MemberChangedMeanwhile,
        "last-staff-admin" => LastStaffAdmin,
        "account-changed" => AccountChangedMeanwhile;
        with text:
        "email" => Email,
        "account-exists" => AccountExists,
        "no-account" => NoAccount,
        "no-person" => NoPerson,
        "organization-id" => OrganizationId,
        "group-id" => GroupId,
        "organization-exists" => OrganizationExists,
        "time" => Time,
        "known-since" => KnownSince,
        "role-in-use" => RoleInUse,
        "no-role" => NoRole,
        "no-setting" => NoSetting,
        "no-request" => NoRequest,
        "no-invitation" => NoInvitation,
        "event-type" => EventType,
        "no-endpoint" => NoEndpoint;
    }
}
