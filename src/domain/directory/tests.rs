//! Plans over random directories. A plan changes only what differs, changes it once, and never
//! changes what is newer.

use proptest::{collection::vec, option, prelude::*};

use super::*;
use crate::{
    organization::SeatLimit,
    property::cases,
    roster::{Counts, LoadedWaitlist, Roster},
    seats::{self, Command},
};

const NOW: Timestamp = Timestamp::from_seconds(1_000);
/// When the listing began. Updates are older, newer or of the same time.
const BEGAN: i64 = 100;

fn listed(id: u8) -> impl Strategy<Value = ListedUser> {
    let (active, email, groups, roles) =
        (option::of(any::<bool>()), 0..3_u8, option::of(vec(0..3_u8, 0..3)), option::of(0..2_u8));
    (active, email, groups, roles, 0..3_i64).prop_map(
        move |(active, email, groups, roles, later)| ListedUser {
            user: DirectoryUserId::new(format!("diruser_{id}")),
            active,
            profile: (email > 0).then(|| Profile {
                email: Some(format!("p{id}e{email}@acme.test")),
                ..Profile::default()
            }),
            groups: groups.map(|groups| {
                groups.into_iter().map(|n| (GroupId::new(format!("g{n}")), None)).collect()
            }),
            roles: roles.map(|role| vec![format!("role{role}")]),
            attributes: None,
            asked_at: Timestamp::from_seconds(BEGAN + later),
        },
    )
}

/// Webhook updates from before and after the start of the listing, about users with the same few
/// ids.
fn updates() -> impl Strategy<Value = Vec<UserUpdate>> {
    let one = (0..8_u8).prop_flat_map(|id| (listed(id), 90..110_i64, 0..3_u8)).prop_map(
        |(listed, at, change)| UserUpdate {
            change: [event::Change::Created, event::Change::Updated, event::Change::Deleted]
                [usize::from(change)],
            at: Timestamp::from_seconds(at),
            ..listed.update()
        },
    );
    vec(one, 0..20)
}

fn pages() -> impl Strategy<Value = Vec<ListedUser>> {
    vec(any::<bool>(), 8).prop_flat_map(|there| {
        let there = (0..8_u8).zip(there).filter(|(_, there)| *there);
        there.map(|(id, _)| listed(id).boxed()).collect::<Vec<_>>()
    })
}

fn roster(seats: i64, updates: &[UserUpdate]) -> Roster {
    let mut roster =
        Roster::new(SeatLimit::Seats(seats), AdmissionPolicy::FirstCome, Counts::default());
    roster.waitlist_is_loaded(LoadedWaitlist::All);
    for update in updates {
        seats::decide(&mut roster, &Command::UserUpdate(update.clone()), NOW).unwrap();
    }
    roster
}

fn known(roster: &Roster) -> BTreeMap<DirectoryUserId, DirectoryUser> {
    let with_groups = |user: &DirectoryUser| DirectoryUser {
        groups: Some(user.groups.clone().unwrap_or_default()),
        ..user.clone()
    };
    roster.people().map(|user| (user.id.clone(), with_groups(user))).collect()
}

fn whole_plan(roster: &Roster, pages: &[ListedUser]) -> Vec<PlannedChange> {
    let known = known(roster);
    let unlisted = known.values().filter(|user| pages.iter().all(|listed| listed.user != user.id));
    let mut plan: Vec<PlannedChange> = plan((&known, &KnownAttributes::new()), pages)
        .into_iter()
        .chain(gone(unlisted, Timestamp::from_seconds(BEGAN)))
        .collect();
    plan.sort_by(|a, b| (!a.change.is_release(), &a.user).cmp(&(!b.change.is_release(), &b.user)));
    plan
}

