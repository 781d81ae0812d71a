//! A form's field: its label, a hint, and a refusal that stands beside it and is read with it.

use leptos::prelude::*;

/// What a field is called and told; its `name` ties label, hint and refusal to it.
#[derive(Clone, Default)]
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub value: String,
    pub refusal: Option<String>,
}

impl Field {
    pub fn id(&self) -> String {
        format!("field-{}", self.name)
    }

    /// The ids of what is read with the field.
    pub fn described_by(&self) -> Option<String> {
        let refusal = self.refusal.is_some().then(|| format!("refusal-{}", self.name));
        let hint = (!self.hint.is_empty()).then(|| format!("hint-{}", self.name));
        let ids: Vec<_> = refusal.into_iter().chain(hint).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    pub fn invalid(&self) -> Option<&'static str> {
        self.refusal.is_some().then_some("true")
    }
}

/// What stands inside a `<textarea>` when its page comes.
///
/// `tachys` 0.2.19 takes a text area for an element without markup and writes its text into the document as
/// it is (`ESCAPE_CHILDREN` is false), where `</textarea><form …>` would end it. A browser reads entities
/// there, so the server writes them; in the browser the text is never markup.
pub fn inside_textarea(text: &str) -> String {
    if cfg!(feature = "ssr") { text.replace('&', "&amp;").replace('<', "&lt;") } else { text.to_owned() }
}

/// The label above, the refusal and the hint below; the input itself is the child.
#[component]
pub fn Labelled(field: Field, children: Children) -> impl IntoView {
    let id = field.id();
    let Field { name, label, hint, refusal, .. } = field;
    let refusal = refusal.map(|sentence| {
        view! {
            <p class="field__refusal" id=format!("refusal-{name}")>
                {sentence}
            </p>
        }
    });
    let hint = (!hint.is_empty()).then(|| {
        view! {
            <p class="field__hint" id=format!("hint-{name}")>
                {hint}
            </p>
        }
    });
    view! {
        <div class="field">
            <label class="field__label" for=id>{label}</label>
            {children()}
            {refusal}
            {hint}
        </div>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_typed_ends_a_text_area() {
        assert_eq!(inside_textarea("R&D </textarea><form>"), "R&amp;D &lt;/textarea>&lt;form>");
    }
}
