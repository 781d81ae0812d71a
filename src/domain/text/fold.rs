//! Text that looks the same to a reader but has different bytes.

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

use super::visible::is_unseen;

/// The longest key, in bytes. An index row in PostgreSQL holds about 2,700.
const MOST: usize = 1_200;

/// Returns the key by which names and addresses are searched and sorted. It is the same on both
/// database engines. It ignores case, composition, width, accents, the dots of Turkish letters, the
/// kinds of dashes and apostrophes, and invisible characters. `istanbul` finds `İstanbul`, `jose`
/// finds `José`, `strasse` finds `Straße`.
///
/// Two different names can have the same key, so the key finds rows but identifies none.
/// `email_key` decides whether two addresses are the same; it keeps accents.
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

/// Whether a text can be a key that [`folded`] returned.
pub fn is_key(text: &str) -> bool {
    text.len() <= MOST && !text.chars().any(is_unseen)
}

/// Accents, dots, strokes, and the vowel points of Hebrew and Arabic. Marks that make a different
/// letter in Japanese and in Indian scripts are kept.
fn is_accent(c: char) -> bool {
    matches!(canonical_combining_class(c), 1 | 10..=36 | 202..=240)
}

/// Letters that Unicode does not decompose, and signs that people type in several ways.
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
