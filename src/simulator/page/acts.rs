//! What each button does, and the sentence that the page shows afterwards.

use std::time::Duration;

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::AppState;
use crate::{event::Body, fault::FaultRate, world::World};
use domain::{
    id::{DirectoryId, DirectoryUserId, GroupId, OrganizationId, WebhookId},
    time::Timestamp,
};

/// How long the page waits for the first attempts, so that the log shows them.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    act: String,
    #[serde(default)]
    organization: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    directory: String,
    #[serde(default)]
    fault: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    back: String,
}

pub(super) async fn act(State(state): State<AppState>, Form(asked): Form<Asked>) -> Response {
    let said = match asked.act.as_str() {
        "rotate" => rotate(&state),
        "resend" => resend(&state, &asked).await,
        "fault-on" | "fault-off" => switch(&state, &asked.fault, asked.act == "fault-on"),
        other => match other.strip_prefix("once:") {
            Some(fault) => once(&state, fault),
            None => happen(&state, &asked).await,
        },
    };
    state.notes().said = Some(said);
    // The redirect leads only to a page of the simulator.
    let back = Some(asked.back.as_str())
        .filter(|back| back.starts_with("/organizations/") && !back.contains('\\'));
    Redirect::to(back.unwrap_or("/")).into_response()
}

/// Makes a change and sends its messages to the receiver.
async fn happen(state: &AppState, asked: &Asked) -> String {
    let (what, act) = (asked.act.clone(), |world: &mut World, now| change(world, asked, now));
    let (count, sending) = state.simulator.change(act);
    let _still_going: Result<_, _> = tokio::time::timeout(PATIENCE, sending).await;
    match count {
        0 => "Nothing happened: this person does not exist, or their directory is off.".to_owned(),
        1 => format!("Done ({what}): one message to send."),
        many => format!("Done ({what}): {many} messages to send."),
    }
}

fn change(world: &mut World, asked: &Asked, now: Timestamp) -> Vec<Body> {
    let organization = OrganizationId::new(asked.organization.as_str());
    let person = DirectoryUserId::new(asked.person.as_str());
    let directory = DirectoryId::new(asked.directory.as_str());
    match asked.act.as_str() {
        "hire" => world.hire(&organization, now),
        "burst" => world.burst(&organization, 60, now),
        "fire" => world.fire(&organization, &person, now),
        "deactivate" => world.deactivate(&organization, &person, now),
        "reactivate" => world.reactivate(&organization, &person, now),
        "rename" => world.rename(&organization, &person, now),
        "move" => world.move_group(&organization, &person, now),
        "delete-group" => {
            world.delete_group(&organization, &GroupId::new(asked.group.as_str()), now)
        }
        "directory-on" => world.switch_directory(&organization, &directory, true, now),
        "directory-off" => world.switch_directory(&organization, &directory, false, now),
        "delete-organization" => world.delete_organization(&organization, now),
        _ => Vec::new(),
    }
}

fn rotate(state: &AppState) -> String {
    match state.simulator.rotate_secret() {
        Ok(invented) => {
            state.notes().invented = invented;
            "The secret is rotated: for a day both sign.".to_owned()
        }
        Err(error) => format!("The secret stays as it is. {error}"),
    }
}

async fn resend(state: &AppState, asked: &Asked) -> String {
    let (simulator, message) = (state.simulator.clone(), WebhookId::new(asked.message.as_str()));
    let sending = tokio::spawn(async move { simulator.resend(&message).await });
    match tokio::time::timeout(PATIENCE, sending).await {
        Ok(Ok(true)) => "Sent again, and accepted.".to_owned(),
        Ok(_) => "Sent again, and not accepted.".to_owned(),
        Err(_) => "Sent again; no answer yet.".to_owned(),
    }
}

fn switch(state: &AppState, fault: &str, on: bool) -> String {
    match fault.parse::<FaultRate>() {
        Ok(dose) if on => {
            state.simulator.faults().switch_on(dose);
            format!("{} is on.", dose.fault)
        }
        Ok(dose) => {
            state.simulator.faults().switch_off(dose.fault);
            format!("{} is off.", dose.fault)
        }
        Err(why) => format!("Nothing is switched: {why}."),
    }
}

fn once(state: &AppState, fault: &str) -> String {
    match fault.parse::<FaultRate>() {
        Ok(dose) => {
            state.simulator.faults().once(dose.fault);
            format!("The next delivery will meet {}.", dose.fault)
        }
        Err(why) => format!("Nothing is waiting: {why}."),
    }
}
