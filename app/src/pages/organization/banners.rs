//! The banners of an organization, worded for their readers: staff can change the limit, a tenant
//! can ask for a change.

use domain::{
    admission::AdmissionPolicy,
    alert::Threshold,
    directory::{DirectoryState, PlanWarning},
    id::{AlertId, OrganizationId},
    organization::{SeatLimit, SeatStatus, Usage, grouped, people, seats},
    resync::{Resync, ResyncState},
};
use leptos::{prelude::*, server_fn::ServerFn};
use views::{Ended, OrganizationPage, resyncs::ResyncQuery};

use super::saved::Saved;
use crate::{
    components::banner::{Banner, Banners, Tone, proposal_banner},
    paths,
    server_fns::ReadAlerts,
};

struct Words {
    tone: Tone,
    title: String,
    text: String,
    /// The address of a page where the reader can do something about it, and the text of the link.
    link: Option<(String, &'static str)>,
    /// The alert that the reader marks as read, so that the banner goes.
    dismiss: Option<(OrganizationId, AlertId)>,
}

#[component]
pub(super) fn All(page: OrganizationPage, staff: bool) -> impl IntoView {
    let saved = staff.then(|| view! { <Saved page=page.clone() /> });
    let proposal = page.proposal.as_ref().map(proposal_banner);
    let banners = banners_of(page, staff).into_iter().map(|banner| {
        let Words { tone, title, text, link, dismiss } = banner;
        let dismiss = dismiss.map(|(id, alert)| view! { <Dismiss id alert /> }.into_any());
        let link = link.map(|(href, word)| {
            view! {
                " "
                <a href=href>{word}</a>
            }
        });
        view! {
            <Banner tone title action=dismiss>
                {text}
                {link}
            </Banner>
        }
    });
    view! { <Banners>{saved}{proposal}{banners.collect_view()}</Banners> }
}

#[component]
fn Dismiss(id: OrganizationId, alert: AlertId) -> impl IntoView {
    let next = paths::organization(&id);
    view! {
        <form class="banner__dismiss" method="post" action=ReadAlerts::url()>
            <input type="hidden" name="organization" value=id.to_string() />
            <input type="hidden" name="alert" value=alert.to_string() />
            <input type="hidden" name="next" value=next />
            <button class="button button--quiet" type="submit">
                "Hide"
            </button>
        </form>
    }
}

fn banners_of(page: OrganizationPage, staff: bool) -> Vec<Words> {
    if page.archived {
        return vec![archived(&page, staff)];
    }
    let resync = waits(&page).or_else(|| fails(&page, staff));
    let off = page
        .directories
        .into_iter()
        .filter(|directory| directory.state == DirectoryState::Disabled)
        .count();
    let directory = (off > 0).then(|| Words {
        tone: Tone::Act,
        title: if off == 1 { "A directory is switched off.".to_owned() } else { format!("{off} directories are switched off.") },
        text: "Its people keep their seats, but no person joins or leaves through it until it is switched on again in Scalekit.".to_owned(),
        link: None,
        dismiss: None,
    });
    let high =
        page.usage_high.map(|(alert, threshold)| high(&page.usage, threshold, (&page.id, alert)));
    let limit = if staff {
        for_staff(page.usage, &page.policy)
    } else {
        for_tenant(page.usage, &page.policy)
    };
    limit.or(high).into_iter().chain(directory).chain(resync).collect()
}

fn archived(page: &OrganizationPage, staff: bool) -> Words {
    let stays = "Its people hold no seats any more. The decisions about them stay readable here.";
    let by_hand = page.ended.as_ref().filter(|ended| ended.by_hand);
    let title = match by_hand {
        Some(Ended { by: Some(by), .. }) => format!("This organization was archived by {by}."),
        Some(_) => "This organization was archived.".to_owned(),
        None => "This organization was deleted in Scalekit.".to_owned(),
    };
    let reason = by_hand.and_then(|ended| ended.reason.as_ref());
    let reason = reason.map(|reason| format!("Reason: “{reason}”. ")).unwrap_or_default();
    let link = (staff && by_hand.is_some())
        .then(|| (paths::settings(&page.id), "Restore it in the settings"));
    Words { tone: Tone::Calm, title, text: format!("{reason}{stays}"), link, dismiss: None }
}

/// A resync plan that waits to be confirmed.
fn waits(page: &OrganizationPage) -> Option<Words> {
    let run = page.resyncs.first().filter(|run| run.state == ResyncState::Waiting)?;
    let until =
        run.expires_at().map(|at| format!(" It expires on {}.", at.exact())).unwrap_or_default();
    Some(Words {
        tone: Tone::Act,
        title: format!("A resync would {}, and waits to be confirmed.", would(run)),
        text: format!("Nothing was changed yet, and automatic resyncs wait, too.{until}"),
        link: Some((paths::resync(&page.id, &run.id, &ResyncQuery::default()), "Look at the plan")),
        dismiss: None,
    })
}

/// What a plan would do: `take 5 people away`.
fn would(run: &Resync) -> String {
    let number = run.to_confirm().unwrap_or_default();
    let (shown, noun) = (grouped(number), people(number));
    if run.warning == Some(PlanWarning::AddsMany) {
        format!("add {shown} {noun}")
    } else {
        format!("take {shown} {noun} away")
    }
}

/// Resyncs fail, and no preview has worked since.
fn fails(page: &OrganizationPage, staff: bool) -> Option<Words> {
    page.resync_failed_since?;
    let last = page.resyncs.iter().find(|run| !run.state.is_open());
    if last.is_some_and(|run| run.state == ResyncState::Done) {
        return None;
    }
    let run = last.filter(|run| run.state == ResyncState::Failed);
    let (word, href) = match run {
        Some(run) => ("See why", paths::resync(&page.id, &run.id, &ResyncQuery::default())),
        None => ("See all resyncs", paths::resyncs(&page.id, None)),
    };
    let whose = if staff { "These people" } else { "Your people" };
    Some(Words {
        tone: Tone::Act,
        title: format!("{whose} could not be compared with the directory."),
        text: "Webhooks are still processed. Changes that no webhook reported stay unknown until a resync works again.".to_owned(),
        link: Some((href, word)),
        dismiss: None,
    })
}

/// Few seats are left. The reader can dismiss it, until the next threshold is crossed.
fn high(usage: &Usage, threshold: Threshold, alert: (&OrganizationId, AlertId)) -> Words {
    let free = usage.free().unwrap_or(0);
    let title = match free {
        0 => "All seats are taken.".to_owned(),
        1 => "Only 1 seat is left.".to_owned(),
        free => format!("{} seats are left.", grouped(free)),
    };
    let is_urgent = match threshold {
        Threshold::Percent(percent) => percent >= 90 || free == 0,
        Threshold::Left(_) => true,
    };
    Words {
        // red is for what is over or broken; as long as no person waits, a full plan is neither
        tone: if is_urgent { Tone::Act } else { Tone::Calm },
        title,
        text: "When no seat is left, the next people from the directory have to wait.".to_owned(),
        link: Some((paths::alerts_of(alert.0), "See the alerts")),
        dismiss: Some((alert.0.clone(), alert.1)),
    }
}

/// What follows when seats become free.
fn then(policy: &AdmissionPolicy) -> &'static str {
    if policy.is_automatic() { "they get seats in order" } else { "they can be let in by hand" }
}