/// Applies a plan in its order.
fn apply(roster: &mut Roster, plan: &[PlannedChange], pages: &[ListedUser]) {
    for planned in plan {
        let listed = pages.iter().find(|listed| listed.user == planned.user);
        let update = listed.map_or_else(
            || removal(planned.user.clone(), Timestamp::from_seconds(BEGAN)),
            ListedUser::update,
        );
        seats::decide(roster, &Command::UserUpdate(update), NOW).unwrap();
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_plan_applied_leaves_nothing_to_plan(
        seats in 0..6_i64,
        updates in updates(),
        pages in pages(),
    ) {
        let mut roster = roster(seats, &updates);

        let plan = whole_plan(&roster, &pages);
        apply(&mut roster, &plan, &pages);

        prop_assert_eq!(whole_plan(&roster, &pages), []);
    }

    #[test]
    fn a_plan_of_each_page_is_the_plan_of_all(updates in updates(), pages in pages()) {
        let known = known(&roster(3, &updates));
        let known = (&known, &KnownAttributes::new());
        let each: Vec<PlannedChange> =
            pages.chunks(2).flat_map(|page| plan(known, page)).collect();
        prop_assert_eq!(plan(known, &pages), each);
    }

    #[test]
    fn a_person_a_newer_webhook_changed_keeps_the_newer_state(
        seats in 0..6_i64,
        updates in updates(),
        pages in pages(),
    ) {
        let mut roster = roster(seats, &updates);
        let before = known(&roster);

        let plan = whole_plan(&roster, &pages);
        apply(&mut roster, &plan, &pages);

        let newest = Timestamp::from_seconds(BEGAN + 3);
        for (id, user) in before.iter().filter(|(_, user)| user.activity_version.at > newest) {
            let after = roster.person(id).unwrap();
            let admitted = user.state == SeatState::Blocked // from the waitlist
                && after.state == SeatState::Provisioned;
            prop_assert!(after.state == user.state || admitted, "{:?} became {:?}", user, after);
        }
        let is_newer = |user: &DirectoryUser| user.profile_versions.newest().at > newest;
        for (id, user) in before.iter().filter(|(_, user)| is_newer(user)) {
            prop_assert_eq!(&roster.person(id).unwrap().profile, &user.profile);
        }
    }

    #[test]
    fn who_would_be_blocked_is(
        seats in 0..6_i64,
        is_by_hand in any::<bool>(),
        updates in updates(),
        pages in pages(),
    ) {
        let mut roster = roster(seats, &updates);
        if is_by_hand {
            roster.policy = AdmissionPolicy::ByHand;
        }
        let plan = whole_plan(&roster, &pages);
        let count = |state| {
            let left = plan.iter().filter(|p| p.change.is_release() && p.from == Some(state));
            i64::try_from(left.count()).unwrap()
        };
        let (provisioned, blocked) = (count(SeatState::Provisioned), count(SeatState::Blocked));
        let room = room(roster.usage(), &roster.policy, provisioned, blocked).unwrap();

        apply(&mut roster, &plan, &pages);

        let active = |user: &DirectoryUserId| {
            pages.iter().find(|l| l.user == *user).is_some_and(|l| l.active != Some(false))
        };
        let claims = plan.iter().filter(|p| {
            matches!(p.change, Change::Created | Change::Reactivated) && active(&p.user)
        });
        for (index, claim) in (0..).zip(claims) {
            let expected = if index < room { SeatState::Provisioned } else { SeatState::Blocked };
            prop_assert_eq!(roster.person(&claim.user).unwrap().state, expected, "{:?}", claim);
        }
    }
}

#[test]
fn a_real_id_takes_over_from_its_stand_in() {
    let placeholder = DirectoryUserId::by_email("ada@acme.test");
    let ada = DirectoryUser {
        state: SeatState::Provisioned,
        ..DirectoryUser::unknown(placeholder.clone())
    };
    let listed = ListedUser {
        user: DirectoryUserId::new("diruser_1"),
        active: Some(true),
        profile: Some(Profile { email: Some("Ada@acme.test".to_owned()), ..Profile::default() }),
        groups: None,
        roles: None,
        attributes: None,
        asked_at: NOW,
    };

    let plan =
        plan((&BTreeMap::from([(placeholder.clone(), ada)]), &KnownAttributes::new()), &[listed]);

    assert_eq!(
        (plan[0].change, plan[0].placeholder.as_ref()),
        (Change::Updated, Some(&placeholder))
    );
}

#[test]
fn plans_that_take_many_away_wait_for_a_person() {
    assert_eq!(trust((3, 0), 10, 7, &PlanGuard::default()), Ok(()));
    assert_eq!(trust((4, 0), 10, 6, &PlanGuard::default()), Err(PlanWarning::RemovesMany));
    assert_eq!(trust((4, 0), 40, 36, &PlanGuard::default()), Ok(()));
    assert_eq!(trust((5, 0), 40, 35, &PlanGuard::default()), Err(PlanWarning::RemovesMany));
    assert_eq!(trust((50, 0), 10_000, 9_950, &PlanGuard::default()), Ok(()));
    assert_eq!(trust((51, 0), 10_000, 9_949, &PlanGuard::default()), Err(PlanWarning::RemovesMany));
    assert_eq!(trust((1, 0), 1, 0, &PlanGuard::default()), Err(PlanWarning::Empty));
    assert_eq!(trust((0, 0), 0, 0, &PlanGuard::default()), Ok(()));
}

#[test]
fn plans_that_add_many_to_those_that_there_are_wait_for_a_person() {
    assert_eq!(trust((0, 51), 101, 152, &PlanGuard::default()), Err(PlanWarning::AddsMany));
    assert_eq!(trust((0, 51), 102, 153, &PlanGuard::default()), Ok(()), "half of them");
    assert_eq!(trust((0, 50), 10, 60, &PlanGuard::default()), Ok(()), "no more than fifty");
    assert_eq!(
        trust((0, 5_000), 0, 5_000, &PlanGuard::default()),
        Ok(()),
        "the first people of an organization"
    );
    assert_eq!(trust((51, 80), 60, 89, &PlanGuard::default()), Err(PlanWarning::RemovesMany));
}

#[test]
fn a_night_is_neither_lost_nor_doubled_whatever_the_clock_does() {
    let at = |text| Timestamp::parse(text).unwrap();
    let (due, later) = (at("2026-11-24T02:30:00Z"), Duration::from_mins(150));
    let tomorrow = at("2026-11-25T04:30:00Z");

    // The resync starts when it is due, or the clock is an hour behind, or it starts late. The next
    // one is due the next night.
    for now in [
        "2026-11-24T02:30:00Z",
        "2026-11-24T01:30:00Z",
        "2026-11-24T03:30:00Z",
        "2026-11-24T23:00:00Z",
    ] {
        assert_eq!(night_after(due, at(now), 2, later), tomorrow, "{now}");
    }
    assert_eq!(
        night_after(due, at("2026-11-29T13:00:00Z"), 2, later),
        at("2026-11-30T04:30:00Z"),
        "it was away for days"
    );
}

#[test]
fn a_night_whose_window_reaches_past_midnight_is_not_skipped() {
    let at = |text| Timestamp::parse(text).unwrap();
    let later = Duration::from_mins(20);
    for due in ["2026-11-24T23:40:00Z", "2026-11-25T01:30:00Z"] {
        let next = night_after(at(due), at(due), 23, later);
        assert_eq!(next, at("2026-11-25T23:20:00Z"), "{due}");
    }
}

#[test]
fn a_night_is_always_ahead() {
    let at = |text| Timestamp::parse(text).unwrap();
    let later = Duration::from_mins(30);
    assert_eq!(next_night(at("2026-11-24T01:00:00Z"), 2, later), at("2026-11-24T02:30:00Z"));
    assert_eq!(next_night(at("2026-11-24T02:30:00Z"), 2, later), at("2026-11-25T02:30:00Z"));
    assert_eq!(
        next_night(at("2026-11-24T21:00:00Z"), 21, Duration::ZERO),
        at("2026-11-25T21:00:00Z")
    );
}

#[test]
fn other_attributes_make_an_update_if_the_page_is_newer() {
    let ada = DirectoryUser {
        state: SeatState::Provisioned,
        ..DirectoryUser::unknown(DirectoryUserId::new("diruser_1"))
    };
    let known = BTreeMap::from([(ada.id.clone(), ada)]);
    let of = |title: &str| Attributes::from([("title".to_owned(), title.to_owned())]);
    let planned = |listed: Option<Attributes>, stored: Option<(Attributes, Timestamp)>| {
        let user = DirectoryUserId::new("diruser_1");
        let version = |at| Version { at, weight: Precedence::Active, event: 0 };
        let stored = stored.map(|(attributes, at)| (user.clone(), (attributes, version(at))));
        let listed = ListedUser {
            user,
            active: None,
            profile: None,
            groups: None,
            roles: None,
            attributes: listed,
            asked_at: NOW,
        };
        !plan((&known, &stored.into_iter().collect()), &[listed]).is_empty()
    };
    let (before, after) = (NOW.minus(Duration::from_secs(1)), NOW.plus(Duration::from_secs(1)));
    assert!(planned(Some(of("Lead")), Some((of("Engineer"), before))));
    assert!(planned(Some(of("Lead")), None));
    assert!(!planned(Some(of("Lead")), Some((of("Lead"), before))), "the same");
    assert!(!planned(Some(of("Lead")), Some((of("Engineer"), after))), "newer ones are known");
    assert!(!planned(None, Some((of("Engineer"), before))), "absent says nothing");
    assert!(!planned(Some(Attributes::new()), None), "none before, none now");
}
