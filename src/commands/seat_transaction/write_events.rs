//! Writes the outgoing events of a transaction, as its commit leaves people and organizations: what
//! was decided, who has another profile, other attributes or other roles, and which limits changed.
//! The sequencer numbers them after the commit.

use std::collections::{BTreeMap, BTreeSet};

use super::attributes::WrittenAttributes;
use crate::{
    clock::Generate,
    commands::update_roles::RolesChanged,
    db::Tx,
    domain::{
        attribute::Attributes,
        directory_user::{DirectoryUser, SeatState},
        id::{DirectoryUserId, GroupId, OrganizationId, OutgoingEventId},
        outgoing_event::{DecisionData, EventData, EventType, Seats, UserData, VERSION, Versioned},
        role::{RoleMapping, RoleName},
        setting::SettingValues,
    },
    state::AppState,
    store::{
        decisions::DecisionRecord,
        directory_users, groups,
        limit_decisions::LimitRecord,
        organizations::Locked,
        outgoing_events::{self, NewEvent},
        role_mappings,
    },
};

type User = (OrganizationId, DirectoryUserId);

/// What a transaction has changed besides the rows of its organizations.
pub(super) struct Changes<'a> {
    pub decided: &'a [DecisionRecord],
    pub limits: &'a [LimitRecord],
    pub attributes: WrittenAttributes,
    pub roles: Vec<RolesChanged>,
}

pub(super) async fn write_events(
    tx: &mut Tx,
    state: &AppState,
    (revised, settings): (&[&Locked], &SettingValues),
    changes: Changes<'_>,
) -> sqlx::Result<()> {
    let mut facts: BTreeMap<&OrganizationId, Vec<Fact<'_>>> = BTreeMap::new();
    for locked in revised {
        let of_organization = facts_of(locked, &changes);
        if !of_organization.is_empty() {
            facts.insert(locked.id(), of_organization);
        }
    }
    if facts.is_empty() {
        return Ok(());
    }
    let named: BTreeSet<User> = facts
        .iter()
        .flat_map(|(id, facts)| {
            facts.iter().filter_map(|fact| Some(((*id).clone(), fact.user()?.clone())))
        })
        .collect();
    let named: Vec<User> = named.into_iter().collect();
    let kept = &settings.kept_attributes;
    let attributes = changes.attributes.in_events(tx, kept, &named).await?;
    let about = About { attributes, ..About::load(tx, (revised, settings), named).await? };
    let mut rows = Vec::new();
    for locked in revised {
        let of_organization = facts.remove(locked.id()).into_iter().flatten();
        for (ordinal, fact) in (0..).zip(of_organization) {
            let (kind, data) = fact.said(locked, &about);
            let data = serde_json::to_string(&Versioned { version: VERSION, data })
                .map_err(|error| sqlx::Error::Encode(error.into()))?;
            rows.push(NewEvent {
                organization: locked.id().clone(),
                revision: locked.revision,
                ordinal,
                id: OutgoingEventId::generate(&state.clock),
                kind,
                at: locked.changed_at,
                data,
            });
        }
    }
    outgoing_events::add(tx, &rows).await
}

/// One event, before it is put into words.
enum Fact<'a> {
    Decided(EventType, &'a DecisionRecord),
    Updated(&'a DirectoryUserId, Vec<&'static str>),
    Roles(&'a RolesChanged),
    Limit { before: Seats, record: &'a LimitRecord },
    OverLimit,
    Existence(&'a LimitRecord),
}

/// The facts of an organization: decisions in their order, then what follows from all of them.
fn facts_of<'a>(locked: &'a Locked, changes: &'a Changes<'_>) -> Vec<Fact<'a>> {
    let here = |id: &OrganizationId| id == locked.id();
    let decided = changes.decided.iter().filter(|record| here(&record.organization));
    let mut ordered: Vec<(i64, Fact<'_>)> = decided
        .filter_map(|record| {
            let kind = EventType::of(&record.step)?;
            Some((record.ordinal, Fact::Decided(kind, record)))
        })
        .collect();
    let (mut limit, mut archived) = (locked.before.limit, locked.was_archived);
    for record in changes.limits.iter().filter(|record| here(&record.organization)) {
        let now = &record.decided;
        if now.archived != archived {
            ordered.push((now.ordinal, Fact::Existence(record)));
        }
        if now.limit != limit {
            ordered.push((now.ordinal, Fact::Limit { before: Seats(limit), record }));
        }
        (limit, archived) = (now.limit, now.archived);
    }
    ordered.sort_by_key(|(ordinal, _)| *ordinal);
    let mut facts: Vec<Fact<'_>> = ordered.into_iter().map(|(_, fact)| fact).collect();
    facts.extend(updated(locked, &changes.attributes.changed));
    let roles = changes.roles.iter().filter(|change| here(&change.organization));
    facts.extend(roles.map(Fact::Roles));
    let usage = locked.roster.usage();
    if usage.over() > 0 && locked.before.over() == 0 {
        facts.push(Fact::OverLimit);
    }
    facts
}

/// The users whose profile or whose kept attributes are others than those that are stored.
fn updated<'a>(
    locked: &'a Locked,
    attributes: &'a BTreeSet<User>,
) -> impl Iterator<Item = Fact<'a>> {
    let mut changed: BTreeMap<&DirectoryUserId, Vec<&'static str>> = BTreeMap::new();
    for (user, old) in locked.roster.with_new_profile() {
        let new = &user.profile;
        let fields = [
            ("external_id", new.external_id != old.external_id),
            ("email", new.email != old.email),
            ("name", new.name != old.name),
        ];
        let names = fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name);
        changed.insert(&user.id, names.collect());
    }
    let is_known = |user: &DirectoryUserId| {
        let mut new = locked.roster.touched_with_stored_state().filter(|(_, old)| old.is_none());
        !new.any(|(new, _)| new.id == *user)
    };
    for (_, user) in attributes.iter().filter(|(id, user)| id == locked.id() && is_known(user)) {
        changed.entry(user).or_default().push("attributes");
    }
    changed.into_iter().map(|(user, names)| Fact::Updated(user, names))
}

