//! `sed ':a;N;$!ba;...'`: the loop that reads all lines before the rest of the script begins. The engine ends a loop after
//! 1,000 steps; the hold space gets the same lines without one.

use regex::Regex;
use std::sync::LazyLock;

/// The loop at the beginning of a script, in both forms; the labels have to be the same.
static LOOP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let label = r"\s*:\s*(?<set>\w+)\s*[;\n]\s*";
    let plain = r"N\s*[;\n]\s*\$!\s*b\s*(?<plain>\w+)\s*";
    let guarded = r"\$!\s*\{\s*N\s*[;\n]\s*b\s*(?<guarded>\w+)\s*;?\s*\}\s*";
    Regex::new(&format!("^{label}(?:{plain}|{guarded})(?:[;\\n]|$)")).ok()
});
/// All lines into the pattern space, none into the hold space.
const READ: &str = "H;1h;$!d;z;x;";
/// `N` on the last line ends the script.
const ONLY_LINE: &str = "1{$b};";

/// Changes the script among the arguments of `sed`.
pub(super) fn correct(args: &mut Vec<String>) {
    let (mut pieces, mut at) = (Vec::new(), 0);
    let mut operand = None;
    while let Some(arg) = args.get(at) {
        match arg.as_str() {
            "-e" | "--expression" => {
                pieces.push((at, at + 1, 0));
                at += 1;
            }
            "-f" | "--file" | "-l" | "--line-length" => return,
            "--" => {
                operand = operand.or((at + 1 < args.len()).then_some(at + 1));
                break;
            }
            long if long.starts_with("--expression=") => pieces.push((at, at, "--expression=".len())),
            long if long.starts_with("--file=") => return,
            cluster if cluster.len() > 1 && cluster.starts_with('-') && !cluster.starts_with("--") => {
                // What follows `-i` is a suffix.
                let letters = cluster.split('i').next().unwrap_or_default();
                if letters.contains(['f', 'l']) {
                    return;
                }
                match letters.find('e') {
                    Some(end) if end + 1 == cluster.len() => {
                        pieces.push((at, at + 1, 0));
                        at += 1;
                    }
                    Some(end) => pieces.push((at, at, end + 1)),
                    None => {}
                }
            }
            _ if operand.is_none() => operand = Some(at),
            _ => {}
        }
        at += 1;
    }
    if let (true, Some(at)) = (pieces.is_empty(), operand) {
        if let Some(new) = args.get(at).and_then(|script| without_loop(script)) {
            args[at] = new;
        }
        return;
    }
    // The loop may be in pieces: all become one, in the place of the first.
    let texts: Option<Vec<&str>> = pieces.iter().map(|(_, value, from)| args.get(*value)?.get(*from..)).collect();
    let Some(new) = texts.and_then(|texts| without_loop(&texts.join("\n"))) else { return };
    for (index, (option, value, from)) in pieces.iter().enumerate().rev() {
        match (index, option == value) {
            (0, _) => args[*value].replace_range(from.., &new),
            (_, false) => drop(args.drain(*option..=*value)),
            // Other letters may stand before this one.
            (_, true) if *from > 2 && !args[*value].starts_with("--") => args[*value].truncate(*from - 1),
            (_, true) => drop(args.remove(*value)),
        }
    }
}

fn without_loop(script: &str) -> Option<String> {
    let found = LOOP.as_ref()?.captures(script)?;
    let jump = found.name("plain").or(found.name("guarded"))?;
    if jump.as_str() != &found["set"] {
        return None;
    }
    let first = if found.name("plain").is_some() { ONLY_LINE } else { "" };
    Some(format!("{first}{READ}{}", &script[found[0].len()..]))
}

#[cfg(test)]
mod tests {
    use super::correct;

    fn corrected(args: &[&str]) -> Vec<String> {
        let mut args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        correct(&mut args);
        args
    }

    #[test]
    fn reads_all_lines_without_a_loop() {
        let read = "1{$b};H;1h;$!d;z;x;s/\\n/ /g";
        assert_eq!(corrected(&[":a;N;$!ba;s/\\n/ /g", "f"]), [read, "f"]);
        assert_eq!(corrected(&["-i", ":a;$!{N;ba};s/\\n/ /g"]), ["-i", "H;1h;$!d;z;x;s/\\n/ /g"]);
        assert_eq!(corrected(&["-ne", ":a;N;$!ba;p", "f"]), ["-ne", "1{$b};H;1h;$!d;z;x;p", "f"]);
        let pieces = ["-n", "-e", ":a", "-e", "N", "-e", "$!ba", "-e", "s/\\n/ /g", "f"];
        assert_eq!(corrected(&pieces), ["-n", "-e", read, "f"]);
    }

    #[test]
    fn leaves_other_scripts_alone() {
        for args in [&[":a;N;$!bb;:b;p"][..], &["s/a/b/;ta;:a"], &["-f", ":a;N;$!ba"], &["s/x/y/", ":a;N;$!ba;p"], &[]]
        {
            assert_eq!(corrected(args), args);
        }
    }
}
