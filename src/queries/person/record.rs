//! One person for scripts: everything as it is stored.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Known,
    history::{Happened, Which, history},
    known,
};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::OrganizationScope,
        attribute::Attributes,
        directory_user::{SeatState, email_key},
        id::{DirectoryUserId, GroupId, OrganizationId},
        role::RoleName,
        text::ExternalText,
    },
    queries::api::schemas,
    state::AppState,
    store::{directory_users, organizations, person_history::Decision},
    views::{person::HistoryCursor, roles::PersonRole},
};

/// One person for scripts, as stored, with everything that happened.
#[derive(Clone, Debug, Serialize)]
pub struct PersonRecord {
    #[serde(flatten)]
    pub facts: PersonFacts,
    /// The newest entry first.
    pub history: Vec<HistoryRecord>,
}

/// One person for scripts, as stored.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Person)]
pub struct PersonFacts {
    #[schema(value_type = String)]
    pub organization_id: OrganizationId,
    #[schema(value_type = String)]
    pub user_id: DirectoryUserId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub external_id: Option<String>,
    #[schema(value_type = schemas::SeatState)]
    pub state: SeatState,
    /// Why the person holds or lacks a seat, and what would change it.
    pub why: String,
    /// The position in the waitlist; `null`: does not wait.
    pub position: Option<i64>,
    /// When the present state began, RFC 3339.
    #[schema(format = DateTime)]
    pub since: String,
    /// The names of the groups; of a group without a name the id.
    pub groups: Vec<String>,
    /// The application roles, each with its source.
    pub roles: Vec<RoleRecord>,
    /// The roles that the directory has sent.
    pub directory_roles: Vec<String>,
    /// The attributes that the installation keeps.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub attributes: Attributes,
    /// The ids of the other live users with the same e-mail address.
    #[schema(value_type = Vec<String>)]
    pub duplicates: Vec<DirectoryUserId>,
}

/// An application role for scripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonRole)]
pub struct RoleRecord {
    #[schema(value_type = String)]
    pub role: RoleName,
    /// The ids of the groups that give it; empty: it is the default role.
    #[schema(value_type = Vec<String>)]
    pub groups: Vec<GroupId>,
}

/// One entry of a person's history for scripts.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryRecord {
    /// RFC 3339.
    pub at: String,
    /// `decision`, `delivery`, `resync`, `action` or `group`.
    pub kind: &'static str,
    /// Of the delivery, the resync, the entry of the audit log or the group; `null` for a decision.
    pub id: Option<String>,
    /// The new state of a decision, the outcome of a delivery, the change by a resync, the action;
    /// `joined` or `left` a group.
    pub what: String,
    /// The state before a decision.
    pub from: Option<SeatState>,
    /// The sentence of a decision; the reason of an action; the name of a group.
    pub why: Option<String>,
    /// The cause of a decision; the type of a delivery.
    pub cause: Option<String>,
    /// The person who acted.
    pub actor: Option<String>,
}

/// A person for the command line, with the whole history. `user` is an id, or the e-mail address of
/// one live person. `Missing` if there is no such organization; `None` if there is no such person.
pub async fn person_record(
    state: &AppState,
    scope: &OrganizationScope,
    user: &str,
) -> Result<Option<PersonRecord>, Error> {
    const PART: i64 = 1_000;
    let mut tx = state.db.read().await?;
    organizations::revision(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let Some(id) = called_so(&mut tx, scope, user).await? else { return Ok(None) };
    let known = match known(&mut tx, scope, &id).await {
        Err(Error::Missing) => return Ok(None),
        known => known?,
    };
    let (mut entries, mut before) = (Vec::new(), None);
    loop {
        let which = Which { scope, user: &id, is_staff: true, before: before.as_ref(), most: PART };
        let (part, page) = history(&mut tx, which).await?;
        entries.extend(part.into_iter().map(history_record));
        before = page.older;
        if before.is_none() {
            break;
        }
    }
    Ok(Some(PersonRecord { facts: facts(scope, known), history: entries }))
}

/// One person for the API: `user` is an id, an external id or an e-mail address. `Missing` if there
/// is no such organization or no such person.
pub async fn person_facts(
    state: &AppState,
    scope: &OrganizationScope,
    user: &str,
) -> Result<PersonFacts, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let mut people = directory_users::called(&mut tx, scope, &[user]).await?;
    let person = people.remove(user).ok_or(Error::Missing)?;
    Ok(facts(scope, known(&mut tx, scope, &person.id).await?))
}

fn facts(scope: &OrganizationScope, known: Known) -> PersonFacts {
    let why = known.why();
    let Known { user, position, groups, roles, attributes, duplicates, .. } = known;
    let labelled: Vec<(GroupId, ExternalText)> =
        groups.iter().map(|(group, name)| (group.clone(), ExternalText::label(name))).collect();
    let role = |role: PersonRole| RoleRecord {
        role: role.role,
        groups: role.groups.into_iter().map(|(group, _)| group).collect(),
    };
    let roles = roles.of(user.state, &labelled).into_iter().map(role).collect();
    PersonFacts {
        organization_id: scope.id().clone(),
        user_id: user.id,
        name: user.profile.name,
        email: user.profile.email,
        external_id: user.profile.external_id,
        state: user.state,
        why,
        position,
        since: user.since.rfc3339(),
        groups: groups.into_iter().map(|(_, name)| name).collect(),
        roles,
        directory_roles: user.roles,
        attributes,
        duplicates: duplicates.into_iter().map(|other| other.id).collect(),
    }
}

/// The id that is meant: the id itself, or that of the only live person with the address.
async fn called_so(
    tx: &mut Tx,
    scope: &OrganizationScope,
    user: &str,
) -> sqlx::Result<Option<DirectoryUserId>> {
    let id = DirectoryUserId::parse(user);
    let is_address = user.contains('@') && !id.as_ref().is_some_and(DirectoryUserId::is_by_email);
    if !is_address {
        return Ok(id);
    }
    let key = (scope.id().clone(), email_key(user));
    let mut found = directory_users::with_emails(tx, &[key]).await?;
    Ok(found.pop().filter(|_| found.is_empty()).map(|(_, user)| user.id))
}

fn history_record(entry: Happened) -> HistoryRecord {
    let HistoryCursor { at, source, id } = entry.key();
    let record = HistoryRecord {
        at: at.rfc3339(),
        kind: source.as_str(),
        id: Some(id),
        what: String::new(),
        from: None,
        why: None,
        cause: None,
        actor: None,
    };
    match entry {
        Happened::Decision(Decision { listed: decision, .. }) => HistoryRecord {
            id: None,
            what: decision.to.as_str().to_owned(),
            from: decision.from,
            why: Some(decision.reason.sentence(decision.limit, decision.used)),
            cause: Some(decision.cause),
            actor: decision.actor,
            ..record
        },
        Happened::Delivery(delivery) => HistoryRecord {
            what: delivery.outcome.as_str().to_owned(),
            cause: (!delivery.kind.is_empty()).then_some(delivery.kind),
            ..record
        },
        Happened::Resync(resync) => {
            HistoryRecord { what: resync.change.as_str().to_owned(), ..record }
        }
        Happened::Group(change) => HistoryRecord {
            id: Some(change.group_id),
            what: if change.joined { "joined" } else { "left" }.to_owned(),
            why: change.name,
            ..record
        },
        Happened::Action(entry) => HistoryRecord {
            what: entry.action.as_str().to_owned(),
            why: entry.reason,
            actor: Some(entry.actor),
            ..record
        },
    }
}
