//! Words from outside, in a direction of their own; what of them cannot be seen is a hover away.

use std::borrow::Borrow;

use leptos::prelude::*;
use seatkeeper::domain::text::ExternalText;

pub fn words<T: Borrow<ExternalText>>(text: T) -> AnyView {
    let text = text.borrow();
    let (shown, whole) = (text.as_str().to_owned(), text.whole().map(str::to_owned));
    view! { <bdi class="words" title=whole>{shown}</bdi> }.into_any()
}
