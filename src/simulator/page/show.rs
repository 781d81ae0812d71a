//! What the two pages show, as text.

use askama::Template;

use super::AppState;
use crate::{
    Simulator,
    delivery_log::{Answer, Attempt, Delivery, State},
    fault::{Fault, Side},
    people::Person,
    world::{Directory, Group, Organization},
};
use domain::{id::OrganizationId, time::Timestamp};

/// How many organizations, people or deliveries one page shows.
const MOST_ROWS: usize = 50;
const MOST_ATTEMPTS: usize = 4;

#[derive(Template)]
#[template(path = "home.html", config = "askama.toml")]
pub(super) struct Home {
    said: Option<String>,
    summary: String,
    organizations: Vec<OrganizationRow>,
    next: Option<u64>,
    once: Vec<FaultRow>,
    secret: String,
    invented: Option<String>,
    totals: String,
    deliveries: Vec<DeliveryRow>,
    sides: Vec<SideRows>,
}

struct OrganizationRow {
    id: String,
    name: String,
    people: String,
}

struct FaultRow {
    name: &'static str,
    verb: &'static str,
    on: bool,
}

struct SideRows {
    title: &'static str,
    faults: Vec<FaultRow>,
}

struct DeliveryRow {
    id: String,
    what: String,
    state: &'static str,
    tone: &'static str,
    attempts: Vec<String>,
}

#[derive(Template)]
#[template(path = "organization.html", config = "askama.toml")]
pub(super) struct OrganizationPage {
    said: Option<String>,
    id: String,
    name: String,
    people_line: String,
    directories: Vec<DirectoryRow>,
    people: Vec<PersonRow>,
    next: Option<u64>,
    here: String,
}

struct DirectoryRow {
    id: String,
    title: String,
    enabled: bool,
    groups: Vec<GroupRow>,
}

struct GroupRow {
    id: String,
    name: String,
    members: String,
}

struct PersonRow {
    id: String,
    name: String,
    email: String,
    active: bool,
    groups: String,
}

pub(super) fn home(state: &AppState, after: u64) -> Home {
    let AppState { simulator, .. } = state;
    let faults = simulator.faults();
    let (organizations, next, summary) = simulator.look(|world| {
        let all = world.organizations();
        let mut rest = all.iter().filter(|organization| organization.number > after);
        let shown: Vec<_> = rest.by_ref().take(MOST_ROWS).collect();
        let next = shown.last().map(|last| last.number).filter(|_| rest.next().is_some());
        let people = all.iter().map(Organization::active).sum();
        let summary = format!(
            "{}, {}",
            count(all.len(), "organization", "organizations"),
            count(people, "active person", "active people")
        );
        (shown.into_iter().map(organization_row).collect(), next, summary)
    });
    let once = [
        (Fault::Loss, "Lose it"),
        (Fault::Duplicate, "Send it twice"),
        (Fault::Reorder, "Hold it back for another"),
    ];
    let totals = simulator.totals();
    let mut notes = state.notes();
    Home {
        said: notes.said.take(),
        summary,
        organizations,
        next,
        once: once
            .map(|(fault, verb)| FaultRow {
                name: fault.name(),
                verb,
                on: faults.is_pending(fault),
            })
            .into(),
        secret: secret(simulator),
        invented: notes.invented.clone(),
        totals: format!(
            "{} sent in {} attempts, {} accepted.",
            totals.messages, totals.attempts, totals.delivered
        ),
        deliveries: simulator.deliveries().iter().take(MOST_ROWS).map(delivery_row).collect(),
        sides: [
            (Side::Deliveries, "Of deliveries"),
            (Side::Api, "Of the API"),
            (Side::Life, "Of life"),
        ]
        .map(|(side, title)| SideRows { title, faults: fault_rows(simulator, side) })
        .into(),
    }
}

