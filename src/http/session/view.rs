//! The session of a staff member who sees an organization as its admin does.

use super::Session;
use crate::{
    commands::{self, Actor, NewView},
    state::AppState,
};

impl Session {
    /// Lets this session show an organization as its admin sees it. Only a person who showed lately
    /// who they are may begin that.
    pub async fn begin_view(
        &self,
        state: &AppState,
        actor: &Actor,
        new: &NewView,
    ) -> Result<(), commands::Error> {
        let proof = self.fresh_proof(state).await?;
        let id = self.id(state).await?.ok_or(commands::Error::Missing)?;
        commands::begin_view(state, actor, &proof, (&id, new)).await
    }

    /// Lets it show the staff's own pages again. False: it does.
    pub async fn end_view(&self, state: &AppState, actor: &Actor) -> Result<bool, commands::Error> {
        let Some(id) = self.id(state).await? else { return Ok(false) };
        commands::end_view(state, actor, &id).await
    }

    /// Whether it shows an organization as its admin sees it, and so only reads.
    pub async fn is_viewing(&self, state: &AppState) -> Result<bool, commands::Error> {
        Ok(self.alive(state).await?.is_some_and(|alive| alive.viewer.view_as.is_some()))
    }
}
