//! E-mails: [`templates`] holds them, and the [`mailer`] sends them.

pub mod mailer;
pub mod server;
pub mod templates;
