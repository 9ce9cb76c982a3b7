//! Other people's programs that read what we print.

use std::io::Read;
use std::process::Command;

/// What these programs complain about of themselves: one was built without colour profiles, the other reads an entry that
/// PDF 1.7 has as a truth value (`/Suspects false`) as something else.
const HARMLESS: [&str; 2] = ["ICC support is not available", "Suspects object is wrong type"];

/// What a program says about a file; `{}` among the arguments stands for it.
pub(crate) fn said(program: &str, arguments: &[&str], file: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.pdf");
    std::fs::write(&path, file).unwrap();
    let arguments = arguments.iter().map(|argument| argument.replace("{}", path.to_str().unwrap()));
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; Debian has it in poppler-utils or mupdf-tools"));
    let errors = String::from_utf8_lossy(&output.stderr);
    let complaints: Vec<&str> = errors.lines().filter(|line| !HARMLESS.iter().any(|known| line.contains(known))).collect();
    assert!(output.status.success() && complaints.join("").trim().is_empty(), "{program}: {complaints:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The text of a PDF as poppler reads it, in the order it is written in.
pub(crate) fn text(pdf: &[u8]) -> String {
    said("pdftotext", &["-raw", "-enc", "UTF-8", "{}", "-"], pdf)
}

/// The same as it stands on the page.
pub(crate) fn laid_out(pdf: &[u8]) -> String {
    said("pdftotext", &["-layout", "-enc", "UTF-8", "{}", "-"], pdf)
}

/// Without blanks and places to break: how lines are broken is the page's business.
pub(crate) fn dense(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace() && !matches!(character, '\u{200b}' | '\u{c}')).collect()
}

/// A part of a spreadsheet as text.
pub(crate) fn part(book: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap_or_else(|error| panic!("{name}: {error}")).read_to_string(&mut text).unwrap();
    text
}

/// The names of a spreadsheet's parts.
pub(crate) fn names(book: &[u8]) -> Vec<String> {
    zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap().file_names().map(|name| name.unwrap().into_owned()).collect()
}
