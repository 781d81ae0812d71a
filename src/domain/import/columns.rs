//! The columns of a file of people, which are the fields of a JSON object, too.

/// What one cell of a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    ExternalId,
    Email,
    Name,
    GivenName,
    FamilyName,
    Active,
}

impl Column {
    pub const ALL: [Self; 6] = [
        Self::ExternalId,
        Self::Email,
        Self::Name,
        Self::GivenName,
        Self::FamilyName,
        Self::Active,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExternalId => "external_id",
            Self::Email => "email",
            Self::Name => "name",
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::Active => "active",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.as_str() == text)
    }

    /// The column that a first line names. Case, blanks, hyphens and underscores do not matter.
    pub(super) fn named(heading: &str) -> Option<Self> {
        let plain = |text: &str| text.to_ascii_lowercase().replace([' ', '-', '_'], "");
        let heading = plain(heading.trim());
        Self::ALL.into_iter().find(|column| plain(column.as_str()) == heading)
    }

    /// All names, for a sentence.
    pub(crate) fn names() -> String {
        let [names @ .., last] = Self::ALL.map(Self::as_str);
        format!("{} and {last}", names.join(", "))
    }
}
