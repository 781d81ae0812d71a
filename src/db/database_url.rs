//! `DATABASE_URL`: which engine, and where its database is.

use std::{fmt, path::PathBuf, str::FromStr};

use sqlx::{ConnectOptions, postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
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
                Ok(Self(Place::Postgres(Box::new(options))))
            }
            _ => Err(BadDatabaseUrl::Scheme),
        }
    }
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
