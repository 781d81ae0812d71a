//! The server functions: each identifies the viewer, parses its input, and runs one command or
//! query. Each is a public endpoint and checks the rights itself.

mod account;
mod account_links;
mod alerts;
pub mod answer;
mod api_keys;
mod archive;
mod audit;
mod deliveries;
mod factors;
mod failure;
mod groups;
mod identity;
mod imports;
mod installation_settings;
mod invitations;
mod members;
mod organizations;
mod passkeys;
mod past;
mod people;
mod person;
mod policy;
mod preferences;
mod proposals;
mod reclaim;
mod requests;
mod resyncs;
mod roles;
mod seat_limit;
mod settings;
mod sign_in;
mod single_sign_on;
mod staff_accounts;
mod start;
mod switcher;
mod system;
mod theme;
mod view_as;
mod waitlist;
mod webhook_endpoints;

pub use account::{
    ChangeAddress, ChangePassword, EndOtherSessions, EndSession, SetName, load_account,
};
pub use account_links::{
    AskForReset, ConfirmAddress, ResetPassword, load_address_link, load_reset, load_reset_link,
};
pub use alerts::{ReadAlerts, SendAgain, load_alerts, load_messages, load_previews};
pub use api_keys::{
    CreateApiKey, NO_END, RevokeApiKey, RotateApiKey, load_api_keys, load_made_key,
};
pub use archive::{ArchiveOrganization, RestoreOrganization, load_archive};
pub use audit::load_audit;
pub use deliveries::{
    CancelReplay, ReplayDelivery, RevealPersonalData, StartReplay, load_deliveries, load_delivery,
};
pub use factors::{
    AddApp, BeginApp, MakeRecoveryCodes, RemoveApp, load_factors, load_new_app, load_recovery_codes,
};
pub use failure::{AppError, NamedRefusal, Refused};
pub use groups::{load_group_page, load_groups};
pub use identity::{ConfirmIdentity, load_identity};
pub use imports::load_import;
pub use installation_settings::{ChangeSetting, load_installation_settings};
pub use invitations::{AcceptInvitation, load_invitation};
pub use members::{ChangeInvitation, ChangeMember, InviteMember, load_members};
pub use organizations::{
    AddOrganization, load_new_organization, load_organization, load_overview, load_people,
};
pub use passkeys::{
    AddPasskey, BeginFirstPasskey, BeginPasskey, BeginPasskeyIdentity, BeginPasskeySignIn,
    ConfirmPasskeyIdentity, RemovePasskey, RenamePasskey, SetFirstPasskey, SignInPasskey,
};
pub use past::{load_as_of, load_history, load_true_up};
pub use people::load_person_page;
pub use person::load_person;
pub use policy::{SetPolicy, load_policy};
pub use preferences::{SetPreferences, Unsubscribe, load_preferences, load_unsubscribe};
pub use proposals::{ApproveProposal, RejectProposal, WithdrawProposal, load_proposal};
pub use reclaim::{IgnoreSuggestion, RestoreSuggestion, load_reclaim};
pub use requests::{
    AnswerRequest, ApproveRequest, AskForSeats, ReplyToRequest, load_ask, load_request,
    load_requests,
};
pub use resyncs::{CancelResync, ConfirmResync, StartResync, load_resync, load_resyncs};
pub use roles::{SetGroupRoles, load_roles};
pub use seat_limit::{LimitForm, LimitLook, SetSeatLimit, load_limit_form, preview_seat_limit};
pub use settings::{DiscardNotes, SetAlerts, SetDetails, SetNotes, load_settings};
pub use sign_in::{
    SetFirstFactor, SignIn, SignInCode, SignOut, load_first_factor, load_second_step,
};
pub use single_sign_on::{
    ConnectSignOn, DisconnectSignOn, FindSignOn, RemoveSignOn, RequireSignOn, SetSignOn,
    SetSignOnDomains, TrySignOn, begin_connection, begin_sign_on, load_sign_on, load_sign_on_form,
};
pub use staff_accounts::{
    ChangeStaffAccount, ChangeStaffInvitation, InviteStaff, load_staff_accounts,
};
pub use start::{SendTestEmail, load_start};
pub use switcher::load_switcher;
pub use system::load_system;
pub use theme::SetTheme;
pub use view_as::{BeginView, EndView, load_view_form};
pub use waitlist::{DecideByHand, load_waitlist, preview_decision};
pub use webhook_endpoints::{
    AddWebhookEndpoint, ChangeWebhookEndpoint, RecoverWebhookEvents, ResendWebhookEvent,
    SendWebhookTest, load_webhook_delivery, load_webhook_endpoint, load_webhook_endpoints,
    load_webhook_secret,
};

#[cfg(feature = "ssr")]
mod server;
#[cfg(feature = "ssr")]
pub use server::CurrentViewer;
#[cfg(feature = "ssr")]
pub(crate) use server::{
    alert_setter, asker, decider, done, fresh_proof, keep_reason, lead_to_proof, member_manager,
    origin, own_actor, resyncer, role_mapper, scope, session, settled, signed_in, source, staff,
    staff_actor, staff_admin, staff_admin_actor, state, viewer, visitor,
};
