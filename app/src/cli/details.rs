//! `seatkeeper organization rename`, `external-id`, `manager`, `note`, `thresholds`, `slack`,
//! `sso`, `archive` and `restore`.

use domain::{
    id::OrganizationId,
    organization::{Usage, grouped, people},
    refusal::Refusal,
    text::{ExternalText, lines},
};
use seatkeeper::{
    commands::{self, NewArchive, NewDetails, NewNotes},
    queries,
};

use super::{CliError, output::print};

/// Instead of a value: there is none any more.
const NONE: &str = "none";

pub(super) async fn rename(id: &OrganizationId, name: String) -> Result<(), CliError> {
    let told = ExternalText::new(&name);
    let new = NewDetails { name: Some(name), ..NewDetails::default() };
    let is_changed = set(id, &new).await?;
    eprintln!("{id} is called “{told}” {}.", now(is_changed));
    Ok(())
}

pub(super) async fn set_external_id(
    id: &OrganizationId,
    external_id: String,
) -> Result<(), CliError> {
    let external_id = if external_id == NONE { String::new() } else { external_id };
    let told = ExternalText::seen(&external_id);
    let new = NewDetails { external_id: Some(external_id), ..NewDetails::default() };
    let now = now(set(id, &new).await?);
    match told {
        Some(told) => eprintln!("{id} has the external id {told} {now}."),
        None => eprintln!("{id} has no external id {now}."),
    }
    Ok(())
}

pub(super) async fn set_manager(id: &OrganizationId, email: &str) -> Result<(), CliError> {
    let told = ExternalText::new(email);
    let account = if email == NONE {
        None
    } else {
        let known = queries::account_of(&super::open().await?, email).await?;
        let missing = || CliError::refused(Refusal::NoAccount(email.to_owned()));
        Some(known.ok_or_else(missing)?)
    };
    let new = NewDetails { account_manager: Some(account), ..NewDetails::default() };
    let now = now(set(id, &new).await?);
    if email == NONE {
        eprintln!("{id} has no account manager {now}.");
    } else {
        eprintln!("{told} is the account manager of {id} {now}.");
    }
    Ok(())
}

async fn set(id: &OrganizationId, new: &NewDetails) -> Result<bool, CliError> {
    let state = super::open().await?;
    Ok(commands::set_details(&state, &super::operator(), id, new).await?)
}

/// A script may run twice: then the value is already what it asks for.
fn now(is_changed: bool) -> &'static str {
    if is_changed { "now" } else { "already" }
}

pub(super) async fn set_notes(organization: OrganizationId, notes: String) -> Result<(), CliError> {
    let notes = if notes == NONE { String::new() } else { notes };
    let new = NewNotes { organization, notes, expected_version: None };
    let is_changed = commands::set_notes(&super::open().await?, &super::operator(), &new).await?;
    let what = if is_changed { "were changed" } else { "are the same already" };
    eprintln!("The notes about {} {what}.", new.organization);
    Ok(())
}

/// Prints nothing if there are none.
pub(super) async fn print_notes(id: &OrganizationId) -> Result<(), CliError> {
    let scope = super::resync::scope("command line", id)?;
    let notes = queries::notes(&super::open().await?, &scope).await?;
    if notes.is_empty() { Ok(()) } else { print(&format!("{}\n", lines(&notes))).map(|_| ()) }
}

/// The address is a secret, so only its host is printed.
pub(super) async fn slack(id: &OrganizationId, url: &str) -> Result<(), CliError> {
    let url = if url == NONE { "" } else { url };
    let state = super::open().await?;
    match commands::set_slack(&state, &super::operator(), id, url).await? {
        Some(webhook) => eprintln!("Alerts of {id} are posted to {} now.", webhook.shown()),
        None => eprintln!("Alerts of {id} are posted nowhere now."),
    }
    Ok(())
}

pub(super) async fn thresholds(id: &OrganizationId, text: &str) -> Result<(), CliError> {
    let state = super::open().await?;
    let is_changed = commands::set_thresholds(&state, &super::operator(), id, text).await?;
    eprintln!("{id} is notified at the thresholds “{}” {}.", text.trim(), now(is_changed));
    Ok(())
}

pub(super) async fn archive(organization: OrganizationId, reason: String) -> Result<(), CliError> {
    let new = NewArchive { organization, reason, expected: None };
    let state = super::open().await?;
    let before = commands::archive_organization(&state, &super::operator(), &new).await?;
    let Usage { used, waiting, .. } = before;
    eprintln!(
        "{} is archived: {} {} lost their seats, {} {} stopped waiting.",
        new.organization,
        grouped(used),
        people(used),
        grouped(waiting),
        people(waiting)
    );
    Ok(())
}

pub(super) async fn restore(id: &OrganizationId) -> Result<(), CliError> {
    commands::restore_organization(&super::open().await?, &super::operator(), id).await?;
    eprintln!(
        "{id} is restored, with no seat limit yet. Its people come back with a resync or with the next events about them."
    );
    Ok(())
}

pub async fn sign_on(id: &OrganizationId, is_required: bool) -> Result<(), CliError> {
    let (state, operator) = (super::open().await?, super::operator());
    let changed = commands::require_sign_on(&state, &operator, id, is_required).await?;
    let again = if changed { "now" } else { "already" };
    if is_required {
        eprintln!("{id} requires single sign-on {again}.");
    } else {
        eprintln!("{id} takes passwords {again}.");
    }
    Ok(())
}