fn first(policy: &AdmissionPolicy) -> &'static str {
    match policy {
        AdmissionPolicy::FirstCome => "the person who has waited longest gets in first",
        AdmissionPolicy::GroupsFirst(_) => "the first person on the waitlist gets in first",
        AdmissionPolicy::ByHand => "then a person can be let in",
    }
}

fn for_staff(usage: Usage, policy: &AdmissionPolicy) -> Option<Words> {
    let waiting = waiting(usage);
    match usage.seat_status() {
        SeatStatus::NotSet => Some(Words {
            tone: Tone::Act,
            title: "No seat limit is set yet.".to_owned(),
            text: if usage.waiting == 0 {
                "No person gets a seat until it is set.".to_owned()
            } else {
                format!("{waiting} Set the limit, and {}.", then(policy))
            },
            link: None,
            dismiss: None,
        }),
        SeatStatus::Over => Some(Words {
            tone: Tone::Broken,
            title: format!("{} {} over the limit.", grouped(usage.over()), seats(usage.over())),
            text: format!(
                "No person loses a seat. {} Or raise the limit.{}",
                usage.next_person(policy).unwrap_or_default(),
                if usage.waiting > 0 { format!(" {waiting}") } else { String::new() }
            ),
            link: None,
            dismiss: None,
        }),
        SeatStatus::Waiting => Some(Words {
            tone: Tone::Act,
            title: taken(usage),
            text: format!(
                "Raise the limit, and {}. A seat also becomes free when a person leaves.",
                then(policy)
            ),
            link: None,
            dismiss: None,
        }),
        _ => None,
    }
}

