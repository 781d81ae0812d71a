//! Sets which addresses get the e-mails of an organization beside its admins.

use super::{Actor, Error, pace};
use crate::{
    clock::Generate,
    domain::{
        audit::AuditAction,
        directory_user::email_key,
        id::{AuditEntryId, OrganizationId},
        refusal::Refusal,
    },
    state::AppState,
    store::{
        audit_log::{self, Entry},
        extra_recipients, organizations,
    },
};

/// The most addresses of an organization.
pub const MOST: usize = 20;

/// Reads addresses with commas, blanks or line breaks between them. One that is there twice counts
/// once.
pub fn parse_recipients(text: &str) -> Result<Vec<String>, Refusal> {
    let mut found: Vec<String> = Vec::new();
    let words = text.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    for word in words.filter(|word| !word.is_empty()) {
        if !is_public_address(word) {
            return Err(Refusal::ExtraRecipient);
        }
        if !found.iter().any(|known| email_key(known) == email_key(word)) {
            found.push(word.to_owned());
        }
    }
    if found.len() > MOST { Err(Refusal::ExtraRecipient) } else { Ok(found) }
}

/// Whether it is the usual kind of address: no quoted name, and a domain of several parts that is
/// no IP address, because the mail server may know hosts of the own network by such ones.
fn is_public_address(word: &str) -> bool {
    let Ok(address) = word.parse::<lettre::Address>() else { return false };
    let (user, domain) = (address.user(), address.domain());
    let is_usual = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "._+-'".contains(c);
    let last = domain.rsplit('.').next().unwrap_or_default();
    word.len() <= 254
        && user.chars().all(is_usual)
        && domain.contains('.')
        && !domain.starts_with('[')
        && !last.chars().all(|c| c.is_ascii_digit())
}

/// Replaces the addresses; an empty text removes all. False: they are the same already.
pub async fn set_extra_recipients(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
    text: &str,
) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    let new = parse_recipients(text)?;
    let (scope, now) = (&locked.scope, state.clock.now());
    let known = extra_recipients::of(&mut tx, scope).await?;
    let keys = |emails: &[String]| {
        let mut keys: Vec<String> = emails.iter().map(|email| email_key(email)).collect();
        keys.sort();
        keys
    };
    if keys(&known) == keys(&new) {
        return Ok(false);
    }
    let about = (AuditAction::SetExtraRecipients, pace::SETTINGS);
    pace::keep_pace(&mut tx, actor, scope, about, now).await?;
    extra_recipients::set(&mut tx, scope, &new).await?;
    let (before, after) = (known.join(", "), new.join(", "));
    let entry = Entry {
        before: Some(before.as_str()).filter(|text| !text.is_empty()),
        after: Some(after.as_str()).filter(|text| !text.is_empty()),
        ..actor.entry(AuditAction::SetExtraRecipients)
    };
    audit_log::add(&mut tx, scope, &AuditEntryId::generate(&state.clock), &entry, now).await?;
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_from_a_list() {
        assert_eq!(
            parse_recipients(" a@acme.test, B@acme.test;\n b@Acme.test ").unwrap(),
            ["a@acme.test", "B@acme.test"]
        );
        assert_eq!(parse_recipients("").unwrap(), [""; 0]);
        let odd = ["a@localhost", "a@127.0.0.1", "a@[127.0.0.1]", "\"a>\"@b.test", "a%b@c.test"];
        for bad in ["acme.test", "a@", "a@acme.test <b@acme.test>", "a@acme.test\0"] {
            assert!(parse_recipients(bad).is_err(), "{bad}");
        }
        for bad in odd {
            assert!(parse_recipients(bad).is_err(), "{bad}");
        }
        let many: Vec<String> = (0..21).map(|n| format!("p{n}@acme.test")).collect();
        assert!(parse_recipients(&many.join(",")).is_err());
    }
}
