//! Every refusal that a person can get. `Display` is the sentence for the person; `field` is the
//! form field next to which it is shown.

mod api_key;
mod codes;
mod import;
mod passkey;
mod sign_on;
mod table;
mod view_as;

use serde::{Deserialize, Serialize};

pub use self::{
    api_key::ApiKeyRefusal, import::ImportRefusal, passkey::PasskeyRefusal, sign_on::SignOnRefusal,
    view_as::ViewRefusal,
};
use super::{
    details::LONGEST_NOTES,
    id::OrganizationId,
    invitation::Invitation,
    organization::{SeatLimit, grouped, people},
    role::{RoleMapping, RoleName},
    seat_request::SeatRequest,
    setting::SettingName,
    time::Timestamp,
    webhook_endpoint,
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
    #[error("This was done very often lately. Wait an hour, then try again.")]
    TooOften,
    #[error("Write the last day as 2027-01-31, or leave it empty.")]
    LastDay,
    #[error("The last day is today or later, and at most ten years ahead.")]
    LastDayRange,
    #[error("No limit is set now, so none could apply after that day. Leave the day empty.")]
    LastDayOfFirstLimit,
    #[error("All seats are taken. Raise the limit or release a seat first.")]
    NoFreeSeat,
    #[error("This person is not waiting for a seat.")]
    NotWaiting,
    #[error("This person was not dismissed.")]
    NotDismissed,
    #[error("This person neither holds a seat nor waits for one.")]
    WantsNoSeat,
    #[error("This person holds no seat any more, so there is nothing to suggest.")]
    HoldsNoSeat,
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
    #[error("This is not your present password.")]
    PresentPassword,
    #[error(
        "It is a while ago that you showed who you are. Confirm that it is you, then save again."
    )]
    ProofTooOld,
    #[error("This code is not right. The app shows another one every 30 seconds.")]
    AppCode,
    #[error("This code is not right, or it was used before.")]
    Code,
    #[error("This code was used already. Wait until the app shows the next one.")]
    CodeUsed,
    #[error("This sign-in took too long. Sign in again.")]
    StepOver,
    #[error("The set-up took too long. Begin it again.")]
    SetUpOver,
    #[error("An app is set up already. Remove it first to set up another one.")]
    AppThere,
    #[error("There is no second factor, so there is nothing to recover.")]
    NoFactor,
    #[error("Staff need a second factor here, so the last one stays.")]
    FactorNeeded,
    #[error("Set up a second factor of your own first; without one you would be signed out.")]
    OwnFactorFirst,
    #[error("An e-mail address looks like ada@example.com.")]
    Address,
    #[error("This is your address already.")]
    AddressIsTheSame,
    #[error(
        "Too many links were asked for. The last ones still work: look for them in the mailbox, or ask again in 20 minutes."
    )]
    TooManyLinks,
    #[error("This link does not work any more. Ask for a new one.")]
    LinkEnded,
    #[error("No mail server is set, so Seatkeeper can send no link. Ask the people who run it.")]
    NoMailServer,
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
    #[error("{}", format!("This password is too easy to guess. {}", .0).trim_end())]
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
    #[error("The address is an https address such as https://product.example/webhooks.")]
    WebhookUrl,
    #[error(
        "“{0}” is no type of event. The types are seat.admitted, seat.blocked, seat.released, user.updated, roles.changed, seat_limit.changed, organization.over_limit, organization.archived and organization.restored."
    )]
    EventType(String),
    #[error("A note has at most {} characters.", webhook_endpoint::LONGEST_NOTE)]
    EndpointNote,
    #[error(
        "There are {} endpoints already. Remove one that is not used.",
        webhook_endpoint::MOST_ENDPOINTS
    )]
    TooManyEndpoints,
    #[error("“{0}” is no endpoint. `seatkeeper webhook-endpoint list` shows them.")]
    NoEndpoint(String),
    #[error(
        "The endpoint has {} secrets that still sign. Wait a day, then replace the newest one.",
        webhook_endpoint::MOST_SECRETS
    )]
    TooManySecrets,
    #[error("The endpoint is disabled, so it gets nothing. Enable it first.")]
    EndpointDisabled,
    #[error("No such delivery is kept, so nothing is sent again.")]
    NoWebhookDelivery,
    #[error(
        "Up to five percentages such as “80, 90”, “none”, or nothing for those of all organizations."
    )]
    UsageThresholds,
    #[error("No such message was given up, so nothing is sent again.")]
    NoMessageGivenUp,
    #[error("Ask for a whole number of seats from 1 to {}.", grouped(SeatRequest::MOST_SEATS))]
    RequestSeats,
    #[error("Say in a few words what the seats are for.")]
    RequestReasonMissing,
    #[error("Write a sentence; the other side reads it.")]
    RequestTextMissing,
    #[error("A text has at most {} characters.", grouped(i64::try_from(SeatRequest::LONGEST_TEXT).unwrap_or(i64::MAX)))]
    RequestTextTooLong,
    #[error("Choose at most {} people.", SeatRequest::MOST_PEOPLE)]
    RequestPeople,
    #[error(
        "This organization has a request already that is not answered. Withdraw it first to ask for another number."
    )]
    RequestWaits,
    #[error("This organization’s seats are unlimited, so there is nothing to ask for.")]
    RequestNotNeeded,
    #[error("This request was answered or withdrawn already. Nothing was changed.")]
    RequestOver,
    #[error(
        "Another person acted on this request in the meantime. Nothing was changed: read what they wrote first."
    )]
    RequestChangedMeanwhile,
    #[error("A question was asked already and waits for its answer.")]
    QuestionWaits,
    #[error("No question waits for an answer.")]
    NoQuestion,
    #[error("An approval gives more seats than there are. To give fewer, change the limit itself.")]
    ApprovalLowers,
    #[error(
        "Another change of this limit waits for a second staff member. It must be approved, rejected or withdrawn first."
    )]
    ProposalWaits,
    #[error(
        "This proposal was answered or withdrawn already, or it has expired. Nothing was changed."
    )]
    ProposalOver,
    #[error("You proposed this change, so another staff member decides about it.")]
    OwnProposal,
    #[error("Only the person who proposed this change can withdraw it. You can reject it.")]
    ProposalOfAnother,
    #[error(
        "The person who proposed this change is not on the staff any more. Reject it, then propose it yourself."
    )]
    ProposerLeft,
    #[error("Up to 20 e-mail addresses, with commas between them.")]
    ExtraRecipient,
    #[error("Choose a role.")]
    InvitationRole,
    #[error("This address was invited already. Send that invitation again, or revoke it first.")]
    InvitationOpen,
    #[error("This address belongs to a member already.")]
    AlreadyMember,
    #[error("This address belongs to a staff account already.")]
    AlreadyStaff,
    #[error("This address belongs to a customer’s account. Staff need another address.")]
    AddressOfCustomer,
    #[error(
        "At most {} invitations are sent in an hour. Try again later.",
        Invitation::MOST_PER_HOUR
    )]
    TooManyInvitations,
    #[error("This invitation was accepted already. Sign in with its address.")]
    InvitationUsed,
    #[error("This invitation was revoked. Ask the person who invited you for a new one.")]
    InvitationRevoked,
    #[error("This invitation has expired. Ask the person who invited you for a new one.")]
    InvitationExpired,
    #[error("A newer invitation was sent to you. Use the link in the newest e-mail.")]
    InvitationReplaced,
    #[error("The organization of this invitation is archived, so no person can join it.")]
    InvitationArchived,
    #[error("There is an account with this address. Sign in to accept the invitation.")]
    InvitationNeedsSignIn,
    #[error("The account with this address is disabled. Ask the person who invited you.")]
    InvitationDisabled,
    #[error(
        "You are signed in with another address than the one that was invited. Sign out, then open the link again."
    )]
    InvitationOfAnother,
    #[error("Staff see every organization, so there is nothing to join.")]
    StaffJoinNothing,
    #[error("There is an account already, so this link works no more.")]
    FirstAccountExists,
    #[error("There is no open invitation {0}.")]
    NoInvitation(String),
    #[error(
        "This is the last admin of the organization who can sign in. Make another member an admin first."
    )]
    LastAdmin,
    #[error(
        "A group makes this person an admin. Change the roles of the group, or take the person out of it."
    )]
    RoleOfGroup,
    #[error("Another person changed this member in the meantime. Check the role, then try again.")]
    MemberChangedMeanwhile,
    #[error(
        "This is the last staff admin who can sign in. Make another staff account a staff admin first."
    )]
    LastStaffAdmin,
    #[error("Another person changed this account in the meantime. Check it, then try again.")]
    AccountChangedMeanwhile,
    #[error("There is no seat request {0}.")]
    NoRequest(String),
    #[error("There is no setting “{0}”. `seatkeeper setting list` lists them.")]
    NoSetting(String),
    #[error(transparent)]
    ApiKey(#[from] ApiKeyRefusal),
    #[error(transparent)]
    Import(#[from] ImportRefusal),
    #[error(transparent)]
    View(#[from] ViewRefusal),
    #[error(transparent)]
    SignOn(#[from] SignOnRefusal),
    #[error(transparent)]
    Passkey(#[from] PasskeyRefusal),
}

#[cfg(test)]
mod tests;