pub(super) fn organization(
    state: &AppState,
    id: &OrganizationId,
    after: u64,
) -> Option<OrganizationPage> {
    let said = state.notes().said.take();
    state.simulator.look(|world| {
        let organization = world.organization(id)?;
        let mut rest = organization.directories.iter().flat_map(|directory| {
            directory.people.after(after).map(move |person| (directory, person))
        });
        let shown: Vec<_> = rest.by_ref().take(MOST_ROWS).collect();
        let next = shown.last().map(|(_, last)| last.number).filter(|_| rest.next().is_some());
        Some(OrganizationPage {
            said,
            id: id.to_string(),
            name: organization.name.clone(),
            people_line: people_line(organization),
            directories: organization.directories.iter().map(directory_row).collect(),
            people: shown
                .into_iter()
                .map(|(directory, person)| person_row(directory, person))
                .collect(),
            next,
            here: format!("/organizations/{id}?after={after}"),
        })
    })
}

fn organization_row(organization: &Organization) -> OrganizationRow {
    OrganizationRow {
        id: organization.id.to_string(),
        name: organization.name.clone(),
        people: people_line(organization),
    }
}

fn people_line(organization: &Organization) -> String {
    let listed: usize =
        organization.directories.iter().map(|directory| directory.people.len()).sum();
    let off = listed - organization.active();
    let people = count(organization.active(), "active person", "active people");
    let off = if off == 0 { String::new() } else { format!(", {off} switched off") };
    let directories: Vec<_> = organization.directories.iter().map(state).collect();
    format!("{people}{off} · {}", directories.join(", "))
}

fn state(directory: &Directory) -> String {
    let provider = directory.provider.name();
    if directory.enabled { provider.to_owned() } else { format!("{provider} (off)") }
}

fn directory_row(directory: &Directory) -> DirectoryRow {
    let group = |group: &Group| GroupRow {
        id: group.id.to_string(),
        name: group.name.clone(),
        members: count(group.members, "member", "members"),
    };
    DirectoryRow {
        id: directory.id.to_string(),
        title: format!("{} directory", directory.provider.name()),
        enabled: directory.enabled,
        groups: directory.groups.iter().map(group).collect(),
    }
}

fn person_row(directory: &Directory, person: &Person) -> PersonRow {
    let groups: Vec<_> = directory.groups_of(person).map(|group| group.name.as_str()).collect();
    PersonRow {
        id: person.id().to_string(),
        name: person.name(),
        email: person.email(),
        active: person.active,
        groups: groups.join(", "),
    }
}

fn delivery_row(delivery: &Delivery) -> DeliveryRow {
    let (state, tone) = match delivery.state {
        State::Delivered => ("delivered", "good"),
        State::Retrying => ("on its way", "waiting"),
        State::GivenUp => ("given up", "bad"),
        State::Lost => ("lost", "bad"),
        State::Stopped => ("stopped", "quiet"),
    };
    let kind = delivery.kind.trim_start_matches("organization.").trim_start_matches("directory.");
    let attempts = delivery.attempts.iter().rev().take(MOST_ATTEMPTS).map(attempt).collect();
    DeliveryRow {
        id: delivery.webhook_id.to_string(),
        what: format!("{kind}, {}", delivery.about),
        state,
        tone,
        attempts,
    }
}

fn attempt(Attempt { at, answer }: &Attempt) -> String {
    let answer = match answer {
        Answer::Status { code, retry_after: None } => format!("answered {code}"),
        Answer::Status { code, retry_after: Some(span) } => {
            format!("answered {code}, come again in {} s", span.as_secs())
        }
        Answer::TimedOut => "no answer in time".to_owned(),
        Answer::Unreachable(why) => format!("not reachable: {why}"),
    };
    format!("{}: {answer}", Timestamp::exact(*at))
}

fn secret(simulator: &Simulator) -> String {
    match simulator.overlaps_until() {
        Some(until) => format!("Two secrets sign, the current one first, until {}.", until.exact()),
        None => {
            "One secret signs. After a rotation the old one goes on beside it for a day.".to_owned()
        }
    }
}

fn fault_rows(simulator: &Simulator, side: Side) -> Vec<FaultRow> {
    let of_side = Fault::ALL.into_iter().filter(|fault| fault.side() == side);
    of_side
        .map(|fault| FaultRow {
            name: fault.name(),
            verb: fault.does(),
            on: simulator.faults().is_on(fault),
        })
        .collect()
}

fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}
