//! Goes through the times of a chart: with the arrow keys, by touch, or by pointing at the chart.
//! It says what the chart shows there. Without JavaScript each part of the chart has a tooltip, and
//! the table has the same numbers.

use leptos::prelude::*;

use super::browser::chart_reader;

/// The part that is read, and its words.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Read {
    pub part: u32,
    pub last: u32,
    pub words: String,
    /// How much of the chart's width the parts take, in percent.
    pub width: f64,
}

#[island]
pub fn ChartReader() -> impl IntoView {
    let read = RwSignal::new(None::<Read>);
    Effect::new(move |_| chart_reader::start(read));
    move || {
        read.with(Option::is_some).then(|| {
            let words = move || read.get().unwrap_or_default().words;
            view! {
                <input
                    class="history-chart__reader"
                    type="range"
                    min="0"
                    max=move || read.get().unwrap_or_default().last.to_string()
                    prop:value=move || read.get().unwrap_or_default().part.to_string()
                    style:inline-size=move || {
                        format!("calc({:.2}% + 1rem)", read.get().unwrap_or_default().width)
                    }
                    aria-label="Time in the chart"
                    aria-valuetext=words
                    autocomplete="off"
                    on:input=move |event| chart_reader::choose(read, &event_target_value(&event))
                />
                <p class="history-chart__words" aria-hidden="true">
                    {words}
                </p>
            }
        })
    }
}
