//! Passwords: which ones are accepted, how they are stored, and how they are verified. The hash is
//! argon2id with the library's defaults (19 MiB, two passes), as OWASP recommends.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use unicode_normalization::UnicodeNormalization;
use zxcvbn::{Entropy, Score, feedback::Feedback, matching::patterns::MatchPattern, zxcvbn};

use super::Error;
use crate::{
    domain::{access::Viewer, refusal::Refusal, text::folded},
    hashing::beside_all_else,
    state::AppState,
};

/// In characters.
const SHORTEST: usize = 12;
const LONGEST: usize = 128;
/// In bytes: no accepted password is this long, so a longer one is not hashed.
const MOST_BYTES: usize = 1_024;
/// The product names that an attacker tries first.
const PRODUCT: [&str; 2] = ["seatkeeper", "scalekit"];

/// A password is the same sequence of bytes on every keyboard: NFC, as RFC 8265 (`OpaqueString`)
/// requires. Nothing else is changed: case, width and spaces count.
fn normalized(password: &str) -> String {
    password.nfc().collect()
}

/// The hash of a new password, if the password is accepted. `organizations` are the names of the
/// organizations that the account's owner sees.
pub(super) async fn new_hash(
    password: String,
    owner: &Viewer,
    organizations: &[String],
) -> Result<String, Error> {
    hash(accepted(password, owner, organizations).await?).await
}

/// A new password as it is hashed, if it is accepted.
pub(super) async fn accepted(
    password: String,
    owner: &Viewer,
    organizations: &[String],
) -> Result<String, Error> {
    let known = known_words(owner, organizations);
    let password = normalized(&password);
    let checked = tokio::task::spawn_blocking(move || check(&password, &known).map(|()| password));
    Ok(checked
        .await
        .map_err(|error| Error::Internal(format!("a password could not be judged: {error}")))??)
}

/// The public words about the account's owner, whole and in parts.
fn known_words(owner: &Viewer, organizations: &[String]) -> Vec<String> {
    let named = [&owner.email, &owner.name]
        .into_iter()
        .chain(organizations)
        .map(|text| normalized(text).to_lowercase());
    let mut words: Vec<String> = PRODUCT.map(str::to_owned).into();
    for text in named {
        words.extend(
            text.split(|c: char| !c.is_alphanumeric())
                .filter(|word| word.chars().count() > 2)
                .map(str::to_owned),
        );
        words.push(text.split_whitespace().collect());
        words.push(text);
    }
    words
}

/// Checks that a password withstands guessing against a stolen hash of this kind: it needs three of
/// zxcvbn's four points, and all four if a part of it is public.
fn check(password: &str, known: &[String]) -> Result<(), Refusal> {
    if password.contains(char::is_control) {
        return Err(Refusal::PasswordUnprintable);
    }
    match password.chars().count() {
        ..SHORTEST => return Err(Refusal::PasswordTooShort),
        SHORTEST..=LONGEST => {}
        _ => return Err(Refusal::PasswordTooLong),
    }
    let words: Vec<&str> = known.iter().map(String::as_str).collect();
    judge(password, known, &words)?;
    // An attacker also tries the password without accents, width and invisible characters.
    judge(&folded(password), known, &words)
}

fn judge(password: &str, known: &[String], words: &[&str]) -> Result<(), Refusal> {
    let estimate = zxcvbn(password, words);
    let is_known = estimate.sequence().iter().any(|part| match &part.pattern {
        MatchPattern::Dictionary(found) => known.contains(&found.matched_word),
        _ => false,
    });
    let enough = if is_known { Score::Four } else { Score::Three };
    if estimate.score() >= enough {
        Ok(())
    } else {
        Err(Refusal::PasswordTooWeak(reason(&estimate, is_known)))
    }
}

fn reason(estimate: &Entropy, is_known: bool) -> String {
    let feedback = estimate.feedback();
    let warning = feedback.and_then(Feedback::warning).map(|warning| warning.to_string());
    let why = match (is_known, warning) {
        (true, _) => {
            "It is made of your own name, address or organization, or of this product’s name."
                .to_owned()
        }
        (false, Some(warning)) => warning,
        (false, None) => "It can be guessed in a short time.".to_owned(),
    };
    let advice =
        feedback.and_then(|feedback| feedback.suggestions().first()).map(ToString::to_string);
    [Some(why), advice].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

pub(super) async fn hash(password: String) -> Result<String, Error> {
    let hashed = beside_all_else(move || {
        Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
    });
    let failed = |error: &dyn std::fmt::Display| {
        Error::Internal(format!("a password could not be hashed: {error}"))
    };
    hashed.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))
}

