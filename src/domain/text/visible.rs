//! Which characters can be seen, and which invisible characters have an effect where they are.

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{
        BidiClass, BidiControl, CanonicalCombiningClass, DefaultIgnorableCodePoint, Emoji,
        ExtendedPictographic, GeneralCategory, Ideographic, JoiningType,
    },
};
use unicode_segmentation::UnicodeSegmentation;

use super::UNSEEN;

/// The most combining marks on one letter. Vietnamese needs two, Hebrew four. More marks would
/// cover the lines above and below.
const MARKS: usize = 6;
/// The most code points in one character as a reader sees it. A family with skin tones has eleven.
/// Without a limit, a chain of any length would still be one character.
const CLUSTER: usize = 24;
const JOINER: char = '\u{200d}';
const NON_JOINER: char = '\u{200c}';
const BLACK_FLAG: char = '\u{1f3f4}';
const END_OF_TAGS: char = '\u{e007f}';

/// Returns the text on one line with every character visible. Each run of invisible characters
/// becomes one [`UNSEEN`].
pub(super) fn shown(text: &str) -> String {
    let chars: Vec<char> = text.trim().chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut last = None;
    let (mut marks, mut space) = (0, false);
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let flag = if last == Some(BLACK_FLAG) { tags(&chars[at..]) } else { 0 };
        let next = if c.is_whitespace() {
            space = true;
            None
        } else if flag > 0 {
            out.extend(&chars[at..at + flag]);
            last = Some(END_OF_TAGS);
            at += flag;
            continue;
        } else if is_unseen(c) && !has_work(last, c, &chars[at + 1..]) {
            (last != Some(UNSEEN) || space).then_some(UNSEEN)
        } else {
            Some(c)
        };
        marks = if is_mark(c) { marks + 1 } else { 0 };
        if let Some(c) =
            next.filter(|c| marks <= MARKS && !(*c == UNSEEN && last == Some(UNSEEN) && !space))
        {
            if space {
                out.push(' ');
            }
            out.push(c);
            (last, space) = (Some(c), false);
        }
        at += 1;
    }
    bounded(&out)
}

/// Replaces characters that have too many code points.
fn bounded(text: &str) -> String {
    let unseen = UNSEEN.to_string();
    let whole = |cluster: &&str| cluster.chars().nth(CLUSTER).is_none();
    if text.graphemes(true).all(|cluster| whole(&cluster)) {
        return text.to_owned();
    }
    text.graphemes(true)
        .map(|cluster| if whole(&cluster) { cluster } else { unseen.as_str() })
        .collect()
}

/// Returns the complete text, with `\u{…}` for characters that are invisible or unusual blanks.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c != ' ' && (c.is_whitespace() || is_unseen(c) || c == UNSEEN) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Returns text of several lines, with JSON escapes for invisible characters, so that a JSON body
/// stays the same JSON.
pub fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && c != '\t' && is_unseen(c) {
            let mut units = [0; 2];
            out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// Returns whether a reader sees any character of the text.
pub fn is_visible(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace() && !is_unseen(c) && !is_mark(c) && c != UNSEEN)
}

/// Returns whether a part of the text runs from right to left.
pub(super) fn turns(text: &str) -> bool {
    let classes = CodePointMapData::<BidiClass>::new();
    !text.is_ascii()
        && text.chars().any(|c| {
            matches!(
                classes.get(c),
                BidiClass::RightToLeft | BidiClass::ArabicLetter | BidiClass::ArabicNumber
            )
        })
}

/// Controls, format characters, fillers, code points that are never characters, and symbols that
/// look blank.
pub(crate) fn is_unseen(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    matches!(
        category,
        GeneralCategory::Control
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    ) || (category == GeneralCategory::Format && !is_prepended(c))
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        || CodePointSetData::new::<BidiControl>().contains(c)
        || (u32::from(c) & 0xfffe) == 0xfffe
        || matches!(c, '\u{fdd0}'..='\u{fdef}' | '\u{2800}' | '\u{fffc}' | '\u{1d159}')
}

/// Signs that are drawn around the number after them (`Prepended_Concatenation_Mark`).
fn is_prepended(c: char) -> bool {
    matches!(
        c,
        '\u{600}'..='\u{605}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{110bd}'
            | '\u{110cd}'
    )
}

fn is_mark(c: char) -> bool {
    let category = || CodePointMapData::<GeneralCategory>::new().get(c);
    !c.is_ascii()
        && matches!(category(), GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark)
}

/// Returns whether an invisible character changes how its neighbours look: in scripts whose letters
/// join, in emoji, and in variants of ideographs. The rules for the joiners are from RFC 5892,
/// appendix A.
fn has_work(last: Option<char>, c: char, rest: &[char]) -> bool {
    let Some(last) = last else { return false };
    let next = rest.first().copied();
    match c {
        JOINER => {
            joins_emoji(last, next)
                || is_virama(last)
                || next.is_some_and(is_virama)
                || joining(last) == JoiningType::DualJoining
        }
        NON_JOINER => {
            is_virama(last)
                || (joins_on(last)
                    && rest.iter().find(|c| !is_mark(**c)).is_some_and(|c| joins_back(*c)))
        }
        '\u{fe0e}' | '\u{fe0f}' if last.is_ascii() => next == Some('\u{20e3}'),
        '\u{fe0e}' | '\u{fe0f}' => {
            CodePointSetData::new::<Emoji>().contains(last) || is_pictograph(last)
        }
        '\u{fe00}'..='\u{fe0d}' | '\u{e0100}'..='\u{e01ef}' => {
            CodePointSetData::new::<Ideographic>().contains(last)
        }
        '\u{180b}'..='\u{180f}' => matches!(last, '\u{1820}'..='\u{18aa}'),
        _ => false,
    }
}

/// Returns how many tag characters after a black flag make it the flag of a region: a few letters
/// and an end tag.
fn tags(rest: &[char]) -> usize {
    let most = 7;
    let letters = rest
        .iter()
        .take(most)
        .take_while(|c| matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}'))
        .count();
    if letters > 2 && rest.get(letters) == Some(&END_OF_TAGS) { letters + 1 } else { 0 }
}

fn joins_emoji(last: char, next: Option<char>) -> bool {
    let ends = is_pictograph(last) || matches!(last, '\u{1f3fb}'..='\u{1f3ff}' | '\u{fe0f}');
    ends && next.is_some_and(is_pictograph)
}

fn is_pictograph(c: char) -> bool {
    !c.is_ascii() && CodePointSetData::new::<ExtendedPictographic>().contains(c)
}

fn is_virama(c: char) -> bool {
    CodePointMapData::<CanonicalCombiningClass>::new().get(c) == CanonicalCombiningClass::Virama
}

fn joining(c: char) -> JoiningType {
    CodePointMapData::<JoiningType>::new().get(c)
}

fn joins_on(c: char) -> bool {
    matches!(
        joining(c),
        JoiningType::DualJoining | JoiningType::LeftJoining | JoiningType::Transparent
    ) && !c.is_ascii()
}

fn joins_back(c: char) -> bool {
    matches!(joining(c), JoiningType::DualJoining | JoiningType::RightJoining)
}
