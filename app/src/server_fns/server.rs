//! The viewer of a request, on the server: loaded once for each request, even if many parts of the
//! page need it.

use std::{net::IpAddr, sync::Arc};

use axum::http::request::Parts;
use domain::{
    access::{FreshProof, OrganizationScope, Role, Staff, StaffAdmin, Viewer},
    id::OrganizationId,
    refusal::Refusal,
};
use leptos::prelude::use_context;
use seatkeeper::{
    commands::{self, Actor, Origin, login_throttle::Visitor},
    db::is_time_limit,
    http::{self, session::Session},
    metrics::traffic::NotServed,
    shares::{InUse, Share},
    state::AppState,
};
use tokio::sync::OnceCell;
use tracing::info;

use super::{AppError, Refused, answer};
use crate::headers;

/// Provided for each request beside the [`AppState`]; it keeps the viewer only as long as the
/// request lasts.
#[derive(Clone, Debug, Default)]
pub struct CurrentViewer {
    viewer: Arc<OnceCell<Option<Viewer>>>,
    /// The share is in use until the request is answered.
    shares: Arc<OnceCell<Share>>,
    organization: Arc<OnceCell<Share>>,
}

pub(crate) fn state() -> Result<AppState, AppError> {
    use_context::<AppState>().ok_or_else(|| without("no state in the context"))
}

pub(crate) async fn session() -> Result<Session, AppError> {
    leptos_axum::extract::<Session>().await.map_err(without)
}

/// The error for a missing part of the request's context. If the browser disconnects while a page
/// loads, the context is dropped at once, but the loading runs on to its next step: that is no
/// error, and the answer is not sent.
fn without(missing: impl std::fmt::Display) -> AppError {
    if use_context::<Parts>().is_none() { AppError::Away } else { AppError::internal(missing) }
}

/// The address of the client.
pub(crate) fn source() -> Option<IpAddr> {
    use_context::<Parts>()?.extensions.get::<http::ClientAddress>().map(|client| client.0)
}

/// Where this request comes from, for the limits of attempts.
pub(crate) fn visitor(state: &AppState) -> Visitor {
    Visitor { source: source(), device: answer::cookie(&answer::device_cookie(state)) }
}

/// The viewer, if the request has a session.
pub(crate) async fn viewer() -> Result<Option<Viewer>, AppError> {
    let (state, asking) = (state()?, use_context::<CurrentViewer>().unwrap_or_default());
    let load = || async { Ok::<_, AppError>(session().await?.viewer(&state).await?) };
    let viewer = asking.viewer.get_or_try_init(load).await?;
    if let Some(viewer) = viewer {
        asking
            .shares
            .get_or_try_init(|| state.shares.of_account(&viewer.account))
            .await
            .map_err(|InUse| in_use(&state))?;
    }
    Ok(viewer.clone())
}

fn in_use(state: &AppState) -> AppError {
    state.metrics.traffic.not_served(NotServed::Share);
    AppError::busy()
}

/// The viewer if they are staff; for others the answer is 404.
pub(crate) async fn staff() -> Result<Staff, AppError> {
    let viewer = signed_in().await?;
    viewer.staff().ok_or_else(|| without_right(&viewer))
}

/// The viewer as an actor if they are staff; for others the answer is 404.
pub(crate) async fn staff_actor() -> Result<Actor, AppError> {
    Ok(Actor::staff(staff().await?).with_origin(origin()))
}

/// The viewer if they are a staff admin; for others the answer is 404.
pub(crate) async fn staff_admin() -> Result<StaffAdmin, AppError> {
    let viewer = signed_in().await?;
    viewer.staff_admin().ok_or_else(|| without_right(&viewer))
}

/// The answer for a viewer who lacks the right: that of a thing that does not exist. The log has a
/// line about it.
fn without_right(viewer: &Viewer) -> AppError {
    info!(account = %viewer.account, "a right was lacking");
    AppError::missing()
}

/// The viewer as an actor if they are a staff admin; for others the answer is 404.
pub(crate) async fn staff_admin_actor() -> Result<Actor, AppError> {
    Ok(Actor::staff(staff_admin().await?.staff().clone()).with_origin(origin()))
}

