//! Names in messages, quoted as GNU's utilities do.

/// The name in quotes, so that a shell would read it back.
pub fn quote(name: &str) -> String {
    if name.chars().any(char::is_control) {
        return dollar(name);
    }
    if !name.contains('\'') {
        return format!("'{name}'");
    }
    if !name.contains(['"', '$', '`', '\\', '!']) {
        return format!("\"{name}\"");
    }
    format!("'{}'", name.replace('\'', "'\\''"))
}

/// `'a'$'\n''b'`: what has no printable form in the way that a shell understands.
fn dollar(name: &str) -> String {
    let mut out = String::from("'");
    let mut inside = false;
    for c in name.chars() {
        if c.is_control() {
            if !inside {
                out.push_str("'$'");
                inside = true;
            }
            match c {
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                '\u{7}' => out.push_str("\\a"),
                '\u{8}' => out.push_str("\\b"),
                '\u{b}' => out.push_str("\\v"),
                '\u{c}' => out.push_str("\\f"),
                other => {
                    let mut bytes = [0; 4];
                    for byte in other.encode_utf8(&mut bytes).bytes() {
                        out.push_str(&format!("\\{byte:03o}"));
                    }
                }
            }
        } else {
            if inside {
                out.push_str("''");
                inside = false;
            }
            if c == '\'' { out.push_str("'\\''") } else { out.push(c) }
        }
    }
    out.push('\'');
    out
}
