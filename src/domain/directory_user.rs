//! One user in one directory, and the state of the user's seat.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::{
    id::{DirectoryUserId, GroupId},
    text::is_unseen,
    time::Timestamp,
};

/// The seat state of a directory user. Only a user in the state `Provisioned` holds a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatState {
    /// Holds a seat.
    Provisioned,
    /// Wants a seat, but none was free. The user has a position in the waitlist.
    Blocked,
    /// Wants a seat, but an admin dismissed the user from the waitlist.
    Dismissed,
    /// Deactivated in the directory.
    Inactive,
    /// Deleted in the directory. The row is a tombstone, so that late updates do not restore the
    /// user.
    Removed,
}

impl SeatState {
    pub const ALL: [Self; 5] =
        [Self::Provisioned, Self::Blocked, Self::Dismissed, Self::Inactive, Self::Removed];

    /// The name in the database and in URLs.
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

    /// The name for readers.
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

/// Orders two updates. The later time is newer. At the same time a deletion is newer than a
/// deactivation, and a deactivation is newer than an activation. After that, the larger event
/// number is newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version {
    pub at: Timestamp,
    pub weight: Precedence,
    /// The number at the end of an event id such as `evt_53891546994442316`.
    pub event: u64,
}

/// Orders updates with the same time.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Precedence {
    #[default]
    Active,
    Inactive,
    Deleted,
}

impl Version {
    /// Older than every update.
    pub const NEVER: Self = Self { at: Timestamp::NEVER, weight: Precedence::Active, event: 0 };
}

/// The profile of a user. Only the id identifies a user: an e-mail address can change, and two
/// users can share it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub email: Option<String>,
    pub name: Option<String>,
    /// The identity provider's own id for the user (SCIM `externalId`).
    pub external_id: Option<String>,
}

impl Profile {
    /// The text to show for the user: the name, otherwise the e-mail address.
    pub fn label(&self) -> Option<&str> {
        self.name.as_deref().or(self.email.as_deref())
    }
}

/// The version of each profile field. A payload that lacks a field, or in which the field cannot be
/// read, leaves that field as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileVersions {
    pub email: Version,
    pub name: Version,
    pub external_id: Version,
}

impl ProfileVersions {
    pub const NEVER: Self =
        Self { email: Version::NEVER, name: Version::NEVER, external_id: Version::NEVER };

    pub fn newest(self) -> Version {
        self.email.max(self.name).max(self.external_id)
    }
}

/// Returns the key by which e-mail addresses are compared. Addresses that look the same to a reader
/// have the same key: the key ignores case, composition, width, invisible characters, outer blanks,
/// and the two spellings of a domain (`bücher.example`, `xn--bcher-kva.example`). The key of a key
/// is the key itself.
pub fn email_key(email: &str) -> String {
    // Each step may leave something to an earlier one: a decoded domain may hold another `ß`.
    const MOST_PASSES: usize = 8;
    let mut key = simplified_address(email);
    for _ in 1..MOST_PASSES {
        let next = simplified_address(&key);
        if next == key {
            break;
        }
        key = next;
    }
    key
}

fn simplified_address(email: &str) -> String {
    let text = if email.is_ascii() {
        visible(email.chars()).to_ascii_lowercase()
    } else {
        without_case(email)
    };
    let mut address = text.trim();
    loop {
        let inner = address
            .strip_suffix('>')
            .and_then(|text| text.rsplit_once('<'))
            .map(|(_, inner)| inner);
        let Some(inner) = inner.or_else(|| address.strip_prefix("mailto:")) else { break };
        address = inner.trim();
    }
    let Some((local, domain)) = address.rsplit_once('@') else { return address.to_owned() };
    let domain = domain.trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    let (domain, readable) = idna::domain_to_unicode(domain);
    if readable.is_ok() { format!("{local}@{domain}") } else { address.to_owned() }
}