/// The proof that the viewer showed lately who they are, for what is worth a stolen session.
pub(crate) async fn fresh_proof() -> Result<FreshProof, AppError> {
    Ok(session().await?.fresh_proof(&state()?).await?)
}

/// Lets a page whose forms need a fresh proof lead to where the viewer shows who they are. A page
/// that is open stays as it is when it loads itself again, and so does one that comes back with a
/// refused form: what was typed is on it.
pub(crate) async fn lead_to_proof() -> Result<(), AppError> {
    let comes_back = answer::query_pairs().iter().any(|(name, _)| name == "refused");
    if comes_back || !session().await?.is_use() {
        return Ok(());
    }
    fresh_proof().await.map(|_| ())
}

/// The viewer as an actor about their own account.
pub(crate) async fn own_actor() -> Result<Actor, AppError> {
    Ok(Actor::of_viewer(&signed_in().await?).with_origin(origin()))
}

/// Where this request came from, for the audit log.
pub(crate) fn origin() -> Origin {
    use_context::<Parts>()
        .map(|parts| headers::origin(&parts.headers, &parts.extensions))
        .unwrap_or_default()
}

/// The viewer's right to read this organization. Without it the answer is the same 404 as for an
/// organization that does not exist.
pub(crate) async fn scope(id: &OrganizationId) -> Result<OrganizationScope, AppError> {
    let viewer = signed_in().await?;
    let scope = viewer.scope(id).ok_or_else(|| without_right(&viewer))?;
    let (state, asking) = (state()?, use_context::<CurrentViewer>().unwrap_or_default());
    asking
        .organization
        .get_or_try_init(|| state.shares.of_organization(id))
        .await
        .map_err(|InUse| in_use(&state))?;
    Ok(scope)
}

/// The viewer as an actor who may resync this organization; for others the answer is 404.
pub(crate) async fn resyncer(id: &OrganizationId) -> Result<Actor, AppError> {
    actor(id, Role::may_resync).await
}

/// The viewer as an actor who may decide about seats by hand; for others the answer is 404.
pub(crate) async fn decider(id: &OrganizationId) -> Result<Actor, AppError> {
    actor(id, Role::may_decide).await
}

/// The viewer as an actor who may change the roles of groups; for others the answer is 404.
pub(crate) async fn role_mapper(id: &OrganizationId) -> Result<Actor, AppError> {
    actor(id, Role::may_map_roles).await
}

/// The viewer as an actor who may change when and where alerts notify; for others the answer is
/// 404.
pub(crate) async fn alert_setter(id: &OrganizationId) -> Result<Actor, AppError> {
    actor(id, Role::may_set_alerts).await
}

/// The viewer as an actor who may invite people and change members; for others the answer is 404.
pub(crate) async fn member_manager(id: &OrganizationId) -> Result<Actor, AppError> {
    actor(id, Role::may_manage_members).await
}

/// The viewer as an actor who may ask for seats; for others the answer is 404.
pub(crate) async fn asker(id: &OrganizationId) -> Result<Actor, AppError> {
    actor(id, Role::may_ask_for_seats).await
}

async fn actor(id: &OrganizationId, may: fn(Role) -> bool) -> Result<Actor, AppError> {
    scope(id).await?;
    let viewer = signed_in().await?;
    if !viewer.role_in(id).is_some_and(may) {
        return Err(without_right(&viewer));
    }
    Ok(Actor::of_viewer(&viewer).with_origin(origin()))
}

/// Redirects to the result of a command. After a refusal it redirects back to the form and names
/// the refusal in the address.
pub(crate) fn settled(result: Result<String, commands::Error>, back: &str) -> Result<(), AppError> {
    done(result.map_err(AppError::from), back)
}

