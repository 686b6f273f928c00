//! `config.toml` as its owner wrote it: comments and order stay when a setting changes.

use super::error::SettingsError;
use super::key::Key;
use crate::base::write_private;
use crate::state::{Home, StateError};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use toml_edit::{DocumentMut, Item, Table};

/// The only table.
const TABLE: &str = "daemon";

/// The file and what it says.
#[derive(Debug)]
pub struct SettingsFile {
    path: PathBuf,
    document: DocumentMut,
}

impl SettingsFile {
    /// Reads the file; none is the same as an empty one.
    ///
    /// # Errors
    /// When it is not TOML, has a key that is not a setting, or a value that a setting cannot have.
    pub fn load(home: &Home) -> Result<Self, SettingsError> {
        let path = home.settings();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(missing) if missing.kind() == ErrorKind::NotFound => String::new(),
            Err(failed) => return Err(StateError::io(&path)(failed).into()),
        };
        let document = text.parse::<DocumentMut>().map_err(|wrong| SettingsError::NotToml {
            path: path.clone(),
            // Without the line itself, which may hold a token.
            line: wrong.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1),
            problem: wrong.message().to_owned(),
        })?;
        let file = Self { path, document };
        file.check()?;
        Ok(file)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The text form of a setting's value, when the file has it.
    pub fn get(&self, key: &Key) -> Option<String> {
        let value = self.document.get(TABLE)?.get(key.name)?.as_value()?;
        key.kind.of_toml(value).ok()
    }

    /// A setting as it stands in the file, `port = 8770`; a secret is masked.
    pub fn line(&self, key: &Key) -> Option<String> {
        let value = self.document.get(TABLE)?.get(key.name)?.as_value()?;
        let value = value.clone().decorated("", "").to_string();
        Some(format!("{} = {}", key.name, if key.is_secret() { "\"********\"" } else { &value }))
    }

    /// Changes one setting. Nothing is written before [`SettingsFile::store`].
    ///
    /// # Errors
    /// [`SettingsError::BadValue`].
    pub fn set(&mut self, key: &'static Key, text: &str) -> Result<(), SettingsError> {
        let text = key.kind.check(text).map_err(|problem| SettingsError::BadValue {
            at: "not changed".to_owned(),
            key: key.name,
            problem,
        })?;
        let value = key.kind.to_toml(&text);
        let table = self.document.entry(TABLE).or_insert_with(|| Item::Table(Table::new()));
        match table.get_mut(key.name) {
            // A remark behind the value stays.
            Some(Item::Value(old)) => {
                let decor = old.decor().clone();
                *old = value;
                *old.decor_mut() = decor;
            }
            _ => table[key.name] = Item::Value(value),
        }
        Ok(())
    }

    /// Takes a setting out; false when it was not there.
    pub fn unset(&mut self, key: &Key) -> bool {
        let table = self.document.get_mut(TABLE).and_then(Item::as_table_like_mut);
        table.is_some_and(|table| table.remove(key.name).is_some())
    }

    /// Replaces the file, atomically and readable by the owner only: it may hold a token.
    ///
    /// # Errors
    /// What the file system said; the old file is in force then.
    pub fn store(&self) -> Result<(), SettingsError> {
        let text = self.document.to_string();
        Ok(write_private(&self.path, text.as_bytes()).map_err(StateError::io(&self.path))?)
    }

    fn check(&self) -> Result<(), SettingsError> {
        for (name, item) in self.document.iter() {
            let table = item.as_table_like().filter(|_| name == TABLE);
            let unknown = || SettingsError::UnknownTable { path: self.path.clone(), key: name.to_owned() };
            for (name, item) in table.ok_or_else(unknown)?.iter() {
                let at = self.path.display().to_string();
                let Some(key) = Key::named(name).filter(|key| key.name == name) else {
                    return Err(SettingsError::UnknownKey { at, key: name.to_owned() });
                };
                let value = item.as_value().ok_or_else(|| "must be a value, not a table".to_owned());
                if let Err(problem) = value.and_then(|value| key.kind.of_toml(value)) {
                    return Err(SettingsError::BadValue { at, key: key.name, problem });
                }
            }
        }
        Ok(())
    }
}
