//! What a decision did, person by person, above the list.

use domain::{
    audit::AuditAction,
    id::{DirectoryUserId, OrganizationId},
    manual_decision::ManualDecision,
    organization::{grouped, people},
    text::ExternalText,
    time::Timestamp,
};
use leptos::prelude::*;
use views::{
    reclaim::ReclaimQuery,
    waitlist::{ChosenPeople, DecisionQuery, DecisionResult, ResultRow},
};

use crate::{
    components::{
        banner::{Banner, Tone},
        relative_time::RelativeTime,
        words::words,
    },
    paths,
};

#[component]
pub(super) fn Done(
    organization: OrganizationId,
    result: DecisionResult,
    now: Timestamp,
    may: bool,
) -> impl IntoView {
    let tone = if result.refused > 0 { Tone::Act } else { Tone::Calm };
    // a person who takes seats back goes on with the next ones
    let unused = (may && result.action == AuditAction::DismissPerson).then(|| {
        let href = paths::reclaim(&organization, &ReclaimQuery::default());
        view! {
            " "
            <a class="waitlist__undo" href=href>
                "Seats that seem unused"
            </a>
        }
    });
    let undo = (may && result.refused == 0).then(|| undo(&result)).flatten().map(move |query| {
        let href = paths::decision(&organization, &query);
        view! {
            <a class="waitlist__undo" href=href>
                "Undo"
            </a>
        }
    });
    let more = result.done + result.refused - i64::try_from(result.people.len()).unwrap_or(0);
    let at = result.at;
    let admitted = admitted(&result.admitted);
    view! {
        <Banner tone title=sentence(&result)>
            <RelativeTime at now />
            ". "
            {undo}
            {unused}
            <ul class="waitlist__result">
                {result.people.into_iter().map(row).collect_view()}
                {(more > 0).then(|| view! { <li>{format!("and {} more", grouped(more))}</li> })}
                {admitted.map(|sentence| view! { <li>{sentence}</li> })}
            </ul>
        </Banner>
    }
}

/// `Ada Lovelace: Waiting, position 3 → Waiting, position 1`.
fn row(row: ResultRow) -> impl IntoView {
    let change = row.before.zip(row.after).map(|(before, after)| format!(": {before} → {after}"));
    let refusal = row.refusal.map(|refusal| format!(": not changed. {refusal}"));
    view! { <li>{words(&row.name)} {refusal.or(change)}</li> }
}

/// The decision that takes this one back, if there is one and each person is listed.
fn undo(result: &DecisionResult) -> Option<DecisionQuery> {
    let decision = match result.action {
        AuditAction::DismissPerson => ManualDecision::UndoDismissal,
        AuditAction::UndoDismissal => ManualDecision::Dismiss,
        _ => return None,
    };
    let users: Vec<DirectoryUserId> = result.people.iter().map(|row| row.user.clone()).collect();
    let is_all = i64::try_from(users.len()) == Ok(result.done);
    is_all.then_some(DecisionQuery { decision, people: ChosenPeople::These(users) })
}

/// `3 people moved, 1 not.`
fn sentence(result: &DecisionResult) -> String {
    let done = match result.action {
        AuditAction::AdmitPerson => "admitted",
        AuditAction::MovePerson => "moved",
        AuditAction::DismissPerson => "dismissed",
        AuditAction::UndoDismissal => "back",
        _ => "changed",
    };
    let counted = format!("{} {} {done}", grouped(result.done), people(result.done));
    match result.refused {
        0 => format!("{counted}."),
        refused => format!("{counted}, {} not.", grouped(refused)),
    }
}

/// `Bob got the seat.`
fn admitted(others: &[(DirectoryUserId, ExternalText)]) -> Option<String> {
    let names: Vec<String> = others.iter().map(|(_, name)| name.to_string()).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("{one} got the seat.")),
        many => Some(format!("{} got the seats.", many.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(action: AuditAction, done: i64, refused: i64) -> DecisionResult {
        let at = Timestamp::from_seconds(1);
        DecisionResult { action, at, done, refused, people: Vec::new(), admitted: Vec::new() }
    }

    #[test]
    fn the_result_is_told_in_one_sentence() {
        let told = |action, done, refused| sentence(&result(action, done, refused));
        assert_eq!(told(AuditAction::MovePerson, 1, 0), "1 person moved.");
        assert_eq!(told(AuditAction::AdmitPerson, 2, 1), "2 people admitted, 1 not.");
        assert_eq!(told(AuditAction::UndoDismissal, 1_200, 0), "1,200 people back.");
    }

    #[test]
    fn a_dismissal_can_be_taken_back_if_each_person_is_listed() {
        let mut dismissal = result(AuditAction::DismissPerson, 1, 0);
        assert_eq!(undo(&dismissal), None);
        dismissal.people.push(ResultRow {
            user: DirectoryUserId::new("u_1"),
            name: "Ada".into(),
            before: None,
            after: None,
            refusal: None,
        });
        assert_eq!(undo(&dismissal).map(|query| query.decision.slug()), Some("undo"));
        assert_eq!(undo(&result(AuditAction::MovePerson, 0, 0)), None);
    }

    #[test]
    fn the_people_who_got_the_seats_are_named() {
        let named = |names: &[&str]| {
            let others: Vec<_> = names
                .iter()
                .map(|name| (DirectoryUserId::new(*name), ExternalText::new(name)))
                .collect();
            admitted(&others)
        };
        assert_eq!(named(&[]), None);
        assert_eq!(named(&["Ada"]).as_deref(), Some("Ada got the seat."));
        assert_eq!(named(&["Ada", "Bob"]).as_deref(), Some("Ada, Bob got the seats."));
    }
}
