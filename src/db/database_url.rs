//! `DATABASE_URL`: which engine, and where its database is.

use std::{env, fmt, net::IpAddr, path::PathBuf, str::FromStr};

use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
    sqlite::SqliteConnectOptions,
};
use url::Url;

/// A text that names no database.
#[derive(Debug, thiserror::Error)]
pub enum BadDatabaseUrl {
    #[error("it must start with sqlite:, postgres: or postgresql:")]
    Scheme,
    #[error("it names no file")]
    NoFile,
    /// It is no URL. A password that is not encoded has this effect, so the text is not quoted.
    #[error("{0}")]
    Url(url::ParseError),
    #[error("{0}")]
    Options(sqlx::Error),
}

/// `sqlite:path`, `postgres:…` or `postgresql:…`, parsed once. It may hold a password, which
/// neither `Debug` nor `Display` shows.
#[derive(Clone)]
pub struct DatabaseUrl(pub(super) Place);

#[derive(Clone)]
pub(super) enum Place {
    Sqlite { options: Box<SqliteConnectOptions>, is_in_memory: bool },
    Postgres(Box<PgConnectOptions>),
}

impl DatabaseUrl {
    /// The file that opening this database would create, if it does not exist yet.
    pub fn missing_file(&self) -> Option<PathBuf> {
        let Place::Sqlite { options, is_in_memory: false } = &self.0 else { return None };
        let file = options.get_filename();
        (!file.exists()).then(|| file.to_owned())
    }
}

impl FromStr for DatabaseUrl {
    type Err = BadDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text.split_once(':').unwrap_or_default();
        match scheme {
            "sqlite" if rest.trim_start_matches('/').is_empty() => Err(BadDatabaseUrl::NoFile),
            "sqlite" => {
                let options = SqliteConnectOptions::from_str(text);
                let is_in_memory = text.contains(":memory:") || text.contains("mode=memory");
                let options = Box::new(options.map_err(BadDatabaseUrl::Options)?);
                Ok(Self(Place::Sqlite { options, is_in_memory }))
            }
            "postgres" | "postgresql" => {
                let url = Url::parse(text).map_err(BadDatabaseUrl::Url)?;
                let options = PgConnectOptions::from_url(&url).map_err(BadDatabaseUrl::Options)?;
                Ok(Self(Place::Postgres(Box::new(encrypted(options, &url)))))
            }
            _ => Err(BadDatabaseUrl::Scheme),
        }
    }
}

/// A connection to another machine is encrypted and checks the certificate of the server, unless
/// `sslmode` says otherwise. The library's own default falls back to plain text in silence.
fn encrypted(options: PgConnectOptions, url: &Url) -> PgConnectOptions {
    let is_chosen = url.query_pairs().any(|(name, _)| name == "sslmode" || name == "ssl-mode")
        || env::var_os("PGSSLMODE").is_some();
    let host = options.get_host();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let is_here = options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || address.is_ok_and(|ip| ip.is_loopback());
    if is_chosen || is_here { options } else { options.ssl_mode(PgSslMode::VerifyFull) }
}

/// The file, or the database and its server.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Sqlite { options, .. } => write!(f, "{}", options.get_filename().display()),
            Place::Postgres(options) => {
                let database = options.get_database().unwrap_or(options.get_username());
                write!(f, "{database} at {}:{}", options.get_host(), options.get_port())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_on_another_machine_is_reached_encrypted_unless_it_is_said_otherwise() {
        let mode = |url: &str| match url.parse::<DatabaseUrl>().unwrap().0 {
            Place::Postgres(options) => options.get_ssl_mode(),
            Place::Sqlite { .. } => panic!("{url}"),
        };
        for there in
            ["postgres://a:b@db.test/s", "postgresql://10.0.0.5", "postgres://[2001:db8::1]/s"]
        {
            assert!(matches!(mode(there), PgSslMode::VerifyFull), "{there}");
        }
        for here in [
            "postgres://localhost/s",
            "postgres://127.0.0.1:5599/s",
            "postgres://[::1]/s",
            "postgres://%2Frun%2Fpostgresql/s",
        ] {
            assert!(matches!(mode(here), PgSslMode::Prefer), "{here}");
        }
        assert!(matches!(mode("postgres://db.test/s?sslmode=prefer"), PgSslMode::Prefer));
        assert!(matches!(mode("postgres://db.test/s?sslmode=disable"), PgSslMode::Disable));
    }
}
