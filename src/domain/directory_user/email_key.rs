//! The key by which e-mail addresses are compared.

use unicode_normalization::UnicodeNormalization;

use crate::text::is_unseen;

/// Returns the key by which e-mail addresses are compared. Addresses that look the same to a reader
/// have the same key: the key ignores case, composition, width, invisible characters, outer blanks,
/// and the two spellings of a domain (`bücher.example`, `xn--bcher-kva.example`). The key of a key
/// is the key itself.
pub fn email_key(email: &str) -> String {
    // Each step may leave something to an earlier one: a decoded domain may hold another `ß`.
    const MOST_PASSES: usize = 8;
    let mut key = simplified_address(email);
    for _ in 1..MOST_PASSES {
        let next = simplified_address(&key);
        if next == key {
            break;
        }
        key = next;
    }
    key
}

fn simplified_address(email: &str) -> String {
    let text = if email.is_ascii() {
        visible(email.chars()).to_ascii_lowercase()
    } else {
        without_case(email)
    };
    let mut address = text.trim();
    loop {
        let inner = address
            .strip_suffix('>')
            .and_then(|text| text.rsplit_once('<'))
            .map(|(_, inner)| inner);
        let Some(inner) = inner.or_else(|| address.strip_prefix("mailto:")) else { break };
        address = inner.trim();
    }
    let Some((local, domain)) = address.rsplit_once('@') else { return address.to_owned() };
    let domain = domain.trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    let (domain, readable) = idna::domain_to_unicode(domain);
    if readable.is_ok() { format!("{local}@{domain}") } else { address.to_owned() }
}

/// Composed text without case. A capital letter may have no composed form, as that of `ΐ`, so the
/// text is composed again afterwards. Some letters have one spelling only in capitals: `ß` is `SS`,
/// and `ς` is `Σ`. But `ı` stays, because its capital is that of `i`.
fn without_case(text: &str) -> String {
    let mut small = String::with_capacity(text.len());
    for c in visible(text.nfkc()).chars().flat_map(char::to_lowercase) {
        match c {
            'ı' => small.push(c),
            c => small.extend(c.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
    visible(small.nfkc())
}

fn visible(text: impl Iterator<Item = char>) -> String {
    text.filter(|c| !is_unseen(*c) || c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::property::cases;

    #[test]
    fn addresses_that_are_the_same_to_a_reader_have_one_key() {
        for (key, written) in [
            (
                "ada@acme.test",
                vec![
                    " Ada@ACME.test ",
                    "ada@acme.test.",
                    "mailto:ada@acme.test",
                    "Ada L <ada@acme.test>",
                    "a\u{200b}da@acme.test",
                ],
            ),
            ("jürgen@f.example", vec!["ju\u{308}rgen@f.example", "JÜRGEN@f.example"]),
            (
                "a@bücher.example",
                vec![
                    "a@xn--bcher-kva.example",
                    "a@B\u{fc}cher.example",
                    "ａ@bücher.example",
                    "a＠bücher.example",
                ],
            ),
            ("strasse.fi@a.test", vec!["straße.ﬁ@a.test", "STRASSE.fi@a.test"]),
            ("οδοσ@a.test", vec!["ΟΔΟΣ@a.test", "οδος@a.test"]),
            (
                "\u{390}@a.test",
                vec![
                    "\u{3aa}\u{301}@a.test",
                    "\u{399}\u{308}\u{301}@a.test",
                    "\u{3ca}\u{301}@a.test",
                ],
            ),
            (
                "\u{1f0}.ss@a.test",
                vec!["J\u{30c}.ẞ@a.test", "j\u{30c}.ß@a.test", "MAILTO:J\u{30c}.SS@A.TEST"],
            ),
            (
                "a@strasse.example",
                vec!["a@straße.example", "a@xn--strae-oqa.example", "a@STRASSE.example.."],
            ),
            ("ı@a.test", vec!["ı@A.TEST"]),
        ] {
            for address in written {
                assert_eq!(email_key(address), key, "{address:?}");
            }
            assert_eq!(email_key(key), key);
        }
        assert_ne!(email_key("ada@acme.test"), email_key("adá@acme.test"));
        assert_eq!(email_key("no address"), "no address");
    }

    /// Text of letters that are special in some way, of any characters, and of pieces of addresses.
    fn written() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            prop::sample::select(vec![
                "@",
                ".",
                " ",
                "<",
                ">",
                "mailto:",
                "xn--strae-oqa",
                "xn--",
                "ß",
                "ẞ",
                "ς",
                "Σ",
                "İ",
                "ı",
                "ΐ",
                "J\u{30c}",
                "\u{308}",
                "\u{301}",
                "\u{345}",
                "\u{200d}",
                "\u{3aa}",
                "ŉ",
                "ﬃ",
                "ǅ",
                "Ω",
                "K",
                "և",
                "ᲀ",
                "Ა",
                "Ꭰ",
                "ꭰ",
                "a",
                "Z",
                "．",
                "＠",
            ])
            .prop_map(str::to_owned),
            any::<char>().prop_map(String::from),
            "\\PC{0,3}",
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(cases(4_000))]

        #[test]
        fn the_key_of_a_key_is_the_key_itself(text in written()) {
            let key = email_key(&text);
            prop_assert_eq!(email_key(&key), key);
        }

        #[test]
        fn composed_and_decomposed_text_have_one_key(text in written()) {
            let composed: String = text.nfc().collect();
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(email_key(&composed), email_key(&decomposed));
        }

        /// Without the two letters whose capitals Unicode shares with other letters or puts in
        /// another place.
        #[test]
        fn capital_and_small_letters_have_one_key(text in written()) {
            prop_assume!(text.nfkd().all(|c| c != 'ı' && c != '\u{345}'));
            let (upper, lower) = (text.to_uppercase(), text.to_lowercase());
            prop_assert_eq!(email_key(&upper), email_key(&lower), "{:?}", text);
        }
    }
}
