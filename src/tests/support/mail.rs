//! An e-mail as the mail server received it, and methods that read it.

use base64::{Engine as _, prelude::BASE64_STANDARD};

/// The content of one SMTP transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Headers and body with dots unstuffed, lines ended by CR LF.
    pub raw: String,
}

impl Mail {
    /// The value of a header, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        header(&self.raw, name)
    }

    /// The plain-text part, decoded.
    pub fn text(&self) -> String {
        self.part("text/plain")
    }

    /// The HTML part, decoded.
    pub fn html(&self) -> String {
        self.part("text/html")
    }

    fn part(&self, kind: &str) -> String {
        let boundary = self
            .header("Content-Type")
            .and_then(|value| value.split("boundary=\"").nth(1).map(str::to_owned));
        let boundary = format!("--{}", boundary.expect("a multipart mail").trim_end_matches('"'));
        let mut parts = self.raw.split(&boundary).map(|part| part.trim_start_matches("\r\n"));
        let part = parts
            .find(|part| header(part, "Content-Type").is_some_and(|value| value.starts_with(kind)));
        decoded(part.unwrap_or_else(|| panic!("no {kind} in {}", self.raw)))
    }
}

fn header(raw: &str, name: &str) -> Option<String> {
    let head = raw.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
    let line = head
        .split("\r\n")
        .find(|line| line.to_lowercase().starts_with(&format!("{}:", name.to_lowercase())))?;
    Some(line[name.len() + 1..].trim().to_owned())
}

fn decoded(part: &str) -> String {
    let body = part.split_once("\r\n\r\n").map_or("", |(_, body)| body).trim_end_matches("\r\n");
    let body = match header(part, "Content-Transfer-Encoding").as_deref() {
        Some("base64") => BASE64_STANDARD.decode(body.replace("\r\n", "")).expect("base64"),
        Some("quoted-printable") => unquoted(body.replace("=\r\n", "").as_bytes()),
        _ => body.into(),
    };
    String::from_utf8(body).expect("UTF-8").replace("\r\n", "\n")
}

fn unquoted(mut text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some((&first, rest)) = text.split_first() {
        let hex = (first == b'=')
            .then(|| rest.get(..2))
            .flatten()
            .and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(first));
        text = if byte.is_some() { &rest[2..] } else { rest };
    }
    bytes
}
