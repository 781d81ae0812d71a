//! Arbitrary bytes for the code that verifies and reads webhooks: a small part of
//! `cargo xtask fuzz`.

use std::fs;

use proptest::prelude::*;

use crate::{oracles, support::property::cases};

/// The inputs in the repository that are known to be interesting.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/src/fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// One of these inputs with some bytes replaced; sometimes it is cut short.
fn mutated(target: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let known = prop::sample::select(corpus(target));
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    (known, changes, any::<Option<prop::sample::Index>>()).prop_map(|(mut bytes, changes, cut)| {
        for (at, byte) in changes {
            let at = at.index(bytes.len().max(1));
            bytes.splice(at..(at + 1).min(bytes.len()), [byte]);
        }
        bytes.truncate(cut.map_or(usize::MAX, |cut| cut.index(bytes.len() + 1)));
        bytes
    })
}

#[test]
fn the_corpus_is_judged_rightly() {
    for bytes in corpus("signature") {
        oracles::signature(&bytes);
    }
    for bytes in corpus("payload") {
        oracles::payload(&bytes);
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn any_bytes_are_judged_rightly(bytes in any::<Vec<u8>>()) {
        oracles::signature(&bytes);
        oracles::payload(&bytes);
    }

    #[test]
    fn headers_with_a_few_bytes_exchanged_are_judged_rightly(bytes in mutated("signature")) {
        oracles::signature(&bytes);
    }

    #[test]
    fn payloads_with_a_few_bytes_exchanged_are_judged_rightly(bytes in mutated("payload")) {
        oracles::payload(&bytes);
    }
}
