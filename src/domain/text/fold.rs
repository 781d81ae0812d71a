//! Text that is the same to a reader and not to a comparison of bytes.

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

use super::visible::is_unseen;

/// The longest key, in bytes: a row of a Postgres index holds some 2,700.
const MOST: usize = 1_200;

/// The key by which names and addresses are searched and sorted, on both engines the same: without
/// regard to case, composition, width, accents, the dots of Turkish letters, kinds of dashes and
/// apostrophes, and characters that cannot be seen. `istanbul` finds `İstanbul`, `jose` finds `José`,
/// `strasse` finds `Straße`.
///
/// Two different names may have one key, so it finds rows and identifies none: whether two addresses are
/// one is decided by `email_key`, which keeps accents apart.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| c.is_whitespace() || !(is_unseen(*c) || is_accent(*c))) {
        if c.is_whitespace() {
            if !out.ends_with(' ') {
                out.push(' ');
            }
        } else if let Some(same) = written_otherwise(c) {
            out.push_str(same);
        } else {
            out.extend(c.to_lowercase());
        }
        if out.len() > MOST {
            break;
        }
    }
    while out.len() > MOST || out.ends_with(' ') {
        out.pop();
    }
    let blanks = out.len() - out.trim_start().len();
    out.drain(..blanks);
    out
}

/// Accents, dots, strokes, and the vowel points of Hebrew and Arabic. The signs that make another
/// letter in Japanese and in the scripts of India stay.
fn is_accent(c: char) -> bool {
    matches!(canonical_combining_class(c), 1 | 10..=36 | 202..=240)
}

/// Letters that no decomposition takes apart, and signs that people type in several ways.
fn written_otherwise(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' | 'ẞ' => "ss",
        'ı' => "i",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ł' | 'Ł' => "l",
        'ħ' | 'Ħ' => "h",
        'ŧ' | 'Ŧ' => "t",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'þ' | 'Þ' => "th",
        'ς' => "σ",
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '\u{2b9}' | '\u{2032}' | '`' => "'",
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2e3a}' | '\u{2e3b}' => "-",
        _ => return None,
    })
}
