//! Whether a person is allowed in: what a product asks at each of its sign-ins, so it takes few
//! statements, which requests of the same moment share.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::OrganizationScope,
        directory_user::SeatState,
        id::{DirectoryUserId, GroupId, OrganizationId},
        seat_reason::{Decided, SeatReason},
    },
    joint_reads::JointReads,
    queries::{api::schemas, roles::Roles},
    state::AppState,
    store::{
        directory_users::{self, Called},
        groups, organizations, person_history,
    },
};

/// The answer about one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Access {
    /// Whether the person holds a seat. Nothing else lets a person in.
    pub allowed: bool,
    #[schema(value_type = schemas::AccessState)]
    pub state: AccessState,
    /// A sentence: why the person holds or lacks a seat, and what would change it.
    pub reason: String,
    /// The position in the waitlist; `null`: does not wait.
    pub position: Option<i64>,
    /// The application roles.
    pub roles: Vec<String>,
    #[schema(value_type = String)]
    pub organization_id: OrganizationId,
    /// The directory-user id; `null`: the directory has named no such person.
    #[schema(value_type = Option<String>)]
    pub user: Option<DirectoryUserId>,
}

impl Access {
    /// A name of the answer: another answer has another one.
    pub fn tag(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        let hash: [u8; 32] = Sha256::digest(text).into();
        URL_SAFE_NO_PAD.encode(&hash[..16])
    }
}

/// The state of the seat, or `unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AccessState {
    Known(SeatState),
    Unknown(Unknown),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    Unknown,
}

/// Questions about people of one organization that are asked at the same time.
pub type AccessReads = JointReads<OrganizationId, (OrganizationScope, String), Access>;

/// `user` is a directory-user id, an external id or an e-mail address, in this order. If several
/// people are called so, the one with a seat counts. `Missing` if there is no such organization.
pub async fn access(
    state: &AppState,
    scope: &OrganizationScope,
    user: &str,
) -> Result<Access, Error> {
    let mut answers = answers(state.clone(), vec![(scope.clone(), user.to_owned())]).await?;
    answers.pop().ok_or(Error::Missing)
}

/// The same for one of many requests: those that come at the same time are answered together.
pub async fn access_together(
    state: &AppState,
    reads: &Arc<AccessReads>,
    (scope, user): (&OrganizationScope, &str),
) -> Result<Access, Error> {
    let question = (scope.clone(), user.to_owned());
    let of_all = state.clone();
    let read = move |questions| answers(of_all.clone(), questions);
    match reads.ask(scope.id().clone(), question, read).await {
        Some(access) => Ok(access),
        None => access(state, scope, user).await,
    }
}

/// The answers about people of one organization, in one read.
async fn answers(
    state: AppState,
    questions: Vec<(OrganizationScope, String)>,
) -> Result<Vec<Access>, Error> {
    let Some((scope, _)) = questions.first() else { return Ok(Vec::new()) };
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let names: BTreeSet<&str> = questions.iter().map(|(_, user)| user.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let people = directory_users::called(&mut tx, scope, &names).await?;
    if people.len() < names.len() {
        organizations::revision(&mut tx, scope).await?.ok_or(Error::Missing)?;
    }
    let ids: BTreeSet<&str> = people.values().map(|person| person.id.as_str()).collect();
    let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
    let mut groups: HashMap<String, Vec<GroupId>> = HashMap::new();
    for (user, group, _) in groups::of_people(&mut tx, scope, &ids).await? {
        groups.entry(user).or_default().push(group);
    }
    let roles = Roles::load(&mut tx, scope).await?;
    let mut answers = Vec::with_capacity(questions.len());
    for (_, user) in &questions {
        let Some(person) = people.get(user) else {
            answers.push(unknown(scope));
            continue;
        };
        let groups = groups.get(person.id.as_str()).map_or(&[][..], Vec::as_slice);
        let (position, reason) = if person.state == SeatState::Provisioned {
            (None, "Has a seat.".to_owned())
        } else {
            why_not(&mut tx, scope, person).await?
        };
        answers.push(Access {
            allowed: person.state == SeatState::Provisioned,
            state: AccessState::Known(person.state),
            reason,
            position,
            roles: roles.names(person.state, groups),
            organization_id: scope.id().clone(),
            user: Some(person.id.clone()),
        });
    }
    Ok(answers)
}

fn unknown(scope: &OrganizationScope) -> Access {
    Access {
        allowed: false,
        state: AccessState::Unknown(Unknown::Unknown),
        reason: "The directory has named no such person.".to_owned(),
        position: None,
        roles: Vec::new(),
        organization_id: scope.id().clone(),
        user: None,
    }
}

/// The position of a person without a seat, and why there is none.
async fn why_not(
    tx: &mut Tx,
    scope: &OrganizationScope,
    person: &Called,
) -> Result<(Option<i64>, String), Error> {
    let card = organizations::card(tx, scope).await?.ok_or(Error::Missing)?;
    let position = match &person.place {
        Some(place) => Some(directory_users::position(tx, scope, place).await?),
        None => None,
    };
    let decided = person_history::last_change(tx, scope, &person.id).await?;
    let decided = decided.filter(|decision| decision.to == person.state);
    let reason = SeatReason {
        state: person.state,
        decided: decided.map(|decision| Decided {
            from: decision.from,
            reason: decision.reason,
            limit: decision.limit,
            used: decision.used,
        }),
        position,
        rank: person.place.as_ref().map(|place| place.rank),
        usage: card.usage,
        policy: &card.policy,
        archived: card.archived,
    };
    Ok((position, reason.sentence()))
}
