//! `seatkeeper import`: people from a file, for an organization without a directory or before it
//! has one.

use std::{
    fs::File,
    io::{ErrorKind, Read},
};

use clap::Args;
use domain::{
    id::{ImportId, ResyncId},
    import::ImportFormat,
    organization::{grouped, people},
    refusal::{ImportRefusal, Refusal},
};
use seatkeeper::{
    commands::{Actor, NewImport, Upload},
    queries::{
        self,
        export::{Export, ImportCells, ImportRows},
    },
    state::AppState,
};
use serde_json::json;

use super::{
    CliError,
    organization::parse,
    resync::{ended, printed, scope, worked_off},
};

/// How much of the file is read at once.
const PART: usize = 64 * 1024;
/// How many refused rows are told one by one.
const TOLD: i64 = 20;

#[derive(Debug, Args)]
pub struct Import {
    /// Scalekit's id of the organization, org_…
    organization: String,
    /// The file; - reads standard input
    file: String,
    /// csv or ndjson; without it as the name of the file says
    #[arg(long)]
    format: Option<String>,
    /// The file has all people: those who came by an import and are not in it are removed
    #[arg(long)]
    whole: bool,
    /// Make the plan and show it; change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

impl Import {
    pub async fn run(self) -> Result<(), CliError> {
        let organization = parse(&self.organization)?;
        let no_format = || CliError::refused(Refusal::from(ImportRefusal::Format));
        let format = match &self.format {
            Some(format) => ImportFormat::parse(format),
            None => ImportFormat::of_file(&self.file),
        };
        let format = format.ok_or_else(no_format)?;
        let source = open(&self.file)?;
        let state = super::open().await?;
        let actor = super::operator();
        let scope = scope(&actor.name(), &organization)?;
        let new = NewImport { organization, format, is_whole: self.whole, dry_run: self.dry_run };
        let (id, run) = send(&state, &actor, new, source).await?;
        let run = worked_off(&state, &scope, &run).await?;
        let record = queries::import(&state, &scope, &id).await?;
        if self.json {
            let import = &record.import;
            println!(
                "{}",
                json!({
                    "id": import.id,
                    "rows": import.row_count,
                    "refused": import.refused,
                    "left_to_directory": import.of_directory,
                    "run": printed(&run).map_err(CliError::failed)?,
                })
            );
        }
        let (refused, left) = (record.import.refused, record.import.of_directory);
        if left > 0 {
            eprintln!("{} {} left to the directory.", grouped(left), people(left));
        }
        tell(&state, ImportRows::new(scope.clone(), id.clone()), refused).await?;
        ended(&run)?;
        if refused == 0 {
            return Ok(());
        }
        Err(CliError::failed(format!(
            "{} refused. All rows: seatkeeper export import {} {id}",
            grouped(refused),
            scope.id(),
        )))
    }
}

fn open(file: &str) -> Result<Box<dyn Read + Send>, CliError> {
    if file == "-" {
        return Ok(Box::new(std::io::stdin()));
    }
    let unreadable = |error| CliError::refused(format!("The file {file} cannot be read: {error}."));
    Ok(Box::new(File::open(file).map_err(unreadable)?))
}

/// Sends the file part by part, so that a file of any length needs little memory.
async fn send(
    state: &AppState,
    actor: &Actor,
    new: NewImport,
    mut source: Box<dyn Read + Send>,
) -> Result<(ImportId, ResyncId), CliError> {
    let mut upload = Upload::begin(state, actor, new).await?;
    let mut part = vec![0; PART];
    loop {
        match source.read(&mut part) {
            Ok(0) => return Ok(upload.finish().await?),
            Ok(length) => upload.push(part.get(..length).unwrap_or_default()).await?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                return Err(CliError::failed(format!("The file cannot be read: {error}.")));
            }
        }
    }
}

/// Tells why rows were refused, as far as they fit on a page.
async fn tell(state: &AppState, rows: ImportRows, refused: i64) -> Result<(), CliError> {
    if refused == 0 {
        return Ok(());
    }
    let mut told = 0;
    let mut rows = Export::new(state.clone(), rows);
    while let Some(part) = rows.part().await? {
        for ImportCells { line, column, why, .. } in part {
            let Some(why) = why else { continue };
            if told == TOLD {
                eprintln!("and {} more", grouped(refused - told));
                return Ok(());
            }
            told += 1;
            let column = column.map(|column| format!(", {column}")).unwrap_or_default();
            eprintln!("Line {line}{column}: {why}");
        }
    }
    Ok(())
}
