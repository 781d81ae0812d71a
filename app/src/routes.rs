//! The routing table of the pages.

use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{Route, Routes},
    path,
};

use crate::pages::{
    Account, Activity, Alerts, ApiKeys, Archive, AsOf, AskForSeats, ConfirmAddress,
    ConfirmIdentity, Decision, Deliveries, Delivery, Factors, FirstFactor, ForgotPassword, Group,
    Groups, History, Home, Import, InstallationSettings, Invitation, MadeApiKey, Members, Messages,
    Missing, NewApp, NewOrganization, Organization, OrganizationSignOn, Overview, People, Person,
    Policy, Preferences, Previews, Proposal, Reclaim, RecoveryCodes, Request, Requests,
    ResetPassword, Resync, Resyncs, Roles, SeatLimit, SecondStep, Settings, SignIn, SignOn,
    StaffAccounts, Start, System, TrueUp, Unsubscribe, ViewAs, Waitlist, WebhookDelivery,
    WebhookEndpoint, WebhookEndpoints, WebhookSecret,
};

#[expect(clippy::too_many_lines, reason = "a line or a few for each page")]
#[component]
pub fn Table() -> impl IntoView {
    view! {
        <Routes fallback=|| view! { <Missing /> }>
            <Route path=path!("/") view=Home ssr=SsrMode::Async />
            <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async />
            <Route path=path!("/sign-in/code") view=SecondStep ssr=SsrMode::Async />
            <Route path=path!("/sign-in/set-up") view=FirstFactor ssr=SsrMode::Async />
            <Route path=path!("/confirm-identity") view=ConfirmIdentity ssr=SsrMode::Async />
            <Route path=path!("/sign-in/sso") view=SignOn ssr=SsrMode::Async />
            <Route path=path!("/organizations") view=Overview ssr=SsrMode::Async />
            <Route path=path!("/organizations/new") view=NewOrganization ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id") view=Organization ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/people") view=People ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/groups") view=Groups ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/groups/:group") view=Group ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/roles") view=Roles ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/waitlist") view=Waitlist ssr=SsrMode::Async />
            <Route
                path=path!("/organizations/:id/waitlist/decision")
                view=Decision
                ssr=SsrMode::Async
            />
            <Route path=path!("/organizations/:id/policy") view=Policy ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/people/:person") view=Person ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/reclaim") view=Reclaim ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/limit") view=SeatLimit ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/settings") view=Settings ssr=SsrMode::Async />
            <Route
                path=path!("/organizations/:id/single-sign-on")
                view=OrganizationSignOn
                ssr=SsrMode::Async
            />
            <Route path=path!("/organizations/:id/members") view=Members ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/view-as") view=ViewAs ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/archive") view=Archive ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/import") view=Import ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/resyncs") view=Resyncs ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/resyncs/:run") view=Resync ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/activity") view=Activity ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/as-of") view=AsOf ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/history") view=History ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/true-up") view=TrueUp ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/requests") view=Requests ssr=SsrMode::Async />
            <Route
                path=path!("/organizations/:id/requests/new")
                view=AskForSeats
                ssr=SsrMode::Async
            />
            <Route
                path=path!("/organizations/:id/requests/:request")
                view=Request
                ssr=SsrMode::Async
            />
            <Route
                path=path!("/organizations/:id/proposals/:proposal")
                view=Proposal
                ssr=SsrMode::Async
            />
            <Route path=path!("/account") view=Account ssr=SsrMode::Async />
            <Route path=path!("/account/factors") view=Factors ssr=SsrMode::Async />
            <Route path=path!("/account/factors/app") view=NewApp ssr=SsrMode::Async />
            <Route path=path!("/account/recovery-codes") view=RecoveryCodes ssr=SsrMode::Async />
            <Route path=path!("/reset-password") view=ForgotPassword ssr=SsrMode::Async />
            <Route path=path!("/reset-password/:token") view=ResetPassword ssr=SsrMode::Async />
            <Route path=path!("/confirm-address/:token") view=ConfirmAddress ssr=SsrMode::Async />
            <Route path=path!("/preferences") view=Preferences ssr=SsrMode::Async />
            <Route path=path!("/unsubscribe/:token") view=Unsubscribe ssr=SsrMode::Async />
            <Route path=path!("/invitations/:token") view=Invitation ssr=SsrMode::Async />
            <Route path=path!("/requests") view=Requests ssr=SsrMode::Async />
            <Route path=path!("/organizations/:id/alerts") view=Alerts ssr=SsrMode::Async />
            <Route path=path!("/alerts") view=Alerts ssr=SsrMode::Async />
            <Route path=path!("/messages") view=Messages ssr=SsrMode::Async />
            <Route path=path!("/messages/previews") view=Previews ssr=SsrMode::Async />
            <Route path=path!("/activity") view=Activity ssr=SsrMode::Async />
            <Route path=path!("/deliveries") view=Deliveries ssr=SsrMode::Async />
            <Route path=path!("/deliveries/:id") view=Delivery ssr=SsrMode::Async />
            <Route path=path!("/settings") view=InstallationSettings ssr=SsrMode::Async />
            <Route path=path!("/settings/accounts") view=StaffAccounts ssr=SsrMode::Async />
            <Route path=path!("/settings/api-keys") view=ApiKeys ssr=SsrMode::Async />
            <Route path=path!("/settings/api-keys/made") view=MadeApiKey ssr=SsrMode::Async />
            <Route
                path=path!("/settings/webhook-endpoints")
                view=WebhookEndpoints
                ssr=SsrMode::Async
            />
            <Route
                path=path!("/settings/webhook-endpoints/:endpoint")
                view=WebhookEndpoint
                ssr=SsrMode::Async
            />
            <Route
                path=path!("/settings/webhook-endpoints/:endpoint/secret")
                view=WebhookSecret
                ssr=SsrMode::Async
            />
            <Route
                path=path!("/settings/webhook-endpoints/:endpoint/deliveries/:event")
                view=WebhookDelivery
                ssr=SsrMode::Async
            />
            <Route path=path!("/start") view=Start ssr=SsrMode::Async />
            <Route path=path!("/system") view=System ssr=SsrMode::Async />
        </Routes>
    }
}
