//! The bell: the last alerts, on every page. It opens without JavaScript, because the list is
//! a popover.

use domain::{
    access::Role,
    alert::{AlertKind, Message, SystemAlert},
    id::OrganizationId,
    time::Timestamp,
};
use leptos::prelude::*;
use views::{PeopleQuery, Person, alerts::BellAlert, waitlist::WaitlistQuery};

use super::{badge::Tag, relative_time::RelativeTime, words::words};
use crate::paths;

pub const BELL: &str =
    "M8 2a4 4 0 0 1 4 4v3l1.500 2.500h-11L4 9V6a4 4 0 0 1 4-4M6.500 13.500a1.600 1.600 0 0 0 3 0";

/// The alerts of the organization of the page, or for staff of all.
#[component]
pub fn Bell(person: Person, organization: Option<OrganizationId>) -> impl IntoView {
    let role = organization.as_ref().map_or(person.role, |id| person.role_in(id));
    let Person { bell, unread, unread_here, now, .. } = person;
    let Some(alerts) = bell else { return ().into_any() };
    let with_organization = organization.is_none();
    let (all, unread) = match organization {
        Some(id) => (paths::alerts_of(&id), unread_here),
        None => (paths::ALERTS.to_owned(), unread),
    };
    let list = if alerts.is_empty() {
        view! { <p class="quiet">"No alert has opened yet."</p> }.into_any()
    } else {
        let items = alerts
            .into_iter()
            .map(|alert| view! { <Item alert with_organization role now /> })
            .collect_view();
        view! { <ul>{items}</ul> }.into_any()
    };
    let count = (unread > 0).then(|| {
        let shown = shown(unread);
        view! {
            <span class="section__count" aria-hidden="true">
                {shown}
            </span>
        }
    });
    view! {
        <div class="bell">
            <button
                class="bell__open"
                type="button"
                popovertarget="bell-list"
                aria-label=label(unread)
            >
                <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
                    <path d=BELL />
                </svg>
                {count}
            </button>
            <section class="bell__list" id="bell-list" popover="auto" aria-label="Latest alerts">
                {list}
                <p>
                    <a href=all>"See all alerts"</a>
                </p>
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn Item(alert: BellAlert, with_organization: bool, role: Role, now: Timestamp) -> impl IntoView {
    let BellAlert { organization, kind, title, opened_at, resolved_at, is_unread, .. } = alert;
    let of = organization.as_ref().map(|(id, _)| id);
    let title = match resolved_at.is_none().then(|| place(kind, of, role)).flatten() {
        Some(href) => view! { <a href=href>{title}</a> }.into_any(),
        None => title.into_any(),
    };
    let unread = is_unread.then(|| view! { <Tag word="new" title="You have not read it" /> });
    let name = organization.filter(|_| with_organization).map(|(_, name)| {
        view! {
            {words(&name)}
            " · "
        }
    });
    let when = match resolved_at {
        Some(at) => view! {
            "resolved "
            <RelativeTime at now />
        }
        .into_any(),
        None => view! { <RelativeTime at=opened_at now /> }.into_any(),
    };
    view! { <li>{title} {unread} <span class="sub">{name} {when}</span></li> }
}

fn label(unread: i64) -> String {
    match unread {
        0 => "Latest alerts".to_owned(),
        _ => format!("Latest alerts, {} unread", shown(unread)),
    }
}

fn shown(unread: i64) -> String {
    if unread >= Person::COUNTED { format!("{}+", Person::COUNTED - 1) } else { unread.to_string() }
}

/// The page where the reader can do something about an open alert.
pub fn place(kind: Message, organization: Option<&OrganizationId>, role: Role) -> Option<String> {
    let of_organization = |path: fn(&OrganizationId) -> String| organization.map(path);
    match kind {
        Message::Opened(kind) => of_organization(match kind {
            AlertKind::SeatLimitReached => |id| paths::waitlist(id, &WaitlistQuery::default()),
            AlertKind::SeatUsageHigh => |id| paths::people(id, &PeopleQuery::default()),
            AlertKind::LimitNotSet if role.is_staff() => |id| paths::seat_limit(id),
            AlertKind::ResyncFailed | AlertKind::ResyncNeedsConfirmation => {
                |id| paths::resyncs(id, None)
            }
            AlertKind::ChannelFailing => |id| paths::settings(id),
            AlertKind::OverLimit | AlertKind::LimitNotSet | AlertKind::DirectoryDisabled => {
                |id| paths::organization(id)
            }
        }),
        Message::SeatsFree | Message::LimitChanged | Message::Request(_) | Message::Proposal(_) => {
            of_organization(paths::organization)
        }
        Message::Digest(_) | Message::Account(_) | Message::Invitation => None,
        Message::System(SystemAlert::DeadLetters) => Some(paths::DEAD_LETTERS.to_owned()),
        Message::System(SystemAlert::EmailFailing | SystemAlert::StaffSlackFailing) => {
            Some(paths::MESSAGES.to_owned())
        }
        Message::System(SystemAlert::WebhookEndpointDisabled) => {
            (role == Role::StaffAdmin).then(|| paths::WEBHOOK_ENDPOINTS.to_owned())
        }
        Message::System(SystemAlert::Drift | SystemAlert::EnforcementSilent) => {
            Some(paths::SYSTEM.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bell_says_how_many_alerts_are_unread() {
        assert_eq!(label(0), "Latest alerts");
        assert_eq!(label(1), "Latest alerts, 1 unread");
        assert_eq!(label(100), "Latest alerts, 99+ unread");
    }
}
