//! The banner over a form that was refused because the reader showed too long ago who they are.

use domain::{organization::SeatLimit, refusal::Refusal};
use leptos::prelude::*;

use crate::{
    components::banner::{Banner, Tone},
    paths,
    query::Query,
    server_fns::NamedRefusal,
};

/// The word in the place of the refusal, once the reader has confirmed who they are.
pub const CONFIRMED: &str = "confirmed";

/// `page` is the path of the page. The link leads back to it with all that was typed.
pub fn confirm_first(query: &Query, page: &str) -> Option<AnyView> {
    let known = query.refusal(SeatLimit::NotSet)?;
    let NamedRefusal::Known(refusal @ Refusal::ProofTooOld) = known else { return None };
    let back = paths::with_query(page, &query.with("refused", CONFIRMED));
    let href = paths::confirm_identity(&back);
    let action = view! {
        <a class="button" href=href>
            "Confirm that it is you"
        </a>
    };
    let banner = view! {
        <Banner
            tone=Tone::Act
            title="Nothing was changed.".to_owned()
            action=Some(action.into_any())
        >
            {refusal.to_string()}
        </Banner>
    };
    Some(banner.into_any())
}

/// What the page says after that.
pub fn confirmed(query: &Query) -> Option<AnyView> {
    let is_back = query.text("refused") == CONFIRMED;
    let banner = || {
        view! {
            <Banner tone=Tone::Calm title="You confirmed that it is you.".to_owned()>
                "Nothing was changed yet: do it again now."
            </Banner>
        }
    };
    is_back.then(|| banner().into_any())
}
