//! Words that the glossary replaced, and words that leave a subject open.

use std::path::Path;

use super::texts;

/// Words that the glossary replaced, as whole words of the code.
const RETIRED: [&str; 55] = [
    "Desk",
    "desk",
    "Door",
    "Pulse",
    "pulse",
    "Failure",
    "Happening",
    "UserNews",
    "GroupNews",
    "MembershipNews",
    "Stamp",
    "Weight",
    "ProfileNews",
    "Wish",
    "LineKnown",
    "HouseAlert",
    "StaffInstead",
    "Halt",
    "TakesManyAway",
    "Doubt",
    "Surprise",
    "Courier",
    "Dose",
    "Paging",
    "Fold",
    "take_deliveries",
    "close_gap",
    "shut_out",
    "settle",
    "replay_many",
    "show_personal_data",
    "remove_bodies",
    "house_alert",
    "keep_further",
    "breathe",
    "patiently",
    "presume_dead",
    "fruitless",
    "got_further",
    "unplan",
    "head_of_line",
    "take_turns",
    "stop_signal",
    "EpisodeId",
    "Letter",
    "LetterHeader",
    "LetterId",
    "first_place",
    "last_place",
    "at_received",
    "at_id",
    "adopts",
    "Standing",
    "standing",
    "live_lines",
];
/// Words that the glossary replaced, also as a part of a name.
const RETIRED_PARTS: [&str; 10] = [
    "beat", "duties", "duty", "episode", "episodes", "house", "news", "sweep", "sweeping", "swept",
];
/// Words that leave the subject of a sentence open, also as a part of a name.
const OPEN_SUBJECTS: [&str; 6] = ["whoever", "somebody", "nobody", "nobodys", "everybody", "whom"];
/// Words of a page, an e-mail or a style that the glossary replaced.
const RETIRED_PHRASES: [&str; 11] = [
    "waiting line",
    "wait in line",
    "first in line",
    "more in line",
    "ledger__",
    "pager__",
    "with-letters",
    "notify::letters",
    "notify/letters",
    "letter.txt",
    "letter.html",
];
/// Files that keep an open subject, and the reason.
const KEPT: [(&str, &str); 1] =
    [("app/xtask/src/postgres.rs", "`nobody` is an account of the operating system")];

#[test]
fn retired_words_do_not_come_back() {
    let mut wrong = Vec::new();

    for (file, text) in texts(Path::new(env!("CARGO_MANIFEST_DIR"))) {
        let keeps_subjects = KEPT.iter().any(|(kept, _)| file.starts_with(kept));
        for (number, line) in (1..).zip(text.lines()) {
            let lower = line.to_lowercase();
            let retired = line
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .find(|word| RETIRED.contains(word));
            let parts = || lower.split(|c: char| !c.is_alphanumeric());
            let part = parts().find(|word| RETIRED_PARTS.contains(word));
            let open = parts().find(|word| !keeps_subjects && OPEN_SUBJECTS.contains(word));
            let phrase = RETIRED_PHRASES.iter().copied().find(|phrase| lower.contains(phrase));
            if let Some(word) = retired.or(part).or(open).or(phrase) {
                wrong.push(format!(
                    "{file}:{number} says “{word}”; .github/docs/glossary.md has the word for it"
                ));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
