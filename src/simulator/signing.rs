//! The secrets that sign a message: one, or two during a rotation.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};

use domain::{id::WebhookId, time::Timestamp};
use seatkeeper::{
    clock::Clock,
    scalekit::signature::{self, BadSecret, Secret},
};

/// How long the old secret signs beside the new one.
const OVERLAP: Duration = Duration::from_hours(24);

/// The secrets that the receiver knows, in a ring. Each rotation makes the next secret the current
/// one.
pub(super) struct Signing {
    ring: Vec<Secret>,
    current: usize,
    /// The previous secret, and until when it signs too.
    old: Option<(Secret, Timestamp)>,
    /// A secret that the receiver does not know.
    wrong: Secret,
}

impl Signing {
    pub(super) fn new(secret: Secret, clock: &Clock) -> Result<Self, BadSecret> {
        Ok(Self {
            ring: vec![secret],
            current: 0,
            old: None,
            wrong: Secret::parse(&invented_secret(clock))?,
        })
    }

    /// Adds secrets that the receiver knows too, for later rotations.
    pub(super) fn add(&mut self, spare: impl IntoIterator<Item = Secret>) {
        self.ring.extend(spare);
    }

    /// From now on the next secret signs, and for one more day the current one signs beside it. If
    /// there is no other secret, a new one is made and returned as text; the receiver must be given
    /// it before that day is over.
    pub(super) fn rotate(
        &mut self,
        clock: &Clock,
        time_factor: f64,
    ) -> Result<Option<String>, BadSecret> {
        let invented = (self.ring.len() == 1).then(|| invented_secret(clock));
        if let Some(text) = &invented {
            self.ring.push(Secret::parse(text)?);
        }
        self.old =
            Some((self.ring[self.current].clone(), clock.now().plus(OVERLAP.mul_f64(time_factor))));
        self.current = (self.current + 1) % self.ring.len();
        Ok(invented)
    }

    /// Until when the old secret signs beside the new one; `None` if only one secret signs.
    pub(super) fn overlaps_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.old.as_ref().map(|(_, until)| *until).filter(|until| now < *until)
    }

    /// The header of an attempt made now: the current signature first, the old one after it.
    pub(super) fn sign(
        &self,
        id: &WebhookId,
        at: Timestamp,
        body: &[u8],
        now: Timestamp,
    ) -> String {
        let current = signature::sign(&self.ring[self.current], id, at.seconds(), body);
        match &self.old {
            Some((old, until)) if now < *until => {
                format!("{current} {}", signature::sign(old, id, at.seconds(), body))
            }
            _ => current,
        }
    }

    pub(super) fn sign_wrongly(&self, id: &WebhookId, at: Timestamp, body: &[u8]) -> String {
        signature::sign(&self.wrong, id, at.seconds(), body)
    }
}

impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signing").field("current", &self.current).finish_non_exhaustive()
    }
}

/// A new secret as Scalekit makes them: `whsec_` and 32 random bytes in base64.
pub fn invented_secret(clock: &Clock) -> String {
    let mut key = [0; 32];
    clock.fill(&mut key);
    format!("whsec_{}", STANDARD.encode(key))
}
