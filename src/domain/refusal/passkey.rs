//! The refusals of passkeys.

use super::table::refusals;

refusals! { PasskeyRefusal;
    NotAccepted, "passkey", None,
        "This passkey was not accepted. It may have been removed here: try another one, or use your password.";
    NotAdded, "passkey-not-added", None,
        "The passkey was not added: the browser’s answer does not fit what it was asked. Try again.";
    Over, "passkey-over", None,
        "This took too long, or it was done before. Try again.";
    Copied, "passkey-copied", None,
        "This passkey was refused, because a copy of it seems to be in use. Sign in another way, remove it from your account, and add a new one.";
    OfAnother, "passkey-of-another", None,
        "This passkey belongs to another account. Use one of the account that you are signed in with.";
    TooMany, "passkey-too-many", None,
        "An account has at most 20 passkeys. Remove one that you do not use any more first.";
    Name, "passkey-name", Some("name"),
        "The name of a passkey has at most 60 characters.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passkey::{LONGEST_NAME, MOST_PASSKEYS};

    #[test]
    fn the_sentences_name_the_limits_that_hold() {
        let (name, most) = (PasskeyRefusal::Name.to_string(), PasskeyRefusal::TooMany.to_string());
        assert!(name.contains(&format!("at most {LONGEST_NAME} ")), "{name}");
        assert!(most.contains(&format!("at most {MOST_PASSKEYS} ")), "{most}");
    }
}
