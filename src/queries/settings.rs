//! The settings of an organization, the form that adds one, and the preview of its end.

use super::organization::ended;
use crate::{
    channels::slack::SlackWebhook,
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Role, Staff, Viewer},
        alert::{AlertKind, UsageThresholds},
        details::{parse_external_id, parse_name},
        directory_user::{DirectoryUser, SeatState},
        id::{AccountId, OrganizationId},
        organization::SeatLimit,
        refusal::Refusal,
        text::{ExternalText, called},
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts, alerts,
        directory_users::{self, Filter},
        extra_recipients, note_drafts, organization_notes,
        organizations::{self, AccountManager, Card},
        search_pattern, settings,
    },
    views::settings::{
        AlertSettings, ArchivePage, DetailsForm, NewOrganizationForm, NewOrganizationQuery,
        NotesForm, SettingsPage, StaffSettings,
    },
};

/// `Missing` if there is no such organization.
pub async fn settings(
    state: &AppState,
    scope: &OrganizationScope,
    viewer: &Viewer,
) -> Result<SettingsPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let ended = ended(&mut tx, scope, &card, viewer).await?;
    let staff = match viewer.staff() {
        Some(staff) => Some(for_staff(&mut tx, scope, &card, &staff).await?),
        None => None,
    };
    let alerts = alert_settings(&mut tx, state, scope, viewer).await?;
    Ok(SettingsPage {
        organization: scope.id().clone(),
        name: card.called(scope),
        revision: card.revision,
        usage: card.usage,
        archived: card.archived,
        ended,
        external_id: card.external_id.as_deref().and_then(ExternalText::seen),
        account_manager: card.account_manager.as_ref().map(AccountManager::called),
        policy: card.policy,
        alerts,
        staff,
        now: state.clock.now(),
    })
}

async fn alert_settings(
    tx: &mut Tx,
    state: &AppState,
    scope: &OrganizationScope,
    viewer: &Viewer,
) -> sqlx::Result<AlertSettings> {
    let own = organizations::usage_thresholds(tx, scope).await?;
    let values = settings::values(tx, &state.settings.fixed).await?;
    let slack = organizations::slack_webhook(tx, scope).await?;
    let failing = alerts::open_of(tx, scope, AlertKind::ChannelFailing).await?;
    let allowed = state.settings.operations.allowed_addresses;
    let slack = slack.and_then(|text| SlackWebhook::parse(&text, allowed));
    let may_change = viewer.role_in(scope.id()).is_some_and(Role::may_set_alerts);
    let recipients = extra_recipients::of(tx, scope).await?;
    Ok(AlertSettings {
        recipients: may_change
            .then(|| recipients.iter().map(|email| ExternalText::new(email)).collect()),
        thresholds: own.as_ref().map(UsageThresholds::text),
        installation: values.usage_thresholds.text(),
        slack: slack.map(|webhook| ExternalText::new(&webhook.shown())),
        slack_fails: failing.is_some(),
        may_change,
    })
}

async fn for_staff(
    tx: &mut Tx,
    scope: &OrganizationScope,
    card: &Card,
    staff: &Staff,
) -> Result<StaffSettings, Error> {
    let mut account_managers = accounts::staff_by_name(tx).await?;
    // an account that was disabled since stays until another one is chosen
    if let Some(manager) = &card.account_manager
        && account_managers.iter().all(|(account, _)| *account != manager.account)
    {
        account_managers.insert(0, (manager.account.clone(), manager.called()));
    }
    Ok(StaffSettings {
        details: DetailsForm {
            version: card.details_version,
            name: card.name.clone(),
            external_id: card.external_id.clone().unwrap_or_default(),
            account_manager: card.account_manager.as_ref().map(|one| one.account.clone()),
            account_managers,
        },
        notes: notes_form(tx, scope, &staff.account).await?,
        can_restore: card.archived && card.archived_by.is_some(),
    })
}

async fn notes_form(
    tx: &mut Tx,
    scope: &OrganizationScope,
    account: &AccountId,
) -> sqlx::Result<NotesForm> {
    let known = organization_notes::of(tx, scope).await?;
    let draft = note_drafts::of(tx, scope, account).await?;
    let Some(known) = known else {
        let (notes, lines) = (String::new(), Vec::new());
        return Ok(NotesForm { version: 0, notes, lines, changed: None, draft });
    };
    Ok(NotesForm {
        version: known.version,
        lines: known.text.lines().map(ExternalText::paragraph).collect(),
        notes: known.text,
        changed: Some((ExternalText::new(&known.changed_by), known.changed_at)),
        draft,
    })
}

/// The notes exactly as they are stored, for the command line; empty if there are none.
pub async fn notes(state: &AppState, scope: &OrganizationScope) -> Result<String, Error> {
    let mut tx = state.db.read().await?;
    organizations::revision(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let known = organization_notes::of(&mut tx, scope).await?;
    Ok(known.map(|known| known.text).unwrap_or_default())
}

/// The form that adds an organization; once it was refused, with all that is wrong with it.
pub async fn new_organization(
    state: &AppState,
    staff: &Staff,
    typed: &NewOrganizationQuery,
) -> Result<NewOrganizationForm, Error> {
    let limit = if let Some(limit) = &typed.limit {
        limit.clone()
    } else {
        let mut tx = state.db.read_for_page(Reach::Installation).await?;
        settings::values(&mut tx, &state.settings.fixed).await?.default_seat_limit.typed()
    };
    if !typed.refused {
        return Ok(NewOrganizationForm { limit, refusals: Vec::new(), existing: None });
    }
    let id = OrganizationId::parse_new(&typed.organization);
    let existing = match &id {
        Ok(id) => existing(state, staff, id).await?,
        Err(_) => None,
    };
    let exists = existing.as_ref().map(|(id, _)| Refusal::OrganizationExists(id.clone()));
    let refusals = [
        id.err().or(exists),
        parse_name(&typed.name).err(),
        parse_external_id(&typed.external_id).err(),
        SeatLimit::parse_optional(&limit).err(),
    ];
    Ok(NewOrganizationForm { limit, refusals: refusals.into_iter().flatten().collect(), existing })
}

async fn existing(
    state: &AppState,
    _staff: &Staff,
    id: &OrganizationId,
) -> Result<Option<(OrganizationId, ExternalText)>, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let names = organizations::names(&mut tx, std::slice::from_ref(id)).await?;
    Ok(names.into_iter().next().map(|(id, name)| {
        let name = ExternalText::or_id(&name, id.as_str());
        (id, name)
    }))
}

/// What ends if the organization is archived now. `Missing` if there is no such organization.
pub async fn archive_page(
    state: &AppState,
    scope: &OrganizationScope,
    _staff: &Staff,
) -> Result<ArchivePage, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let all = Filter {
        pattern: search_pattern(""),
        group: String::new(),
        until: Timestamp::from_nanos(i64::MAX),
    };
    let held = (SeatState::Provisioned, &all);
    let most = ArchivePage::NAMES;
    let holders = directory_users::in_state_after(&mut tx, scope, held, None, most).await?;
    let waiting = directory_users::waiting(&mut tx, scope, most).await?;
    Ok(ArchivePage {
        organization: scope.id().clone(),
        name: card.called(scope),
        revision: card.revision,
        archived: card.archived,
        usage: card.usage,
        holders: holders.iter().map(name).collect(),
        waiting: waiting.iter().map(name).collect(),
    })
}

fn name(user: &DirectoryUser) -> ExternalText {
    let profile = &user.profile;
    called(profile.name.as_deref(), profile.email.as_deref(), user.id.as_str())
}
