//! Components that two pages or more use.

pub mod badge;
pub mod banner;
pub mod chips;
pub mod choices;
pub mod empty;
pub mod field;
pub mod frame;
pub mod head;
pub mod id;
pub mod ledger;
pub mod loaded;
pub mod meter;
pub mod moment;
pub mod pager;
pub mod progress;
pub mod table;
pub mod words;
