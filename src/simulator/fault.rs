//! The faults that can be injected. Each fault is switched on by name, at the start or later, and
//! hits at random but repeatably: the same seed hits the same calls and the same messages.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

macro_rules! faults {
    ($($variant:ident, $name:literal, $side:ident, $amount:literal, $does:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault {
            $(#[doc = $does] $variant,)*
        }

        impl Fault {
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The name that is written after `--fault`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            pub fn side(self) -> Side {
                match self { $(Self::$variant => Side::$side,)* }
            }

            /// What the fault does, in one sentence.
            pub fn does(self) -> &'static str {
                match self { $(Self::$variant => $does,)* }
            }

            /// The amount if none is given: the share of calls or messages that the fault hits. For
            /// `slow` it is milliseconds, for `per-minute` calls.
            pub fn usual_amount(self) -> f64 {
                match self { $(Self::$variant => $amount,)* }
            }
        }
    };
}

faults! {
    RateLimit, "rate-limit", Api, 0.2, "Answers 429 and says in Retry-After when to come again.";
    RateLimitSilent, "rate-limit-silent", Api, 0.2, "Answers 429 and does not say when to come again.";
    RateLimitDate, "rate-limit-date", Api, 0.2, "Answers 429 and says in Retry-After, as a date, to come again in 20 seconds.";
    PerMinute, "per-minute", Api, 6.0, "Allows only so many calls to lists a minute, and does not say when to come again.";
    Error500, "error-500", Api, 0.2, "Answers 500, as if something had broken inside.";
    Error503, "error-503", Api, 0.2, "Answers 503, as if the service were down.";
    Slow, "slow", Api, 200.0, "Answers each call only after so many milliseconds.";
    DroppedConnection, "dropped-connection", Api, 0.1, "Hangs up in the middle of an answer.";
    TokenExpiry, "token-expiry", Api, 0.1, "Forgets every token long before its time.";
    TruncatedPage, "truncated-page", Api, 0.1, "Sends half of a page: its JSON breaks off.";
    CutList, "cut-list", Api, 0.1, "Leaves out the second half of a page’s entries.";
    EmptyPage, "empty-page", Api, 0.1, "Sends a page without entries, with more behind it.";
    LyingTotal, "lying-total", Api, 1.0, "Claims that there are more entries than there are.";
    RepeatedToken, "repeated-token", Api, 1.0, "Gives the token of a page as the way to the next one.";
    EndlessPaging, "endless-paging", Api, 1.0, "Begins again where a list ends.";
    UntoldEnd, "untold-end", Api, 1.0, "Says nowhere how long a list is, and goes on behind its end with tokens that are always new.";
    ShrinkingTotal, "shrinking-total", Api, 1.0, "Says of each page but the first that there are fewer entries.";
    StaleToken, "stale-token", Api, 0.1, "Refuses a page token that it gave itself.";
    MalformedEntry, "malformed-entry", Api, 0.2, "Spoils one entry of a page, each time in another way.";
    HtmlAnswer, "html-answer", Api, 0.1, "Answers 200 and a page of HTML.";
    WrongType, "wrong-type", Api, 1.0, "Calls its JSON text/html.";
    Compressed, "compressed", Api, 0.1, "Sends a compressed answer, although the caller did not ask for that.";
    Oversized, "oversized", Api, 0.05, "Sends 17 MiB.";
    Redirect, "redirect", Api, 0.1, "Sends the caller to another address.";
    ShiftingPages, "shifting-pages", Api, 1.0, "Counts pages by position, so that entries move to another page when a person joins or leaves.";

    Duplicate, "duplicate", Deliveries, 0.2, "Delivers a message twice, though it was accepted.";
    Reorder, "reorder", Deliveries, 0.2, "Holds a message back until the one after it has left.";
    Loss, "loss", Deliveries, 0.1, "Never sends a message.";
    Late, "late", Deliveries, 0.1, "Sends a message five minutes late.";
    OldTimestamp, "old-timestamp", Deliveries, 0.2, "Signs an attempt as if it were ten minutes old.";
    WrongSecret, "wrong-secret", Deliveries, 0.2, "Signs an attempt with an unknown secret.";
    PrettyBody, "pretty-body", Deliveries, 1.0, "Writes bodies over many lines.";
    EscapedBody, "escaped-body", Deliveries, 1.0, "Escapes every letter that is not ASCII, and every slash.";
    GroupsNull, "groups-null", Deliveries, 1.0, "Sends groups: null for all people, as an Okta that pushes none.";
    GroupsAbsent, "groups-absent", Deliveries, 1.0, "Sends no groups of any person.";
    DeactivateByDelete, "deactivate-by-delete", Deliveries, 1.0, "Reports people who are switched off as if they had been deleted.";
    SimplifiedShape, "simplified-shape", Deliveries, 1.0, "Writes bodies as the guides print them, without most of the envelope.";
    LegacyShape, "legacy-shape", Deliveries, 1.0, "Uses the event names of 2024.";

    GroupDelete, "group-delete", Life, 0.02, "Deletes a group now and then, with an update for each member.";
    OrganizationDelete, "organization-delete", Life, 0.005, "Lets a customer leave now and then.";
}

/// Where a fault has its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Api,
    Deliveries,
    /// In the changes that happen.
    Life,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A fault and its amount: `loss`, `loss=0.5`, `slow=50`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaultRate {
    pub fault: Fault,
    pub amount: f64,
}

impl From<Fault> for FaultRate {
    fn from(fault: Fault) -> Self {
        Self { fault, amount: fault.usual_amount() }
    }
}

impl FromStr for FaultRate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, amount) =
            text.split_once('=').map_or((text, None), |(name, amount)| (name, Some(amount)));
        let named = Fault::ALL.into_iter().find(|fault| fault.name() == name);
        let fault = named.ok_or_else(|| {
            format!(
                "there is no fault “{name}”; there are {}",
                Fault::ALL.map(Fault::name).join(", ")
            )
        })?;
        let Some(amount) = amount else { return Ok(fault.into()) };
        let most = if matches!(fault, Fault::Slow | Fault::PerMinute) { 60_000.0 } else { 1.0 };
        match amount.parse() {
            Ok(amount) if (0.0..=most).contains(&amount) => Ok(Self { fault, amount }),
            _ => Err(format!("what follows {name}= is a number from 0 to {most}")),
        }
    }
}

