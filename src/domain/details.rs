//! What is known about an organization beside its seats: the name, the external id and the account
//! manager. Scalekit's events and people both set the name and the external id; the newest
//! statement about each of them counts, in whatever order they arrive.

use super::{
    directory_user::{Precedence, Version},
    id::AccountId,
    refusal::Refusal,
    text::{is_unseen, is_visible},
    time::Timestamp,
};

/// The longest name and the longest external id that a person sets, in characters.
const LONGEST: usize = 200;
/// The longest notes, in characters.
pub const LONGEST_NOTES: i64 = 4_000;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    pub name: String,
    /// The version of the newest statement about the name. `None`: the organization has the name
    /// under which it was added, until an event says another one.
    pub name_version: Option<Version>,
    pub external_id: Option<String>,
    pub external_id_version: Option<Version>,
    /// The staff account that looks after the customer.
    pub account_manager: Option<AccountId>,
    /// Counts the changes. A form names the version that it was made from.
    pub version: i64,
}

impl Details {
    /// Takes over what Scalekit says, as far as it is newer. An absent part changes nothing.
    /// Returns whether a part was newer.
    pub fn learn(
        &mut self,
        name: Option<String>,
        external_id: Option<String>,
        version: Version,
    ) -> bool {
        let name = name.filter(|_| Some(version) > self.name_version);
        let external_id = external_id.filter(|_| Some(version) > self.external_id_version);
        let is_newer = name.is_some() || external_id.is_some();
        if let Some(name) = name {
            self.name_version = Some(version);
            self.put_name(name);
        }
        if external_id.is_some() {
            self.external_id_version = Some(version);
            self.put_external_id(external_id);
        }
        is_newer
    }

    /// A person sets the name: that is newer than everything known so far. Returns the former name
    /// if it was another one.
    pub fn rename(&mut self, name: String, now: Timestamp) -> Option<String> {
        (self.name != name).then(|| {
            self.name_version = Some(by_hand(self.name_version, now));
            self.put_name(name)
        })
    }

    /// The same for the external id.
    pub fn set_external_id(
        &mut self,
        external_id: Option<String>,
        now: Timestamp,
    ) -> Option<Option<String>> {
        (self.external_id != external_id).then(|| {
            self.external_id_version = Some(by_hand(self.external_id_version, now));
            self.put_external_id(external_id)
        })
    }

    /// The same for the account manager, who is not known to Scalekit.
    pub fn set_account_manager(
        &mut self,
        account_manager: Option<AccountId>,
    ) -> Option<Option<AccountId>> {
        (self.account_manager != account_manager).then(|| {
            self.version += 1;
            std::mem::replace(&mut self.account_manager, account_manager)
        })
    }

    fn put_name(&mut self, name: String) -> String {
        self.version += i64::from(self.name != name);
        std::mem::replace(&mut self.name, name)
    }

    fn put_external_id(&mut self, external_id: Option<String>) -> Option<String> {
        self.version += i64::from(self.external_id != external_id);
        std::mem::replace(&mut self.external_id, external_id)
    }
}

/// The version of what a person says now. The sender's clock may be ahead of ours, and the person
/// knows what it said.
fn by_hand(known: Option<Version>, now: Timestamp) -> Version {
    let now = Version { at: now, weight: Precedence::Active, event: 0 };
    known.map_or(now, |known| known.max(now))
}

/// The name of an organization, as a person types it.
pub fn parse_name(text: &str) -> Result<String, Refusal> {
    let name = text.trim();
    let fits = is_visible(name) && name.chars().count() <= LONGEST && !name.contains('\0');
    if fits { Ok(name.to_owned()) } else { Err(Refusal::Name) }
}

/// The id of an organization in another system; an empty text is none.
pub fn parse_external_id(text: &str) -> Result<Option<String>, Refusal> {
    let id = text.trim();
    if id.chars().count() > LONGEST || id.chars().any(is_unseen) {
        return Err(Refusal::ExternalId);
    }
    Ok((!id.is_empty()).then(|| id.to_owned()))
}

