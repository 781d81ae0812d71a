//! Every refusal that a person can get. `Display` is the sentence for the person; `field` is the
//! form field next to which it is shown.

use serde::{Deserialize, Serialize};

use super::{
    details::LONGEST_NOTES,
    id::OrganizationId,
    organization::{SeatLimit, grouped, people},
    role::{RoleMapping, RoleName},
    setting::SettingName,
    time::Timestamp,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    #[error(
        "A seat limit is a whole number from 0 to {}, or “unlimited”.",
        grouped(SeatLimit::MOST)
    )]
    SeatLimit,
    #[error("Say in a few words why the limit changes; it is kept in the audit log.")]
    ReasonMissing,
    #[error("A reason has at most 500 characters.")]
    ReasonTooLong,
    #[error(
        "Another person changed this organization’s limit to {0} in the meantime. Check the new numbers, then save again."
    )]
    LimitChangedMeanwhile(SeatLimit),
    #[error("The limit is {0} already.")]
    LimitIsTheSame(SeatLimit),
    #[error("All seats are taken. Raise the limit or release a seat first.")]
    NoFreeSeat,
    #[error("This person is not waiting for a seat.")]
    NotWaiting,
    #[error("This person was not dismissed.")]
    NotDismissed,
    #[error("This person neither holds a seat nor waits for one.")]
    WantsNoSeat,
    #[error("A position on this waitlist is a number from 1 to {}.", grouped(*.0))]
    WaitlistPosition(i64),
    #[error(
        "The waitlist changed in the meantime. Check what would happen now, then confirm it again."
    )]
    WaitlistChangedMeanwhile,
    #[error("Choose at least one person first.")]
    PersonMissing,
    #[error("There is no person {0} in this organization.")]
    NoPerson(String),
    #[error("A note has at most 500 characters.")]
    NoteTooLong,
    #[error("Say in a few words why the policy changes; it is kept in the audit log.")]
    PolicyReasonMissing,
    #[error(
        "Another person changed this organization’s admission policy in the meantime. Check it, then save again."
    )]
    PolicyChangedMeanwhile,
    #[error("This is the organization’s admission policy already.")]
    PolicyIsTheSame,
    #[error("“Groups first” needs 1 to 100 groups, and each of them once.")]
    PolicyGroups,
    #[error("This organization is archived; its people hold no seats.")]
    Archived,
    #[error("Say in a few words why the organization is archived; it is kept in the audit log.")]
    ArchiveReasonMissing,
    #[error(
        "People got or lost seats in the meantime. Check who loses a seat now, then archive it again."
    )]
    ArchiveChangedMeanwhile,
    #[error("This organization is not archived.")]
    NotArchived,
    #[error(
        "This organization was deleted in Scalekit. It comes back with the next event about it, for example when it is created there again."
    )]
    DeletedInScalekit,
    #[error("An external id has at most 200 characters, and each of them can be seen.")]
    ExternalId,
    #[error("An account manager is a staff account that can sign in.")]
    AccountManager,
    #[error(
        "Another person, or Scalekit, changed these details in the meantime. Check them, then save again."
    )]
    DetailsChangedMeanwhile,
    #[error("Notes have at most {} characters.", grouped(LONGEST_NOTES))]
    NotesTooLong,
    #[error(
        "Another person changed the notes in the meantime. Nothing that you typed is lost: compare both, then save again."
    )]
    NotesChangedMeanwhile,
    #[error("This delivery is not a dead letter. Only dead letters can be replayed.")]
    NotDead,
    #[error(
        "The body of this dead letter was removed when its retention time was over, so it cannot be replayed."
    )]
    BodyRemoved,
    #[error("No dead letter matches, so there is nothing to replay.")]
    NoDeadLetters,
    #[error("Another replay is running. Wait until it ends, or cancel it.")]
    ReplayRunning,
    #[error("This replay has ended already.")]
    ReplayEnded,
    #[error("The e-mail address or the password is wrong.")]
    SignIn,
    #[error("Too many attempts. Wait a minute, then try again.")]
    TooManyAttempts,
    #[error("“{0}” is not an e-mail address.")]
    Email(String),
    #[error("A name has 1 to 200 characters.")]
    Name,
    #[error("A password has at least 12 characters; several words are easy to remember.")]
    PasswordTooShort,
    #[error("A password has at most 128 characters.")]
    PasswordTooLong,
    #[error("A password has no line breaks and no other control characters.")]
    PasswordUnprintable,
    /// The reasons, as complete sentences.
    #[error("This password is too easy to guess. {0}")]
    PasswordTooWeak(String),
    #[error("There is an account for {0} already.")]
    AccountExists(String),
    #[error("There is no account for {0}.")]
    NoAccount(String),
    #[error("A time looks like 2026-11-22T05:48:00Z, with its time zone; “{0}” does not.")]
    Time(String),
    #[error("This time is still to come.")]
    TimeToCome,
    #[error("Seatkeeper knows this organization since {}.", .0.exact())]
    KnownSince(Timestamp),
    #[error("An organization’s id looks like org_12345; “{0}” does not.")]
    OrganizationId(String),
    #[error("A group’s id looks like dirgroup_12345; “{0}” does not.")]
    GroupId(String),
    #[error("There is an organization {0} already.")]
    OrganizationExists(OrganizationId),
    #[error("A tenant’s account needs at least one --organization.")]
    OrganizationMissing,
    #[error("Staff see every organization; leave --organization out.")]
    OrganizationNotForStaff,
    #[error("Staff see every organization already.")]
    StaffSeeEverything,
    #[error("There are no credentials for Scalekit’s Directory API, so no resync is possible.")]
    NoDirectoryApi,
    #[error("This plan takes {} {} away. Type that number to confirm it.", grouped(*.0), people(*.0))]
    PeopleToTakeAway(i64),
    #[error("This plan adds {} {}. Type that number to confirm it.", grouped(*.0), people(*.0))]
    PeopleToAdd(i64),
    #[error(
        "A directory was switched off or deleted since this plan was made, so the plan can no longer say which people left. Run the resync again."
    )]
    PlanOutdated,
    #[error("This resync has ended.")]
    ResyncOver,
    #[error(
        "Another resync of this organization is under way. Wait until it ends, or cancel it, then try again."
    )]
    ResyncUnderWay,
    #[error("This plan cannot be applied any more. Run the resync again.")]
    PlanNotOpen,
    #[error("“{}” takes {}.", .0.words().title, .0.range())]
    SettingValue(SettingName),
    #[error(
        "“{}” is set by {} in the environment. Change it there.",
        .0.words().title,
        .0.variable().unwrap_or_default()
    )]
    SettingFixed(SettingName),
    #[error(
        "Another person changed “{}” in the meantime. Check it, then save again.",
        .0.words().title
    )]
    SettingChangedMeanwhile(SettingName),
    #[error("“{}” has this value already.", .0.words().title)]
    SettingIsTheSame(SettingName),
    #[error("“{0}” is still the default role, or a role of some group. Change that first.")]
    RoleInUse(RoleName),
    #[error("“{0}” is no application role of this installation.")]
    NoRole(String),
    #[error("This group has these roles already.")]
    RolesAreTheSame,
    #[error(
        "Another person changed the roles of this organization’s groups in the meantime. Check them, then save again."
    )]
    RolesChangedMeanwhile,
    #[error("At most {} groups of an organization have roles.", RoleMapping::MOST)]
    TooManyRoles,
    #[error(
        "A Slack address is the https address of an incoming webhook, such as https://hooks.slack.com/services/…"
    )]
    SlackWebhook,
    #[error(
        "Up to five percentages such as “80, 90”, “none”, or nothing for those of all organizations."
    )]
    UsageThresholds,
    #[error("No such message was given up, so nothing is sent again.")]
    NoMessageGivenUp,
    #[error("There is no setting “{0}”. `seatkeeper setting list` lists them.")]
    NoSetting(String),
}

