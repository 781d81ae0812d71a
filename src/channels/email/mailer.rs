//! Sends one e-mail to one person, and reports whether a retry makes sense.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
    transport::smtp,
};

pub use super::server::SmtpServer;
use super::templates::Email;
pub use crate::channels::SendError;
use crate::domain::id::MessageId;

/// How long one e-mail may take, from connecting to the server's last answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where e-mails go. Cheap to clone; clones share the connections (or the memory).
#[derive(Clone, Debug)]
pub struct Mailer(To);

#[derive(Clone, Debug)]
enum To {
    Server(Arc<SmtpConnection>),
    InMemory(Arc<Mutex<Vec<Sent>>>),
}

/// An e-mail that [`Mailer::memory`] keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub id: MessageId,
    pub to: String,
    pub email: Email,
}

impl Mailer {
    /// Sends to `server`; connects with the first e-mail and keeps the connection for the next
    /// ones.
    pub fn smtp(server: SmtpServer) -> Self {
        Self(To::Server(Arc::new(SmtpConnection {
            server,
            patience: PATIENCE,
            transport: Mutex::new(None),
        })))
    }

    /// Keeps e-mails in memory, for tests.
    pub fn memory() -> Self {
        Self(To::InMemory(Arc::default()))
    }

    /// Gives up on an e-mail after `patience` instead of 30 seconds.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        match self.0 {
            To::Server(connection) => Self(To::Server(Arc::new(SmtpConnection {
                server: connection.server.clone(),
                patience,
                transport: Mutex::new(None),
            }))),
            memory @ To::InMemory(_) => Self(memory),
        }
    }

    /// The e-mails in memory; none if there is a server.
    pub fn sent(&self) -> Vec<Sent> {
        match &self.0 {
            To::Server(_) => Vec::new(),
            To::InMemory(memory) => locked(memory).clone(),
        }
    }

    /// Sends `email` to the address `to` (without a name). `id` is the outbox row's: an e-mail
    /// that is sent twice, because the server's answer was lost, has the same `Message-ID` both
    /// times. `Ok` means that the server has accepted it.
    pub async fn send(
        &self,
        from: &Mailbox,
        to: &str,
        email: &Email,
        id: &MessageId,
    ) -> Result<(), SendError> {
        let address: Address = to
            .parse()
            .map_err(|error| SendError::Never(format!("{to} is not an e-mail address: {error}")))?;
        match &self.0 {
            To::InMemory(memory) => {
                locked(memory).push(Sent {
                    id: id.clone(),
                    to: to.to_owned(),
                    email: email.clone(),
                });
                Ok(())
            }
            To::Server(connection) => {
                let message = message(from, address, email, id)
                    .map_err(|error| SendError::Never(error.to_string()))?;
                connection.send(message).await
            }
        }
    }
}

fn message(
    from: &Mailbox,
    to: Address,
    email: &Email,
    id: &MessageId,
) -> Result<Message, lettre::error::Error> {
    let mut builder = Message::builder();
    if let Some(address) = &email.unsubscribe {
        builder = builder.header(ListUnsubscribe(format!("<{address}>"))).header(OneClick);
    }
    builder
        .message_id(Some(format!("<{id}@{}>", from.email.domain())))
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(subject(&email.subject))
        .header(AutoSubmitted)
        .header(EmailHeader(id.to_string()))
        .multipart(MultiPart::alternative_plain_html(email.text.clone(), email.html.clone()))
}

/// Breaks `=?` apart. A subject of ASCII is sent as it is, and a mail program would decode an
/// encoded word (RFC 2047) in a customer's name into any text.
fn subject(text: &str) -> String {
    text.replace("=?", "= ?")
}

/// Asks out-of-office programs not to answer (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Where the reader ends such e-mails (RFC 2369).
#[derive(Clone)]
struct ListUnsubscribe(String);

impl Header for ListUnsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// One POST to that address is enough (RFC 8058).
#[derive(Clone)]
struct OneClick;

impl Header for OneClick {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".to_owned())
    }
}

/// The id of the outbox row, to find an e-mail in a mail server's log.
#[derive(Clone)]
struct EmailHeader(String);

impl Header for EmailHeader {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Seatkeeper-Email")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// The connection to one server, with its pool.
struct SmtpConnection {
    server: SmtpServer,
    patience: Duration,
    /// Made by the first e-mail, because lettre's pool needs a running tokio.
    transport: Mutex<Option<Transport>>,
}

impl SmtpConnection {
    async fn send(&self, message: Message) -> Result<(), SendError> {
        let transport = self.transport();
        let mut unfinished = Unfinished { connection: self, finished: false };
        // lettre's own time limit covers only connecting.
        let sent = tokio::time::timeout(self.patience, transport.send(message)).await;
        unfinished.finished = sent.is_ok();
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(worth_a_retry(&error)),
            Err(_) => Err(SendError::Later(format!(
                "The mail server did not answer within {} s.",
                self.patience.as_secs_f32()
            ))),
        }
    }

    fn transport(&self) -> Transport {
        locked(&self.transport).get_or_insert_with(|| self.server.transport.clone().build()).clone()
    }
}

impl fmt::Debug for SmtpConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.server.fmt(f)
    }
}

/// lettre puts a connection back into its pool even if the conversation was interrupted, and the
/// next e-mail would read the answers meant for this one. So an unfinished attempt (after the time
/// limit, or because its caller was dropped) discards the pool.
struct Unfinished<'a> {
    connection: &'a SmtpConnection,
    finished: bool,
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if !self.finished {
            *locked(&self.connection.transport) = None;
        }
    }
}

/// A server that refuses us (no login, no TLS, shutting down) does not refuse the e-mail, so a
/// retry makes sense.
fn worth_a_retry(error: &smtp::Error) -> SendError {
    const ABOUT_US: [u16; 5] = [521, 530, 534, 535, 538];
    let reason = error.to_string();
    let about_us = error.status().is_some_and(|code| ABOUT_US.contains(&u16::from(code)));
    // Without SMTPUTF8 an address such as grüße@example.com cannot be sent to that server at all.
    let unwritable = error.is_client() && reason.contains("SMTPUTF8");
    if unwritable || (error.is_permanent() && !about_us) {
        SendError::Never(reason)
    } else {
        SendError::Later(reason)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
