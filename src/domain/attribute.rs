//! The attributes of a directory user: what the directory says about a person beside name, address
//! and groups, such as a department. The installation decides which of them it keeps; the others
//! are stored nowhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The attributes of a user, by name.
pub type Attributes = BTreeMap<String, String>;

/// The longest name of an attribute and the longest value that are kept, in bytes, and the largest
/// number of kept attributes of a user.
pub const LONGEST_NAME: usize = 100;
pub const LONGEST_VALUE: usize = 2_000;
pub const MOST_ATTRIBUTES: usize = 100;
/// The most that an event says about the attributes of a person: names and values, in bytes. Events
/// are written in thousands, and an endpoint reads each of them.
pub const MOST_IN_EVENT: usize = 8_000;

/// Which attributes the installation keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeptAttributes {
    #[default]
    None,
    /// In order of name.
    These(Vec<String>),
    All,
}

const NONE: &str = "none";
const ALL: &str = "all";

impl KeptAttributes {
    /// `none`, `all`, or names separated by commas.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            NONE => Some(Self::None),
            ALL => Some(Self::All),
            text => {
                let names = text.split(',').map(|name| name.trim().to_owned());
                let mut names: Vec<String> = names.collect();
                names.sort();
                names.dedup();
                let is_name = |name: &String| {
                    let fits = (1..=LONGEST_NAME).contains(&name.len());
                    fits && ![NONE, ALL].contains(&name.as_str())
                        && !name.contains(char::is_control)
                };
                let are_names = names.len() <= MOST_ATTRIBUTES && names.iter().all(is_name);
                are_names.then_some(Self::These(names))
            }
        }
    }

    /// The text that `parse` reads.
    pub fn text(&self) -> String {
        match self {
            Self::None => NONE.to_owned(),
            Self::All => ALL.to_owned(),
            Self::These(names) => names.join(", "),
        }
    }

    pub fn keeps(&self, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::These(names) => names.iter().any(|kept| kept == name),
        }
    }

    /// The attributes that are kept; `None` if the update has none or if no attribute is kept at
    /// all.
    pub fn of(&self, attributes: Option<&Attributes>) -> Option<Attributes> {
        if *self == Self::None {
            return None;
        }
        let kept = attributes?.iter().filter(|(name, _)| self.keeps(name)).take(MOST_ATTRIBUTES);
        Some(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// The kept ones of these attributes, as an event says them. `None`: they are too much for an
    /// event.
    pub fn in_event(&self, attributes: &Attributes) -> Option<Attributes> {
        let kept = attributes.iter().filter(|(name, _)| self.keeps(name));
        let bytes: usize = kept.clone().map(|(name, value)| name.len() + value.len()).sum();
        let fits = bytes <= MOST_IN_EVENT;
        fits.then(|| kept.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(names: &[&str]) -> Attributes {
        names.iter().map(|name| ((*name).to_owned(), format!("of {name}"))).collect()
    }

    #[test]
    fn only_kept_attributes_are_left() {
        let all = attributes(&["department", "title"]);
        let kept = |text: &str| KeptAttributes::parse(text).unwrap().of(Some(&all));
        assert_eq!(kept("none"), None);
        assert_eq!(kept("all"), Some(all.clone()));
        assert_eq!(kept("title, manager"), Some(attributes(&["title"])));
        assert_eq!(kept("manager"), Some(attributes(&[])), "an empty update empties");
        assert_eq!(KeptAttributes::All.of(None), None, "absent does not mean empty");
    }

    #[test]
    fn an_event_says_what_is_kept_or_nothing_if_it_is_too_much() {
        let mut all = attributes(&["department", "title"]);
        all.insert("thesis".to_owned(), "x".repeat(MOST_IN_EVENT));
        let told = |text: &str| KeptAttributes::parse(text).unwrap().in_event(&all);
        assert_eq!(told("none"), Some(attributes(&[])));
        assert_eq!(told("title"), Some(attributes(&["title"])));
        assert_eq!(told("all"), None);
        assert_eq!(told("thesis"), None);
    }

    #[test]
    fn a_list_is_written_as_it_is_read() {
        for text in ["none", "all", "department", "a b, cost center"] {
            assert_eq!(KeptAttributes::parse(text).unwrap().text(), text);
        }
        assert_eq!(KeptAttributes::parse(" b,a ,b").unwrap().text(), "a, b");
        let long = "x".repeat(LONGEST_NAME + 1);
        for bad in ["", "a,,b", "all, b", "none,a", "a\u{7}", &long] {
            assert_eq!(KeptAttributes::parse(bad), None, "{bad}");
        }
    }
}