/// The faults that are switched on. Cheap to clone; clones share the switches.
#[derive(Clone, Debug)]
pub struct Faults(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    seed: u64,
    calls: AtomicU64,
    turns: AtomicU64,
    switches: Mutex<Switches>,
}

#[derive(Debug, Default)]
struct Switches {
    on: BTreeMap<Fault, f64>,
    /// The faults that hit once, even if they are not switched on.
    once: BTreeSet<Fault>,
}

impl Faults {
    pub(super) fn new(seed: u64) -> Self {
        Self(Arc::new(Shared {
            seed,
            calls: AtomicU64::new(0),
            turns: AtomicU64::new(0),
            switches: Mutex::default(),
        }))
    }

    pub fn switch_on(&self, dose: impl Into<FaultRate>) {
        let FaultRate { fault, amount } = dose.into();
        self.switches().on.insert(fault, amount);
    }

    pub fn switch_off(&self, fault: Fault) {
        self.switches().on.remove(&fault);
    }

    /// The fault hits the next call or message that it can hit.
    pub fn once(&self, fault: Fault) {
        self.switches().once.insert(fault);
    }

    /// Whether the fault still waits to hit once.
    pub fn is_pending(&self, fault: Fault) -> bool {
        self.switches().once.contains(&fault)
    }

    pub fn is_on(&self, fault: Fault) -> bool {
        self.switches().on.contains_key(&fault)
    }

    pub(super) fn next_call(&self) -> u64 {
        self.0.calls.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn next_turn(&self) -> u64 {
        self.0.turns.fetch_add(1, Ordering::Relaxed)
    }

    /// How long each call is delayed.
    pub(super) fn latency(&self) -> Duration {
        Duration::from_secs_f64(
            self.switches().on.get(&Fault::Slow).copied().unwrap_or(0.0) / 1_000.0,
        )
    }

    /// How many list calls a minute are allowed; `None` means all.
    pub(super) fn a_minute(&self) -> Option<usize> {
        let calls = self.switches().on.get(&Fault::PerMinute).copied()?;
        (0..=60_000).find(|n| f64::from(*n) >= calls).and_then(|n: u32| usize::try_from(n).ok())
    }

    /// Whether the fault hits the call, the message or the change with this number.
    pub(super) fn hits(&self, fault: Fault, number: u64) -> bool {
        let mut switches = self.switches();
        let share = switches.on.get(&fault).copied().unwrap_or(0.0);
        switches.once.remove(&fault) || draw(self.0.seed, fault, number) < share
    }

    fn switches(&self) -> MutexGuard<'_, Switches> {
        self.0.switches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number from 0 to 1 that is always the same for the same arguments. It uses the mixing of
/// `SplitMix64`, so that neighbouring numbers give unrelated results.
fn draw(seed: u64, fault: Fault, number: u64) -> f64 {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |state: u64| {
        let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^ (state >> 31)
    };
    let state = mix(seed.wrapping_add(GOLDEN.wrapping_mul(fault as u64 + 1)));
    let bits =
        u32::try_from(mix(state.wrapping_add(GOLDEN.wrapping_mul(number.wrapping_add(1)))) >> 32)
            .unwrap_or(u32::MAX); // half of the bits fit
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_own_name_in_kebab_case_and_a_sentence() {
        let names: BTreeSet<_> = Fault::ALL.into_iter().map(Fault::name).collect();
        assert_eq!(names.len(), Fault::ALL.len());
        assert!(names.iter().all(|name| {
            name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        }));
        assert!(Fault::ALL.into_iter().all(|fault| fault.does().ends_with('.')
            && fault.name().parse() == Ok(FaultRate::from(fault))));
    }

    #[test]
    fn a_dose_is_a_name_and_perhaps_a_number() {
        assert_eq!("loss=0.5".parse(), Ok(FaultRate { fault: Fault::Loss, amount: 0.5 }));
        assert_eq!("slow=50".parse(), Ok(FaultRate { fault: Fault::Slow, amount: 50.0 }));
        for bad in ["", "lost", "loss=", "loss=2", "loss=NaN", "slow=-1"] {
            assert!(bad.parse::<FaultRate>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_same_seed_spoils_the_same_messages() {
        let hit = |seed: u64| {
            let faults = Faults::new(seed);
            faults.switch_on(Fault::Duplicate);
            (0..1_000).filter(|number| faults.hits(Fault::Duplicate, *number)).collect::<Vec<_>>()
        };
        assert_eq!(hit(1), hit(1));
        assert_ne!(hit(1), hit(2));
        assert!((150..250).contains(&hit(1).len()), "{}", hit(1).len());
    }

    #[test]
    fn what_is_to_happen_once_happens_once() {
        let faults = Faults::new(1);
        faults.once(Fault::Loss);
        assert!(faults.is_pending(Fault::Loss));
        assert!(faults.hits(Fault::Loss, 7));
        assert!(!faults.hits(Fault::Loss, 7));
    }
}
