//! What runs in the browser, small and few. The half that needs a browser is in `browser/`; on the server each of its
//! functions is there and does nothing.

#[cfg(feature = "hydrate")]
mod browser;
pub mod copying;
pub mod following;
pub mod live;
pub mod preview;

#[cfg(not(feature = "hydrate"))]
mod browser {
    pub(super) mod clipboard {
        pub(in crate::islands) fn start() {}
    }
    pub(super) mod follow {
        pub(in crate::islands) fn start() {}
    }
    pub(super) mod listen {
        use leptos::prelude::RwSignal;

        use crate::islands::live::State;

        pub(in crate::islands) fn start(_: String, _: bool, _: RwSignal<State>) {}
    }
}
