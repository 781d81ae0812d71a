use super::*;

fn recount(limit: i64, used: i64, waiting: i64) -> Recount {
    Recount {
        organization: OrganizationId::new("org_1"),
        usage: Usage { limit: SeatLimit::Seats(limit), used, waiting },
        policy: AdmissionPolicy::FirstCome,
        archived: false,
        counted_used: used,
        counted_waiting: waiting,
        positions: None,
        ranks: None,
        handed_out: (0, waiting),
    }
}

fn found(findings: impl IntoIterator<Item = Finding>) -> Vec<Invariant> {
    findings.into_iter().map(|finding| finding.invariant).collect()
}

#[test]
fn what_holds_is_not_reported() {
    assert_eq!(recount(5, 5, 2).findings(), []);
    assert_eq!(recount(5, 3, 0).findings(), []);
}

#[test]
fn each_wrong_number_is_reported() {
    assert_eq!(
        found(Recount { counted_used: 4, ..recount(5, 5, 0) }.findings()),
        [Invariant::Counts]
    );
    assert_eq!(found(recount(5, 4, 1).findings()), [Invariant::Waitlist]);
    assert_eq!(
        recount(5, 4, 1).findings().len() - 1,
        Recount { policy: AdmissionPolicy::ByHand, ..recount(5, 4, 1) }.findings().len()
    );
    assert_eq!(
        found(
            Recount { positions: Some((Place::GAP, 3 * Place::GAP)), ..recount(5, 5, 2) }
                .findings()
        ),
        [Invariant::Positions]
    );
    assert_eq!(
        recount(5, 5, 2).findings(),
        Recount { ranks: Some((0, 1)), ..recount(5, 5, 2) }.findings()
    );
    for ranks in [(-1, 1), (1, 2)] {
        assert_eq!(
            found(Recount { ranks: Some(ranks), ..recount(5, 5, 2) }.findings()),
            [Invariant::Positions]
        );
    }
    assert_eq!(
        found(Recount { archived: true, ..recount(5, 1, 0) }.findings()),
        [Invariant::Archived]
    );
}

#[test]
fn over_the_limit_is_right_after_a_lowering_alone() {
    let over = recount(3, 5, 0);
    assert_eq!(over.over(Some((SeatLimit::Seats(5), 4))), None, "lowered from 5 to 3");
    assert_eq!(
        over.over(Some((SeatLimit::Unlimited, 8))),
        None,
        "unlimited, three left, lowered to 3"
    );
    assert_eq!(
        found(over.over(Some((SeatLimit::Seats(3), 4)))),
        [Invariant::Limit],
        "admitted beyond the limit"
    );
    assert_eq!(
        found(over.over(Some((SeatLimit::Seats(3), 2)))),
        [Invariant::Limit],
        "two came in without a decision"
    );
    assert_eq!(found(over.over(None)), [Invariant::Limit]);
    assert_eq!(recount(5, 5, 0).over(None), None);
}

#[test]
fn an_alert_that_is_missing_or_should_be_resolved_is_found() {
    let waiting = recount(5, 5, 1);
    assert_eq!(waiting.alerts(&[AlertKind::SeatLimitReached]), None);
    assert_eq!(found(waiting.alerts(&[])), [Invariant::Alerts]);
    assert_eq!(found(recount(5, 5, 0).alerts(&[AlertKind::SeatLimitReached])), [Invariant::Alerts]);
}

#[test]
fn silent_enforcement_is_reported_where_deliveries_decide_nothing() {
    let full = recount(5, 5, 0);
    let now = Timestamp::from_seconds(1_790_000_000);
    let delivery = |outcome| RecentDelivery {
        kind: "organization.directory.user_created".to_owned(),
        outcome,
        at: now,
    };
    let many = |outcome| vec![delivery(outcome); 10];

    assert_eq!(found(full.silence(&many(Outcome::Ignored), Some(now))), [Invariant::Enforcement]);
    assert_eq!(full.silence(&many(Outcome::Ignored)[1..], Some(now)), None, "too few to tell");
    assert_eq!(
        full.silence(
            &[many(Outcome::Ignored), vec![delivery(Outcome::Updated)]].concat(),
            Some(now)
        ),
        None
    );
    assert_eq!(
        full.silence(&many(Outcome::Stale), Some(now)),
        None,
        "the directory repeats itself"
    );
    assert_eq!(
        full.silence(&many(Outcome::Blocked), Some(now.minus(Duration::from_mins(4)))),
        None
    );
    let long_ago = now.minus(Duration::from_mins(6));
    assert_eq!(
        found(full.silence(&[delivery(Outcome::Blocked)], Some(long_ago))),
        [Invariant::Enforcement]
    );
    assert_eq!(full.silence(&[delivery(Outcome::Updated)], Some(long_ago)), None);
    assert!(full.is_full() && !recount(6, 5, 0).is_full());
}
