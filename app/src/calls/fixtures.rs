//! Invented data in every state, so that the pages can be looked at before the store is there. To be deleted.

#![expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss, reason = "small invented numbers")]

use std::time::Duration;

use seatkeeper::domain::{
    access::{OrganizationScope, Role, Staff, Viewer},
    decision::Reason,
    directory_user::SeatState,
    id::{AccountId, DirectoryUserId, OrganizationId},
    organization::{
        SeatLimit::{self, NotSet, Seats, Unlimited},
        Standing, Usage,
    },
    page::{
        DecisionRow, DirectoryRow, LimitPreview, LimitSet, OrganizationPage, OrganizationRow, Overview, OverviewQuery, OverviewSort,
        People, PeopleQuery, Person, PersonRow, WaitingRow,
    },
    refusal::Refusal,
    time::Timestamp,
};

use super::{Failure, answer};

const FIRST: [&str; 12] = ["Ada", "Grace", "Linus", "Margaret", "Edsger", "Barbara", "Alan", "Radia", "Ken", "Frances", "Tim", "Hedy"];
const LAST: [&str; 11] = [
    "Lovelace",
    "Hopper",
    "Okonkwo",
    "Hamilton",
    "van der Meer",
    "Liskov",
    "Turing",
    "Perlman",
    "Nakamura",
    "Allen-Featherstonehaugh",
    "Núñez",
];

fn organizations() -> Vec<OrganizationRow> {
    let row = |n: i64, name: &str, limit, used, waiting| OrganizationRow {
        id: OrganizationId::new(format!("org_9216{n:02}5446{n:02}831")),
        name: name.to_owned(),
        usage: Usage { limit, used, waiting },
        archived: n == 12,
    };
    vec![
        row(1, "Northwind Traders", Seats(50), 50, 3),
        row(2, "Globex", Seats(40), 48, 2),
        row(3, "Initech", NotSet, 0, 7),
        row(4, "Umbrella Logistics", Seats(25), 24, 0),
        row(5, "Stark Industries", Unlimited, 1_234, 0),
        row(6, "Wayne Enterprises Holding and Consolidated Subsidiaries of Greater Gotham", Seats(10_000), 9_412, 0),
        row(7, "Hooli", Seats(0), 0, 4),
        row(8, "Pied Piper", Seats(12), 0, 0),
        row(9, "Soylent", Seats(100), 100, 0),
        row(10, "Acme", Seats(120), 61, 0),
        row(11, "Vandelay Imports", Seats(500), 507, 146),
        row(12, "Dunder Mifflin", NotSet, 0, 0),
    ]
}

fn row(id: &OrganizationId) -> Option<OrganizationRow> {
    organizations().into_iter().find(|row| row.id == *id)
}

fn now() -> Timestamp {
    Timestamp::from_seconds(1_795_327_200)
}

fn before(minutes: i64) -> Timestamp {
    now().minus(Duration::from_secs(60 * u64::try_from(minutes).unwrap_or(0)))
}

pub(super) fn viewer() -> Option<Viewer> {
    let all = organizations();
    let (role, organizations) = match answer::cookie("fixture")?.as_str() {
        "staff" => (Role::Staff, vec![]),
        "tenant" => (Role::TenantAdmin, vec![all[0].id.clone()]),
        "group" => (Role::TenantAdmin, all.iter().take(9).map(|row| row.id.clone()).collect()),
        _ => return None,
    };
    Some(Viewer {
        account: AccountId::new("acc_1"),
        name: "Mira Castellano".into(),
        email: "mira@northwind.test".into(),
        role,
        organizations,
    })
}

pub(super) fn person() -> Option<Person> {
    let viewer = viewer()?;
    let organizations = viewer.organizations.iter().filter_map(row).map(|row| (row.id, row.name)).collect();
    Some(Person { name: viewer.name, email: viewer.email, role: viewer.role, organizations })
}

pub(super) fn sign_in(email: &str, password: &str) -> Result<(), Refusal> {
    let who = email.split('@').next().unwrap_or_default();
    if password != "correct horse" || !["staff", "tenant", "group"].contains(&who) {
        return Err(Refusal::SignIn);
    }
    answer::set_cookie("fixture", who, "/", 3_600);
    Ok(())
}

