//! Words of a script, as far as they can be known without running anything.

use super::scope::Scope;
use bashkit::parser::{Word, WordPart};

/// A word's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub text: String,
    /// Whether it is a pattern for names of files.
    pub glob: bool,
}

/// The word's text; none when only running the script would tell.
pub(super) fn text(word: &Word, scope: &Scope<'_>) -> Option<Text> {
    let mut out = Text { text: String::new(), glob: false };
    for (index, part) in word.parts.iter().enumerate() {
        let quoted = word.part_quoted.get(index).copied().unwrap_or(word.quoted);
        match part {
            WordPart::Literal(literal) => {
                if !quoted && expands_braces(literal) {
                    return None;
                }
                out.glob |= !quoted && literal.contains(['*', '?', '[']);
                match literal.strip_prefix('~').filter(|_| index == 0 && !quoted) {
                    Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                        out.text.push_str(scope.home().trim_end_matches('/'));
                        out.text.push_str(if rest.is_empty() && scope.home() == "/" { "/" } else { rest });
                    }
                    Some(_) => return None,
                    None => out.text.push_str(literal),
                }
            }
            WordPart::Variable(name) => {
                let value = scope.variable(name)?;
                if !quoted && value.contains([' ', '\t', '\n', '*', '?', '[']) {
                    return None; // it would be split, or be a pattern
                }
                out.text.push_str(value);
            }
            _ => return None,
        }
    }
    Some(out)
}

/// Whether something would have to run to know the word.
pub(super) fn substitutes(word: &Word) -> bool {
    word.parts.iter().any(|part| match part {
        WordPart::Literal(_) | WordPart::Variable(_) | WordPart::Length(_) | WordPart::ArrayLength(_) => false,
        WordPart::CommandSubstitution(_) | WordPart::ProcessSubstitution { .. } => true,
        WordPart::CompoundAssignment { elements, .. } => elements.iter().any(substitutes),
        WordPart::ArithmeticExpansion(text) => runs(text),
        // Whatever else it is, its operands are text that is expanded in turn.
        _ => runs(&word.to_string()),
    })
}

/// Whether text that is expanded may run a command.
pub(super) fn runs(text: &str) -> bool {
    ["$(", "`", "<(", ">("].iter().any(|opening| text.contains(opening))
}

fn expands_braces(literal: &str) -> bool {
    literal.contains('{') && (literal.contains(',') || literal.contains(".."))
}
