//! What an account's owner does about it: the name, the password, the e-mail address, the sessions,
//! and a forgotten password. What could take the account over asks for the present password, or for
//! a link that only the owner's mailbox has.

mod change_address;
mod change_password;
mod confirm_identity;
mod emails;
mod end_sessions;
mod reset_password;
mod send_test_email;
mod set_name;

use super::{
    Actor, Error,
    login_throttle::{self, Visitor},
    password,
};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::Viewer,
        account::AccountMessage,
        alert::{Channel, Message},
        audit::AuditAction,
        directory_user::email_key,
        id::{AboutId, AuditEntryId, MessageId, OrganizationId},
        refusal::{Refusal, SignOnRefusal},
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts,
        audit_log::{self, Entry},
        organizations,
        outbox::{self, Outgoing},
    },
};

pub use self::{
    change_address::{NewAddress, ask_for_address, confirm_address},
    change_password::{NewPassword, Renewed, change_password},
    confirm_identity::{IdentityForm, confirm_identity},
    emails::compose_account_message,
    end_sessions::{end_other_sessions, end_session},
    reset_password::{ask_for_reset, reset_password},
    send_test_email::send_test_email,
    set_name::set_name,
};

/// The hash of the present password, if this is it. A wrong one counts as a failed sign-in.
async fn check_present(
    state: &AppState,
    viewer: &Viewer,
    (present, visitor): (&str, &Visitor),
) -> Result<String, Error> {
    let admitted = login_throttle::admit(state, &email_key(&viewer.email), visitor).await?;
    let hash = accounts::password_hash(&mut state.db.read().await?, &viewer.account).await?;
    let hash = hash.ok_or(Error::Missing)?;
    if hash == accounts::NO_PASSWORD {
        return Err(Refusal::from(SignOnRefusal::NoPassword).into());
    }
    if !password::matches(state, present.to_owned(), hash.clone()).await? {
        return Err(Refusal::PresentPassword.into());
    }
    login_throttle::was_right(state, admitted);
    Ok(hash)
}

/// A new password of this account as it is hashed, if it is accepted.
async fn accepted(state: &AppState, viewer: &Viewer, new: String) -> Result<String, Error> {
    let ids: Vec<OrganizationId> = viewer.organizations.keys().cloned().collect();
    let names = organizations::names(&mut state.db.read().await?, &ids).await?;
    let names: Vec<String> = names.into_iter().map(|(_, name)| name).collect();
    password::accepted(new, viewer, &names).await
}

/// Records what the owner did, in the transaction in which it is done. Gives the id of the entry.
pub(super) async fn note(
    tx: &mut Tx,
    state: &AppState,
    (actor, action, viewer): (&Actor, AuditAction, &Viewer),
    (before, after): (Option<&str>, Option<&str>),
) -> Result<AuditEntryId, Error> {
    let id = AuditEntryId::generate(&state.clock);
    let entry = Entry {
        target_id: Some(viewer.account.as_str()),
        target: Some(&viewer.email),
        before,
        after,
        ..actor.entry(action)
    };
    audit_log::add_to_installation(tx, &id, &entry, state.clock.now()).await?;
    Ok(id)
}

/// Writes an e-mail about an account to the outbox, in the transaction of the cause.
pub(super) async fn enqueue(
    tx: &mut Tx,
    state: &AppState,
    (message, about): (AccountMessage, AboutId),
    recipient: String,
    now: Timestamp,
) -> Result<(), Error> {
    let outgoing = Outgoing {
        id: MessageId::generate(&state.clock),
        organization: None,
        about,
        message: Message::Account(message),
        channel: Channel::Email,
        recipient,
        due_at: now,
    };
    Ok(outbox::add(tx, &[outgoing], now).await?)
}

/// Whether a text can be the address of an account.
fn is_address(text: &str) -> bool {
    text.len() <= 254 && text.parse::<lettre::Address>().is_ok()
}
