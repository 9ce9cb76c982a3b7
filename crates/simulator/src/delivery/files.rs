//! The files of a pull request. Some are changed over and over again, most now and then.

use super::PullTruth;
use crate::dice::Dice;
use tacho_domain::delivery::AuthorKind;

const FOLDERS: [&str; 6] = ["src/api", "src/store", "src/web", "src/model", "tests", "docs"];

/// One file of a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileTruth {
    /// Its path.
    pub path: String,
    /// Lines added in it.
    pub additions: i64,
    /// Lines deleted in it.
    pub deletions: i64,
}

impl PullTruth {
    /// Its files, each once: as many as it says it changed, with its lines shared out among them.
    #[must_use]
    pub fn files(&self) -> Vec<FileTruth> {
        let count = self.changed_files.max(1);
        let mut dice = Dice::new(&[self.script.key, 48]);
        let mut files: Vec<FileTruth> = Vec::new();
        for place in 0..count {
            let share = |whole: i64| whole / count + i64::from(place < whole % count);
            let mut path = self.path(place, &mut dice);
            while files.iter().any(|known| known.path == path) {
                path = self.path(place, &mut dice);
            }
            files.push(FileTruth { path, additions: share(self.additions), deletions: share(self.deletions) });
        }
        files
    }

    fn path(&self, place: i64, dice: &mut Dice) -> String {
        if self.author_kind == AuthorKind::Bot {
            return if place == 0 { "Cargo.lock".to_owned() } else { "Cargo.toml".to_owned() };
        }
        // The lower of two draws: the first numbers come up more often.
        let number = dice.below(2_000).min(dice.below(2_000));
        format!("{}/part_{number}.rs", FOLDERS[usize::try_from(number).unwrap_or(0) % FOLDERS.len()])
    }
}
