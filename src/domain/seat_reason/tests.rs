use super::*;
use crate::{admission::GroupOrder, id::GroupId};

const FIFTY: SeatLimit = SeatLimit::Seats(50);

fn decided(from: Option<SeatState>, reason: Reason, limit: SeatLimit, used: i64) -> Decided {
    Decided { from, reason, limit, used }
}

fn usage(limit: SeatLimit, used: i64, waiting: i64) -> Usage {
    Usage { limit, used, waiting }
}

fn of(state: SeatState, decided: impl Into<Option<Decided>>, usage: Usage) -> String {
    reason(state, decided.into(), usage).sentence()
}

fn reason(state: SeatState, decided: Option<Decided>, usage: Usage) -> SeatReason<'static> {
    const POLICY: &AdmissionPolicy = &AdmissionPolicy::FirstCome;
    let (position, rank, archived) = (None, None, false);
    SeatReason { state, decided, position, rank, usage, policy: POLICY, archived }
}

/// A person who found all of fifty seats taken and has this position in the waitlist.
fn waits(position: i64, usage: Usage, policy: &AdmissionPolicy, rank: i64) -> String {
    let found = decided(None, Reason::SeatsTaken, FIFTY, 50);
    let reason = reason(SeatState::Blocked, Some(found), usage);
    let sentence =
        SeatReason { position: Some(position), rank: Some(rank), policy, ..reason }.sentence();
    let (happened, change) = sentence.split_once("; ").unwrap();
    assert_eq!(happened, "Found no free seat, as all 50 seats were taken");
    change.to_owned()
}

#[test]
fn a_person_with_a_seat_reads_how_they_got_it_and_what_would_end_it() {
    let until = "until the directory switches the person off or an admin releases the seat.";
    let now = usage(FIFTY, 50, 3);
    let got =
        |reason, limit, used| of(SeatState::Provisioned, decided(None, reason, limit, used), now);

    for (reason, limit, used, says) in [
        (Reason::SeatFree, FIFTY, 41, "Got a seat when 41 of 50 seats were taken"),
        (Reason::SeatFree, SeatLimit::Unlimited, 9, "Got a seat when the plan had no limit"),
        (
            Reason::NextOnWaitlist,
            FIFTY,
            49,
            "Was first on the waitlist and got a seat when 49 of 50 seats were taken",
        ),
        (Reason::ByHand, FIFTY, 49, "Was admitted by hand when 49 of 50 seats were taken"),
        (
            Reason::DismissalUndone,
            SeatLimit::Seats(1),
            0,
            "Got a seat because an admin took a “not now” back when 0 of 1 seat was taken",
        ),
        (
            Reason::OrganizationRestored,
            FIFTY,
            1,
            "Got a seat when the organization was restored and 1 of 50 seats was taken",
        ),
        (Reason::Unknown, FIFTY, 1, "Has a seat, for a reason that Seatkeeper has no record of"),
    ] {
        assert_eq!(got(reason, limit, used), format!("{says}; keeps it {until}"));
    }
    assert_eq!(
        of(SeatState::Provisioned, None, usage(FIFTY, 53, 0)),
        format!(
            "Has a seat, for a reason that Seatkeeper has no record of; keeps it, although 3 more \
             seats are taken than the plan has, {until}"
        )
    );
}

#[test]
fn a_person_who_waits_reads_what_has_to_happen_under_each_policy() {
    let first_come = &AdmissionPolicy::FirstCome;
    let waits_first = |position, usage| waits(position, usage, first_come, 1);
    assert_eq!(
        waits_first(1, usage(FIFTY, 50, 3)),
        "is number 1 on the waitlist now and gets in when a seat becomes free or the limit is raised to 51."
    );
    assert_eq!(
        waits_first(3, usage(SeatLimit::Seats(40), 48, 3)),
        "is number 3 on the waitlist now and gets in when 11 seats become free or the limit is raised to 51."
    );
    assert_eq!(
        waits_first(1_200, usage(SeatLimit::NotSet, 0, 2_000)),
        "is number 1,200 on the waitlist now and gets in when a seat limit of at least 1,200 is set."
    );
    assert_eq!(
        waits_first(2, usage(SeatLimit::Seats(0), 0, 2)),
        "is number 2 on the waitlist now and gets in when the limit is raised to 2."
    );

    let order = GroupOrder::new(vec![GroupId::new("a"), GroupId::new("b")]).unwrap();
    let groups = &AdmissionPolicy::GroupsFirst(order);
    assert_eq!(
        waits(1, usage(FIFTY, 50, 3), groups, 1),
        "is number 1 on the waitlist now and gets in when a seat becomes free or the limit is raised to 51."
    );
    assert_eq!(
        waits(2, usage(FIFTY, 50, 3), groups, 3),
        "is number 2 on the waitlist now and gets in when 2 seats become free or the limit is \
         raised to 52, unless people of a higher group come first."
    );
}