impl Fact<'_> {
    fn user(&self) -> Option<&DirectoryUserId> {
        match self {
            Self::Decided(_, record) => Some(&record.step.user),
            Self::Updated(user, _) => Some(user),
            Self::Roles(change) => change.user.as_ref(),
            Self::Limit { .. } | Self::OverLimit | Self::Existence(_) => None,
        }
    }

    fn said<'a>(&'a self, locked: &'a Locked, about: &'a About) -> (EventType, EventData<'a>) {
        let usage = locked.roster.usage();
        match self {
            Self::Decided(kind, record) => {
                let step = &record.step;
                let decision = DecisionData {
                    reason: step.reason.as_str(),
                    cause: &record.cause,
                    seat_limit: Seats(step.limit),
                    used: step.used,
                    revision: record.revision,
                    ordinal: record.ordinal,
                };
                let user = about.user(locked, &step.user);
                let (before, after) = (step.from, step.to);
                (*kind, EventData::Decided { user, before, after, decision })
            }
            Self::Updated(user, changed) => {
                let (user, changed) = (about.user(locked, user), changed.clone());
                (EventType::UserUpdated, EventData::Updated { user, changed })
            }
            Self::Roles(change) => {
                let user = change.user.as_ref().and_then(|user| about.user(locked, user));
                let (before, after) = change.roles.clone().unzip();
                (EventType::RolesChanged, EventData::Roles { user, before, after })
            }
            Self::Limit { before, record } => {
                let decided = &record.decided;
                let data = EventData::Limit {
                    before: *before,
                    after: Seats(decided.limit),
                    used: decided.used,
                    cause: cause(record),
                };
                (EventType::SeatLimitChanged, data)
            }
            Self::OverLimit => {
                let (seat_limit, used) = (Seats(usage.limit), usage.used);
                let data = EventData::OverLimit { seat_limit, used, over: usage.over() };
                (EventType::OverLimit, data)
            }
            Self::Existence(record) => {
                let kind =
                    if record.decided.archived { EventType::Archived } else { EventType::Restored };
                (kind, EventData::Existence { cause: cause(record) })
            }
        }
    }
}

fn cause(record: &LimitRecord) -> &str {
    record.cause.as_ref().map_or("clock", |cause| cause.kind.as_str())
}

/// What the events say about people beside their loaded rows.
struct About {
    /// People that no command loaded.
    people: BTreeMap<User, DirectoryUser>,
    mappings: BTreeMap<OrganizationId, RoleMapping>,
    groups: BTreeMap<User, BTreeSet<GroupId>>,
    default_role: Option<RoleName>,
    /// `None`: they are too much for an event.
    attributes: BTreeMap<User, Option<Attributes>>,
}

impl About {
    /// All but the attributes. Reads groups only of organizations that have roles.
    async fn load(
        tx: &mut Tx,
        (revised, settings): (&[&Locked], &SettingValues),
        named: Vec<User>,
    ) -> sqlx::Result<Self> {
        let with_roles = revised.iter().filter(|locked| locked.roles_version > 0);
        let ids: Vec<OrganizationId> = with_roles.map(|locked| locked.id().clone()).collect();
        let mut about = Self {
            people: BTreeMap::new(),
            mappings: BTreeMap::new(),
            groups: BTreeMap::new(),
            default_role: settings.default_role.clone(),
            attributes: BTreeMap::new(),
        };
        let by_id: BTreeMap<&OrganizationId, &Locked> =
            revised.iter().map(|locked| (locked.id(), *locked)).collect();
        let is_loaded = |(organization, user): &&User| {
            by_id.get(organization).is_some_and(|locked| locked.roster.person(user).is_some())
        };
        let others: Vec<User> = named.iter().filter(|user| !is_loaded(user)).cloned().collect();
        for (organization, user) in directory_users::with_ids(tx, &others).await? {
            about.people.insert((organization, user.id.clone()), user);
        }
        let mapped: Vec<User> = named.into_iter().filter(|(id, _)| ids.contains(id)).collect();
        if mapped.is_empty() {
            return Ok(about);
        }
        about.mappings = role_mappings::of_organizations(tx, &ids).await?;
        for (organization, user, group) in groups::of_users(tx, &mapped).await? {
            about.groups.entry((organization, user)).or_default().insert(group);
        }
        Ok(about)
    }

    fn user<'a>(&'a self, locked: &'a Locked, id: &DirectoryUserId) -> Option<UserData<'a>> {
        static NONE: Attributes = Attributes::new();
        let key = (locked.id().clone(), id.clone());
        let user = locked.roster.person(id).or_else(|| self.people.get(&key))?;
        let attributes = self.attributes.get(&key).map_or(Some(&NONE), Option::as_ref);
        Some(UserData::of(user, self.roles(locked, user), attributes))
    }

    fn roles(&self, locked: &Locked, user: &DirectoryUser) -> Vec<String> {
        if user.state == SeatState::Removed {
            return Vec::new();
        }
        let groups = self.groups.get(&(locked.id().clone(), user.id.clone()));
        let none = RoleMapping::default();
        let mapping = self.mappings.get(locked.id()).unwrap_or(&none);
        let roles = mapping.application(groups.into_iter().flatten(), self.default_role.as_ref());
        roles.into_keys().map(|role| role.to_string()).collect()
    }
}
