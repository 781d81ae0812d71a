//! Property tests have new cases in each run, and print the seed that repeats them.

use std::path::Path;

use super::texts;

#[test]
fn every_property_test_prints_its_seed() {
    let mut found = 0;
    let mut without = Vec::new();

    for (file, text) in texts(Path::new(env!("CARGO_MANIFEST_DIR"))) {
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        for (at, _) in lines.iter().enumerate().filter(|(_, line)| **line == "proptest! {") {
            found += 1;
            let seeded = lines.get(at + 1).is_some_and(|next| next.contains("_config(cases("));
            if !seeded {
                without.push(format!("{file}:{}", at + 1));
            }
        }
    }

    assert!(found > 9, "{found} groups of property tests");
    assert!(without.is_empty(), "without `support/property.rs`: {without:?}");
}
