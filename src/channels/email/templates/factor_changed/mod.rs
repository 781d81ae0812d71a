//! A factor of an account was added or taken away, or a recovery code was used: to its owner.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Email, words::one_line, written};
use crate::domain::{account::FactorMessage, time::Timestamp};

/// What a person shows besides the password has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorChanged {
    /// The address of the account.
    pub email: String,
    pub what: FactorMessage,
    pub at: Timestamp,
}

impl FactorChanged {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let (headline, done) = self.words();
        let content = Content {
            headline,
            lead: format!(
                "{done} at {}, for the Seatkeeper account of {}.",
                self.at.exact(),
                one_line(&self.email)
            ),
            link: format!("{public_url}/reset-password"),
        };
        Email {
            subject: format!("Seatkeeper: {}", lowered(headline)),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: None,
            link: content.link,
            unsubscribe: None,
        }
    }

    fn words(&self) -> (&'static str, &'static str) {
        match self.what {
            FactorMessage::AppAdded => (
                "An authenticator app was added to your account",
                "Signing in needs a code of the app from now on: it was added",
            ),
            FactorMessage::AppRemoved => (
                "The authenticator app was removed from your account",
                "Signing in needs no code of the app any more: it was removed",
            ),
            FactorMessage::PasskeyAdded => (
                "A passkey was added to your account",
                "The passkey opens your account without a password from now on: it was added",
            ),
            FactorMessage::PasskeyRemoved => (
                "A passkey was removed from your account",
                "The passkey opens your account no more: it was removed",
            ),
            FactorMessage::PasskeyRefused => (
                "A passkey of your account was refused",
                "A copy of your passkey seems to be in use, so that it was refused; remove it from your account. This happened",
            ),
            FactorMessage::Reset => (
                "The second step of your sign-in was taken away",
                "Your authenticator app, your passkeys and your recovery codes were taken away by the people who run Seatkeeper",
            ),
            FactorMessage::RecoveryCodeUsed => (
                "A recovery code was used to sign in",
                "A recovery code was used in the place of a code of the app",
            ),
            FactorMessage::RecoveryCodesMade => (
                "New recovery codes were made for your account",
                "The old recovery codes work no more: new ones were made",
            ),
        }
    }
}

/// In the middle of a sentence.
fn lowered(headline: &str) -> String {
    let mut letters = headline.chars();
    let first = letters.next().map(|letter| letter.to_lowercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

struct Content {
    headline: &'static str,
    lead: String,
    link: String,
}

#[derive(Template)]
#[template(path = "factor_changed/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content,
}

#[derive(Template)]
#[template(path = "factor_changed/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content,
}

#[cfg(test)]
mod tests;
