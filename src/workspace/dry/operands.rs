//! Which of a command's words are files.

use super::word::Text;

/// A command's words, sorted.
#[derive(Debug, Default)]
pub(super) struct Operands {
    /// Words that are no options and no values of options.
    pub words: Vec<Text>,
    /// Letters of short options, and long options without their values.
    pub options: Vec<String>,
}

impl Operands {
    /// Sorts the words after a command's name. `with_value` has the letters of short options that take a value.
    pub(super) fn of(args: Vec<Text>, with_value: &str) -> Self {
        let mut sorted = Self::default();
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            match arg.text.as_bytes() {
                b"--" => {
                    sorted.words.extend(args);
                    break;
                }
                [b'-', b'-', ..] => {
                    let name = arg.text.split('=').next().unwrap_or_default();
                    sorted.options.push(name.to_owned());
                }
                [b'-', _, ..] => {
                    for (at, letter) in arg.text.char_indices().skip(1) {
                        sorted.options.push(letter.to_string());
                        if with_value.contains(letter) {
                            // The value is the rest of this word, or the next one.
                            if at + letter.len_utf8() == arg.text.len() {
                                args.next();
                            }
                            break;
                        }
                    }
                }
                _ => sorted.words.push(arg),
            }
        }
        sorted
    }

    /// Whether one of these options is there.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|option| names.contains(&option.as_str()))
    }
}
