//! The colour scheme: the system's, or one that somebody chose.
#![cfg_attr(feature = "ssr", expect(clippy::unused_async, reason = "a server function is async, whatever it does"))]

use leptos::prelude::*;

use super::Failure;

/// Keeps the choice in a cookie, so that the first paint has it. Anything but `light` and `dark` goes back to the system's.
#[server(prefix = "/api", endpoint = "set_theme")]
pub async fn set_theme(theme: String) -> Result<(), Failure> {
    use super::answer;

    let known = answer::THEMES.into_iter().find(|known| *known == theme);
    let seconds = if known.is_some() { 365 * 24 * 3_600 } else { 0 };
    answer::set_cookie(answer::THEME, known.unwrap_or_default(), "/", seconds);
    answer::back();
    Ok(())
}
