//! The passwords of the demo's accounts.

use std::{collections::HashMap, net::IpAddr};

use seatkeeper::clock::secret_bytes;

use super::customers::Invited;
use crate::cli::CliError;

/// The password of every account while the demo listens on this machine only, where it protects
/// nothing.
pub(super) const PASSWORD: &str = "seats-for-everyone";

/// The passwords of the demo accounts.
pub(super) enum Passwords {
    /// The same for every account; anyone can read it in the source.
    Known,
    /// One password per account, keyed by its e-mail address.
    Random(HashMap<String, String>),
}

impl Passwords {
    /// Anyone who reaches the address may try to sign in, so the known password is used on a
    /// loopback address only.
    pub(super) fn for_listeners_on(ip: IpAddr, accounts: &[Invited]) -> Result<Self, CliError> {
        if ip.to_canonical().is_loopback() {
            return Ok(Self::Known);
        }
        let random = accounts.iter().map(|(email, ..)| Ok((email.clone(), random_password()?)));
        random.collect::<Result<_, CliError>>().map(Self::Random)
    }

    pub(super) fn of(&self, email: &str) -> &str {
        match self {
            Self::Known => PASSWORD,
            Self::Random(all) => all.get(email).map_or("", String::as_str),
        }
    }

    pub(super) fn are_random(&self) -> bool {
        matches!(self, Self::Random(_))
    }
}

/// 120 random bits, in groups of six characters.
fn random_password() -> Result<String, CliError> {
    let bytes: [u8; 24] = secret_bytes().map_err(CliError::failed)?;
    let letters =
        bytes.map(|byte| char::from(b"abcdefghijkmnpqrstuvwxyz23456789"[usize::from(byte % 32)]));
    Ok(letters.chunks(6).map(|word| word.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}
