//! Composes an e-mail about an account when it leaves, from the account as it is then.
//!
//! A link gets its token here, so that the database never has more than its hash. An e-mail that
//! leaves a second time, because a worker stopped before it could note the first, has a token of
//! its own; both open the same link, which works once.

use crate::{
    channels::email::templates::{
        AddressChanged, AddressConfirm, AddressTaken, FactorChanged, PasswordChanged,
        PasswordReset, TestEmail,
    },
    commands::{Composed, Error, link_token::fresh_token},
    db::Tx,
    domain::{
        account::{AccountMessage, LinkKind},
        directory_user::email_key,
        id::AccountLinkId,
    },
    state::AppState,
    store::{
        account_links::{self, AccountLink},
        accounts,
        outbox::QueuedMessage,
    },
};

const TOO_LATE: Composed = Composed::Dropped("The link would not work any more.");
const DISABLED: Composed = Composed::Dropped("The account is disabled.");
const TAKEN: Composed = Composed::Dropped("Another account has the address now.");
const GONE: Composed = Composed::Dropped("No account has this address any more.");

/// The e-mail of a message about an account.
pub async fn compose_account_message(
    state: &AppState,
    queued: &QueuedMessage,
    message: AccountMessage,
) -> Result<Composed, Error> {
    let url = &state.settings.public_url;
    let (email, at) = (queued.recipient.clone(), queued.created_at);
    let composed = match message {
        AccountMessage::PasswordReset => return password_reset(state, queued).await,
        AccountMessage::AddressConfirm | AccountMessage::AddressTaken => {
            return address_confirm(state, queued).await;
        }
        AccountMessage::PasswordChanged => PasswordChanged { email, at }.email(url),
        AccountMessage::Factor(what) => FactorChanged { email, what, at }.email(url),
        AccountMessage::Test => TestEmail { email, at }.email(url),
        // no account has the old address any more
        AccountMessage::AddressChanged => {
            return Ok(Composed::of(AddressChanged { email, at }.email(url)));
        }
    };
    let mut tx = state.db.read().await?;
    Ok(match accounts::by_email(&mut tx, &email_key(&queued.recipient)).await? {
        None => GONE,
        Some(account) if accounts::viewer(&mut tx, &account).await?.is_none() => DISABLED,
        Some(_) => Composed::of(composed),
    })
}

/// Nothing is kept of a request about an address that no account has, or about a disabled account.
async fn password_reset(state: &AppState, queued: &QueuedMessage) -> Result<Composed, Error> {
    let mut tx = state.db.write().await?;
    let account = accounts::by_email(&mut tx, &email_key(&queued.recipient)).await?;
    let Some(account) = account else { return Ok(Composed::Forgotten) };
    // a password that is set meanwhile ends the link
    accounts::lock_all(&mut tx, &[account.clone()].into()).await?;
    if !account_links::counts(&mut tx, &account, queued.created_at).await? {
        return Ok(TOO_LATE);
    }
    let Some(viewer) = accounts::viewer(&mut tx, &account).await? else {
        return Ok(Composed::Forgotten);
    };
    if viewer.email != queued.recipient {
        return Ok(Composed::Forgotten); // the address went to another account meanwhile
    }
    let (id, kind) = (AccountLinkId::new(queued.about.as_str()), LinkKind::PasswordReset);
    account_links::add(&mut tx, &AccountLink::new(id.clone(), account, kind, queued.created_at))
        .await?;
    let Some((link, token)) = with_token(&mut tx, state, &id).await? else { return Ok(TOO_LATE) };
    tx.commit().await?;
    let facts = PasswordReset { email: viewer.email, until: link.expires_at, token };
    Ok(Composed::of(facts.email(&state.settings.public_url)))
}

/// The link to the new address, or the e-mail to the owner of an account that has it.
async fn address_confirm(state: &AppState, queued: &QueuedMessage) -> Result<Composed, Error> {
    let url = &state.settings.public_url;
    let mut tx = state.db.write().await?;
    let id = AccountLinkId::new(queued.about.as_str());
    let Some((link, token)) = with_token(&mut tx, state, &id).await? else { return Ok(TOO_LATE) };
    let Some(viewer) = accounts::viewer(&mut tx, &link.account).await? else {
        return Ok(DISABLED);
    };
    let email = link.email.unwrap_or_default();
    if let Some(owner) = accounts::by_email(&mut tx, &email_key(&email)).await? {
        return Ok(match accounts::viewer(&mut tx, &owner).await? {
            None => DISABLED,
            // it belonged to no account when the link was asked for
            Some(owner) if owner.email != queued.recipient => TAKEN,
            Some(owner) => Composed::of(AddressTaken { email: owner.email }.email(url)),
        });
    }
    tx.commit().await?;
    let facts = AddressConfirm { name: viewer.name, email, until: link.expires_at, token };
    Ok(Composed::of(facts.email(url)))
}

/// The link with a new token; `None` if it works no more.
async fn with_token(
    tx: &mut Tx,
    state: &AppState,
    id: &AccountLinkId,
) -> Result<Option<(AccountLink, String)>, Error> {
    let link = account_links::find(tx, id).await?;
    let Some(link) = link.filter(|link| link.works(state.clock.now())) else { return Ok(None) };
    let token = fresh_token()?;
    account_links::add_token(tx, id, &token).await?;
    Ok(Some((link, token)))
}
