//! The part of HTTP/1.1 that is needed to fetch a page again and again over one connection.

use anyhow::{Context, Result, bail, ensure};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::step;

const WARM_UP: usize = 50;

pub struct Timing {
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

/// Times this many requests. `cookie` is the value of the `Cookie` header; it is empty without a
/// sign-in.
pub fn time(address: SocketAddr, path: &str, (cookie, requests): (&str, usize)) -> Result<Timing> {
    let mut connection = Connection::open(address)?;
    cookie.clone_into(&mut connection.cookie);
    let mut took = Vec::with_capacity(requests);
    for request in 0..WARM_UP + requests {
        let started = step::now();
        let status = connection.get(path)?;
        ensure!(status == 200, "{path} was answered {status}");
        if request >= WARM_UP {
            took.push(started.elapsed());
        }
    }
    Ok(summarize(took))
}

fn summarize(mut took: Vec<Duration>) -> Timing {
    took.sort_unstable();
    let total: Duration = took.iter().sum();
    let part = |percent: usize| {
        let at = took.get(took.len() * percent / 100).copied().unwrap_or_default();
        at.as_secs_f64() * 1e3
    };
    Timing {
        per_second: super::float(took.len() as u64) / total.as_secs_f64(),
        p50_ms: part(50),
        p99_ms: part(99),
    }
}

/// Signs in and returns the session cookie.
pub fn sign_in(address: SocketAddr, email: &str, password: &str) -> Result<String> {
    let form = format!("email={email}&password={password}");
    let mut connection = Connection::open(address)?;
    write!(
        connection.stream.get_mut(),
        "POST /api/sign_in HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{form}",
        form.len()
    )?;
    loop {
        let header = connection.line()?;
        ensure!(!header.is_empty(), "the sign-in failed");
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("set-cookie")
            && !value.contains("-device-")
        {
            return Ok(value.trim().split(';').next().unwrap_or_default().to_owned());
        }
    }
}

/// Fetches the page and returns the status.
pub fn get(address: SocketAddr, path: &str) -> Result<u16> {
    Connection::open(address)?.get(path)
}

/// Fetches a page with a body of any length, and gives its number of lines.
pub fn lines(address: SocketAddr, path: &str, cookie: &str) -> Result<u64> {
    let mut connection = Connection::open(address)?;
    cookie.clone_into(&mut connection.cookie);
    let mut lines = LineCounter(0);
    let status = connection.fetch(path, &mut lines)?;
    ensure!(status == 200, "{path} was answered {status}");
    Ok(lines.0)
}

struct LineCounter(u64);

impl Write for LineCounter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        for byte in bytes {
            self.0 += u64::from(*byte == b'\n');
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Connection {
    address: SocketAddr,
    cookie: String,
    stream: BufReader<TcpStream>,
}

impl Connection {
    fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self { address, cookie: String::new(), stream: BufReader::new(stream) })
    }

    fn get(&mut self, path: &str) -> Result<u16> {
        self.fetch(path, &mut std::io::sink())
    }

    /// Writes the body to `out`, and gives the status.
    fn fetch(&mut self, path: &str, out: &mut impl Write) -> Result<u16> {
        let (host, cookie) = (self.address, &self.cookie);
        let cookie =
            if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
        // One write for the whole request, because the server answers only after the last part.
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n{cookie}\r\n");
        self.stream.get_mut().write_all(request.as_bytes())?;
        let status = self
            .line()?
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .context("an answer without a status")?;
        let mut length = None;
        loop {
            let header = self.line()?.to_ascii_lowercase();
            match header.split_once(':').map(|(name, value)| (name, value.trim())) {
                Some(("content-length", value)) => length = value.parse().ok(),
                Some(_) => {}
                None => break,
            }
        }
        match length {
            Some(length) => self.copy(length, out)?,
            None => self.copy_chunks(out)?,
        }
        Ok(status)
    }

    fn copy_chunks(&mut self, out: &mut impl Write) -> Result<()> {
        loop {
            let length =
                u64::from_str_radix(&self.line()?, 16).context("a chunk without a length")?;
            self.copy(length, out)?;
            self.line()?; // a chunk ends with a line break
            if length == 0 {
                return Ok(());
            }
        }
    }

    fn copy(&mut self, length: u64, out: &mut impl Write) -> Result<()> {
        let copied = std::io::copy(&mut self.stream.by_ref().take(length), out)?;
        ensure!(copied == length, "the answer ended early");
        Ok(())
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            bail!("the server closed the connection");
        }
        Ok(line.trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::TcpListener, thread};

    #[test]
    fn answers_with_a_length_and_in_chunks_follow_each_other_on_one_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc").unwrap();
            stream.write_all(b"HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n").unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
            // until the other side closes
            std::io::copy(&mut stream, &mut std::io::sink()).unwrap();
        });

        let mut connection = Connection::open(address).unwrap();
        let statuses = [(); 3].map(|()| connection.get("/").unwrap());

        assert_eq!(statuses, [200, 404, 200]);

        drop(connection);
        server.join().unwrap();
    }

    #[test]
    fn the_slowest_hundredth_is_left_out_of_the_99_percent() {
        let timing = summarize((1..=100).rev().map(Duration::from_millis).collect());

        assert!((timing.p99_ms - 100.0).abs() < 1e-9);
        assert!((timing.per_second - 100.0 / 5.05).abs() < 1e-9);
    }
}
