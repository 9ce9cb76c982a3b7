//! `tacho import`: a vendor's report that somebody saved.

use crate::command::sync::tell;
use crate::failure::{Exit, Failure, Outcome};
use crate::output;
use crate::wiring::Installation;
use clap::Args;
use std::path::PathBuf;
use tacho_sync::ImportError;

/// Read a saved report: what it is, is told by its content
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The file, JSON or NDJSON as the vendor gives it
    file: PathBuf,
    /// Put it into the imported integration of this name
    #[arg(long)]
    name: Option<String>,
}

impl Import {
    pub(crate) async fn run(&self, installation: &Installation) -> Outcome {
        let imported = installation.engine.import(installation.organization, &self.file, self.name.as_deref()).await;
        let imported = imported.map_err(refusal)?;
        output::line(&format!(
            "`{}` is a report of {}, {}; kept as integration {}.",
            self.file.display(),
            imported.connector,
            imported.stream.id,
            imported.integration
        ))?;
        tell(&format!("integration {}", imported.integration), &imported.summary)?;
        if let (Some(first), Some(last)) = (imported.also_elsewhere.first(), imported.also_elsewhere.last()) {
            output::note(&format!(
                "note: {} days between {first} and {last} are counted by another integration of the same tool as well; \
                 if these are the same people, remove one of the two",
                imported.also_elsewhere.len()
            ));
        }
        Ok(())
    }
}

fn refusal(error: ImportError) -> Failure {
    let message = error.to_string();
    match error {
        ImportError::Unrecognised { understood, .. } => understood.into_iter().fold(Failure::failed(message), Failure::hint),
        ImportError::Misread(_) => Failure::failed(message).hint("the file is cut or changed; nothing was stored"),
        ImportError::Empty { .. } => Failure::failed(message).hint("there is nothing to keep; export it again"),
        ImportError::Unreadable { .. } => Failure::new(Exit::Usage, message),
        ImportError::Store(error) => error.into(),
    }
}
