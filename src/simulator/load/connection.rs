//! The part of HTTP/1.1 that a load test needs: one request and one answer on a connection that
//! stays open. The benchmarks ask with it, too.

use std::io::{self, Error, ErrorKind};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::{Host, Url};

/// The longest answer that is read, in bytes: a webhook's is a status, and one of the API is a part
/// of a list.
const MOST_ANSWER_BYTES: usize = 1_024 * 1_024;

/// The address that requests are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    host: String,
    port: u16,
    /// The `Host` header.
    pub authority: String,
    pub path: String,
}

impl Target {
    /// Returns `None` if this is not an `http://` address.
    pub fn parse(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok().filter(|url| url.scheme() == "http")?;
        let host = match url.host()? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let port = url.port_or_known_default()?;
        Some(Self {
            host,
            port,
            authority: format!("{}:{port}", url.host_str()?),
            path: url.path().to_owned(),
        })
    }
}

pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    pub async fn open(target: &Target) -> io::Result<Self> {
        let stream = TcpStream::connect((target.host.as_str(), target.port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(1_024) })
    }

    /// Sends a whole request and reads its whole answer.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.received.clear();
        self.stream.write_all(request).await?;
        loop {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if let Some(answer) = Answer::parse(&self.received)? {
                return Ok(answer);
            }
            if self.received.len() > MOST_ANSWER_BYTES {
                return Err(Error::other("the answer has no end"));
            }
        }
    }

    /// The body of the last answer, if it came with its length.
    pub fn body(&self) -> &[u8] {
        let head = self.received.windows(4).position(|four| four == b"\r\n\r\n");
        head.map_or(&[], |end| &self.received[end + 4..])
    }
}

/// The parts of an answer that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Whether the receiver takes another request on this connection.
    pub keeps_open: bool,
}

impl Answer {
    /// Returns `None` while the answer is not complete.
    fn parse(received: &[u8]) -> io::Result<Option<Self>> {
        let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let (head, body) =
            (std::str::from_utf8(&received[..end]).map_err(Error::other)?, &received[end + 4..]);
        let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
        let status = status.ok_or_else(|| Error::other("this is not HTTP/1.1"))?;
        let header = |wanted: &str| {
            let mut lines = head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
            lines.find_map(|(name, value)| name.eq_ignore_ascii_case(wanted).then(|| value.trim()))
        };
        let keeps_open =
            !header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let complete = match (status, header("content-length"), header("transfer-encoding")) {
            (204 | 304, ..) => true,
            (_, Some(length), _) => body.len() >= length.parse::<usize>().map_err(Error::other)?,
            // The last chunk is empty. An answer with trailers, which the receiver does not send,
            // never counts as complete.
            (_, None, Some(_)) => body == b"0\r\n\r\n" || body.ends_with(b"\r\n0\r\n\r\n"),
            (_, None, None) => return Err(Error::other("the answer does not say how long it is")),
        };
        Ok(complete.then_some(Self { status, keeps_open }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_when_it_is_complete() {
        let answer = |text: &str| Answer::parse(text.as_bytes()).ok().flatten();
        let whole =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\nretry-after: 1\r\n\r\nno";
        for cut in 0..whole.len() {
            assert_eq!(answer(&whole[..cut]), None, "{cut}");
        }
        assert_eq!(answer(whole), Some(Answer { status: 503, keeps_open: true }));
        assert_eq!(
            answer("HTTP/1.1 204 No Content\r\nconnection: Close\r\n\r\n"),
            Some(Answer { status: 204, keeps_open: false })
        );
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
        assert_eq!(answer(chunked), Some(Answer { status: 200, keeps_open: true }));
        assert_eq!(answer(&chunked[..chunked.len() - 5]), None);
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        for bad in [
            "SSH-2.0\r\n\r\n",
            "HTTP/1.1 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        ] {
            assert!(Answer::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_target_is_plain_http() {
        let target = Target::parse("http://[::1]:3000/webhooks/scalekit").unwrap();
        assert_eq!(
            (target.host.as_str(), target.port, target.authority.as_str()),
            ("::1", 3_000, "[::1]:3000")
        );
        assert_eq!(
            Target::parse("http://localhost").map(|target| (target.port, target.path)),
            Some((80, "/".to_owned()))
        );
        assert_eq!(Target::parse("https://localhost"), None);
    }
}
