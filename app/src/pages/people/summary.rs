//! What the list of people says about itself: the number of people in each view, and on a page.

use domain::{
    directory_user::SeatState,
    organization::{grouped, people as noun},
};
use views::{PeopleQuery, pagination::KeysetPage, reclaim::ReclaimQuery};

use crate::{
    components::{filter_chips::FilterChip, pagination::KeysetWords},
    paths,
};

/// The views of the list. All of them are always there, so that none changes its place. The last
/// one is a page of its own.
pub(super) fn chips(people: &views::People, query: &PeopleQuery) -> Vec<FilterChip> {
    let chip = |word, state| {
        let (sort, descending, before) = (None, false, None);
        let query = PeopleQuery { state, sort, descending, before, ..query.clone() };
        FilterChip {
            word,
            count: Some(people.count(state)),
            href: paths::people(&people.organization, &query),
            chosen: false,
        }
    };
    let states = SeatState::ALL.map(|state| (state.word(), Some(state)));
    std::iter::once(("All", None))
        .chain(states)
        .map(|(word, state)| FilterChip { chosen: query.state == state, ..chip(word, state) })
        .chain([FilterChip {
            word: "Seem unused",
            count: None,
            href: paths::reclaim(&people.organization, &ReclaimQuery::default()),
            chosen: false,
        }])
        .collect()
}

/// `50 of 10,432 people`.
pub(super) fn pages(people: &views::People, query: &PeopleQuery) -> KeysetWords {
    let KeysetPage { older, .. } = &people.page;
    let shown = i64::try_from(people.rows.len()).unwrap_or(i64::MAX);
    let count = people.count(query.state);
    let (sentence, older) = if people.looked_through {
        let looked = grouped(views::People::LOOKED_THROUGH);
        (format!("{} matching among {looked} people", grouped(shown)), "Look further")
    } else if !query.is_narrowed() && count > shown {
        (format!("{} of {} {}", grouped(shown), grouped(count), noun(count)), "Next")
    } else {
        let more = if older.is_some() { ", and more" } else { "" };
        (format!("{} {}{more}", grouped(shown), noun(shown)), "Next")
    };
    KeysetWords { sentence, older, first: "First page" }
}

#[cfg(test)]
mod tests {
    use domain::{
        id::{DirectoryUserId, OrganizationId},
        time::Timestamp,
    };
    use views::{PersonKey, PersonRow, pagination::Key};

    use super::{super::has_own_role, *};

    fn people(shown: usize, older: Option<&str>) -> views::People {
        let row = PersonRow {
            user: DirectoryUserId::new("diruser_1"),
            name: None,
            email: None,
            state: SeatState::Provisioned,
            roles: Vec::new(),
            groups: Vec::new(),
            position: None,
            since: Timestamp::from_seconds(1),
            has_duplicate_email: false,
        };
        views::People {
            organization: OrganizationId::new("org_1"),
            organization_name: "Acme".into(),
            revision: 1,
            usage: domain::organization::Usage::default(),
            rows: vec![row; shown],
            page: KeysetPage { before: None, older: older.and_then(PersonKey::parse) },
            looked_through: false,
            states: vec![(SeatState::Provisioned, 1_200), (SeatState::Removed, 7)],
            groups: Vec::new(),
            now: Timestamp::from_seconds(2),
        }
    }

    #[test]
    fn a_page_says_how_many_people_there_are() {
        let sentence = |people: &views::People, query| pages(people, &query).sentence;
        let first = people(50, Some("name.0.0.diruser_1"));
        assert_eq!(sentence(&first, PeopleQuery::default()), "50 of 1,200 people");
        let removed = PeopleQuery { state: Some(SeatState::Removed), ..PeopleQuery::default() };
        assert_eq!(sentence(&people(7, None), removed), "7 people");
        let with_role = PeopleQuery { role: "admin".to_owned(), ..PeopleQuery::default() };
        assert_eq!(sentence(&first, with_role.clone()), "50 people, and more");
        assert_eq!(sentence(&people(1, None), with_role.clone()), "1 person");
        let looked =
            views::People { looked_through: true, ..people(3, Some("name.0.0.diruser_1")) };
        assert_eq!(sentence(&looked, with_role), "3 matching among 1,000 people");
    }

    #[test]
    fn the_views_are_always_in_the_same_order() {
        let query = PeopleQuery { descending: true, ..PeopleQuery::default() };
        let words = chips(&people(0, None), &query);
        assert!(words.iter().all(|chip| !chip.href.contains("order")), "each has its usual order");
        let words: Vec<_> = words.iter().map(|chip| (chip.word, chip.count)).collect();
        assert_eq!(
            words,
            [
                ("All", Some(1_200)),
                ("Has a seat", Some(1_200)),
                ("Waiting", Some(0)),
                ("Not now", Some(0)),
                ("Inactive", Some(0)),
                ("Removed", Some(7)),
                ("Seem unused", None)
            ]
        );
    }

    #[test]
    fn the_usual_role_needs_no_column() {
        let with =
            |role: &str| PersonRow { roles: vec![role.into()], ..people(1, None).rows.remove(0) };
        assert!(!has_own_role(&with("member")));
        assert!(has_own_role(&with("billing_admin")));
        assert!(!has_own_role(&people(1, None).rows[0]));
    }
}
