//! systemd's own reading of a unit, as far as ours use it: `extract_first_word` with quotes and C's escapes, specifiers, and
//! lines that go on.

/// The settings of a unit: `Section.Name`, value.
pub(super) fn settings(unit: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut section = String::new();
    let mut joined = String::new();
    for line in unit.lines() {
        if joined.is_empty() && (line.starts_with('#') || line.starts_with(';') || line.is_empty()) {
            continue;
        }
        if let Some(start) = line.strip_suffix('\\') {
            joined.push_str(start);
            joined.push(' ');
            continue;
        }
        joined.push_str(line);
        let line = std::mem::take(&mut joined);
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else {
            let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("not a setting: {line}"));
            found.push((format!("{section}.{name}"), value.trim().to_owned()));
        }
    }
    found
}

/// A value's words, quotes and escapes taken off, specifiers expanded.
pub(super) fn words(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', _) => match chars.next().expect("something after a backslash") {
                escaped @ ('"' | '\\' | '\'') => word.get_or_insert_default().push(escaped),
                other => panic!("an escape that we never write: {other}"),
            },
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_ascii_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    assert!(quote.is_none(), "an open quote: {value}");
    words.extend(word);
    words.iter().map(|word| expanded(word)).collect()
}

/// `%%` is the only specifier that means the same on every machine.
pub(super) fn expanded(word: &str) -> String {
    let mut text = String::new();
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        if c == '%' {
            assert_eq!(chars.next(), Some('%'), "a specifier in {word}");
        }
        text.push(c);
    }
    text
}
