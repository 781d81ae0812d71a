//! A mail server on a real socket: enough of SMTP for a client, and ways to fail on purpose.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::{JoinHandle, JoinSet},
};

use super::mail::Mail;

/// How the server answers the next command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Friendly,
    /// Answers every `RCPT` with this code: 451 is transient, 550 is permanent.
    Refusing(u16),
    /// Answers every `AUTH` with 535.
    Locked,
    /// Receives a message and never answers.
    Silent,
}

/// Listens on a free port of this machine until it is dropped.
#[derive(Debug)]
pub struct MailServer {
    address: SocketAddr,
    state: Arc<State>,
    listening: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct State {
    mails: Mutex<Vec<Mail>>,
    mood: Mutex<Mood>,
    connections: Mutex<usize>,
    changed: Notify,
}

impl MailServer {
    pub async fn start() -> Self {
        let mut server = Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            state: Arc::default(),
            listening: None,
        };
        server.open().await;
        server
    }

    /// Listens again, on the same port, and keeps the messages it has.
    pub async fn open(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("a free port");
        self.address = listener.local_addr().expect("an address");
        self.listening = Some(tokio::spawn(listen(listener, Arc::clone(&self.state))));
    }

    /// Closes all connections and refuses new ones until `open` is called.
    pub async fn close(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
            // The port closes when the task has ended.
            drop(listening.await);
        }
    }

    /// The value of `SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// The value of `SMTP_URL` with a user name and a password.
    pub fn url_with_login(&self) -> String {
        format!("smtp://seats:secret@{}", self.address)
    }

    pub fn be(&self, mood: Mood) {
        *self.state.mood.lock().unwrap() = mood;
    }

    /// The messages received so far, in order.
    pub fn received(&self) -> Vec<Mail> {
        self.state.mails.lock().unwrap().clone()
    }

    /// The number of connections so far.
    pub fn connections(&self) -> usize {
        *self.state.connections.lock().unwrap()
    }

    /// Waits up to ten seconds for `n` messages.
    pub async fn wait_for(&self, n: usize) -> Vec<Mail> {
        let enough = async {
            loop {
                let changed = self.state.changed.notified();
                let mails = self.received();
                if mails.len() >= n {
                    return mails;
                }
                changed.await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(10), enough).await;
        waited.unwrap_or_else(|_| {
            panic!("{} of {n} mails came within ten seconds", self.received().len())
        })
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}

/// The connections end with this task, because it owns the set of their tasks.
async fn listen(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        *state.connections.lock().unwrap() += 1;
        connections.spawn(converse(stream, Arc::clone(&state)));
    }
}

/// One connection, until the client quits or disconnects.
async fn converse(stream: TcpStream, state: Arc<State>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut mail = Mail { from: String::new(), to: Vec::new(), raw: String::new() };
    stream.write_all(b"220 mail.test ESMTP\r\n").await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.split([' ', ':', '\r', '\n']).next().unwrap_or_default().to_uppercase();
        let mood = *state.mood.lock().unwrap();
        let answer = match verb.as_str() {
            "DATA" if !mail.to.is_empty() => {
                stream.write_all(b"354 Go on\r\n").await?;
                mail.raw = data(&mut stream).await?;
                if mood == Mood::Silent {
                    std::future::pending::<()>().await;
                }
                state.mails.lock().unwrap().push(mail.clone());
                state.changed.notify_waiters();
                "250 Taken".to_owned()
            }
            "QUIT" => return stream.write_all(b"221 Bye\r\n").await,
            _ => answer(&verb, &line, mood, &mut mail),
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// The answer to a command that neither carries a message nor ends the connection.
fn answer(verb: &str, line: &str, mood: Mood, mail: &mut Mail) -> String {
    let answer = match (verb, mood) {
        ("EHLO", _) => {
            "250-mail.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN"
        }
        ("AUTH", Mood::Locked) => "535 5.7.8 That is not the password",
        ("AUTH", _) => "235 2.7.0 Welcome",
        ("RCPT", Mood::Refusing(code)) => return format!("{code} Not now, not here"),
        ("RCPT", _) => {
            mail.to.push(address(line));
            "250 OK"
        }
        ("MAIL", _) => {
            *mail = Mail { from: address(line), to: Vec::new(), raw: String::new() };
            "250 OK"
        }
        ("RSET" | "NOOP" | "HELO", _) => "250 OK",
        ("DATA", _) => "503 No recipient",
        _ => "502 Not here",
    };
    answer.to_owned()
}

/// Reads a message up to the line with a single dot, and removes a dot that begins a line.
async fn data(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut raw = String::new();
    loop {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line).await?;
        if line.is_empty() || line == b".\r\n" {
            return Ok(raw);
        }
        let line = String::from_utf8_lossy(&line);
        raw.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}