pub(super) fn sign_out() {
    answer::set_cookie("fixture", "", "/", 0);
}

pub(super) fn overview(query: &OverviewQuery) -> Overview {
    let all = organizations();
    let standings = Standing::ALL.map(|s| (s, all.iter().filter(|row| row.usage.standing() == s).count() as i64)).to_vec();
    let mut rows: Vec<_> = all
        .into_iter()
        .filter(|row| row.name.to_lowercase().contains(&query.search.to_lowercase()))
        .filter(|row| query.standing.is_none_or(|standing| row.usage.standing() == standing))
        .collect();
    rows.sort_by_key(|row| match query.sort {
        OverviewSort::Urgency => (i64::from(row.archived), row.usage.standing() as i64, -row.usage.used, String::new()),
        OverviewSort::Name => (0, 0, 0, row.name.clone()),
        OverviewSort::Limit => (row.usage.free().unwrap_or(i64::MAX), 0, 0, String::new()),
        OverviewSort::Used => (row.usage.used, 0, 0, String::new()),
        OverviewSort::Waiting => (row.usage.waiting, 0, 0, String::new()),
    });
    if query.descending {
        rows.reverse();
    }
    Overview { matching: rows.len() as i64, rows, standings, page: query.page.max(1), pages: 1, now: now() }
}

fn name(n: i64) -> String {
    format!("{} {}", FIRST[n as usize % FIRST.len()], LAST[n as usize % LAST.len()])
}

fn email(n: i64) -> String {
    format!("{}{n}@northwind.test", FIRST[n as usize % FIRST.len()].to_lowercase())
}

pub(super) fn organization(scope: &OrganizationScope) -> Option<OrganizationPage> {
    let OrganizationRow { id, name: title, usage, archived } = row(scope.id())?;
    let reason = match usage.standing() {
        Standing::NotSet => Reason::LimitNotSet,
        Standing::Over => Reason::OverLimit,
        _ => Reason::SeatsTaken,
    };
    let line = (1..=usage.waiting.min(OrganizationPage::LINE)).map(|position| WaitingRow {
        position,
        user: DirectoryUserId::new(format!("diruser_921654460{position:08}")),
        name: (position != 2).then(|| name(position * 7)),
        email: Some(email(position * 7)),
        since: before(400 - position.min(390)),
        reason,
        limit_seen: usage.limit,
        used_seen: usage.used,
        twin: position == 3,
    });
    let set = usage.limit != SeatLimit::NotSet;
    Some(OrganizationPage {
        name: title,
        usage,
        archived,
        automatic: id.as_str() != "org_92160254460283",
        revision: 41,
        limit_version: 3,
        limit_set: set.then(|| LimitSet { by: "Jonas Weber".into(), reason: "Order 4711, second year".into(), at: before(60 * 24 * 40) }),
        limit_reached_since: (usage.waiting > 0).then(|| before(400)),
        line: line.collect(),
        decisions: decisions(usage),
        directories: directories(usage),
        people: people_counts(usage),
        now: now(),
        id,
    })
}

fn decisions(usage: Usage) -> Vec<DecisionRow> {
    let moves = [
        (None, SeatState::Blocked, Reason::SeatsTaken, "organization.directory.user_created", None),
        (Some(SeatState::Blocked), SeatState::Provisioned, Reason::NextInLine, "set_seat_limit", Some("Jonas Weber")),
        (Some(SeatState::Provisioned), SeatState::Inactive, Reason::Deactivated, "organization.directory.user_updated", None),
        (Some(SeatState::Inactive), SeatState::Provisioned, Reason::SeatFree, "organization.directory.user_updated", None),
        (Some(SeatState::Provisioned), SeatState::Removed, Reason::Deleted, "organization.directory.user_deleted", None),
    ];
    let many = if usage.used + usage.waiting == 0 { 0 } else { 12 };
    let one = |n: i64| {
        let (from, to, reason, cause, actor) = moves[n as usize % moves.len()];
        DecisionRow {
            user: DirectoryUserId::new(format!("diruser_92165446{n:010}")),
            name: Some(name(n * 5 + 2)),
            email: Some(email(n * 5 + 2)),
            from,
            to,
            reason,
            limit: usage.limit,
            used: usage.used,
            cause: cause.to_owned(),
            actor: actor.map(str::to_owned),
            at: before(n * n * 11 + 2),
        }
    };
    (0..many).map(one).collect()
}

