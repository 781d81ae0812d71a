//! After an update that changes how text is folded, every search key is rebuilt once, in parallel
//! to the deliveries. Until then a search matches the old key of a name.

use std::time::Duration;

use tracing::info;

use super::duty;
use crate::{
    clock::Stopwatch,
    commands::{self, Refolded, refold_part},
    state::AppState,
    store::duties::{self, SEARCH_KEYS},
};

/// The version of the text folding. A new number rebuilds every key.
const FOLDING: &str = "1";
/// The longest pause; a pause is twice as long as the work before it.
const LONGEST_REST: Duration = Duration::from_secs(5);

/// Rebuilds the keys if that is not done yet; gives the number of wrong ones.
pub async fn work_off(state: &AppState, gently: bool) -> Result<u64, commands::Error> {
    let done = duties::last(&mut state.db.read().await?, SEARCH_KEYS).await?;
    if done.is_some_and(|(_, folding)| folding == FOLDING) || duty::claim(state, SEARCH_KEYS, Duration::ZERO).await?.is_none() {
        return Ok(0);
    }
    let mut so_far = Refolded::default();
    loop {
        let began = Stopwatch::start();
        let (further, is_more) = refold_part(state, so_far).await?;
        so_far = further;
        if !is_more {
            break;
        }
        duty::keep(state, SEARCH_KEYS).await?;
        if gently {
            tokio::time::sleep((began.elapsed() * 2).min(LONGEST_REST)).await;
        }
    }
    duty::finish(state, SEARCH_KEYS, FOLDING).await?;
    if so_far.changed > 0 {
        info!(keys = so_far.changed, "search keys were computed again");
    }
    Ok(so_far.changed)
}
