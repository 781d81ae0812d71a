//! The queries of the list of people and of a person's history.

use domain::{directory_user::SeatState, id::GroupId, time::Timestamp};
use views::{
    PeopleQuery, PeopleSort,
    pagination::{Key, SortOrder},
    person::HistoryCursor,
};

use super::{BEFORE, Parameters, Query};

impl Parameters for PeopleQuery {
    fn read(query: &Query) -> Self {
        Self {
            search: query.text("search").to_owned(),
            state: SeatState::parse(query.text("state")),
            group: GroupId::parse(query.text("group")),
            role: query.text("role").to_owned(),
            duplicates: query.text("duplicates") == "yes",
            since: Timestamp::of_day(query.text("since")),
            sort: PeopleSort::parse(query.text("sort")),
            descending: query.text("order") == "desc",
            before: query.before(),
        }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        let word = |is: bool, word: &str| if is { word } else { "" }.to_owned();
        vec![
            ("search", self.search.clone()),
            ("state", self.state.map_or("", SeatState::as_str).to_owned()),
            ("group", self.group.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("role", self.role.clone()),
            ("duplicates", word(self.duplicates, "yes")),
            ("since", self.since.map(Timestamp::day).unwrap_or_default()),
            ("sort", self.sort.map_or("", PeopleSort::as_str).to_owned()),
            ("order", word(self.descending, "desc")),
            (BEFORE, self.before.as_ref().map(Key::written).unwrap_or_default()),
        ]
    }
}

/// The entry before which a page of a person's history begins.
impl Parameters for Option<HistoryCursor> {
    fn read(query: &Query) -> Self {
        query.before()
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        vec![(BEFORE, self.as_ref().map(Key::written).unwrap_or_default())]
    }
}
