//! What the storage says, in the kinds and words that a script reads. Names the place, never a key.

use crate::workspace::mount::errno;
use opendal::{Error, ErrorKind};
use std::error::Error as StdError;
use std::io;

/// How much of a storage's own words is passed on.
const MAX_WORDS: usize = 300;

/// A storage as its errors name it: `s3 at http://127.0.0.1:9000, bucket b`.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Its name in sentences.
    pub(super) name: String,
    /// The bucket or container.
    pub(super) bucket: String,
    /// Nothing to prove who is asking was given.
    pub(super) is_anonymous: bool,
}

impl Place {
    /// The error of one call.
    pub(super) fn error(&self, error: &Error) -> io::Error {
        let name = &self.name;
        let text = whole(error);
        let told = |kind, text: String| io::Error::new(kind, text);
        match error.kind() {
            ErrorKind::NotFound => errno(io::ErrorKind::NotFound),
            ErrorKind::IsADirectory => errno(io::ErrorKind::IsADirectory),
            ErrorKind::NotADirectory => errno(io::ErrorKind::NotADirectory),
            ErrorKind::AlreadyExists => errno(io::ErrorKind::AlreadyExists),
            ErrorKind::Unsupported => errno(io::ErrorKind::Unsupported),
            ErrorKind::PermissionDenied if text.contains("RequestTimeTooSkewed") => {
                told(io::ErrorKind::PermissionDenied, format!("{name}: its clock and this machine's differ too much"))
            }
            ErrorKind::PermissionDenied if self.is_anonymous => {
                told(io::ErrorKind::PermissionDenied, format!("{name} wants credentials, and the mount has none"))
            }
            ErrorKind::PermissionDenied => told(
                io::ErrorKind::PermissionDenied,
                format!("{name} refuses these credentials, or they do not allow this"),
            ),
            ErrorKind::ConfigInvalid if text.contains("NoSuchBucket") => {
                told(io::ErrorKind::NotFound, format!("{name} has no bucket '{}'", self.bucket))
            }
            ErrorKind::RateLimited => told(io::ErrorKind::ResourceBusy, format!("{name} asks to slow down")),
            ErrorKind::ConditionNotMatch | ErrorKind::Conflict => {
                told(io::ErrorKind::ResourceBusy, "others keep changing it".to_owned())
            }
            _ if text.contains("timeout reached") || text.contains("timed out") => {
                told(io::ErrorKind::TimedOut, format!("{name} does not answer in time"))
            }
            _ => match transport(error) {
                Some(cause) => told(io::ErrorKind::HostUnreachable, format!("{name} does not answer ({cause})")),
                None => told(io::ErrorKind::Other, format!("{name}: {}{}", answered(error), self.remark())),
            },
        }
    }

    /// A server may answer anything to one that it does not know.
    fn remark(&self) -> &'static str {
        if self.is_anonymous { " (the mount has no credentials)" } else { "" }
    }
}

/// What the storage answered; its status when it said nothing else.
fn answered(error: &Error) -> String {
    if !error.message().trim().is_empty() {
        return short(error.message());
    }
    let whole = error.to_string();
    let status = whole.split_once("status: ").map_or("", |(_, rest)| rest);
    let status: String = status.chars().take_while(char::is_ascii_digit).collect();
    if status.is_empty() { "it failed and did not say why".to_owned() } else { format!("it answered {status}") }
}

/// The innermost cause of a failed connection or a cut answer; none when the storage did answer.
fn transport(error: &Error) -> Option<String> {
    let chain = || std::iter::successors(error.source(), |cause| (*cause).source());
    let failed = chain().any(|cause| cause.is::<reqwest::Error>() || cause.is::<io::Error>())
        || error.message().contains("http request")
        || error.message().contains("http response");
    let innermost = chain().last().map_or_else(|| short(error.message()), |cause| short(&cause.to_string()));
    failed.then_some(innermost)
}

fn whole(error: &Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source()).map(ToString::to_string);
    std::iter::once(error.message().to_owned()).chain(causes).collect::<Vec<_>>().join(": ")
}

fn short(text: &str) -> String {
    text.chars().take(MAX_WORDS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
