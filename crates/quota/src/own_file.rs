//! Small files of the person's own, which others may not read.

use std::io::{self, Write as _};
use std::path::Path;

/// Writes beside and renames, so that whoever reads finds the old or the new, whole, and nobody but its owner may read it.
/// The folder is made where it is missing. Not synced: after a power cut the file may be torn.
///
/// # Errors
/// When the folder cannot be made or written to.
pub fn write_own_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    // A temporary file is for its owner only.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}
