//! The errors that kernels give: the tags of `preload/contract/errors.ts` that a kernel may meet.

use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;
use std::io;
use std::path::Path;

/// Outcome of everything in this crate.
pub type Result<T, E = KernelError> = std::result::Result<T, E>;

/// The tags of the contract's closed set that kernels use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tag {
    /// A header or input that does not follow the task table.
    InvalidInput,
    /// A named file is not there.
    NotFound,
    /// A file that is damaged, empty or of a kind that is not read.
    BadSource,
    /// A header that promises more than the budget allows.
    OverBudget,
    /// A place that cannot be written.
    NotWritable,
    /// No space left.
    DiskFull,
    /// Stored bytes that fail their checksum.
    VerificationFailed,
    /// The caller asked to stop.
    Cancelled,
    /// A bug of ours.
    Internal,
}

/// What went wrong (`message`, with the values that matter), the next step (`hint`), and those values by name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KernelError {
    pub tag: Tag,
    pub message: String,
    pub hint: String,
    pub fields: Map<String, Value>,
}

impl fmt::Display for KernelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.message, self.hint)
    }
}

impl std::error::Error for KernelError {}

impl KernelError {
    /// An error with a tag, a sentence that says what and why, and a sentence that says what to do next.
    pub fn new(tag: Tag, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { tag, message: message.into(), hint: hint.into(), fields: Map::new() }
    }

    /// Adds a named value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// A header or input bytes that the task does not take.
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(
            Tag::InvalidInput,
            message,
            "This is a call that the task table does not allow; report it with the log.",
        )
    }

    /// A file that cannot be used as it is; `what` completes "FILE cannot be read: ".
    pub fn bad_source(path: &Path, what: impl fmt::Display) -> Self {
        let name = path.display().to_string();
        Self::new(
            Tag::BadSource,
            format!("{name} cannot be read: {what}."),
            "Replace the file with an intact copy, or leave this tile out.",
        )
        .with("file", name)
    }

    /// The caller set the cancel flag.
    pub fn cancelled() -> Self {
        Self::new(Tag::Cancelled, "Stopped because it was cancelled.", "Start it again to go on from what is done.")
    }

    /// A state that should not occur.
    pub fn internal(what: impl fmt::Display) -> Self {
        Self::new(
            Tag::Internal,
            format!("A kernel of Lamella failed that should not: {what}."),
            "Your work is saved. Try again; if it comes back, report it with the log.",
        )
    }

    /// An error met while reading `path`.
    pub fn reading(path: &Path, error: &io::Error) -> Self {
        let name = path.display().to_string();
        match error.kind() {
            io::ErrorKind::NotFound => Self::new(
                Tag::NotFound,
                format!("{name} is not there."),
                "Put the file back, or name the folder it moved to.",
            )
            .with("file", name),
            io::ErrorKind::PermissionDenied => {
                Self::bad_source(path, "this user may not read it").with("cause", error.to_string())
            }
            _ => Self::bad_source(path, error),
        }
    }

    /// An error met while writing `path`.
    pub fn writing(path: &Path, error: &io::Error) -> Self {
        let name = path.display().to_string();
        let full = error.kind() == io::ErrorKind::StorageFull || matches!(error.raw_os_error(), Some(28 | 112 | 122));
        let (tag, what, hint) = if full {
            (Tag::DiskFull, "the disk is full", "Free some space, then run it again; what is done is kept.")
        } else {
            (Tag::NotWritable, "the place cannot be written", "Choose a folder that this user may write to.")
        };
        Self::new(tag, format!("{name} was not written: {what} ({error})."), hint).with("file", name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_files_say_what_to_do() {
        let path = Path::new("tiles/a.png");
        let tag = |e: KernelError| {
            assert!(e.message.contains("tiles/a.png") && e.hint.ends_with('.'));
            e.tag
        };
        let kind = |kind: io::ErrorKind| io::Error::from(kind);
        assert_eq!(tag(KernelError::reading(path, &kind(io::ErrorKind::NotFound))), Tag::NotFound);
        assert_eq!(tag(KernelError::reading(path, &kind(io::ErrorKind::PermissionDenied))), Tag::BadSource);
        assert_eq!(tag(KernelError::writing(path, &kind(io::ErrorKind::StorageFull))), Tag::DiskFull);
        assert_eq!(tag(KernelError::writing(path, &kind(io::ErrorKind::PermissionDenied))), Tag::NotWritable);
        assert_eq!(tag(KernelError::writing(path, &kind(io::ErrorKind::ReadOnlyFilesystem))), Tag::NotWritable);
    }

    #[test]
    fn the_wire_form_is_that_of_the_contract() {
        let error = KernelError::bad_source(Path::new("a.png"), "the file is empty").with("bytes", 0);
        let json = serde_json::to_value(&error).unwrap();
        assert_eq!(json["tag"], "bad-source");
        assert_eq!(json["message"], "a.png cannot be read: the file is empty.");
        assert_eq!((&json["fields"]["file"], &json["fields"]["bytes"]), (&"a.png".into(), &0.into()));
    }
}
