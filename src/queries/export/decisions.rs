//! The decisions of an organization, newest first, for the API.

use serde::Serialize;
use utoipa::ToSchema;

use super::{List, Part, next};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Viewer},
        directory_user::SeatState,
        id::DirectoryUserId,
    },
    queries::api::{LimitFact, schemas},
    store::{
        decisions::{self, Listed},
        organizations,
    },
    views::pagination::Key,
};

#[derive(Debug)]
pub struct Decisions {
    scope: OrganizationScope,
    is_staff: bool,
}

/// A decision for scripts.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Decision)]
pub struct DecisionRecord {
    /// RFC 3339.
    #[schema(format = DateTime)]
    pub at: String,
    #[schema(value_type = String)]
    pub user: DirectoryUserId,
    /// `null`: the organization did not know the person.
    #[schema(value_type = Option<schemas::SeatState>)]
    pub from: Option<SeatState>,
    #[schema(value_type = schemas::SeatState)]
    pub to: SeatState,
    /// A sentence.
    pub reason: String,
    /// The limit and the used seats that the decision saw.
    pub seat_limit: LimitFact,
    pub used_seats: i64,
    /// What caused it.
    pub cause: String,
    /// Who decided; `null`: no person, or one of the staff.
    pub actor: Option<String>,
}

/// The revision of a decision, and its number in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecisionKey(i64, i64);

impl Key for DecisionKey {
    fn written(&self) -> String {
        format!("{}.{}", self.0, self.1)
    }

    fn parse(text: &str) -> Option<Self> {
        let (revision, ordinal) = text.split_once('.')?;
        Some(Self(revision.parse().ok()?, ordinal.parse().ok()?))
    }
}

impl Decisions {
    pub fn new(scope: OrganizationScope, viewer: &Viewer) -> Self {
        Self { scope, is_staff: viewer.role.is_staff() }
    }

    /// Who of the staff decided is for staff.
    fn record(&self, one: Listed) -> DecisionRecord {
        DecisionRecord {
            at: one.at.rfc3339(),
            reason: one.reason.sentence(one.limit, one.used),
            user: one.user,
            from: one.from,
            to: one.to,
            seat_limit: LimitFact(one.limit),
            used_seats: one.used,
            cause: one.cause,
            actor: one.actor.filter(|_| self.is_staff),
        }
    }
}

impl List for Decisions {
    type Row = DecisionRecord;
    type Key = DecisionKey;

    fn reach(&self) -> Reach<'_> {
        Reach::Organization(&self.scope)
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<DecisionKey>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        organizations::revision(tx, &self.scope).await?.ok_or(Error::Missing)?;
        let DecisionKey(revision, ordinal) = behind.unwrap_or(DecisionKey(i64::MAX, i64::MAX));
        let rows = decisions::before(tx, &self.scope, (revision, ordinal), most).await?;
        let next = next(&rows, most, |((revision, ordinal), _)| DecisionKey(*revision, *ordinal));
        Ok((rows.into_iter().map(|(_, one)| self.record(one)).collect(), next))
    }
}
