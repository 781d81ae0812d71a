//! What a person shows besides the password, and what they type as the second step of a sign-in.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// What an app is called in the audit log.
pub const APP: &str = "authenticator app";

/// How long the steps of a sign-in, or the set-up of a factor, may take together.
pub const STEP_LASTS: Duration = Duration::from_mins(10);

/// A code of an app counts for so many seconds.
pub const APP_PERIOD: u64 = 30;

/// The factors of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factors {
    /// An app that shows another code every 30 seconds (TOTP, RFC 6238).
    pub has_app: bool,
    pub passkeys: i64,
    /// How many recovery codes still work.
    pub codes_left: i64,
}

impl Factors {
    /// Whether a password alone is not enough.
    pub fn is_any(self) -> bool {
        self.has_app || self.passkeys > 0
    }

    /// `authenticator app, 2 passkeys`; empty without any.
    pub fn words(self) -> String {
        let app = self.has_app.then(|| APP.to_owned());
        let passkeys = match self.passkeys {
            0 => None,
            1 => Some("1 passkey".to_owned()),
            more => Some(format!("{more} passkeys")),
        };
        app.into_iter().chain(passkeys).collect::<Vec<_>>().join(", ")
    }
}

/// A code that is used once, in the place of a factor that is lost: 120 bits, in six groups of
/// four. From 112 bits on a fast hash is enough (OWASP ASVS 6.5.2).
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// How many codes an account gets.
    pub const COUNT: usize = 10;
    /// In bytes, before it is written in letters and digits.
    pub const BYTES: usize = 15;
    /// Letters and digits that no person mistakes for others (Crockford's base 32).
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    const LENGTH: usize = 24;

    pub fn of(bytes: [u8; Self::BYTES]) -> Self {
        let number = bytes.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        let letter = |at: usize| {
            let index = (number >> (5 * at)) & 31;
            char::from(Self::ALPHABET[usize::try_from(index).unwrap_or_default()])
        };
        Self((0..Self::LENGTH).rev().map(letter).collect())
    }

    /// Reads what a person types from paper; `None` if it cannot be a recovery code.
    fn parse(compact: &str) -> Option<Self> {
        let letters = compact.chars().map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        });
        let text: String = letters.collect();
        let is_known = |c: char| u8::try_from(c).is_ok_and(|byte| Self::ALPHABET.contains(&byte));
        (text.chars().count() == Self::LENGTH && text.chars().all(is_known)).then_some(Self(text))
    }

    /// The text that is hashed.
    pub fn compact(&self) -> &str {
        &self.0
    }
}

/// `3f9k-27qm-x0zt-8hva-5wd1-m6cj`
impl fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, letter) in self.0.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{letter}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// What a person typed where a code is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedCode {
    /// The six digits of an app.
    App(String),
    Recovery(RecoveryCode),
}

impl TypedCode {
    /// Blanks and hyphens between the characters do not count.
    pub fn parse(text: &str) -> Option<Self> {
        let compact: String =
            text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(64).collect();
        let is_app = compact.len() == 6 && compact.bytes().all(|byte| byte.is_ascii_digit());
        if is_app {
            Some(Self::App(compact))
        } else {
            RecoveryCode::parse(&compact).map(Self::Recovery)
        }
    }
}

/// What a browser has begun and not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// The password was right; a factor is asked for.
    SecondStep,
    /// The password was right; staff without a factor set one up first.
    FirstFactor,
    /// A signed-in person adds an app.
    AddApp,
}

impl StepKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SecondStep => "second_step",
            Self::FirstFactor => "first_factor",
            Self::AddApp => "add_app",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_read_as_a_person_types_it() {
        let code = RecoveryCode::of([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(code.to_string(), "zw00-0000-0000-0000-0000-0001");

        for typed in [
            "zw00-0000-0000-0000-0000-0001",
            " ZWOO 0000 oooo 0000 0000 000l ",
            "zw000000000000000000000I",
        ] {
            assert_eq!(TypedCode::parse(typed), Some(TypedCode::Recovery(code.clone())), "{typed}");
        }
        for typed in [
            "",
            "zw00-0000-0000-0000-0000-000",
            "zw00-0000-0000-0000-0000-000u",
            "zw00-0000-0000-0000-0000-00011",
        ] {
            assert_eq!(TypedCode::parse(typed), None, "{typed}");
        }
        assert_eq!(format!("{code:?}"), "…");
    }

    #[test]
    fn six_digits_are_a_code_of_an_app() {
        for typed in ["123456", "123 456", " 123-456 "] {
            assert_eq!(TypedCode::parse(typed), Some(TypedCode::App("123456".to_owned())));
        }
        assert_eq!(TypedCode::parse("12345"), None);
        assert_eq!(TypedCode::parse("１２３４５６"), None);
    }

    #[test]
    fn factors_are_named_in_words() {
        let of = |has_app, passkeys| Factors { has_app, passkeys, codes_left: 10 };
        assert_eq!(of(false, 0).words(), "");
        assert_eq!(of(true, 0).words(), "authenticator app");
        assert_eq!(of(false, 1).words(), "1 passkey");
        assert_eq!(of(true, 2).words(), "authenticator app, 2 passkeys");
        assert!(!of(false, 0).is_any() && of(false, 1).is_any() && of(true, 0).is_any());
    }

    #[test]
    fn different_bytes_are_different_codes() {
        let codes: std::collections::BTreeSet<String> = (0..=255)
            .map(|byte| {
                RecoveryCode::of([7, 7, 7, byte, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7]).to_string()
            })
            .collect();
        assert_eq!(codes.len(), 256);
    }
}
