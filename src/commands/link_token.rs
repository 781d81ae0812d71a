//! The token of a link that needs no sign-in: 256 bits from the operating system. It is in the
//! e-mail alone.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{clock::secret_bytes, commands::Error, store::account_links::TOKEN_BYTES};

pub(super) fn fresh_token() -> Result<String, Error> {
    let bytes: [u8; TOKEN_BYTES] = secret_bytes()
        .map_err(|error| Error::Internal(format!("the machine has no randomness: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
