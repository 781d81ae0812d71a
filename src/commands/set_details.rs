//! Staff rename an organization, set its external id, or give it an account manager. A newer event
//! from Scalekit may change the name and the external id again.

use super::{Actor, Error, seat_transaction::SeatTransaction};
use crate::{
    db::Tx,
    domain::{
        audit::AuditAction,
        details::{parse_external_id, parse_name},
        id::{AccountId, OrganizationId},
        refusal::Refusal,
    },
    state::AppState,
    store::{accounts, audit_log::Entry},
};

/// The requested changes; a part that is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct NewDetails {
    pub name: Option<String>,
    /// An empty text removes it.
    pub external_id: Option<String>,
    pub account_manager: Option<Option<AccountId>>,
    /// The version of the details that the form was made from; `None` overwrites any version.
    pub expected_version: Option<i64>,
}

/// Sets the details, with an entry of the audit log for each one that changes. False: all of them
/// are the same already.
pub async fn set_details(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
    new: &NewDetails,
) -> Result<bool, Error> {
    let mut seats = SeatTransaction::begin(state, organization).await?;
    let known = seats.organization(organization)?.details.clone();
    // What Scalekit says may break the rules of the form; a form sends it back as it is.
    let name = new.name.as_deref().filter(|name| !is_same(name, &known.name));
    let name = name.map(parse_name).transpose()?;
    let former_id = known.external_id.as_deref().unwrap_or_default();
    let external_id = new.external_id.as_deref().filter(|id| !is_same(id, former_id));
    let external_id = external_id.map(parse_external_id).transpose()?;
    if new.expected_version.is_some_and(|version| version != known.version) {
        return Err(Refusal::DetailsChangedMeanwhile.into());
    }
    let now = seats.now();
    let mut details = known.clone();
    let mut changes = Changes::default();
    if let Some(former) = name.and_then(|name| details.rename(name, now)) {
        let (before, after) = (Some(former), Some(details.name.clone()));
        changes.0.push((AuditAction::RenameOrganization, before, after));
    }
    if let Some(former) = external_id.and_then(|id| details.set_external_id(id, now)) {
        changes.0.push((AuditAction::SetExternalId, former, details.external_id.clone()));
    }
    let manager = new.account_manager.clone().map(|manager| details.set_account_manager(manager));
    if let Some(former) = manager.flatten() {
        let before = named(seats.tx(), former.as_ref()).await?.map(|(name, _)| name);
        let after = match named(seats.tx(), details.account_manager.as_ref()).await? {
            Some((_, false)) => return Err(Refusal::AccountManager.into()),
            Some((name, true)) => Some(name),
            None if details.account_manager.is_some() => return Err(Refusal::AccountManager.into()),
            None => None,
        };
        changes.0.push((AuditAction::SetAccountManager, before, after));
    }
    if details == known {
        return Ok(false);
    }
    *seats.edit(organization)?.details = details;
    changes.note(&mut seats, actor, organization).await?;
    seats.commit().await?;
    Ok(true)
}

/// Whether a form sends a value back unchanged; browsers leave line breaks out of a field.
fn is_same(typed: &str, known: &str) -> bool {
    typed.trim() == known.replace(['\r', '\n'], "").trim()
}

/// The changes, each with the values before and after it.
#[derive(Default)]
struct Changes(Vec<(AuditAction, Option<String>, Option<String>)>);

impl Changes {
    async fn note(
        &self,
        seats: &mut SeatTransaction<'_>,
        actor: &Actor,
        organization: &OrganizationId,
    ) -> Result<(), Error> {
        for (action, before, after) in &self.0 {
            let (before, after) = (before.as_deref(), after.as_deref());
            let entry = Entry { before, after, ..actor.entry(*action) };
            seats.audit(organization, entry).await?;
        }
        Ok(())
    }
}

/// The name of an account, and whether it is one of staff that can sign in.
async fn named(tx: &mut Tx, account: Option<&AccountId>) -> sqlx::Result<Option<(String, bool)>> {
    let Some(account) = account else { return Ok(None) };
    let listed = accounts::listed(tx, account).await?;
    Ok(listed.map(|(viewer, disabled)| (viewer.name, viewer.role.is_staff() && !disabled)))
}
