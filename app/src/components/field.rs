//! A form field: its label, a hint, and an error message beside it, which a screen reader reads
//! with it.

use leptos::prelude::*;

/// The texts and the value of a field; `name` connects the label, the hint and the error message to
/// it.
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

    /// The ids of the elements that describe the field, for `aria-describedby`.
    pub fn described_by(&self) -> Option<String> {
        let refusal = self.refusal.is_some().then(|| format!("refusal-{}", self.name));
        let hint = (!self.hint.is_empty()).then(|| format!("hint-{}", self.name));
        let ids: Vec<_> = refusal.into_iter().chain(hint).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    pub fn invalid(&self) -> Option<&'static str> {
        self.is_refused().then_some("true")
    }

    /// The page opens with the cursor in the first field that was refused.
    pub fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }
}

/// The text of a `<textarea>` as the server has to write it.
///
/// `tachys` 0.2.19 does not escape the text of a text area (`ESCAPE_CHILDREN` is false), so
/// `</textarea><form …>` would end the text area. A browser reads entities there, so the server
/// writes them. In the browser the text is never parsed as markup.
pub fn inside_textarea(text: &str) -> String {
    if cfg!(feature = "ssr") {
        text.replace('&', "&amp;").replace('<', "&lt;")
    } else {
        text.to_owned()
    }
}

/// The label is above the input; the error message and the hint are below. The input is the child.
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
            <label class="field__label" for=id>
                {label}
            </label>
            {children()}
            {refusal}
            {hint}
        </div>
    }
}

/// A field of one line, of at most `longest` characters. `focus`: the page opens with the cursor in
/// it.
#[component]
pub fn TextField(
    field: Field,
    #[prop(optional)] focus: bool,
    #[prop(optional)] longest: Option<usize>,
) -> impl IntoView {
    let (id, described, invalid) = (field.id(), field.described_by(), field.invalid());
    let (name, value, focus) = (field.name, field.value.clone(), focus || field.is_refused());
    view! {
        <Labelled field>
            <input
                class="input"
                id=id
                name=name
                value=value
                maxlength=longest.map(|most| most.to_string())
                autocomplete="off"
                spellcheck="false"
                autofocus=focus
                aria-describedby=described
                aria-invalid=invalid
            />
        </Labelled>
    }
}

/// An e-mail address. `focus`: the page opens with the cursor in it.
#[component]
pub fn EmailField(
    field: Field,
    #[prop(default = "email")] autocomplete: &'static str,
    #[prop(optional)] focus: bool,
) -> impl IntoView {
    let (id, described, invalid) = (field.id(), field.described_by(), field.invalid());
    let (name, value, focus) = (field.name, field.value.clone(), focus || field.is_refused());
    view! {
        <Labelled field>
            <input
                class="input"
                id=id
                name=name
                type="email"
                value=value
                required=true
                autofocus=focus
                autocomplete=autocomplete
                aria-describedby=described
                aria-invalid=invalid
            />
        </Labelled>
    }
}

/// A password. It never comes back from the server. `focus`: the page opens with the cursor in it.
#[component]
pub fn PasswordField(
    field: Field,
    autocomplete: &'static str,
    #[prop(optional)] focus: bool,
) -> impl IntoView {
    let (id, described, invalid) = (field.id(), field.described_by(), field.invalid());
    let (name, focus) = (field.name, focus || field.is_refused());
    view! {
        <Labelled field>
            <input
                class="input"
                id=id
                name=name
                type="password"
                required=true
                autofocus=focus
                autocomplete=autocomplete
                aria-describedby=described
                aria-invalid=invalid
            />
        </Labelled>
    }
}

/// A code that is typed from a phone or from paper. It never comes back from the server.
#[component]
pub fn CodeField(field: Field) -> impl IntoView {
    let (id, described, invalid) = (field.id(), field.described_by(), field.invalid());
    let name = field.name;
    view! {
        <Labelled field>
            <input
                class="input"
                id=id
                name=name
                required=true
                autofocus=true
                autocomplete="one-time-code"
                autocapitalize="none"
                spellcheck="false"
                aria-describedby=described
                aria-invalid=invalid
            />
        </Labelled>
    }
}

/// A text of several lines. `name`: what the form sends, if the page has two fields of that name.
#[component]
pub fn TextArea(
    field: Field,
    rows: u8,
    /// In characters.
    longest: usize,
    #[prop(optional)] required: bool,
    #[prop(optional)] name: Option<&'static str>,
) -> impl IntoView {
    let (id, described, invalid) = (field.id(), field.described_by(), field.invalid());
    let (name, focus) = (name.unwrap_or(field.name), field.is_refused());
    let value = inside_textarea(&field.value);
    view! {
        <Labelled field>
            <textarea
                class="input"
                id=id
                name=name
                rows=rows.to_string()
                maxlength=longest.to_string()
                required=required
                autofocus=focus
                aria-describedby=described
                aria-invalid=invalid
            >
                {value}
            </textarea>
        </Labelled>
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
