//! The reader's own account: name, e-mail address, password and sessions.

mod forms;
mod sessions;
mod sign_on;

pub(super) use self::forms::new_password;
use domain::{organization::SeatLimit, refusal::Refusal};
use leptos::prelude::*;
use views::account::AccountPage;

use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        page_data::loaded,
        page_header::PageHeader,
    },
    query::Query,
    server_fns::{NamedRefusal, answer, load_account},
};

#[component]
pub fn Account() -> impl IntoView {
    let query = Query::of_request();
    let sent = Sent::of(&query);
    loaded(load_account, move |_, page| {
        view! { <Page page saved=query.text("saved").to_owned() sent=sent.clone() /> }.into_any()
    })
}

/// A form of the page that was refused.
#[derive(Clone, Debug, Default)]
struct Sent {
    form: String,
    refused: Option<NamedRefusal>,
    /// The name as it was typed.
    name: String,
    /// The new address as it was typed.
    email: String,
}

impl Sent {
    fn of(query: &Query) -> Self {
        Self {
            form: query.text("form").to_owned(),
            refused: refusal(query),
            name: query.get("name").unwrap_or_default().to_owned(),
            email: answer::kept_email(answer::EmailForm::Account).unwrap_or_default(),
        }
    }

    fn is_of(&self, form: &str) -> bool {
        self.refused.is_some() && self.form == form
    }

    /// The sentence beside this field of a form.
    fn beside(&self, form: &str, field: &str) -> Option<String> {
        let refused = self.refused.as_ref().filter(|_| self.form == form)?;
        (place(refused, form) == Some(field)).then(|| refused.to_string())
    }

    /// The sentence above all forms: no field is at fault.
    fn above(&self) -> Option<String> {
        let refused = self.refused.as_ref()?;
        let has_form = ["name", "address", "password"].contains(&self.form.as_str());
        let has_place = has_form && place(refused, &self.form).is_some();
        (!has_place).then(|| refused.to_string())
    }
}

/// The field of a form beside which a refusal stands.
fn place(refused: &NamedRefusal, form: &str) -> Option<&'static str> {
    let NamedRefusal::Known(refusal) = refused else { return None };
    match (form, refusal) {
        ("address", Refusal::TooManyAttempts | Refusal::PresentPassword) => {
            Some("present_password")
        }
        ("password", Refusal::TooManyAttempts) => Some("present"),
        _ => refusal.field(),
    }
}

/// The refusal that the address names, with the reasons why a password was refused.
pub(super) fn refusal(query: &Query) -> Option<NamedRefusal> {
    Some(match query.refusal(SeatLimit::NotSet)? {
        NamedRefusal::Known(Refusal::PasswordTooWeak(_)) => {
            let why = answer::kept_reason().unwrap_or_default();
            NamedRefusal::Known(Refusal::PasswordTooWeak(why))
        }
        other => other,
    })
}

fn told(saved: &str) -> Option<(&'static str, &'static str)> {
    Some(match saved {
        "name" => ("Saved.", "Others see the new name from now on."),
        "same" => ("Nothing was changed.", "Your account has this name already."),
        "password" => ("Your password was changed.", "Your other sessions have ended."),
        "address" => (
            "Look into the mailbox of the new address.",
            "A link there confirms it, for 24 hours. Until then your address stays as it is.",
        ),
        "confirmed" => ("Your address was changed.", "Sign in with it from now on."),
        "confirmed-other" => ("The address was changed.", "It was that of another account."),
        "session" => ("The session has ended.", "Its next click leads to the sign-in."),
        "sessions" => ("Your other sessions have ended.", "Their next click leads to the sign-in."),
        "connected" => {
            ("Your account is connected.", "From now on you can sign in with single sign-on.")
        }
        "disconnected" => {
            ("Your account is disconnected.", "That identity does not open it any more.")
        }
        "not-connected" => ("Nothing was changed.", "Your account is not connected with it."),
        "no-session" => ("Nothing was changed.", "There was no such session any more."),
        _ => return None,
    })
}

#[component]
fn Page(page: AccountPage, saved: String, sent: Sent) -> impl IntoView {
    let told = told(&saved).map(|(title, text)| {
        view! {
            <Banner tone=Tone::Calm title=title.to_owned()>
                {text}
            </Banner>
        }
    });
    let refused = sent.above().map(|sentence| {
        view! {
            <Banner tone=Tone::Act title="Nothing was changed.".to_owned()>
                {sentence}
            </Banner>
        }
    });
    let (sentence, now) = (format!("Signed in as {}.", page.email), page.now);
    view! {
        <div class="settings">
            <PageHeader title="Your account" sentence />
            <Banners>{told} {refused}</Banners>
            <forms::Name page=page.clone() sent=sent.clone() />
            <forms::Address page=page.clone() sent=sent.clone() />
            <forms::Password sent />
            <forms::SecondStep factors=page.factors />
            <sign_on::SignOn page=page.clone() />
            <sessions::Sessions sessions=page.sessions now />
        </div>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn sent(form: &str, refusal: Refusal) -> Sent {
        let refused = Some(NamedRefusal::Known(refusal));
        Sent { form: form.to_owned(), refused, ..Sent::default() }
    }

    #[test]
    fn a_refusal_stands_beside_its_field_or_above_the_forms() {
        for (form, refusal, field) in [
            ("name", Refusal::Name, "name"),
            ("address", Refusal::PresentPassword, "present_password"),
            ("address", Refusal::TooManyAttempts, "present_password"),
            ("address", Refusal::TooManyLinks, "email"),
            ("password", Refusal::PasswordTooShort, "password"),
            ("password", Refusal::PresentPassword, "present"),
            ("password", Refusal::TooManyAttempts, "present"),
        ] {
            let sent = sent(form, refusal.clone());

            assert_eq!(sent.beside(form, field), Some(refusal.to_string()), "{refusal:?}");
            assert_eq!((sent.beside("other", field), sent.above()), (None, None));
        }
        let elsewhere = sent("sessions", Refusal::SignIn);
        assert_eq!(elsewhere.above(), Some(Refusal::SignIn.to_string()));
    }
}