fn directories(usage: Usage) -> Vec<DirectoryRow> {
    let one = |n: i64, provider: Option<&str>, enabled| DirectoryRow {
        id: format!("dir_9216544609874{n:04}"),
        provider: provider.map(str::to_owned),
        enabled,
        since: before(n * 90_000),
    };
    match usage.standing() {
        Standing::Room if usage.used == 0 => vec![],
        Standing::Over => vec![one(1, Some("OKTA"), true), one(2, None, false)],
        _ => vec![one(1, Some("OKTA"), true)],
    }
}

fn people_counts(usage: Usage) -> Vec<(SeatState, i64)> {
    let some = i64::from(usage.used + usage.waiting > 0);
    vec![
        (SeatState::Provisioned, usage.used),
        (SeatState::Blocked, usage.waiting),
        (SeatState::Dismissed, some),
        (SeatState::Inactive, 4 * some),
        (SeatState::Removed, 11 * some),
    ]
}

pub(super) fn people(scope: &OrganizationScope, query: &PeopleQuery) -> Option<People> {
    let organization = row(scope.id())?;
    let states = people_counts(organization.usage);
    let mut all = Vec::new();
    let mut n = 0;
    for (state, count) in &states {
        for position in 1..=*count {
            n += 1;
            all.push(PersonRow {
                user: DirectoryUserId::new(format!("diruser_92165446{n:010}")),
                name: (n % 13 != 5).then(|| name(n)),
                email: Some(email(n)),
                state: *state,
                roles: if n % 9 == 0 { vec!["admin".into()] } else { vec![] },
                groups: ["Engineering", "Berlin office", "On-call rotation"]
                    .iter()
                    .take((n % 4) as usize)
                    .map(|g| (*g).to_owned())
                    .collect(),
                position: (*state == SeatState::Blocked).then_some(position),
                since: before(n * 37),
                twin: n % 17 == 3,
            });
        }
    }
    let search = query.search.to_lowercase();
    all.retain(|p| {
        query.state.is_none_or(|state| p.state == state) && p.name.iter().chain(&p.email).any(|text| text.to_lowercase().contains(&search))
    });
    let (matching, page) = (all.len() as i64, query.page.max(1));
    let rows = all.into_iter().skip(((page - 1) * People::ROWS) as usize).take(People::ROWS as usize).collect();
    Some(People {
        organization: organization.id,
        organization_name: organization.name,
        usage: organization.usage,
        rows,
        matching,
        states,
        page,
        pages: (matching + People::ROWS - 1) / People::ROWS,
        now: now(),
    })
}

pub(super) fn preview(scope: &OrganizationScope, limit: SeatLimit) -> Option<LimitPreview> {
    let OrganizationRow { id, name: title, usage: before, .. } = row(scope.id())?;
    let admitted = limit.free(before.used).map_or(before.waiting, |free| free.min(before.waiting));
    let after = Usage { limit, used: before.used + admitted, waiting: before.waiting - admitted };
    let first_admitted = (1..=admitted.min(LimitPreview::NAMES)).map(|n| name(n * 7)).collect();
    Some(LimitPreview { organization: id, name: title, before, after, admitted, first_admitted, limit_version: 3 })
}

pub(super) fn set_seat_limit(_: &Staff, id: &OrganizationId, limit: &str, version: i64, reason: &str) -> Result<(), Failure> {
    let organization = row(id).ok_or_else(Failure::missing)?;
    let limit = SeatLimit::parse(limit)?;
    match reason.trim() {
        "" => return Err(Refusal::ReasonMissing.into()),
        reason if reason.chars().count() > 500 => return Err(Refusal::ReasonTooLong.into()),
        _ => {}
    }
    if version != 3 {
        return Err(Refusal::LimitChangedMeanwhile(organization.usage.limit).into());
    }
    if limit == organization.usage.limit { Err(Refusal::LimitIsTheSame(limit).into()) } else { Ok(()) }
}
