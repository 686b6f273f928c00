//! Names of branches: what `git check-ref-format --branch` takes.

use crate::workspace::VersionsError;

/// The longest name, bytes: it becomes a file's path.
const MAX: usize = 200;

/// Whether a branch may have this name. One that looks like a version's id could not be told from it.
///
/// # Errors
/// [`VersionsError::InvalidBranch`].
pub(super) fn check(name: &str) -> Result<(), VersionsError> {
    let is_id = name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let reference = format!("refs/heads/{name}");
    let is_valid = gix::refs::FullName::try_from(reference.as_str()).is_ok();
    let fits = name.len() <= MAX && name.split('/').all(|part| !part.is_empty() && !part.ends_with('.'));
    if !is_valid || !fits || is_id || name.starts_with('-') || name == "HEAD" || name == "@" {
        return Err(VersionsError::InvalidBranch { name: name.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_are_those_of_git_and_no_ids() {
        for good in ["main", "feature/x", "v1.0", "ü", "a@b", "x-", "refs"] {
            check(good).unwrap();
        }
        let id = "0123456789012345678901234567890123456789";
        for bad in [
            "",
            "-x",
            "a..b",
            "a b",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "a*",
            "a[",
            "a\\b",
            "a.lock",
            "a/.b",
            "/a",
            "a/",
            "a//b",
            "a.",
            "@{",
            "a@{1}",
            "\u{7f}",
            "a\nb",
            "..",
            ".",
            "HEAD",
            "@",
            "x.lock/y",
            "../../x",
            id,
            &"x".repeat(201),
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