fn for_tenant(usage: Usage, policy: &AdmissionPolicy) -> Option<Words> {
    match usage.seat_status() {
        SeatStatus::NotSet => Some(Words {
            tone: Tone::Calm,
            title: "Your plan is being set up.".to_owned(),
            text: "The number of seats is not set yet. As soon as it is set, people from your directory get seats in order.".to_owned(),
            link: None,
            dismiss: None,
        }),
        SeatStatus::Over => Some(Words {
            tone: Tone::Act,
            title: format!("{} of {} taken: {} more than your plan has.", grouped(usage.used), usage.limit, grouped(usage.over())),
            text: format!(
                "No person loses a seat. {}{} Deactivate people in your directory who no longer need a seat, or ask for more seats.",
                if usage.waiting > 0 { format!("{} ", waiting(usage)) } else { String::new() },
                usage.next_person(policy).unwrap_or_default()
            ),
            link: None,
            dismiss: None,
        }),
        SeatStatus::Waiting => Some(Words {
            tone: Tone::Act,
            title: taken(usage),
            text: format!("Ask for more seats, or deactivate people in your directory who no longer need a seat: {}.", first(policy)),
            link: None,
            dismiss: None,
        }),
        _ => None,
    }
}

/// The title for a full plan: `All 50 seats are taken, 3 people are waiting.`
fn taken(usage: Usage) -> String {
    let waiting = format!("{} {} waiting", grouped(usage.waiting), are(usage.waiting));
    match usage.limit {
        SeatLimit::Seats(0) => format!("The plan has no seats, {waiting}."),
        SeatLimit::Seats(1) => format!("The only seat is taken, {waiting}."),
        SeatLimit::Seats(limit) if usage.used >= limit => {
            format!("All {} seats are taken, {waiting}.", grouped(limit))
        }
        _ => format!("{} {} waiting to be let in.", grouped(usage.waiting), are(usage.waiting)),
    }
}

fn waiting(usage: Usage) -> String {
    format!("{} {} waiting.", grouped(usage.waiting), are(usage.waiting))
}

fn are(n: i64) -> String {
    format!("{} {}", people(n), if n == 1 { "is" } else { "are" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(limit: SeatLimit, used: i64, waiting: i64) -> Usage {
        Usage { limit, used, waiting }
    }

    #[test]
    fn a_tenant_sees_the_numbers() {
        let title = |usage| for_tenant(usage, &AdmissionPolicy::FirstCome).map(|words| words.title);
        assert_eq!(
            title(usage(SeatLimit::Seats(50), 50, 3)).unwrap(),
            "All 50 seats are taken, 3 people are waiting."
        );
        assert_eq!(
            title(usage(SeatLimit::Seats(50), 50, 1)).unwrap(),
            "All 50 seats are taken, 1 person is waiting."
        );
        assert_eq!(title(usage(SeatLimit::Seats(50), 49, 0)), None);
        assert_eq!(
            title(usage(SeatLimit::Seats(50), 49, 2)).unwrap(),
            "2 people are waiting to be let in."
        );
        assert_eq!(
            title(usage(SeatLimit::Seats(0), 0, 2)).unwrap(),
            "The plan has no seats, 2 people are waiting."
        );
        assert_eq!(
            title(usage(SeatLimit::Seats(40), 48, 0)).unwrap(),
            "48 of 40 seats taken: 8 more than your plan has."
        );
        assert_eq!(
            title(usage(SeatLimit::Seats(1), 2, 0)).unwrap(),
            "2 of 1 seat taken: 1 more than your plan has."
        );
    }

    #[test]
    fn only_staff_read_that_they_can_change_the_limit() {
        for usage in [
            usage(SeatLimit::Seats(50), 50, 3),
            usage(SeatLimit::NotSet, 0, 2),
            usage(SeatLimit::Seats(40), 48, 0),
        ] {
            let words = for_tenant(usage, &AdmissionPolicy::FirstCome).unwrap();
            assert!(
                !words.text.contains("aise the limit") && !words.text.contains("Set the limit"),
                "{}",
                words.text
            );
        }
    }
}
