//! The messages that leave the outbox.

use std::time::Duration;

use seatkeeper::{
    channels::email::mailer::{Mailer, Sent},
    jobs::send_messages::{self, Mail},
};

use super::world::TestApp;

impl TestApp {
    /// Lets a burst end, sends what is due then, and gives what left.
    pub async fn sent(&self) -> Vec<Sent> {
        self.clock.pass(Duration::from_secs(61));
        self.sent_now().await
    }

    /// Sends what is due now, and gives what left, without the e-mails that only tell of a new
    /// limit: most stories set one on their way.
    pub async fn sent_now(&self) -> Vec<Sent> {
        let is_about_limit = |sent: &Sent| sent.email.subject.contains(": the seat limit is ");
        let mut sent = self.all_sent_now().await;
        sent.retain(|sent| !is_about_limit(sent));
        sent
    }

    /// Sends what is due now, and gives what left.
    pub async fn all_sent_now(&self) -> Vec<Sent> {
        let mail = Mail {
            mailer: Mailer::memory(),
            from: "Seatkeeper <seats@seats.example>".parse().unwrap(),
        };
        send_messages::work_off(&self.state, &mail).await.unwrap();
        mail.mailer.sent()
    }

    /// The texts of the e-mails that leave.
    pub async fn sent_text(&self) -> String {
        self.sent().await.into_iter().map(|sent| sent.email.text).collect()
    }
}
