//! `NAME=VALUE` arguments.

use super::error::{CliError, ExitKind};
use std::collections::BTreeMap;

/// Parses the values of an option that takes `NAME=VALUE`, each possibly several, separated by commas where `commas`.
pub fn pairs(option: &str, values: &[String], commas: bool) -> Result<BTreeMap<String, String>, CliError> {
    let mut found = BTreeMap::new();
    for value in values {
        let items = if commas { value.split(',').collect() } else { vec![value.as_str()] };
        for item in items.into_iter().filter(|item| !item.trim().is_empty()) {
            let Some((name, value)) = item.split_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
                return Err(CliError::new(ExitKind::Usage, format!("{option} '{item}' is not NAME=VALUE")));
            };
            found.insert(name.trim().to_owned(), value.to_owned());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_may_share_an_argument_and_a_wrong_one_is_named() {
        let labels = pairs("--labels", &["gpu=true, zone=a".to_owned(), "x=y=z".to_owned()], true).unwrap();
        assert_eq!(labels.into_iter().collect::<Vec<_>>().len(), 3);
        let wrong = pairs("--labels", &["gpu".to_owned()], true).unwrap_err();
        assert!(wrong.to_string().contains("'gpu'"), "{wrong}");
    }
}
