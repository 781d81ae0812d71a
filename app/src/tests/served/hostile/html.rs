//! Parses a page as a browser does: tags with their attributes, and the text between them.

/// Attributes whose values are not shown as text; a typed `value` is alone in its field.
const UNREAD: [&str; 7] =
    ["id", "href", "action", "formaction", "data-copy", "data-props", "value"];
/// Elements that contain no tags.
const RAW: [&str; 4] = ["script", "style", "title", "textarea"];

#[derive(Debug, Default)]
pub struct Html {
    pub tags: Vec<String>,
    /// The name and value of every attribute; values are not decoded.
    pub attributes: Vec<(String, String)>,
    pub text: String,
}

impl Html {
    pub fn of(page: &str) -> Self {
        let mut html = Self::default();
        let mut rest = page;
        while let Some(at) = rest.find('<') {
            html.text.push_str(&rest[..at]);
            rest = &rest[at..];
            rest = if let Some(comment) = rest.strip_prefix("<!--") {
                comment.split_once("-->").map_or("", |(_, after)| after)
            } else if rest[1..]
                .starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!')
            {
                html.tag(&rest[1..])
            } else {
                html.text.push('<');
                &rest[1..]
            };
        }
        html.text.push_str(rest);
        html
    }

    /// Parses a tag from the character after `<`. Returns the text after the tag, or from the end
    /// tag on for an element of `RAW`.
    fn tag<'a>(&mut self, text: &'a str) -> &'a str {
        let end = text.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(text.len());
        let name = text[..end].trim_end_matches('/').to_lowercase();
        let mut rest = text[end..].trim_start();
        while !rest.is_empty() && !rest.starts_with('>') {
            let end = rest
                .find(|c: char| c.is_whitespace() || c == '>' || c == '=')
                .unwrap_or(rest.len())
                .max(1);
            let attribute = rest[..end].to_lowercase();
            rest = rest[end..].trim_start();
            let mut value = "";
            if let Some(after) = rest.strip_prefix('=') {
                let after = after.trim_start();
                let (found, left) = match after.chars().next() {
                    Some(quote @ ('"' | '\'')) => {
                        after[1..].split_once(quote).unwrap_or((&after[1..], ""))
                    }
                    _ => after.split_at(
                        after.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(after.len()),
                    ),
                };
                (value, rest) = (found, left.trim_start());
            }
            self.attributes.push((attribute, value.to_owned()));
        }
        rest = rest.strip_prefix('>').unwrap_or("");
        if RAW.contains(&name.as_str()) {
            let end = rest.to_lowercase().find(&format!("</{name}")).unwrap_or(rest.len());
            if name != "textarea" {
                self.text.push_str(&rest[..end]);
            }
            rest = &rest[end..];
        }
        self.tags.push(name);
        rest
    }

    /// All texts that a person can read.
    pub fn read(&self) -> impl Iterator<Item = &str> {
        let attributes =
            self.attributes.iter().filter(|(name, _)| !UNREAD.contains(&name.as_str()));
        attributes.map(|(_, value)| value.as_str()).chain([self.text.as_str()])
    }
}

/// Characters that reverse text, are invisible, or control a terminal. An isolate that ends where
/// it should is allowed.
pub fn unseen(text: &str) -> Vec<char> {
    let mut open = 0_i32;
    let mut found = Vec::new();
    for c in text.chars() {
        match c {
            '\u{2068}' => open += 1,
            '\u{2069}' if open > 0 => open -= 1,
            '\n' | '\t' | '\r' => {}
            '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{61c}'
            | '\u{feff}' => {
                found.push(c);
            }
            c if c.is_control() => found.push(c),
            _ => {}
        }
    }
    found.extend((open > 0).then_some('\u{2068}'));
    found
}

#[test]
fn a_page_is_taken_apart_as_a_browser_does() {
    let html = Html::of(
        "<p title='a>b' x=1>1 < 2<br/><!-- <i> --></p><script>if (a<b) '<u>'</script>&lt;s&gt;",
    );

    assert_eq!(html.tags, ["p", "br", "/p", "script", "/script"]);
    assert_eq!(
        html.attributes,
        [("title".to_owned(), "a>b".to_owned()), ("x".to_owned(), "1".to_owned())]
    );
    assert!(
        html.text.contains("1 < 2")
            && html.text.contains("'<u>'")
            && html.text.ends_with("&lt;s&gt;"),
        "{}",
        html.text
    );
    assert!(unseen("a\u{2068}b\u{2069}c").is_empty());
    assert_eq!(unseen("a\u{2068}b\u{202e}\u{0}"), ['\u{202e}', '\u{0}', '\u{2068}']);
}