/// The same for more than one command.
pub(crate) fn done(result: Result<String, AppError>, back: &str) -> Result<(), AppError> {
    match result {
        Ok(path) => answer::redirect(&path),
        Err(failure @ AppError::Refused(_)) if answer::is_form() => {
            let mark = if back.contains('?') { '&' } else { '?' };
            answer::redirect(&format!("{back}{mark}refused={}", Refused::of(&failure).word()));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

/// Keeps why a password was refused for the page that the form is answered with: the reasons are
/// sentences, which an address does not hold.
pub(crate) fn keep_reason<T>(done: &Result<T, commands::Error>) {
    if let Err(commands::Error::Refused(Refusal::PasswordTooWeak(why))) = done
        && answer::is_form()
    {
        answer::keep_reason(why);
    }
}

/// The viewer; without a session the answer asks for a sign-in.
pub(crate) async fn signed_in() -> Result<Viewer, AppError> {
    viewer().await?.ok_or_else(AppError::sign_in)
}

impl From<commands::Error> for AppError {
    fn from(error: commands::Error) -> Self {
        match error {
            commands::Error::Refused(refusal) => Self::refused(refusal),
            commands::Error::Missing => Self::missing(),
            commands::Error::Database(error) if is_time_limit(&error) => {
                if let Some(state) = use_context::<AppState>() {
                    state.metrics.traffic.not_served(NotServed::ReadTime);
                }
                Self::too_slow()
            }
            error => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::{id::AccountId, setting::FixedSettings};
    use leptos::{
        prelude::{Owner, provide_context},
        reactive::computed::ScopedFuture,
    };
    use seatkeeper::{
        clock::Clock,
        config::PublicUrl,
        db::Db,
        shares::Sizes,
        state::{Operations, Settings},
    };

    use super::*;

    /// An organization may read once at a time; an account has more than that.
    async fn state_in(folder: &std::path::Path) -> AppState {
        let clock = Clock::machine();
        let url = format!("sqlite://{}", folder.join("seats.db").display());
        let db = Db::open(&url.parse().unwrap(), clock.clone()).await.unwrap();
        let public_url = PublicUrl::parse("https://seats.example").unwrap();
        let (fixed, operations) = (FixedSettings::default(), Operations::default());
        let settings = Settings { public_url, fixed, operations };
        let patience = Duration::from_millis(20);
        AppState::new(db, clock, settings).with_shares(Sizes {
            reads_of_account: 4,
            reads_of_organization: 1,
            patience,
            ..Sizes::default()
        })
    }

    /// A request of this account, a tenant admin of two organizations, until it is dropped.
    fn request(state: &AppState, account: &str) -> Owner {
        let of = |id| (OrganizationId::new(id), Role::TenantAdmin);
        let organizations = ["org_1", "org_2"].map(of).into();
        let (name, email) = (account.to_owned(), format!("{account}@customer.test"));
        let viewer = Viewer {
            account: AccountId::new(account),
            name,
            email,
            role: Role::TenantAdmin,
            organizations,
            view_as: None,
        };
        let owner = Owner::new();
        owner.with(|| {
            provide_context(state.clone());
            provide_context(CurrentViewer {
                viewer: Arc::new(OnceCell::new_with(Some(Some(viewer)))),
                ..CurrentViewer::default()
            });
        });
        owner
    }

    async fn reads(request: &Owner, organization: &str) -> Result<(), AppError> {
        let id = OrganizationId::new(organization);
        request.with(|| ScopedFuture::new(async move { scope(&id).await.map(|_| ()) })).await
    }

    async fn resyncs(request: &Owner, organization: &str) -> Result<(), AppError> {
        let id = OrganizationId::new(organization);
        request.with(|| ScopedFuture::new(async move { resyncer(&id).await.map(|_| ()) })).await
    }

    #[tokio::test]
    async fn two_accounts_of_an_organization_have_its_share_between_them() {
        let folder = tempfile::tempdir().unwrap();
        let state = state_in(folder.path()).await;
        let kim = request(&state, "acc_kim");
        reads(&kim, "org_1").await.unwrap();
        reads(&kim, "org_1").await.expect("a request has one share for all of its parts");

        for another in ["acc_sam", "acc_kim"] {
            assert_eq!(
                reads(&request(&state, another), "org_1").await,
                Err(AppError::Busy),
                "{another}"
            );
            assert_eq!(
                resyncs(&request(&state, another), "org_1").await,
                Err(AppError::Busy),
                "{another}"
            );
            assert_eq!(reads(&request(&state, another), "org_2").await, Ok(()), "{another}");
        }

        drop(kim);
        resyncs(&request(&state, "acc_sam"), "org_1").await.unwrap();
        assert_eq!(reads(&request(&state, "acc_sam"), "org_3").await, Err(AppError::Missing));
    }
}
