//! What Seatkeeper sends to people: [`emails`] holds the e-mails, and the [`mailer`] sends them.

pub mod emails;
pub mod mailer;
pub mod server;
