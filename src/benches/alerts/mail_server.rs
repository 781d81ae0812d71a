//! A mail server that accepts each e-mail and keeps none.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::Result;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

pub struct MailServer {
    url: String,
    accepted: Arc<AtomicUsize>,
    listening: JoinHandle<()>,
}

impl MailServer {
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("smtp://{}", listener.local_addr()?);
        let accepted = Arc::new(AtomicUsize::new(0));
        let listening = tokio::spawn(listen(listener, Arc::clone(&accepted)));
        Ok(Self { url, accepted, listening })
    }

    /// The value of `SMTP_URL`.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, accepted: Arc<AtomicUsize>) {
    while let Ok((stream, _)) = listener.accept().await {
        let accepted = Arc::clone(&accepted);
        // a client that goes away ends its conversation
        tokio::spawn(async move { drop(converse(stream, &accepted).await) });
    }
}

async fn converse(stream: TcpStream, accepted: &AtomicUsize) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 localhost ESMTP\r\n").await?;
    let (mut line, mut is_data) = (String::new(), false);
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let answer: &[u8] = match line.get(..4).unwrap_or(&line) {
            _ if is_data && line != ".\r\n" => continue,
            _ if is_data => {
                is_data = false;
                accepted.fetch_add(1, Ordering::Relaxed);
                b"250 Taken\r\n"
            }
            "DATA" => {
                is_data = true;
                b"354 Go on\r\n"
            }
            "EHLO" => b"250-localhost\r\n250 8BITMIME\r\n",
            "QUIT" => return stream.write_all(b"221 Bye\r\n").await,
            _ => b"250 OK\r\n",
        };
        stream.write_all(answer).await?;
    }
}
