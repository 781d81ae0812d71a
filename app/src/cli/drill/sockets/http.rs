//! The small part of HTTP that the drill's clients need.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

/// Opens a connection from the address `from` and sends the bytes.
pub(super) async fn begin(from: IpAddr, to: SocketAddr, bytes: &[u8]) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(from, 0))?;
    let mut stream = socket.connect(to).await?;
    stream.write_all(bytes).await?;
    Ok(stream)
}

/// Sends a request on a connection of its own, and returns the status and the head of the answer.
pub(super) async fn ask(
    to: SocketAddr,
    what: &str,
    headers: &str,
    body: &str,
) -> io::Result<(u16, String)> {
    let length = body.len();
    let request =
        format!("{what} HTTP/1.0\r\nhost: {to}\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
    let mut stream = begin([127, 0, 0, 1].into(), to, request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes);
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    status
        .map(|status| (status, head.to_owned()))
        .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Signs in and returns the session cookie.
pub(super) async fn sign_in(to: SocketAddr, email: &str, password: &str) -> io::Result<String> {
    let form = format!("email={}&password={password}", email.replace('@', "%40"));
    let headers = "accept: application/json\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    let (status, head) = ask(to, "POST /api/sign_in", headers, &form).await?;
    let cookies =
        head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
    let cookie = cookies.into_iter().find(|cookie| !cookie.contains("-device-"));
    cookie
        .map(str::to_owned)
        .ok_or_else(|| io::Error::other(format!("{email} could not sign in: {status}")))
}
