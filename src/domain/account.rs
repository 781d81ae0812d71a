//! What an account's owner does without staff: the links that reach them by e-mail, and the e-mails
//! about the account.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a link in an e-mail does. It works once, without a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// Its owner sets a new password.
    PasswordReset,
    /// Its reader has the new e-mail address of an account.
    AddressConfirm,
}

impl LinkKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::AddressConfirm => "address_confirm",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::PasswordReset, Self::AddressConfirm].into_iter().find(|kind| kind.as_str() == text)
    }

    /// How long it works, counted from when it was asked for.
    pub fn lasts(self) -> Duration {
        match self {
            Self::PasswordReset => Duration::from_hours(1),
            Self::AddressConfirm => Duration::from_hours(24),
        }
    }
}

/// An e-mail to the owner of one account, about the account itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AccountMessage {
    /// The link with which a forgotten password is replaced.
    PasswordReset,
    PasswordChanged,
    /// The link to the new address. If another account has the address, its owner gets
    /// `AddressTaken` in its place.
    AddressConfirm,
    AddressTaken,
    /// To the old address.
    AddressChanged,
    Factor(FactorMessage),
    /// Shows that e-mails reach the person who asked for it.
    Test,
}

/// What changed about the second step of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FactorMessage {
    AppAdded,
    AppRemoved,
    PasskeyAdded,
    PasskeyRemoved,
    /// Its counter went back, so that there seems to be a copy of it.
    PasskeyRefused,
    /// A staff admin, or the command line, took all factors away.
    Reset,
    RecoveryCodeUsed,
    RecoveryCodesMade,
}

impl AccountMessage {
    pub const ALL: [Self; 14] = [
        Self::PasswordReset,
        Self::PasswordChanged,
        Self::AddressConfirm,
        Self::AddressTaken,
        Self::AddressChanged,
        Self::Factor(FactorMessage::AppAdded),
        Self::Factor(FactorMessage::AppRemoved),
        Self::Factor(FactorMessage::PasskeyAdded),
        Self::Factor(FactorMessage::PasskeyRemoved),
        Self::Factor(FactorMessage::PasskeyRefused),
        Self::Factor(FactorMessage::Reset),
        Self::Factor(FactorMessage::RecoveryCodeUsed),
        Self::Factor(FactorMessage::RecoveryCodesMade),
        Self::Test,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::AddressConfirm => "address_confirm",
            Self::AddressTaken => "address_taken",
            Self::AddressChanged => "address_changed",
            Self::Factor(FactorMessage::AppAdded) => "app_added",
            Self::Factor(FactorMessage::AppRemoved) => "app_removed",
            Self::Factor(FactorMessage::PasskeyAdded) => "passkey_added",
            Self::Factor(FactorMessage::PasskeyRemoved) => "passkey_removed",
            Self::Factor(FactorMessage::PasskeyRefused) => "passkey_refused",
            Self::Factor(FactorMessage::Reset) => "factors_reset",
            Self::Factor(FactorMessage::RecoveryCodeUsed) => "recovery_code_used",
            Self::Factor(FactorMessage::RecoveryCodesMade) => "recovery_codes_made",
            Self::Test => "test_email",
        }
    }

    /// What it is about, in a few words.
    pub fn name(self) -> &'static str {
        match self {
            Self::PasswordReset => "Link for a new password",
            Self::PasswordChanged => "The password was changed",
            Self::AddressConfirm => "Confirmation of an e-mail address",
            Self::AddressTaken => "An e-mail address was asked for that an account has",
            Self::AddressChanged => "The e-mail address was changed",
            Self::Factor(FactorMessage::AppAdded) => "An authenticator app was added",
            Self::Factor(FactorMessage::AppRemoved) => "The authenticator app was removed",
            Self::Factor(FactorMessage::PasskeyAdded) => "A passkey was added",
            Self::Factor(FactorMessage::PasskeyRemoved) => "A passkey was removed",
            Self::Factor(FactorMessage::PasskeyRefused) => "A passkey was refused",
            Self::Factor(FactorMessage::Reset) => "The second step was taken away",
            Self::Factor(FactorMessage::RecoveryCodeUsed) => "A recovery code was used",
            Self::Factor(FactorMessage::RecoveryCodesMade) => "New recovery codes were made",
            Self::Test => "Test e-mail",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_link_is_read_back() {
        for kind in [LinkKind::PasswordReset, LinkKind::AddressConfirm] {
            assert_eq!(LinkKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(LinkKind::parse("invitation"), None);
    }
}
