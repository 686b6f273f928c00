//! What a setting may hold, in TOML and as text.

use std::path::Path;
use toml_edit::{Array, Value};

/// What a setting holds. Its text form is what the environment and the command line have.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    Secret,
    Path,
    /// `http` or `https`.
    Url,
    /// 0 or more, with or without a fraction.
    Seconds,
    Port,
    /// Words, separated by commas; in TOML also an array of them.
    List,
    OneOf(&'static [&'static str]),
}

impl Kind {
    /// Checks a value's text form and normalises it.
    ///
    /// # Errors
    /// What it must be.
    pub(super) fn check(self, text: &str) -> Result<String, String> {
        let text = text.trim();
        let must = |what: &str| Err(format!("must be {what}"));
        match self {
            Self::List => {
                let words: Vec<_> = text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
                if words.is_empty() { must("a list of words") } else { Ok(words.join(",")) }
            }
            _ if text.is_empty() => must("a text that is not empty"),
            Self::Text => Ok(text.to_owned()),
            // The daemon works in another directory than the command that starts it.
            Self::Path if Path::new(text).is_absolute() => Ok(text.to_owned()),
            Self::Path => must("an absolute path"),
            // A PEM has several lines, a token has one; neither has other control characters.
            Self::Secret if text.bytes().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) => {
                Ok(text.to_owned())
            }
            Self::Secret => must("of visible ASCII characters"),
            Self::Url if text.starts_with("http://") || text.starts_with("https://") => Ok(text.to_owned()),
            Self::Url => must("a URL such as http://127.0.0.1:8765"),
            Self::Seconds => match text.parse::<f64>() {
                Ok(seconds @ 0.0..=1e9) => Ok(seconds.to_string()),
                _ => must("a number of seconds, 0 or more"),
            },
            Self::Port => match text.parse::<u16>() {
                Ok(port) => Ok(port.to_string()),
                Err(_) => must("a port, 0 to 65535"),
            },
            Self::OneOf(words) if words.contains(&text) => Ok(text.to_owned()),
            Self::OneOf(words) => Err(format!("is '{text}', but must be one of: {}", words.join(", "))),
        }
    }

    /// The text form of a value in TOML.
    ///
    /// # Errors
    /// What it must be.
    pub(super) fn of_toml(self, value: &Value) -> Result<String, String> {
        let text = match (self, value) {
            (Self::Seconds, Value::Integer(number)) => number.value().to_string(),
            (Self::Seconds, Value::Float(number)) => number.value().to_string(),
            (Self::Port, Value::Integer(number)) => number.value().to_string(),
            (Self::Seconds | Self::Port, _) => return Err(format!("must be a number, not {}", value.type_name())),
            (Self::List, Value::Array(words)) => {
                let words: Option<Vec<_>> = words.iter().map(Value::as_str).collect();
                words.ok_or("must be an array of texts")?.join(",")
            }
            (_, Value::String(text)) => text.value().clone(),
            _ => return Err(format!("must be a text, not {}", value.type_name())),
        };
        self.check(&text)
    }

    /// A checked text form as TOML.
    pub(super) fn to_toml(self, text: &str) -> Value {
        match self {
            Self::Seconds => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(whole), _) => whole.into(),
                (_, Ok(fraction)) => fraction.into(),
                _ => text.into(),
            },
            Self::Port => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
            Self::List => Value::Array(text.split(',').collect::<Array>()),
            _ => text.into(),
        }
    }
}
