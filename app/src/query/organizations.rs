//! The parameters of the overview, and of the form that adds an organization.

use domain::condition::Condition;
use views::{
    OverviewQuery, OverviewSort,
    pagination::{Key, SortOrder},
    settings::NewOrganizationQuery,
};

use super::{BEFORE, Parameters, Query};

const YES: &str = "yes";

impl Parameters for OverviewQuery {
    fn read(query: &Query) -> Self {
        Self {
            search: query.text("search").to_owned(),
            condition: Condition::parse(query.text("status")),
            mine: query.text("mine") == YES,
            sort: OverviewSort::parse(query.text("sort")).unwrap_or_default(),
            descending: query.text("order") == "desc",
            before: query.before(),
        }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        let sort = if self.sort == OverviewSort::default() { "" } else { self.sort.as_str() };
        let status = self.condition.map_or("", Condition::slug);
        vec![
            ("search", self.search.clone()),
            ("status", status.to_owned()),
            ("mine", if self.mine { YES } else { "" }.to_owned()),
            ("sort", sort.to_owned()),
            ("order", if self.descending { "desc" } else { "" }.to_owned()),
            (BEFORE, self.before.as_ref().map(Key::written).unwrap_or_default()),
        ]
    }
}

impl Parameters for NewOrganizationQuery {
    fn read(query: &Query) -> Self {
        let text = |name| query.get(name).unwrap_or_default().to_owned();
        let refused = query.get("refused").is_some();
        // an address leaves out what is empty
        let limit = query.get("limit").map(str::to_owned).or(refused.then(String::new));
        Self {
            organization: text("organization"),
            name: text("name"),
            external_id: text("external_id"),
            limit,
            refused,
        }
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        vec![
            ("organization", self.organization.clone()),
            ("name", self.name.clone()),
            ("external_id", self.external_id.clone()),
            ("limit", self.limit.clone().unwrap_or_default()),
            ("refused", if self.refused { YES } else { "" }.to_owned()),
        ]
    }
}
