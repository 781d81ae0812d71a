//! Whether a person is allowed in: what a product asks at each of its sign-ins, so it takes few
//! statements.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::OrganizationScope,
        directory_user::{SeatState, email_key},
        id::{DirectoryUserId, GroupId, OrganizationId},
        seat_reason::{Decided, SeatReason},
    },
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

/// `user` is a directory-user id, an external id or an e-mail address, in this order. If several
/// people are called so, the one with a seat counts. `Missing` if there is no such organization.
pub async fn access(
    state: &AppState,
    scope: &OrganizationScope,
    user: &str,
) -> Result<Access, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let names = (user, email_key(user));
    let Some(person) = directory_users::called(&mut tx, scope, (names.0, &names.1)).await? else {
        organizations::revision(&mut tx, scope).await?.ok_or(Error::Missing)?;
        return Ok(unknown(scope));
    };
    let ids = [person.id.as_str().to_owned()];
    let groups: Vec<GroupId> = groups::of_people(&mut tx, scope, &ids)
        .await?
        .into_iter()
        .map(|(_, group, _)| group)
        .collect();
    let roles = Roles::load(&mut tx, scope).await?.names(person.state, &groups);
    let (position, reason) = if person.state == SeatState::Provisioned {
        (None, "Has a seat.".to_owned())
    } else {
        why_not(&mut tx, scope, &person).await?
    };
    Ok(Access {
        allowed: person.state == SeatState::Provisioned,
        state: AccessState::Known(person.state),
        reason,
        position,
        roles,
        organization_id: scope.id().clone(),
        user: Some(person.id),
    })
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