/// Composed text without case. A capital letter may have no composed form, as that of `ΐ`, so the
/// text is composed again afterwards. Some letters have one spelling only in capitals: `ß` is `SS`,
/// and `ς` is `Σ`. But `ı` stays, because its capital is that of `i`.
fn without_case(text: &str) -> String {
    let mut small = String::with_capacity(text.len());
    for c in visible(text.nfkc()).chars().flat_map(char::to_lowercase) {
        match c {
            'ı' => small.push(c),
            c => small.extend(c.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
    visible(small.nfkc())
}

fn visible(text: impl Iterator<Item = char>) -> String {
    text.filter(|c| !is_unseen(*c) || c.is_whitespace()).collect()
}

/// An e-mail address that a user had and no longer has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerAddress {
    pub user: DirectoryUserId,
    pub email_key: String,
    /// The time of the newest update in which the user had the address.
    pub last: Timestamp,
    /// The time of the update that gave the user another address.
    pub until: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryUser {
    pub id: DirectoryUserId,
    pub state: SeatState,
    pub profile: Profile,
    pub roles: Vec<String>,
    /// Sorted, without duplicates. `None` means as stored: no update has changed the groups since
    /// the user was loaded.
    pub groups: Option<Vec<GroupId>>,
    /// The position in the waitlist: the smallest number is the first. Set only in the state
    /// `Blocked`.
    pub waitlist_position: Option<i64>,
    /// When the user entered the current state.
    pub since: Timestamp,
    /// The time of the oldest event about the user, as long as no event has stated the activity. It
    /// shows whether the user was there when the organization was deleted.
    pub known_since: Timestamp,
    /// The version of each part of the row, so that a late update with few fields cannot undo a
    /// newer one.
    pub activity_version: Version,
    pub profile_versions: ProfileVersions,
    pub groups_version: Version,
    pub roles_version: Version,
}

impl DirectoryUser {
    /// A user that no event has named yet.
    pub fn unknown(id: DirectoryUserId) -> Self {
        Self {
            id,
            state: SeatState::Removed,
            profile: Profile::default(),
            roles: Vec::new(),
            groups: None,
            waitlist_position: None,
            since: Timestamp::NEVER,
            known_since: Timestamp::NEVER,
            activity_version: Version::NEVER,
            profile_versions: ProfileVersions::NEVER,
            groups_version: Version::NEVER,
            roles_version: Version::NEVER,
        }
    }

    /// The newest version of any part of the row.
    pub fn newest_version(&self) -> Version {
        self.activity_version
            .max(self.profile_versions.newest())
            .max(self.groups_version)
            .max(self.roles_version)
    }

    /// A user who is deleted leaves every group. A list of groups that is newer than the deletion
    /// stays, whichever of the two arrives first.
    pub fn leave_groups(&mut self, deletion: Version) {
        if deletion > self.groups_version {
            self.groups = Some(Vec::new());
            self.groups_version = deletion;
        }
    }

    /// Returns whether an event has stated the activity. Until then the user counts as active.
    pub fn has_stated_activity(&self) -> bool {
        self.activity_version != Version::NEVER
    }

    /// The time from which the activity counts: of the newest statement, or of the oldest event if
    /// there is none.
    pub fn activity_at(&self) -> Timestamp {
        if self.has_stated_activity() { self.activity_version.at } else { self.known_since }
    }

    pub fn email_key(&self) -> Option<String> {
        self.profile.email.as_deref().map(email_key)
    }

    /// Returns whether the user is anything but a tombstone.
    pub fn is_live(&self) -> bool {
        self.state != SeatState::Removed
    }

    /// Returns whether the directory still has the user, by the newest statement. This is also true
    /// for a user who is removed because the organization does not exist at that time.
    pub fn is_in_directory(&self) -> bool {
        self.activity_version.weight != Precedence::Deleted
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, test_runner::Config};

    use super::*;

    #[test]
    fn events_of_the_same_moment_are_ordered_by_precedence_then_by_number() {
        let stamp = |seconds, weight, event| Version {
            at: Timestamp::from_seconds(seconds),
            weight,
            event,
        };
        let mut all = [
            stamp(2, Precedence::Active, 1),
            stamp(1, Precedence::Deleted, 1),
            stamp(1, Precedence::Active, 9),
            stamp(1, Precedence::Active, 10),
            stamp(1, Precedence::Inactive, 2),
        ];
        all.sort();
        assert_eq!(all.map(|s| s.event), [9, 10, 2, 1, 1]);
    }

    #[test]
    fn addresses_that_are_the_same_to_a_reader_have_one_key() {
        for (key, written) in [
            (
                "ada@acme.test",
                vec![
                    " Ada@ACME.test ",
                    "ada@acme.test.",
                    "mailto:ada@acme.test",
                    "Ada L <ada@acme.test>",
                    "a\u{200b}da@acme.test",
                ],
            ),
            ("jürgen@f.example", vec!["ju\u{308}rgen@f.example", "JÜRGEN@f.example"]),
            (
                "a@bücher.example",
                vec![
                    "a@xn--bcher-kva.example",
                    "a@B\u{fc}cher.example",
                    "ａ@bücher.example",
                    "a＠bücher.example",
                ],
            ),
            ("strasse.fi@a.test", vec!["straße.ﬁ@a.test", "STRASSE.fi@a.test"]),
            ("οδοσ@a.test", vec!["ΟΔΟΣ@a.test", "οδος@a.test"]),
            (
                "\u{390}@a.test",
                vec![
                    "\u{3aa}\u{301}@a.test",
                    "\u{399}\u{308}\u{301}@a.test",
                    "\u{3ca}\u{301}@a.test",
                ],
            ),
            (
                "\u{1f0}.ss@a.test",
                vec!["J\u{30c}.ẞ@a.test", "j\u{30c}.ß@a.test", "MAILTO:J\u{30c}.SS@A.TEST"],
            ),
            (
                "a@strasse.example",
                vec!["a@straße.example", "a@xn--strae-oqa.example", "a@STRASSE.example.."],
            ),
            ("ı@a.test", vec!["ı@A.TEST"]),
        ] {
            for address in written {
                assert_eq!(email_key(address), key, "{address:?}");
            }
            assert_eq!(email_key(key), key);
        }
        assert_ne!(email_key("ada@acme.test"), email_key("adá@acme.test"));
        assert_eq!(email_key("no address"), "no address");
    }

    /// Text of letters that are special in some way, of any characters, and of pieces of addresses.
    fn written() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            prop::sample::select(vec![
                "@",
                ".",
                " ",
                "<",
                ">",
                "mailto:",
                "xn--strae-oqa",
                "xn--",
                "ß",
                "ẞ",
                "ς",
                "Σ",
                "İ",
                "ı",
                "ΐ",
                "J\u{30c}",
                "\u{308}",
                "\u{301}",
                "\u{345}",
                "\u{200d}",
                "\u{3aa}",
                "ŉ",
                "ﬃ",
                "ǅ",
                "Ω",
                "K",
                "և",
                "ᲀ",
                "Ა",
                "Ꭰ",
                "ꭰ",
                "a",
                "Z",
                "．",
                "＠",
            ])
            .prop_map(str::to_owned),
            any::<char>().prop_map(String::from),
            "\\PC{0,3}",
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(Config { cases: 4_000, failure_persistence: None, ..Config::default() })]

        #[test]
        fn the_key_of_a_key_is_the_key_itself(text in written()) {
            let key = email_key(&text);
            prop_assert_eq!(email_key(&key), key);
        }

        #[test]
        fn composed_and_decomposed_text_have_one_key(text in written()) {
            let (composed, decomposed): (String, String) = (text.nfc().collect(), text.nfd().collect());
            prop_assert_eq!(email_key(&composed), email_key(&decomposed));
        }

        /// Without the two letters whose capitals Unicode shares with other letters or puts in
        /// another place.
        #[test]
        fn capital_and_small_letters_have_one_key(text in written()) {
            prop_assume!(text.nfkd().all(|c| c != 'ı' && c != '\u{345}'));
            prop_assert_eq!(email_key(&text.to_uppercase()), email_key(&text.to_lowercase()), "{:?}", text);
        }
    }

    #[test]
    fn every_state_is_written_and_read() {
        for state in SeatState::ALL {
            assert_eq!(SeatState::parse(state.as_str()), Some(state));
        }
    }
}
