//! `seatkeeper setting`: the settings of the installation.

use std::fmt::Write;

use clap::Subcommand;
use domain::{access::FreshProof, refusal::Refusal, setting::SettingName};
use seatkeeper::{
    commands::{self, NewSetting},
    queries,
};
use serde_json::json;

use super::{CliError, output::print};

#[derive(Debug, Subcommand)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub enum Setting {
    /// List every setting with its value, its default and its range
    List {
        /// Print a JSON array of {name, value, default, takes, fixed_by}, and nothing else;
        /// `fixed_by` is the environment variable whose value counts, or null
        #[arg(long)]
        json: bool,
    },
    /// Change a setting; it counts at once in every process
    Set {
        /// For example raw_body_days
        name: String,
        value: String,
    },
}

impl Setting {
    pub async fn run(self) -> Result<(), CliError> {
        match self {
            Self::List { json } => list(json).await,
            Self::Set { name, value } => {
                let Some(setting) = SettingName::parse(&name) else {
                    return Err(CliError::refused(Refusal::NoSetting(name)));
                };
                let new = NewSetting { name: setting, value, expected: None };
                let state = super::open_or_make().await?;
                let (actor, proof) = (super::operator(), FreshProof::of_command_line());
                match commands::change_setting(&state, &actor, &proof, &new).await {
                    Ok(value) => eprintln!("{name} is {value} now."),
                    // a script may run twice: the setting has the value already
                    Err(commands::Error::Refused(Refusal::SettingIsTheSame(_))) => {
                        eprintln!("{name} is {} already.", new.value.trim());
                    }
                    Err(error) => return Err(error.into()),
                }
                Ok(())
            }
        }
    }
}

async fn list(as_json: bool) -> Result<(), CliError> {
    let rows = queries::setting_rows(&super::open().await?).await?;
    let fixed_by =
        |row: &views::installation_settings::SettingRow| row.name.variable().filter(|_| row.fixed);
    let text = if as_json {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                json!({
                    "name": row.name.as_str(),
                    "value": row.value,
                    "default": row.default,
                    "takes": row.name.range(),
                    "fixed_by": fixed_by(row),
                })
            })
            .collect();
        format!("{}\n", serde_json::Value::from(rows))
    } else {
        let mut text = String::new();
        for row in &rows {
            let _ = write!(text, "{:<32} {:<14}", row.name.as_str(), row.value);
            let _ = match fixed_by(row) {
                Some(variable) => writeln!(text, "from {variable}"),
                None if row.value == row.default => writeln!(text, "the default"),
                None => writeln!(text, "default: {}", row.default),
            };
        }
        text
    };
    print(&text).map(|_| ())
}
