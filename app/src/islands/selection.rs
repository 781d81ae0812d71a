//! How many people of a list are chosen, and a box that chooses all of the page. Without JavaScript
//! the boxes of the rows are enough.

use domain::organization::grouped;
use leptos::prelude::*;

use super::browser::selection;

#[island]
pub fn Selection() -> impl IntoView {
    let chosen = RwSignal::new(0_i64);
    let awake = RwSignal::new(false);
    Effect::new(move |_| {
        awake.set(true);
        selection::start(chosen);
    });
    move || {
        awake.get().then(|| {
            view! {
                <label class="waitlist__page">
                    <input type="checkbox" data-choose-page="" autocomplete="off" />
                    {move || match chosen.get() {
                        0 => "Choose this page".to_owned(),
                        n => format!("{} chosen", grouped(n)),
                    }}
                </label>
            }
        })
    }
}
