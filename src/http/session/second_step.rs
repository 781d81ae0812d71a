//! What a person changes about their second step. This session goes on with a new token.

use super::Session;
use crate::{
    commands::{self, Actor, NewApp, NewPasskey, PasskeyProof},
    domain::{access::FreshProof, factor::RecoveryCode, id::PasskeyId},
    state::AppState,
};

impl Session {
    /// Adds the app that this browser has set up; gives the first recovery codes, if it is the
    /// first factor. As with each change of a factor, the other sessions end, and this one goes on
    /// with a new token.
    pub async fn add_app(
        &self,
        state: &AppState,
        actor: &Actor,
        proof: &FreshProof,
        new: &NewApp,
    ) -> Result<Vec<RecoveryCode>, commands::Error> {
        let (alive, token, renewed) = self.renewing(state).await?;
        let by = (actor, &alive.viewer);
        let codes = commands::add_app(state, by, proof, new, &renewed).await?;
        self.go_on_with(state, token).await?;
        Ok(codes)
    }

    /// Removes the app of the viewer's account. False: there was none.
    pub async fn remove_app(
        &self,
        state: &AppState,
        actor: &Actor,
        proof: &FreshProof,
    ) -> Result<bool, commands::Error> {
        let (alive, token, renewed) = self.renewing(state).await?;
        let removed = commands::remove_app(state, (actor, &alive.viewer), proof, &renewed).await?;
        if removed {
            self.go_on_with(state, token).await?;
        }
        Ok(removed)
    }

    /// Adds the passkey that this browser has made; gives the first recovery codes, if it is the
    /// first factor.
    pub async fn add_passkey(
        &self,
        state: &AppState,
        actor: &Actor,
        proof: &FreshProof,
        new: &NewPasskey,
    ) -> Result<Vec<RecoveryCode>, commands::Error> {
        let (alive, token, renewed) = self.renewing(state).await?;
        let by = (actor, &alive.viewer);
        let codes = commands::add_passkey(state, by, proof, new, &renewed).await?;
        self.go_on_with(state, token).await?;
        Ok(codes)
    }

    /// Removes a passkey of the viewer's account. False: there was none.
    pub async fn remove_passkey(
        &self,
        state: &AppState,
        actor: &Actor,
        proof: &FreshProof,
        id: &PasskeyId,
    ) -> Result<bool, commands::Error> {
        let (alive, token, renewed) = self.renewing(state).await?;
        let by = (actor, &alive.viewer);
        let removed = commands::remove_passkey(state, by, proof, id, &renewed).await?;
        if removed {
            self.go_on_with(state, token).await?;
        }
        Ok(removed)
    }

    /// Checks by a passkey who the viewer is.
    pub async fn confirm_identity_by_passkey(
        &self,
        state: &AppState,
        form: &PasskeyProof,
    ) -> Result<(), commands::Error> {
        let (alive, token, renewed) = self.renewing(state).await?;
        commands::confirm_identity_by_passkey(state, &alive.viewer, form, &renewed).await?;
        self.go_on_with(state, token).await
    }

    /// Makes new recovery codes for the viewer's account.
    pub async fn make_recovery_codes(
        &self,
        state: &AppState,
        actor: &Actor,
        proof: &FreshProof,
    ) -> Result<Vec<RecoveryCode>, commands::Error> {
        let (alive, token, renewed) = self.renewing(state).await?;
        let by = (actor, &alive.viewer);
        let codes = commands::make_recovery_codes(state, by, proof, &renewed).await?;
        self.go_on_with(state, token).await?;
        Ok(codes)
    }
}
