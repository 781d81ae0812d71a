//! What the pages about accounts say about a form that was sent.

use domain::organization::grouped;
use leptos::prelude::*;

use crate::{
    components::banner::{Banner, Tone},
    query::Query,
    server_fns::NamedRefusal,
};

/// `3 members`
pub fn members(count: i64) -> String {
    format!("{} {}", grouped(count), if count == 1 { "member" } else { "members" })
}

/// What was done, as the address says.
pub fn done(query: &Query) -> Option<AnyView> {
    let (title, text) = match query.text("done") {
        "invited" => (
            "The invitation is on its way.",
            "Its link works once, for three days. It is below until it is accepted.",
        ),
        "resend" => (
            "The invitation is on its way again.",
            "It has a new link, for three days. The old one works no more.",
        ),
        "revoke" => ("The invitation was revoked.", "Its link works no more."),
        "role" => ("The role was changed.", "It counts from the person’s next click on."),
        "remove" => ("The member was removed.", "The person sees this organization no more."),
        "sign-out" => ("Signed out everywhere.", "The person can sign in again."),
        "disable" => ("The account is disabled.", "The person is signed out, and cannot sign in."),
        "reset-factors" => (
            "The second step was taken away.",
            "The person is signed out, and signs in with the password.",
        ),
        "enable" => ("The account is enabled.", "The person can sign in again."),
        "same" => ("Nothing was changed.", "It is so already."),
        _ => return None,
    };
    let banner = view! {
        <Banner tone=Tone::Calm title=title.to_owned()>
            {text}
        </Banner>
    };
    Some(banner.into_any())
}

/// A refusal that stands beside no field.
pub fn refusal(refused: Option<&NamedRefusal>) -> Option<AnyView> {
    let refused = refused.filter(|refused| field(refused).is_none())?;
    let sentence = refused.to_string();
    let banner = view! {
        <Banner tone=Tone::Act title="Nothing was changed.".to_owned()>
            {sentence}
        </Banner>
    };
    Some(banner.into_any())
}

/// The field of the form beside which a refusal stands.
pub fn field(refused: &NamedRefusal) -> Option<&'static str> {
    match refused {
        NamedRefusal::Known(refusal) => refusal.field(),
        NamedRefusal::Other => None,
    }
}
