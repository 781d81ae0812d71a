//! What Seatkeeper sends to people: [`letters`] holds the e-mails, and the [`mailer`] sends them.

pub mod letters;
pub mod mailer;
pub mod server;
