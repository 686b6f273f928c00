//! Commands that the engine does not have in this form, in a form that it has or as one of our own.

use super::scan::Scan;

/// What replaces the command that starts with `name`, the word at which `scan` stands, as far as it is taken then.
/// `command`: whether it is the name of a command.
pub(super) fn replace(name: &str, scan: &mut Scan<'_>, command: bool) -> Option<String> {
    if !command {
        return None;
    }
    let rest = &scan.rest()[name.len()..];
    let after = rest.trim_start_matches([' ', '\t']);
    let new = match name {
        // The engine does not show us what it reads from there.
        "source" | "." if after.starts_with("<(") => {
            let mut ahead = scan.from(scan.at + name.len() + rest.len() - after.len());
            let substitution = ahead.substitution()?;
            // With arguments it is more than an `eval`.
            match ahead.rest().trim_start_matches([' ', '\t']).bytes().next() {
                None | Some(b'\n' | b';' | b'&' | b'|' | b')' | b'}') => {
                    scan.at = ahead.at - name.len();
                    format!("eval \"${}\"", &substitution[1..])
                }
                _ => SOURCE.to_owned(),
            }
        }
        "source" | "." if after.starts_with("/dev/") => SOURCE.to_owned(),
        "export" if after.starts_with("-f ") => export(scan, rest.len() - after.len() + "-f ".len())?,
        "declare" | "typeset" if after.starts_with("-fx ") || after.starts_with("-xf ") => {
            export(scan, rest.len() - after.len() + "-fx ".len())?
        }
        _ => return None,
    };
    scan.at += name.len();
    scan.changed = true;
    Some(new)
}

/// Our command for a script from a device.
pub(in crate::workspace) const SOURCE: &str = "_source";
/// Our command for functions that child shells have, given as names and definitions.
pub(in crate::workspace) const EXPORT: &str = "_export_functions";

/// `export -f NAME...` with the definitions of the functions; its operands start `skip` bytes after the command's name.
fn export(scan: &mut Scan<'_>, skip: usize) -> Option<String> {
    let name = scan.rest().bytes().take_while(u8::is_ascii_alphabetic).count();
    let operands = &scan.rest()[name + skip..];
    let operands = &operands[..operands.find(['\n', ';', '&', '|', ')', '}', '>', '<', '#']).unwrap_or(operands.len())];
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.: \t".contains(c);
    if !operands.chars().all(plain) {
        return None;
    }
    let mut new = EXPORT.to_owned();
    for function in operands.split_ascii_whitespace() {
        new.push_str(&format!(" {function} \"$(declare -f {function})\""));
    }
    scan.at += skip + operands.trim_end().len();
    Some(new)
}
