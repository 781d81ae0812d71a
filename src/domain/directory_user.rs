//! One person in one directory, and what became of their wish for a seat.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::{
    id::{DirectoryUserId, GroupId},
    text::is_unseen,
    time::Timestamp,
};

/// Where a directory user stands. A seat is held in exactly one state: `Provisioned`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatState {
    /// Holds a seat.
    Provisioned,
    /// Wants a seat, none was free; has a place in the waiting line.
    Blocked,
    /// Wants a seat, but somebody decided "not now".
    Dismissed,
    /// Switched off in the directory.
    Inactive,
    /// Deleted in the directory: a tombstone, so that late news stays out.
    Removed,
}

impl SeatState {
    pub const ALL: [Self; 5] = [Self::Provisioned, Self::Blocked, Self::Dismissed, Self::Inactive, Self::Removed];

    /// As the database and addresses write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provisioned => "provisioned",
            Self::Blocked => "blocked",
            Self::Dismissed => "dismissed",
            Self::Inactive => "inactive",
            Self::Removed => "removed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// As people read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Provisioned => "Provisioned",
            Self::Blocked => "Waiting",
            Self::Dismissed => "Dismissed",
            Self::Inactive => "Inactive",
            Self::Removed => "Removed",
        }
    }
}

/// Which of two pieces of news is the newer: first by when it happened; at the same moment a deletion counts more than
/// a deactivation, that more than an activation; then the larger event number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
    pub at: Timestamp,
    pub weight: Weight,
    /// The number at the end of `evt_53891546994442316`.
    pub event: u64,
}

/// How much news of the same moment counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Weight {
    #[default]
    Active,
    Inactive,
    Deleted,
}

impl Stamp {
    /// Older than all news.
    pub const NEVER: Self = Self { at: Timestamp::NEVER, weight: Weight::Active, event: 0 };
}

/// The label on a person. Identity is the id alone; an e-mail address may change or be shared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub email: Option<String>,
    pub name: Option<String>,
    /// The identity provider's own id for this person (SCIM `externalId`).
    pub external_id: Option<String>,
}

impl Profile {
    /// What to call them: the name, else the address.
    pub fn label(&self) -> Option<&str> {
        self.name.as_deref().or(self.email.as_deref())
    }
}

/// The news that each fact of a profile holds: a payload that lacks one of them, or in which one cannot be read, says nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileNews {
    pub email: Stamp,
    pub name: Stamp,
    pub external_id: Stamp,
}

impl ProfileNews {
    pub const NEVER: Self = Self { email: Stamp::NEVER, name: Stamp::NEVER, external_id: Stamp::NEVER };

    pub fn newest(self) -> Stamp {
        self.email.max(self.name).max(self.external_id)
    }
}

/// Addresses that are the same to a reader are the same: without regard to case, composition, width, characters that cannot be
/// seen, outer blanks, and the two ways to write a domain's name (`bücher.example`, `xn--bcher-kva.example`).
pub fn email_key(email: &str) -> String {
    let text: String = email.nfkc().filter(|c| !is_unseen(*c) || c.is_whitespace()).collect();
    let text = text.trim();
    let text = text.strip_suffix('>').and_then(|text| text.rsplit_once('<')).map_or(text, |(_, address)| address);
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let mut key = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ß' => key.push_str("ss"),
            'ς' => key.push('σ'),
            c => key.push(c),
        }
    }
    let Some((local, domain)) = key.rsplit_once('@') else { return key };
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let (domain, readable) = idna::domain_to_unicode(domain);
    if readable.is_ok() { format!("{local}@{domain}") } else { key }
}

/// An address that a person had and has no longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerAddress {
    pub user: DirectoryUserId,
    pub email_key: String,
    /// The newest news by which the person had it.
    pub last: Timestamp,
    /// The news by which they have another one.
    pub until: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryUser {
    pub id: DirectoryUserId,
    pub state: SeatState,
    pub profile: Profile,
    pub roles: Vec<String>,
    /// Sorted, without repetition. `None`: as stored; no news has touched them since they were loaded.
    pub groups: Option<Vec<GroupId>>,
    /// Smaller is nearer to a seat. Set in `Blocked` alone.
    pub place: Option<i64>,
    /// When they joined the line, or took their seat, or lost it.
    pub since: Timestamp,
    /// The news each part of this row holds, so that a late thin event cannot undo a newer full one.
    pub activity_news: Stamp,
    pub profile_news: ProfileNews,
    pub groups_news: Stamp,
    pub roles_news: Stamp,
}

impl DirectoryUser {
    /// Somebody nobody has told us about yet.
    pub fn unknown(id: DirectoryUserId) -> Self {
        Self {
            id,
            state: SeatState::Removed,
            profile: Profile::default(),
            roles: Vec::new(),
            groups: None,
            place: None,
            since: Timestamp::NEVER,
            activity_news: Stamp::NEVER,
            profile_news: ProfileNews::NEVER,
            groups_news: Stamp::NEVER,
            roles_news: Stamp::NEVER,
        }
    }

    /// The newest news that any part of this row holds.
    pub fn newest_news(&self) -> Stamp {
        self.activity_news.max(self.profile_news.newest()).max(self.groups_news).max(self.roles_news)
    }

    pub fn email_key(&self) -> Option<String> {
        self.profile.email.as_deref().map(email_key)
    }

    /// Anybody but a tombstone.
    pub fn is_live(&self) -> bool {
        self.state != SeatState::Removed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_of_the_same_moment_is_ordered_by_weight_then_by_number() {
        let stamp = |seconds, weight, event| Stamp { at: Timestamp::from_seconds(seconds), weight, event };
        let mut all = [
            stamp(2, Weight::Active, 1),
            stamp(1, Weight::Deleted, 1),
            stamp(1, Weight::Active, 9),
            stamp(1, Weight::Active, 10),
            stamp(1, Weight::Inactive, 2),
        ];
        all.sort();
        assert_eq!(all.map(|s| s.event), [9, 10, 2, 1, 1]);
    }

    #[test]
    fn addresses_that_are_the_same_to_a_reader_have_one_key() {
        for (key, written) in [
            (
                "ada@acme.test",
                vec![" Ada@ACME.test ", "ada@acme.test.", "mailto:ada@acme.test", "Ada L <ada@acme.test>", "a\u{200b}da@acme.test"],
            ),
            ("jürgen@f.example", vec!["ju\u{308}rgen@f.example", "JÜRGEN@f.example"]),
            ("a@bücher.example", vec!["a@xn--bcher-kva.example", "a@B\u{fc}cher.example", "ａ@bücher.example", "a＠bücher.example"]),
            ("strasse.fi@a.test", vec!["straße.ﬁ@a.test", "STRASSE.fi@a.test"]),
            ("οδοσ@a.test", vec!["ΟΔΟΣ@a.test", "οδος@a.test"]),
        ] {
            for address in written {
                assert_eq!(email_key(address), key, "{address:?}");
            }
            assert_eq!(email_key(key), key);
        }
        assert_ne!(email_key("ada@acme.test"), email_key("adá@acme.test"));
        assert_eq!(email_key("no address"), "no address");
    }

    #[test]
    fn every_state_is_written_and_read() {
        for state in SeatState::ALL {
            assert_eq!(SeatState::parse(state.as_str()), Some(state));
        }
    }
}
