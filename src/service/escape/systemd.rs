//! Values in systemd's units.
//!
//! Everywhere `%` begins a specifier and `\` at a line's end goes on with the next. Quoted words know C's escapes. Variables
//! (`$`) are expanded in `ExecStart=` alone, and not there either when the program has a `:` in front, as in our templates: a
//! program's own path would need other rules than its arguments otherwise.

use super::super::ServiceError;
use std::ffi::OsStr;

/// A quoted word of `ExecStart=`, `Environment=`, `ReadWritePaths=`.
pub(in super::super) fn word(what: &str, value: &OsStr) -> Result<String, ServiceError> {
    let mut quoted = String::from("\"");
    for c in text(what, value)?.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '%' => quoted.push_str("%%"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    Ok(quoted)
}

/// A path that is all of a setting, as `WorkingDirectory=` has it: nothing is a quote or an escape there.
pub(in super::super) fn bare_path(what: &str, value: &OsStr) -> Result<String, ServiceError> {
    let mut path = text(what, value)?.replace('%', "%%");
    if path.ends_with(|last: char| last == '\\' || last.is_whitespace()) {
        path.push('/'); // which does not change the path, and keeps the end from being cut off or joined to the next line
    }
    Ok(path)
}

/// What systemd takes for text. It drops a line with anything else, and says so only in its log.
fn text<'a>(what: &str, value: &'a OsStr) -> Result<&'a str, ServiceError> {
    let unfit = |reason: &str| ServiceError::Unfit {
        what: format!("{what} ({})", value.to_string_lossy().escape_debug()),
        reason: reason.to_owned(),
    };
    let text = value.to_str().ok_or_else(|| unfit("it is not UTF-8"))?;
    if text.chars().any(char::is_control) {
        return Err(unfit("it has a line break or another control character"));
    }
    // systemd's own check of text refuses the code points that Unicode reserves for programs.
    if text.chars().map(u32::from).any(|c| c & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&c)) {
        return Err(unfit("it has a code point that is no character"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn a_value_is_written_so_that_it_is_read_back_the_same() {
        let quoted = |value: &str| word("x", value.as_ref()).unwrap();
        assert_eq!(quoted(r#"my "odd" %h $x é 'q' \n ; #"#), r#""my \"odd\" %%h $x é 'q' \\n ; #""#);
        assert_eq!(quoted(""), "\"\"");
        let bare = |value: &str| bare_path("x", value.as_ref()).unwrap();
        assert_eq!(bare(r#"/a "b" %h $x é"#), r#"/a "b" %%h $x é"#);
        assert_eq!((bare(r"/a\").as_str(), bare("/a ").as_str()), (r"/a\/", "/a /"));
    }

    #[test]
    fn what_a_unit_cannot_hold_is_refused_by_name() {
        for value in [
            &b"/a\nExecStartPre=/bin/evil"[..],
            b"/a\rb",
            b"/a\0b",
            b"/a\x1bb",
            b"/a\xff",
            "\u{85}".as_bytes(),
            "\u{fdd0}".as_bytes(),
        ] {
            for refused in [word("the home", OsStr::from_bytes(value)), bare_path("the home", OsStr::from_bytes(value))]
            {
                let refused = refused.unwrap_err();
                assert!(matches!(refused, ServiceError::Unfit { .. }), "{refused}");
                let text = refused.to_string();
                assert!(text.starts_with("the home (") && !text.contains(char::is_control), "{text:?}");
            }
        }
    }
}
