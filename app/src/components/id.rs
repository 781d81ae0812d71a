//! An id: shortened in the middle unless `whole` is set, with the full text in the tooltip and a
//! copy button.

use domain::text::{ExternalText, escaped};
use leptos::prelude::*;

#[component]
pub fn Id(#[prop(into)] text: String, #[prop(optional)] whole: bool) -> impl IntoView {
    let seen = ExternalText::sentence(&text);
    let shown = if whole { seen.to_string() } else { shortened(seen.as_str()) };
    view! {
        <span class="id">
            <code class="id__text" dir="ltr" title=escaped(&text)>
                {shown}
            </code>
            <button
                class="id__copy"
                type="button"
                aria-label=format!("Copy {seen}")
                data-copy=text
                title="Copy"
            >
                <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
                    <rect x="5.500" y="5.500" width="8" height="8" rx="1.500" />
                    <path d="M10.500 3.500v-.5a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h.5" />
                </svg>
            </button>
        </span>
    }
}

/// `diruser_921…54321`: the prefix and enough of both ends to tell two ids apart.
pub fn shortened(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= 18 {
        return text.to_owned();
    }
    let head = text.find('_').filter(|at| *at < 12).map_or(6, |at| at + 4);
    let (start, end) = (chars.iter().take(head), &chars[chars.len() - 5..]);
    start.chain(['…'].iter()).chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_id_keeps_both_ends() {
        assert_eq!(shortened("diruser_921654460987654321"), "diruser_921…54321");
        assert_eq!(shortened("org_12345"), "org_12345");
        assert_eq!(shortened("email:a-person-ä@a-long-domain.test"), "email:….test");
    }
}
