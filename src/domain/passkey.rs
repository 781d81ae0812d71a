//! Passkeys: keys in a phone, a computer or a password manager. One of them opens an account
//! without its password, because it asks for the finger, the face or the PIN of its owner.

use std::time::Duration;

use super::refusal::PasskeyRefusal;

/// How long a browser may take to sign, a little longer than it is told.
pub const CEREMONY_LASTS: Duration = Duration::from_mins(6);

/// How many passkeys an account has at most.
pub const MOST_PASSKEYS: i64 = 20;

/// What a passkey is called if its owner does not say.
const UNNAMED: &str = "Passkey";

/// In characters.
pub const LONGEST_NAME: usize = 60;

/// Reads the name that a person gives a passkey.
pub fn parse_name(text: &str) -> Result<&str, PasskeyRefusal> {
    let name = text.trim();
    let is_name = name.chars().count() <= LONGEST_NAME && !name.contains(char::is_control);
    match name {
        _ if !is_name => Err(PasskeyRefusal::Name),
        "" => Ok(UNNAMED),
        name => Ok(name),
    }
}

/// What a browser was asked to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CeremonyKind {
    /// A signed-in person adds a passkey.
    Add,
    SignIn,
    /// A signed-in person shows again who they are.
    ConfirmIdentity,
}

impl CeremonyKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::SignIn => "sign_in",
            Self::ConfirmIdentity => "confirm_identity",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_may_be_left_out() {
        assert_eq!(parse_name(" Kim’s phone "), Ok("Kim’s phone"));
        assert_eq!(parse_name("  "), Ok("Passkey"));
        assert!(parse_name(&"ü".repeat(LONGEST_NAME)).is_ok());
        for bad in ["ü".repeat(LONGEST_NAME + 1), "a\nb".to_owned()] {
            assert_eq!(parse_name(&bad), Err(PasskeyRefusal::Name), "{bad}");
        }
    }
}
