//! The header of a page: its title, one sentence about the state, and the main action.

use domain::text::ExternalText;
use leptos::prelude::*;
use leptos_meta::Title;

use super::words::words;

/// The sentence of a header. Its parts may lead to what they are about.
pub struct Sentence(Vec<(String, Option<String>)>);

impl Sentence {
    /// Each part is a text, perhaps with an address.
    pub fn of_parts(parts: Vec<(String, Option<String>)>) -> Self {
        Self(parts)
    }

    fn shown(self) -> impl IntoView {
        let part = |(text, href): (String, Option<String>)| match href {
            Some(href) => view! { <a href=href>{text}</a> }.into_any(),
            None => text.into_any(),
        };
        self.0.into_iter().map(part).collect_view()
    }
}

impl<T: Into<String>> From<T> for Sentence {
    fn from(text: T) -> Self {
        Self(vec![(text.into(), None)])
    }
}

/// `within` stands behind the title in the name of the browser's tab, for example the name of the
/// organization.
#[component]
pub fn PageHeader(
    #[prop(into)] title: ExternalText,
    #[prop(into)] sentence: Sentence,
    #[prop(optional_no_strip)] within: Option<ExternalText>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let document_title = match within {
        Some(within) => format!("{title} · {within}"),
        None => title.to_string(),
    };
    view! {
        <Title text=document_title />
        <header class="page-header">
            <div class="page-header__words">
                <h1 class="page-header__title">{words(title)}</h1>
                <p class="page-header__sentence">{sentence.shown()}</p>
            </div>
            {children.map(|children| view! { <div class="page-header__action">{children()}</div> })}
        </header>
    }
}

/// A part of a page under its own heading.
#[component]
pub fn Section(
    title: &'static str,
    #[prop(optional, into)] note: String,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="part">
            <header class="part__head">
                <h2 class="part__title">{title}</h2>
                {(!note.is_empty()).then(|| view! { <p class="part__note">{note}</p> })}
            </header>
            {children()}
        </section>
    }
}

/// The text between `<title>` and `</title>`; the title of every page passes through here.
///
/// `leptos_meta` 0.8.7 does not escape the title (`inject_meta_context`, leptos issue #1475), so an
/// organization called `</title><form …>` would end the title element. This function escapes the
/// text. No island sets a title, so it runs on the server only and escapes once.
///
/// A screen reader says the title first: that of a form that was refused says so.
pub fn document_title(page: &str, is_refused: bool) -> String {
    let page = page.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    match (page.is_empty(), is_refused) {
        (true, _) => "Seatkeeper".to_owned(),
        (false, false) => format!("{page} · Seatkeeper"),
        (false, true) => format!("Check the form · {page} · Seatkeeper"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_stays_a_title() {
        assert_eq!(document_title("", false), "Seatkeeper");
        assert_eq!(
            document_title("R&D </title><b>", false),
            "R&amp;D &lt;/title&gt;&lt;b&gt; · Seatkeeper"
        );
        assert_eq!(
            document_title("Change seat limit", true),
            "Check the form · Change seat limit · Seatkeeper"
        );
    }
}
