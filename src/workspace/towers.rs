//! Finds what the engine's parsers and evaluators recurse over without a limit of their own.

/// Operators of an expression: far less than a stack holds, and more than anybody writes.
const MAX_OPERATORS: usize = 1000;

/// `time` before `time`. Each takes 32 KiB of the stack in a debug build, and there may be as many in each of 40 levels
/// of syntax in each of 16 levels of functions.
const MAX_TIME: usize = 10;

/// The longest script that is looked at; the engine takes no longer one.
pub const MAX_SCRIPT: usize = 4 << 20;

/// Whether `text`, read as a script, has more than [`MAX_TIME`] `time` on top of each other.
pub fn stacks_time(text: &[u8]) -> bool {
    if text.len() < MAX_TIME * "time ".len() || text.len() > MAX_SCRIPT {
        return false;
    }
    let (mut at, mut height) = (0, 0);
    while at < text.len() {
        let word = word_at(text, at);
        at += word.len().max(1);
        match word {
            b"time" => {
                height += 1;
                if height > MAX_TIME {
                    return true;
                }
            }
            // What may stand between two of them: blanks, line ends, options, `!`, and an option's quoted value.
            b"" | b"!" | b"\\" => {}
            [b'-' | b'#' | b'"' | b'\'', ..] => {}
            _ if height > 0 && follows_option(text, at - word.len()) => {}
            _ => height = 0,
        }
    }
    false
}

/// The word that starts at `at`: a quoted string, a comment, or everything up to a blank. Empty on a blank.
fn word_at(text: &[u8], at: usize) -> &[u8] {
    let rest = &text[at..];
    let end = match rest[0] {
        quote @ (b'"' | b'\'') => rest[1..].iter().position(|byte| *byte == quote).map(|end| end + 2),
        b'#' => rest.iter().position(|byte| *byte == b'\n'),
        _ => rest.iter().position(|byte| b" \t\r\n".contains(byte)),
    };
    &rest[..end.unwrap_or(rest.len())]
}

/// Whether the word before the one at `at` is an option that takes a value.
fn follows_option(text: &[u8], at: usize) -> bool {
    let before = text[..at].trim_ascii_end();
    let start = before.iter().rposition(u8::is_ascii_whitespace).map_or(0, |blank| blank + 1);
    matches!(&before[start..], b"-f" | b"-o" | b"--format" | b"--output")
}

/// Whether an expression in a command's arguments has more than [`MAX_OPERATORS`] operators.
pub fn stacks_operators(name: &str, args: &[String]) -> bool {
    let is_operator = |arg: &&String| matches!(arg.as_str(), "(" | "!" | "-a" | "-o" | "-and" | "-or" | "-not" | ",");
    matches!(name, "find" | "test" | "[" | "expr")
        && args.len() > MAX_OPERATORS
        && args.iter().filter(is_operator).count() > MAX_OPERATORS
}

/// Whether the arguments of `alias` make `time` part of another word's meaning, where no text shows it any more.
pub fn hides_time(name: &str, args: &[String]) -> bool {
    let is_time = |word: &str| word.trim_matches(['"', '\'', '\\']) == "time";
    name == "alias" && args.iter().any(|arg| arg.split([' ', '\t', '\n', '=', ';', '!']).any(is_time))
}

/// The arguments of `bash` for a script from standard input or a device, changed so that its text is seen before it is
/// parsed: `bash -s a` becomes `bash -c 'eval "$(cat)"' bash a`. None when there is nothing to change.
pub fn script_in_sight(args: &[String]) -> Option<Vec<String>> {
    let mut options = Vec::new();
    let mut rest = args.iter();
    let mut from_stdin = false;
    let operand = loop {
        let Some(arg) = rest.next() else { break None };
        match arg.as_str() {
            "--help" | "--version" => return None,
            "-o" | "+o" | "-O" | "+O" | "--rcfile" | "--init-file" => {
                options.push(arg.clone());
                options.extend(rest.next().cloned());
            }
            "--" | "-" => break rest.next(),
            long if long.starts_with("--") => options.push(long.to_owned()),
            short if short.starts_with(['-', '+']) => {
                if short.contains('c') {
                    return None;
                }
                from_stdin |= short.contains('s');
                let others = short.replace('s', "");
                options.extend((others.len() > 1).then_some(others));
            }
            _ => break Some(arg),
        }
    };
    let (source, name) = match operand {
        Some(path) if !from_stdin && path.starts_with("/dev/") => (format!("cat {path}"), path.clone()),
        Some(_) if !from_stdin => return None,
        _ => ("cat".to_owned(), "bash".to_owned()),
    };
    options.extend(["-c".to_owned(), format!("eval \"$({source})\""), name]);
    options.extend(operand.filter(|_| from_stdin).into_iter().chain(rest).cloned());
    Some(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn towers_of_time_are_found_whatever_stands_between_their_words() {
        for between in [" ", "\n", " -p ", " ! ", " \\\n", " # x\n", " -f 'a b' ", " -o x ", " -- "] {
            assert!(stacks_time(format!("time{between}").repeat(MAX_TIME + 1).as_bytes()), "{between:?}");
        }
        for harmless in ["time took 5 ms\n", "time; ", "timeout 5 ", "a time "] {
            assert!(!stacks_time(harmless.repeat(50 * MAX_TIME).as_bytes()), "{harmless:?}");
        }
        assert!(!stacks_time("time ".repeat(MAX_TIME).as_bytes()));
    }

    #[test]
    fn a_script_from_standard_input_comes_into_sight() {
        let seen = |line: &str| {
            let args: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
            script_in_sight(&args).map(|args| args.join(" "))
        };
        assert_eq!(seen("").as_deref(), Some("-c eval \"$(cat)\" bash"));
        assert_eq!(seen("-es a b").as_deref(), Some("-e -c eval \"$(cat)\" bash a b"));
        assert_eq!(seen("-o pipefail").as_deref(), Some("-o pipefail -c eval \"$(cat)\" bash"));
        assert_eq!(seen("/dev/fd/63 a").as_deref(), Some("-c eval \"$(cat /dev/fd/63)\" /dev/fd/63 a"));
        assert_eq!((seen("script a"), seen("-c true"), seen("-ec true"), seen("--version")), (None, None, None, None));
        assert!(hides_time("alias", &["t=time ".to_owned()]) && !hides_time("alias", &["t=timeout 5".to_owned()]));
    }
}
