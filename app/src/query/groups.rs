//! The queries of the list of groups and of the page of a group.

use domain::time::Timestamp;
use views::{
    PersonKey,
    groups::{ChangeCursor, GroupList, GroupQuery, GroupsQuery, GroupsSort},
    pagination::{Key, SortOrder},
};

use super::{BEFORE, Parameters, Query};

impl Parameters for GroupsQuery {
    fn read(query: &Query) -> Self {
        Self {
            search: query.text("search").to_owned(),
            sort: GroupsSort::parse(query.text("sort")).unwrap_or_default(),
            descending: query.text("order") == "desc",
            before: query.before(),
        }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        let sort = if self.sort == GroupsSort::default() { "" } else { self.sort.as_str() };
        vec![
            ("search", self.search.clone()),
            ("sort", sort.to_owned()),
            ("order", if self.descending { "desc" } else { "" }.to_owned()),
            (BEFORE, self.before.as_ref().map(Key::written).unwrap_or_default()),
        ]
    }
}

/// `before` is a row of the list that is shown.
impl Parameters for GroupQuery {
    fn read(query: &Query) -> Self {
        if query.text("list") != GroupList::Changes.as_str() {
            return Self { member: query.before::<PersonKey>(), ..Self::default() };
        }
        let joined = query.text("change");
        Self {
            list: GroupList::Changes,
            member: None,
            joined: [true, false].into_iter().find(|is| change(*is) == joined),
            since: Timestamp::of_day(query.text("since")),
            change: query.before::<ChangeCursor>(),
        }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        if self.list == GroupList::Members {
            return vec![(BEFORE, self.member.as_ref().map(Key::written).unwrap_or_default())];
        }
        vec![
            ("list", self.list.as_str().to_owned()),
            ("change", self.joined.map_or("", change).to_owned()),
            ("since", self.since.map(Timestamp::day).unwrap_or_default()),
            (BEFORE, self.change.as_ref().map(Key::written).unwrap_or_default()),
        ]
    }
}

/// The word for who joined, or for who left.
fn change(joined: bool) -> &'static str {
    if joined { "joined" } else { "left" }
}
