//! After an update that folds text otherwise, every search key is made anew once, beside the deliveries. Until then a name is found
//! by the letters of its old key.

use std::time::Duration;

use tracing::info;

use super::duty;
use crate::{
    acts::{self, Refolded, refold_part},
    clock::Stopwatch,
    desk::Desk,
    store::duties::{self, SEARCH_KEYS},
};

/// The way text is folded now. Another number makes every key anew.
const FOLDING: &str = "1";
/// It rests twice as long as it worked, at most so long.
const LONGEST_REST: Duration = Duration::from_secs(5);

/// Makes the keys anew if that has not been done; gives how many were wrong.
pub async fn work_off(desk: &Desk, gently: bool) -> Result<u64, acts::Error> {
    let done = duties::last(&mut desk.db.read().await?, SEARCH_KEYS).await?;
    if done.is_some_and(|(_, folding)| folding == FOLDING) || duty::claim(desk, SEARCH_KEYS, Duration::ZERO).await?.is_none() {
        return Ok(0);
    }
    let mut so_far = Refolded::default();
    loop {
        let began = Stopwatch::start();
        let (further, is_more) = refold_part(desk, so_far).await?;
        so_far = further;
        if !is_more {
            break;
        }
        duty::keep(desk, SEARCH_KEYS).await?;
        if gently {
            tokio::time::sleep((began.elapsed() * 2).min(LONGEST_REST)).await;
        }
    }
    duty::finish(desk, SEARCH_KEYS, FOLDING).await?;
    if so_far.changed > 0 {
        info!(keys = so_far.changed, "search keys were made anew");
    }
    Ok(so_far.changed)
}