/// The codes of the refusals, in both directions from one table. The `match` is exhaustive, so a
/// new refusal needs a code.
macro_rules! codes {
    (
        $limit:ident;
        $($code:literal => $refusal:ident $(($value:expr))?),*;
        with text: $($text_code:literal => $text:ident),*;
    ) => {
        #[cfg(test)]
        const CODES: &[&str] = &[$($code,)* $($text_code,)*];

        /// The code of this refusal, for an address.
        pub fn code(&self) -> &'static str {
            match self {
                $(Self::$refusal { .. } => $code,)*
                $(Self::$text { .. } => $text_code,)*
            }
        }

        /// The refusal that a code stands for; `limit` is the current limit of the organization. A
        /// refusal that quotes a text has none, because the text is not in the address.
        pub fn of_code(code: &str, $limit: SeatLimit) -> Option<Self> {
            match code {
                $($code => Some(Self::$refusal $(($value))?),)*
                _ => None,
            }
        }
    };
}

impl Refusal {
    /// The `name` of the refused form field.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::SeatLimit | Self::LimitChangedMeanwhile(_) | Self::LimitIsTheSame(_) => {
                Some("limit")
            }
            Self::ReasonMissing
            | Self::PolicyReasonMissing
            | Self::ArchiveReasonMissing
            | Self::ReasonTooLong => Some("reason"),
            Self::WaitlistPosition(_) => Some("position"),
            Self::NoteTooLong => Some("note"),
            Self::PersonMissing | Self::NoPerson(_) => Some("person"),
            Self::PolicyGroups | Self::GroupId(_) | Self::TooManyRoles => Some("groups"),
            Self::PolicyChangedMeanwhile | Self::PolicyIsTheSame => Some("policy"),
            Self::SignIn
            | Self::TooManyAttempts
            | Self::Email(_)
            | Self::AccountExists(_)
            | Self::NoAccount(_) => Some("email"),
            Self::PasswordTooShort
            | Self::PasswordTooLong
            | Self::PasswordUnprintable
            | Self::PasswordTooWeak(_) => Some("password"),
            Self::Name | Self::NoSetting(_) => Some("name"),
            Self::ExternalId => Some("external_id"),
            Self::SlackWebhook => Some("slack"),
            Self::UsageThresholds => Some("thresholds"),
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
            Self::NoFreeSeat
            | Self::NotWaiting
            | Self::NotDismissed
            | Self::WantsNoSeat
            | Self::WaitlistChangedMeanwhile
            | Self::Archived
            | Self::ArchiveChangedMeanwhile
            | Self::NotArchived
            | Self::DeletedInScalekit
            | Self::DetailsChangedMeanwhile
            | Self::NotDead
            | Self::BodyRemoved
            | Self::NoDeadLetters
            | Self::ReplayRunning
            | Self::ReplayEnded
            | Self::NoDirectoryApi
            | Self::ResyncOver
            | Self::ResyncUnderWay
            | Self::PlanOutdated
            | Self::PlanNotOpen
            | Self::NoMessageGivenUp => None,
        }
    }

    codes! { limit;
        "limit" => SeatLimit,
        "reason-missing" => ReasonMissing,
        "reason-too-long" => ReasonTooLong,
        "changed" => LimitChangedMeanwhile(limit),
        "same" => LimitIsTheSame(limit),
        "no-free-seat" => NoFreeSeat,
        "not-waiting" => NotWaiting,
        "not-dismissed" => NotDismissed,
        "wants-no-seat" => WantsNoSeat,
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
        "name" => Name,
        "password-too-short" => PasswordTooShort,
        "password-too-long" => PasswordTooLong,
        "password-unprintable" => PasswordUnprintable,
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
        "usage-thresholds" => UsageThresholds,
        "no-message-given-up" => NoMessageGivenUp;
        with text:
        "email" => Email,
        "password-too-weak" => PasswordTooWeak,
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
        "no-setting" => NoSetting;
    }
}

#[cfg(test)]
mod tests;