/// The notes of staff about an organization, with the line ends of a text, and without the empty
/// lines around it.
pub fn parse_notes(text: &str) -> Result<String, Refusal> {
    let notes = text.replace("\r\n", "\n");
    let notes = notes.trim_end().trim_start_matches('\n').to_owned();
    let length = i64::try_from(notes.chars().count()).unwrap_or(i64::MAX);
    if length > LONGEST_NOTES || notes.contains('\0') {
        return Err(Refusal::NotesTooLong);
    }
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64, event: u64) -> Version {
        Version { at: Timestamp::from_seconds(second), weight: Precedence::Active, event }
    }

    #[test]
    fn the_newest_name_counts_in_whatever_order_the_statements_arrive() {
        type Statement = fn(&mut Details);
        let statements: [Statement; 3] = [
            |details| {
                details.learn(Some("Acme".to_owned()), Some("crm-1".to_owned()), at(10, 1));
            },
            |details| {
                details.learn(Some("Acme Corporation".to_owned()), None, at(20, 2));
            },
            |details| {
                details.learn(None, Some("crm-2".to_owned()), at(30, 3));
            },
        ];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut details = Details { name: "org_1".to_owned(), ..Details::default() };

            for index in order {
                statements[index](&mut details);
            }

            assert_eq!(details.name, "Acme Corporation", "{order:?}");
            assert_eq!(details.external_id.as_deref(), Some("crm-2"), "{order:?}");
        }
    }

    #[test]
    fn a_name_set_by_hand_stays_until_scalekit_says_a_newer_one() {
        let mut details = Details { name: "org_1".to_owned(), ..Details::default() };
        details.learn(Some("Acme".to_owned()), None, at(10, 1));

        assert_eq!(details.rename("Acme East".to_owned(), at(20, 0).at), Some("Acme".to_owned()));
        assert!(!details.learn(Some("Acme".to_owned()), None, at(15, 2)), "it is older");
        assert_eq!(details.name, "Acme East");

        assert!(details.learn(Some("Acme West".to_owned()), None, at(25, 3)));
        assert_eq!((details.name.as_str(), details.version), ("Acme West", 3));
    }

    #[test]
    fn a_person_knows_what_a_sender_said_whose_clock_is_ahead() {
        let mut details = Details::default();
        details.learn(Some("Acme".to_owned()), Some("crm-1".to_owned()), at(200, 7));

        details.rename("Acme East".to_owned(), at(20, 0).at);
        details.set_external_id(None, at(20, 0).at);

        assert!(!details.learn(Some("Acme".to_owned()), Some("crm-1".to_owned()), at(199, 6)));
        assert_eq!((details.name.as_str(), &details.external_id), ("Acme East", &None));
        assert!(details.learn(Some("Acme West".to_owned()), None, at(200, 8)));
    }

    #[test]
    fn what_is_the_same_already_changes_no_version() {
        let mut details = Details { name: "Acme".to_owned(), ..Details::default() };

        assert_eq!(details.rename("Acme".to_owned(), at(20, 0).at), None);
        assert_eq!(details.set_external_id(None, at(20, 0).at), None);
        assert_eq!(details.set_account_manager(None), None);
        assert_eq!(details, Details { name: "Acme".to_owned(), ..Details::default() });
    }

    #[test]
    fn what_a_person_types_is_visible_and_has_an_end() {
        assert_eq!(parse_name("  Acme Corporation "), Ok("Acme Corporation".to_owned()));
        for bad in ["", "  ", "\u{200b}", "a\0b", &"x".repeat(201)] {
            assert_eq!(parse_name(bad), Err(Refusal::Name), "{bad:?}");
        }
        assert_eq!(parse_external_id(" crm 4/2 "), Ok(Some("crm 4/2".to_owned())));
        assert_eq!(parse_external_id("  "), Ok(None));
        for bad in ["a\nb", "a\u{202e}b", &"x".repeat(201)] {
            assert_eq!(parse_external_id(bad), Err(Refusal::ExternalId), "{bad:?}");
        }
        assert_eq!(parse_notes("\r\none\r\n\r\ntwo \r\n"), Ok("one\n\ntwo".to_owned()));
        assert_eq!(parse_notes(&"\u{1f468}".repeat(4_001)), Err(Refusal::NotesTooLong));
        assert!(parse_notes(&"\u{1f468}".repeat(4_000)).is_ok());
    }
}
