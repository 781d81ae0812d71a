//! Text from outside in a bidirectional isolate; the tooltip shows all of it, with escapes for
//! invisible characters, if the page does not.

use std::borrow::Borrow;

use domain::text::ExternalText;
use leptos::prelude::*;

pub fn words<T: Borrow<ExternalText>>(text: T) -> AnyView {
    let text = text.borrow();
    let (shown, whole) = (text.as_str().to_owned(), text.whole().map(str::to_owned));
    view! {
        <bdi class="words" title=whole>
            {shown}
        </bdi>
    }
    .into_any()
}
