//! Paths of a workspace as paths of a git tree, and back.
//!
//! A file's path in the tree is its absolute path without the first slash. Names that git, or a checkout by git on some
//! system, takes for its own (`.git`, `.gitmodules`, …), and the name that we keep for ourselves at the top, are written as
//! `%` and the name with its special bytes as `%XX`; so is every name that begins with `%`. Nothing collides and nothing
//! is lost.

use std::borrow::Cow;
use std::fmt::Write;

/// What is ours at the top of every tree.
pub(super) const RESERVED: &str = ".mirage";

/// Bytes of a special name that are escaped: those that could make it special again.
const ESCAPED: &[u8] = b"%.\\~:";

/// The path in the tree of a file at `path` in the mount at `prefix` (`/data/`).
pub(super) fn encode(prefix: &str, path: &str) -> String {
    let mut out = String::with_capacity(prefix.len() + path.len());
    for (depth, name) in prefix.split('/').chain(path.split('/')).filter(|name| !name.is_empty()).enumerate() {
        if depth > 0 {
            out.push('/');
        }
        if name.starts_with('%') || is_special(name) || (depth == 0 && name.eq_ignore_ascii_case(RESERVED)) {
            escape(name, &mut out);
        } else {
            out.push_str(name);
        }
    }
    out
}

/// The path in the workspace, without its first slash; none when [`encode`] gives no such path.
pub(super) fn decode(path: &str) -> Option<String> {
    let mut out = String::with_capacity(path.len());
    for (depth, name) in path.split('/').enumerate() {
        let name = match name.strip_prefix('%') {
            Some(escaped) => Cow::Owned(unescape(escaped)?),
            None => Cow::Borrowed(name),
        };
        if matches!(&*name, "" | "." | "..") || name.contains(['/', '\0']) {
            return None;
        }
        if depth > 0 {
            out.push('/');
        }
        out.push_str(&name);
    }
    Some(out)
}

/// Whether a path of the tree is ours.
pub(super) fn is_reserved(path: &str) -> bool {
    path.strip_prefix(RESERVED).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether git refuses the name, or would act on it: also in the spellings that HFS+ and NTFS take for the same.
fn is_special(name: &str) -> bool {
    let folded: String = name.chars().filter(|c| !is_ignored(*c)).flat_map(char::to_lowercase).collect();
    folded.split(['\\', ':']).any(|part| {
        let part = part.trim_end_matches([' ', '.']);
        matches!(part, ".git" | ".gitmodules" | ".gitattributes")
            || ["git~", "gitmod~", "gitatt~", "gi7eba~", "gi7d29~"].iter().any(|short| part.starts_with(short))
    })
}

/// Code points that HFS+ leaves out when it compares names.
fn is_ignored(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

fn escape(name: &str, out: &mut String) {
    out.push('%');
    for c in name.chars() {
        if c.is_ascii() && !ESCAPED.contains(&(c as u8)) {
            out.push(c);
            continue;
        }
        let mut bytes = [0; 4];
        for byte in c.encode_utf8(&mut bytes).bytes() {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

fn unescape(escaped: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut rest = escaped.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_paths_are_themselves() {
        for (prefix, path) in [("/data/", "hello.txt"), ("/", "a/.github/x"), ("/", "x/.gitignore"), ("/a/b/", "ü/ ")]
        {
            let tree = encode(prefix, path);
            assert_eq!(tree, format!("{}{path}", &prefix[1..]));
            assert_eq!(decode(&tree).as_deref(), Some(&*tree));
        }
    }

    #[test]
    fn special_names_are_escaped_and_come_back() {
        for name in [
            ".git",
            ".GIT",
            ".git. ",
            "git~1",
            "GIT~2",
            ".g\u{200c}it",
            ".gitmodules",
            "gitmod~1",
            ".gitattributes",
            "a\\.git",
            ".git:x",
            "%",
            "%2E",
            "%.git",
            ".git::$INDEX_ALLOCATION",
            ".mirage",
            ".MIRAGE",
            ".gİt",
        ] {
            let tree = encode("/", name);
            assert!(!is_reserved(&tree) && decode(&tree).as_deref() == Some(name), "{name}: {tree}");
            if name != ".gİt" {
                assert_ne!(tree, name);
                assert!(!is_special(&tree), "{tree}");
            }
        }
        assert_eq!(encode("/.mirage/", "meta.json"), "%%2Emirage/meta.json");
        assert_eq!(encode("/d/", ".mirage"), "d/.mirage");
        assert_eq!(encode("/d/", ".git/config"), "d/%%2Egit/config");
    }

    #[test]
    fn what_is_no_path_of_ours_is_refused() {
        for bad in ["..", "a/../b", "", "a//b", "%%2E%2E", "%a%2Fb", "%%zz", "%%2", "%%FF", "%%00"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
