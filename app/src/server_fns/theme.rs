//! The colour scheme: the system's, or one that the reader has chosen.
#![cfg_attr(
    feature = "ssr",
    expect(clippy::unused_async, reason = "a server function is async, whatever it does")
)]

use leptos::prelude::*;

use super::AppError;

/// Keeps the choice in a cookie, so that the first paint already uses it. Any value other than
/// `light` and `dark` restores the system's scheme.
#[server(prefix = "/api", endpoint = "set_theme")]
pub async fn set_theme(theme: String) -> Result<(), AppError> {
    use super::answer;

    let known = answer::THEMES.into_iter().find(|known| *known == theme);
    let seconds = if known.is_some() { 365 * 24 * 3_600 } else { 0 };
    answer::set_cookie(answer::THEME, known.unwrap_or_default(), "/", seconds);
    answer::back();
    Ok(())
}