#[test]
fn by_hand_a_person_waits_for_an_admin_and_for_one_free_seat() {
    let waits = |usage| waits(7, usage, &AdmissionPolicy::ByHand, 1);
    let number = "is number 7 on the waitlist now and gets in when";
    for (usage, says) in [
        (usage(FIFTY, 48, 9), "an admin admits the person, as 2 seats are free."),
        (usage(FIFTY, 49, 9), "an admin admits the person, as 1 seat is free."),
        (
            usage(SeatLimit::Unlimited, 9, 9),
            "an admin admits the person, as the plan has no limit.",
        ),
        (
            usage(FIFTY, 50, 9),
            "a seat becomes free or the limit is raised to 51 and an admin admits the person.",
        ),
        (
            usage(FIFTY, 53, 9),
            "4 seats become free or the limit is raised to 54 and an admin admits the person.",
        ),
        (
            usage(SeatLimit::NotSet, 3, 9),
            "a seat limit of at least 4 is set and an admin admits the person.",
        ),
    ] {
        assert_eq!(waits(usage), format!("{number} {says}"));
    }
}

#[test]
fn why_a_person_had_to_wait_keeps_the_numbers_of_that_time() {
    let now = usage(SeatLimit::Seats(60), 60, 1);
    let happened = |reason, limit, used| {
        let sentence = of(SeatState::Blocked, decided(None, reason, limit, used), now);
        sentence.split_once("; ").unwrap().0.to_owned()
    };
    assert_eq!(
        happened(Reason::OverLimit, FIFTY, 1_300),
        "Found no free seat, as 1,300 seats were taken and the plan had 50"
    );
    assert_eq!(
        happened(Reason::SeatsTaken, SeatLimit::Seats(0), 0),
        "Found no free seat, as the plan had no seats"
    );
    assert_eq!(
        happened(Reason::LimitNotSet, SeatLimit::NotSet, 0),
        "Got no seat, as no seat limit was set"
    );
    assert_eq!(
        happened(Reason::OthersWait, FIFTY, 48),
        "Got no seat, as other people waited already when 48 of 50 seats were taken"
    );
    assert_eq!(
        happened(Reason::Unknown, FIFTY, 48),
        "Has no seat, for a reason that Seatkeeper has no record of"
    );
}

#[test]
fn a_dismissed_person_reads_where_an_undo_would_lead() {
    let off_waitlist = decided(Some(SeatState::Blocked), Reason::DismissedByHand, FIFTY, 50);
    let released = decided(Some(SeatState::Provisioned), Reason::ReleasedByHand, FIFTY, 50);
    let says = |decided, usage| of(SeatState::Dismissed, decided, usage);
    assert_eq!(
        says(off_waitlist, usage(FIFTY, 48, 0)),
        "Was taken off the waitlist by hand when all 50 seats were taken; gets no seat until \
         an admin takes that back, which gives a seat at once, as 2 seats are free."
    );
    assert_eq!(
        says(released, usage(FIFTY, 50, 4)),
        "Lost the seat when an admin released it and all 50 seats were taken; gets no seat \
         until an admin takes that back, which leads to the waitlist, where 4 people wait."
    );
}

#[test]
fn an_inactive_or_removed_person_reads_what_the_directory_can_do() {
    let held = |reason| decided(Some(SeatState::Provisioned), reason, FIFTY, 50);
    assert_eq!(
        of(SeatState::Inactive, held(Reason::Deactivated), usage(FIFTY, 50, 0)),
        "Gave the seat back when the directory switched the person off and all 50 seats were \
         taken; being switched on again in the directory leads to the waitlist, as all 50 \
         seats are taken."
    );
    assert_eq!(
        of(SeatState::Removed, held(Reason::Deleted), usage(SeatLimit::Unlimited, 5, 0)),
        "Gave the seat back when the directory deleted the person and all 50 seats were taken; \
         being added again in the directory gives a seat at once, as the plan has no limit."
    );
    let waited = decided(Some(SeatState::Blocked), Reason::Deactivated, SeatLimit::NotSet, 0);
    assert_eq!(
        of(SeatState::Inactive, waited, usage(SeatLimit::NotSet, 0, 1)),
        "Left the waitlist when the directory switched the person off; being switched on again \
         in the directory leads to the waitlist, where 1 person waits."
    );
    assert_eq!(
        of(SeatState::Inactive, None, usage(SeatLimit::NotSet, 0, 0)),
        "Was switched off in the directory and had no seat; being switched on again in the \
         directory leads to the waitlist, as no seat limit is set."
    );
    assert_eq!(
        of(SeatState::Removed, None, usage(FIFTY, 49, 0)),
        "Was deleted in the directory and had no seat; being added again in the directory gives a \
         seat at once, as 1 seat is free."
    );
}

#[test]
fn no_person_gets_a_seat_in_an_archived_organization() {
    let deleted = decided(Some(SeatState::Provisioned), Reason::OrganizationDeleted, FIFTY, 2);
    let reason = SeatReason {
        archived: true,
        ..reason(SeatState::Removed, Some(deleted), usage(SeatLimit::NotSet, 0, 0))
    };
    assert_eq!(
        reason.sentence(),
        "Gave the seat back when the organization was deleted in Scalekit and 2 of 50 seats \
         were taken; gets no seat while the organization is archived."
    );
}

/// Each reason that a state can have is told in one sentence, with each limit.
#[test]
fn every_sentence_is_one_sentence() {
    let limits = [SeatLimit::NotSet, SeatLimit::Unlimited, SeatLimit::Seats(0), FIFTY];
    for state in SeatState::ALL {
        for reason in Reason::ALL {
            for limit in limits {
                let from = Some(SeatState::Provisioned);
                let sentence = of(state, decided(from, reason, limit, 7), usage(limit, 7, 1));
                assert_eq!(sentence.matches('.').count(), 1, "{sentence}");
                assert_eq!(sentence.matches("; ").count(), 1, "{sentence}");
            }
        }
    }
}
