//! Message ids like those of Svix: a KSUID, which is seconds and 128 random bits in 27 characters
//! that sort by time.

use domain::id::WebhookId;
use seatkeeper::clock::Clock;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// A KSUID counts seconds from this time (2014-05-13).
const EPOCH_SECONDS: i64 = 1_400_000_000;

pub(super) fn webhook_id(clock: &Clock) -> WebhookId {
    let mut bytes = [0; 20];
    let (time, chance) = bytes.split_at_mut(4);
    time.copy_from_slice(
        &u32::try_from(clock.now().seconds() - EPOCH_SECONDS).unwrap_or(0).to_be_bytes(),
    );
    clock.fill(chance);
    WebhookId::new(format!("msg_{}", base62(bytes)))
}

/// The 160-bit number in base 62, always 27 digits.
fn base62(mut number: [u8; 20]) -> String {
    let mut digits = ['0'; 27];
    for digit in digits.iter_mut().rev() {
        // One step of a long division by 62, byte by byte from the left; the rest is the digit.
        let mut rest: u16 = 0;
        for byte in &mut number {
            let value = (rest << 8) | u16::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX); // `rest` is below 62, so this fits
            rest = value % 62;
        }
        *digit = char::from(ALPHABET[usize::from(rest)]);
    }
    digits.iter().collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use domain::time::Timestamp;

    #[test]
    fn an_id_looks_like_those_of_svix_and_sorts_by_time() {
        let clock = Clock::still(Timestamp::from_seconds(1_770_802_269), 1);
        let first = webhook_id(&clock);
        clock.pass(Duration::from_secs(1));
        let second = webhook_id(&clock);

        assert!(first < second);
        assert_eq!(first.as_str().len(), "msg_2o3NaedIm6pL62OQ544VzM1cIYo".len());
        assert_eq!(base62([0; 20]), "0".repeat(27));
        assert_eq!(base62([u8::MAX; 20]), "aWgEPTl1tmebfsQzFP4bxwgy80V"); // the largest KSUID, from its specification
    }
}
