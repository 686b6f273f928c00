//! Text of XML elements.

use crate::service::ServiceError;

/// `value` as the text of an element; `what` names it in the error.
///
/// # Errors
/// [`ServiceError::Unfit`] for characters that XML 1.0 has no way to write, even escaped.
pub(in crate::service) fn text(what: &str, value: &str) -> Result<String, ServiceError> {
    let mut escaped = String::with_capacity(value.len() + 16);
    for c in value.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // As they are, readers turn them into blanks or drop them.
            '\t' | '\n' | '\r' => escaped.push_str(&format!("&#{};", u32::from(c))),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => {
                return Err(ServiceError::Unfit {
                    what: what.to_owned(),
                    reason: format!("XML cannot hold its character U+{:04X}", u32::from(c)),
                });
            }
            _ => escaped.push(c),
        }
    }
    Ok(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_what_xml_cannot_hold_is_refused_by_name() {
        let escaped = text("a path", "a<b>&\"c'\té\u{1f980}\r\n{{home}}").unwrap();
        assert_eq!(escaped, "a&lt;b&gt;&amp;&quot;c&apos;&#9;é\u{1f980}&#13;&#10;{{home}}");
        for unfit in ["\0", "a\u{1b}[31m", "\u{ffff}"] {
            let refused = text("the state directory", unfit).unwrap_err().to_string();
            assert!(refused.starts_with("the state directory cannot be"), "{refused}");
            assert!(!refused.contains('\u{1b}'), "{refused}");
        }
    }
}