/// Whether a password matches this hash. Only a few checks run at once.
pub(super) async fn matches(
    state: &AppState,
    password: String,
    hash: String,
) -> Result<bool, Error> {
    let permit = Arc::clone(&state.hashing).acquire_owned().await;
    let verified = beside_all_else(move || {
        let _permit = permit;
        verify(&password, &hash)
    });
    verified
        .await
        .map_err(|error| Error::Internal(format!("a password could not be verified: {error}")))?
}

fn verify(password: &str, hash: &str) -> Result<bool, Error> {
    if password.len() > MOST_BYTES {
        return Ok(false);
    }
    // If the stored hash cannot be read, no password matches, and the log has the reason.
    let hash = PasswordHash::new(hash).map_err(|error| {
        Error::Internal(format!("a stored password hash cannot be read: {error}"))
    })?;
    match Argon2::default().verify_password(normalized(password).as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(Error::Internal(format!("a password could not be verified: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::{access::Role, id::AccountId};

    fn kim() -> Viewer {
        let (name, email) = ("Kim Park".to_owned(), "kim.park@borealis-labs.test".to_owned());
        Viewer {
            account: AccountId::new("acc_1"),
            name,
            email,
            role: Role::TenantAdmin,
            organizations: BTreeMap::new(),
            view_as: None,
        }
    }

    fn judged(password: &str) -> Result<(), Refusal> {
        check(&normalized(password), &known_words(&kim(), &["Borealis Laboratories".to_owned()]))
    }

    #[test]
    fn what_is_guessed_first_is_refused_with_the_reason() {
        for (password, why) in [
            ("password1234", "very common password"),
            ("aaaaaaaaaaaa", "Repeats like \"aaa\""),
            ("abcabcabcabc", "Repeats like"),
            ("qwertyuiop[]", "eys are easy to guess"),
            ("123456789012", "equences"),
            ("kim.park@borealis-labs.test", "your own name"),
            ("Kim Park 2026", "your own name"),
            ("borealislaboratories1", "your own name"),
            ("kraP miK kraP miK", "your own name"),
            ("seatkeeper2026!", "product’s name"),
            ("P@ssw0rdP@ssw0rd", "Repeats"),
        ] {
            let Err(Refusal::PasswordTooWeak(reason)) = judged(password) else {
                panic!("{password}: {:?}", judged(password))
            };
            assert!(reason.contains(why), "{password}: {reason}");
        }
    }

    #[test]
    fn a_password_has_12_to_128_characters() {
        let of = |length: usize| -> String {
            "gj4kq9vx0zwmtb7hr2".chars().cycle().take(length).collect()
        };

        assert_eq!(judged(&of(11)), Err(Refusal::PasswordTooShort));
        assert_eq!(judged(&of(12)), Ok(()));
        assert_eq!(judged(&of(128)), Ok(()));
        assert_eq!(judged(&of(129)), Err(Refusal::PasswordTooLong));
        assert_eq!(judged(""), Err(Refusal::PasswordTooShort));
        assert_eq!(
            judged(&"é".repeat(11)),
            Err(Refusal::PasswordTooShort),
            "characters, not bytes"
        );
        assert_eq!(
            judged(&"e\u{301}".repeat(11)),
            Err(Refusal::PasswordTooShort),
            "nor code points of one character"
        );
    }

    #[test]
    fn a_password_that_no_form_can_send_is_refused() {
        for password in [
            "Zr9-quiet-lantern-brook-77\nextra",
            "Zr9-quiet-lantern\u{1b}brook-77",
            "Zr9-quiet-lantern\0brook-77",
        ] {
            assert_eq!(judged(password), Err(Refusal::PasswordUnprintable), "{password:?}");
        }
    }

    #[test]
    fn a_passphrase_and_a_generated_password_are_taken() {
        for password in [
            "correct horse battery",
            "a passphrase that stays secret",
            "vK7#pq2!mZ9x",
            "Tannenzäpfle und Kässpätzle",
        ] {
            assert_eq!(judged(password), Ok(()), "{password}");
        }
    }

    #[tokio::test]
    async fn a_password_is_the_same_on_every_keyboard() {
        let composed = "Tannenz\u{e4}pfle und K\u{e4}sp\u{e4}tzle";
        let decomposed = "Tannenza\u{308}pfle und Ka\u{308}spa\u{308}tzle";
        let hash = new_hash(decomposed.to_owned(), &kim(), &[]).await.unwrap();

        assert!(verify(composed, &hash).unwrap() && verify(decomposed, &hash).unwrap());
        assert!(!verify("tannenzäpfle und käspätzle", &hash).unwrap(), "case counts");
        assert!(!verify(&composed.repeat(100), &hash).unwrap());
    }

    #[test]
    fn a_row_without_a_hash_is_an_error_and_no_wrong_password() {
        assert!(matches!(verify("anything at all", ""), Err(Error::Internal(_))));
    }
}
