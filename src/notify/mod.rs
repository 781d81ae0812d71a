//! What leaves for people: [`letters`] say it, the [`mailer`] brings it.

pub mod letters;
pub mod mailer;
pub mod server;
