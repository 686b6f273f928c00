//! `.rej` files: hunks that found no place.

use super::parse::{FilePatch, Hunk, Kind};

/// The hunks that failed, in the form of the patch.
pub fn reject(patch: &FilePatch, failed: &[Hunk]) -> Vec<u8> {
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "/dev/null".to_owned());
    let mut out = Vec::new();
    let heads = if patch.context_form { ("***", "---") } else { ("---", "+++") };
    let head = format!("{} {}\n{} {}\n", heads.0, name(&patch.old_name), heads.1, name(&patch.new_name));
    out.extend_from_slice(head.as_bytes());
    for hunk in failed {
        let (olds, news) = (hunk.side(Kind::Added).len(), hunk.side(Kind::Removed).len());
        if patch.context_form {
            out.extend_from_slice(format!("***************\n*** {} ****\n", span(hunk.old, olds)).as_bytes());
            half(hunk, Kind::Added, b"- ", &mut out);
            out.extend_from_slice(format!("--- {} -----\n", span(hunk.new, news)).as_bytes());
            half(hunk, Kind::Removed, b"+ ", &mut out);
            continue;
        }
        out.extend_from_slice(format!("@@ -{} +{} @@\n", range(hunk.old, olds), range(hunk.new, news)).as_bytes());
        for (kind, line) in &hunk.lines {
            out.push(match kind {
                Kind::Context => b' ',
                Kind::Removed => b'-',
                Kind::Added => b'+',
            });
            push(line, &mut out);
        }
    }
    out
}

fn half(hunk: &Hunk, other: Kind, mark: &[u8], out: &mut Vec<u8>) {
    for (kind, line) in hunk.lines.iter().filter(|(kind, _)| *kind != other) {
        out.extend_from_slice(if *kind == Kind::Context { b"  " } else { mark });
        push(line, out);
    }
}

fn push(line: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(line);
    if !line.ends_with(b"\n") {
        out.extend_from_slice(b"\n\\ No newline at end of file\n");
    }
}

fn range(start: usize, count: usize) -> String {
    if count == 1 { start.to_string() } else { format!("{start},{count}") }
}

fn span(start: usize, count: usize) -> String {
    if count <= 1 { start.to_string() } else { format!("{start},{}", start + count - 1) }
}
