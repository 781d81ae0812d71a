//! The islands: the few small parts that run in the browser. The code that needs a browser is in
//! `browser/`; on the server the same functions exist and do nothing.

pub mod auto_refresh;
#[cfg(feature = "hydrate")]
mod browser;
pub mod chart_reader;
pub mod copy_button;
pub mod live;
pub mod preview;
pub mod selection;
pub mod switcher;

#[cfg(not(feature = "hydrate"))]
mod browser {
    pub(super) mod chart_reader {
        use leptos::prelude::RwSignal;

        use crate::islands::chart_reader::Read;

        pub(in crate::islands) fn start(_: RwSignal<Option<Read>>) {}

        pub(in crate::islands) fn choose(_: RwSignal<Option<Read>>, _: &str) {}
    }
    pub(super) mod clipboard {
        pub(in crate::islands) fn start() {}
    }
    pub(super) mod follow {
        pub(in crate::islands) fn start() {}
    }
    pub(super) mod listen {
        use crate::islands::live::Shown;

        pub(in crate::islands) fn start(_: String, _: bool, _: Shown) {}
    }
    pub(super) mod morph {
        pub(in crate::islands) fn on_refresh(_: impl Fn() + 'static) {}
    }
    pub(super) mod saving {
        pub(in crate::islands) fn start() {}
    }
    pub(super) mod times {
        pub(in crate::islands) fn start() {}
    }
    pub(super) mod selection {
        use leptos::prelude::RwSignal;

        pub(in crate::islands) fn start(_: RwSignal<i64>) {}
    }
    pub(super) mod switcher {
        pub(in crate::islands) fn is_open(_: &str, _: &str, _: &str) -> bool {
            false
        }

        pub(in crate::islands) fn show(_: &str) {}

        pub(in crate::islands) fn follow(_: &str) {}
    }
}
