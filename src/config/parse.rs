//! Parses the text of a setting. An error is the text after the variable's name.

use std::{fmt::Display, net::SocketAddr, ops::RangeInclusive, str::FromStr, time::Duration};

use lettre::message::Mailbox;
use url::Url;

use crate::{
    channels::{
        address::AllowedAddresses,
        email::server::{ENCODE_PASSWORD, is_this_machine},
        slack::SlackWebhook,
    },
    db::{BadDatabaseUrl, DatabaseUrl},
    oidc::Issuer,
    scalekit::signature::{BadSecret, LEAST_KEY_BYTES, MOST_SECRETS, Secret, Secrets},
    telemetry::{LogFilter, LogFormat},
};

/// The smallest body limit, in bytes; a smaller one would refuse ordinary events.
const SMALLEST_BODY_LIMIT: usize = 16 * 1024;
/// The largest body limit, in bytes; a body is held in memory while it is verified.
const LARGEST_BODY_LIMIT: usize = 64 * 1024 * 1024;
/// The longest interval between two checks: a day.
const MOST_MINUTES: u64 = 24 * 60;

pub(super) fn database_url(text: &str) -> Result<DatabaseUrl, String> {
    text.parse().map_err(|bad| match bad {
        BadDatabaseUrl::Scheme => "must start with sqlite:, postgres: or postgresql:.".to_owned(),
        BadDatabaseUrl::NoFile => "names no file.".to_owned(),
        BadDatabaseUrl::Url(error) => format!("cannot be read ({error}). {ENCODE_PASSWORD}"),
        BadDatabaseUrl::Options(error) => format!("cannot be read ({error})."),
    })
}

pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("is “{text}”, which is not an IP address and a port."))
}

/// `https://host:port`, and nothing behind it.
pub(super) fn origin(text: &str) -> Result<Url, String> {
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return Err("must start with https:// (or http://).".to_owned());
    }
    let url = Url::parse(text).map_err(|error| format!("cannot be read ({error})."))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password.".to_owned());
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(format!(
            "must end after the host and port: there is “{}” behind them.",
            &url[url::Position::BeforePath..]
        ));
    }
    Ok(url)
}

pub(super) fn whole<T: FromStr + PartialOrd + Display>(
    text: &str,
    within: RangeInclusive<T>,
) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| within.contains(number));
    number.ok_or_else(|| {
        format!(
            "is “{text}”, which is not a whole number from {} to {}.",
            within.start(),
            within.end()
        )
    })
}

pub(super) fn environment_url(text: &str) -> Result<Url, String> {
    let origin = origin(text)?;
    if origin.scheme() == "https" || is_this_machine(&origin) {
        Ok(origin)
    } else {
        Err("must start with https://: the client’s secret travels there. (http:// is for this machine only.)".to_owned())
    }
}

pub(super) fn issuer(text: &str) -> Result<Issuer, String> {
    Issuer::of_installation(text).map_err(|_| {
        "takes an https address without a question mark and without a name or password. (http:// is for this machine only.)".to_owned()
    })
}

/// One or more secrets, with commas between them.
pub(super) fn webhook_secrets(text: &str) -> Result<Secrets, String> {
    let parts: Vec<&str> =
        text.split(',').map(str::trim).filter(|secret| !secret.is_empty()).collect();
    let count = parts.len();
    let secrets = parts.into_iter().enumerate().map(|(i, part)| {
        let which =
            if count == 1 { String::new() } else { format!("(number {} of {count}) ", i + 1) };
        Secret::parse(part).map_err(|bad| format!("{which}{}", wrong_secret(bad)))
    });
    Secrets::new(secrets.collect::<Result<_, _>>()?).map_err(wrong_secret)
}

fn wrong_secret(bad: BadSecret) -> String {
    const COPY: &str = "Copy it whole from the Scalekit dashboard, under Webhooks.";
    match bad {
        BadSecret::Missing => "holds commas and no secret.".to_owned(),
        BadSecret::Prefix => format!("does not start with whsec_. {COPY}"),
        BadSecret::Encoding => format!("is not base64 after whsec_. {COPY}"),
        BadSecret::Short { bytes } => format!(
            "is too short: a key of {bytes} bytes, where at least {LEAST_KEY_BYTES} are needed."
        ),
        BadSecret::TooMany => {
            format!("holds more than {MOST_SECRETS} secrets; a rotation needs two.")
        }
    }
}

pub(super) fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|_| {
        format!("is “{text}”, which is not an e-mail address, with or without a name before it.")
    })
}

pub(super) fn body_limit(text: &str) -> Result<usize, String> {
    match text.replace('_', "").parse() {
        Ok(bytes) if (SMALLEST_BODY_LIMIT..=LARGEST_BODY_LIMIT).contains(&bytes) => Ok(bytes),
        _ => Err(format!(
            "is “{text}”; it takes a number of bytes from {SMALLEST_BODY_LIMIT} to {LARGEST_BODY_LIMIT}."
        )),
    }
}

pub(super) fn minutes(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(minutes) if (1..=MOST_MINUTES).contains(&minutes) => Ok(Duration::from_mins(minutes)),
        _ => Err(format!("is “{text}”; it takes a number of minutes from 1 to {MOST_MINUTES}.")),
    }
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("is “{text}”; it takes “text” or “json”.")),
    }
}

pub(super) fn log(text: &str) -> Result<LogFilter, String> {
    LogFilter::parse(text)
        .map_err(|error| format!("is “{text}”, which is no log filter ({error})."))
}
/// `yes` or `no`.
pub(super) fn allowed_addresses(text: &str) -> Result<AllowedAddresses, String> {
    match text {
        "yes" => Ok(AllowedAddresses::Private),
        "no" => Ok(AllowedAddresses::Public),
        _ => Err(format!("is “{text}”; it takes “yes” or “no”.")),
    }
}

/// The error never quotes the address, because it is a secret.
pub(super) fn slack(text: &str, allowed: AllowedAddresses) -> Result<SlackWebhook, String> {
    SlackWebhook::parse(text, allowed).ok_or_else(|| {
        "is no https address of an incoming webhook, or it is in a private network.".to_owned()
    })
}
