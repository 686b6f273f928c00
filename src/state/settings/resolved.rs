//! The settings in force, each with where it comes from: environment, then file, then default. A flag wins over all; its
//! command asks here only when it has none.

use super::error::SettingsError;
use super::file::SettingsFile;
use super::key::{KEYS, Key};
use crate::base::Secret;
use crate::state::Home;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Where a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A variable of the environment.
    Env(&'static str),
    /// `config.toml`.
    File,
    /// Neither.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env {name}"),
            Self::File => f.write_str("file"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A setting in force.
#[derive(Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its text form.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// The settings in force.
#[derive(Clone)]
pub struct Settings(BTreeMap<&'static str, Setting>);

impl Settings {
    /// Reads the file and asks the environment.
    ///
    /// # Errors
    /// When the file or a variable has something that no setting can have.
    pub fn load(home: &Home, environment: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, SettingsError> {
        let file = SettingsFile::load(home)?;
        let mut settings = BTreeMap::new();
        for key in KEYS {
            let kept = || file.get(key).map(|value| Setting { value, origin: Origin::File });
            let default = || key.default.map(|value| Setting { value: value.to_owned(), origin: Origin::Default });
            if let Some(setting) = of_environment(key, environment)?.or_else(kept).or_else(default) {
                settings.insert(key.name, setting);
            }
        }
        Ok(Self(settings))
    }

    /// One setting; none when it has no value and no default.
    pub fn get(&self, name: &str) -> Option<&Setting> {
        self.0.get(name)
    }

    /// The text form of one.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|setting| setting.value.as_str())
    }

    /// A directory or file.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    /// A list's words.
    pub fn words(&self, name: &str) -> Vec<String> {
        self.text(name).unwrap_or_default().split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// A duration.
    pub fn duration(&self, name: &str) -> Option<Duration> {
        self.text(name).and_then(|text| text.parse().ok()).map(Duration::from_secs_f64)
    }

    /// Where the daemon listens on loopback.
    pub fn port(&self) -> u16 {
        self.text("port").and_then(|text| text.parse().ok()).unwrap_or(8765)
    }

    /// A credential.
    pub fn secret(&self, name: &str) -> Option<Secret> {
        self.text(name).map(Secret::new)
    }
}

fn of_environment(
    key: &'static Key,
    environment: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Option<Setting>, SettingsError> {
    for name in key.env {
        let Some(value) = environment(name) else { continue };
        let bad = |problem| SettingsError::BadValue { at: (*name).to_owned(), key: key.name, problem };
        let text = value.into_string().map_err(|_| bad("must be UTF-8".to_owned()))?;
        // `NAME= command` is how a variable is taken away for one command.
        if text.split(',').all(|part| part.trim().is_empty()) {
            continue;
        }
        let value = key.kind.check(&text).map_err(bad)?;
        return Ok(Some(Setting { value, origin: Origin::Env(name) }));
    }
    Ok(None)
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origins = self.0.iter().map(|(name, setting)| (name, setting.origin));
        f.debug_map().entries(origins).finish()
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Setting({})", self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::write_private;

    fn home() -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(dir.path().join("home"))).unwrap();
        home.prepare().unwrap();
        (dir, home)
    }

    fn none(_: &str) -> Option<OsString> {
        None
    }

    #[test]
    fn the_environment_wins_over_the_file_and_our_names_over_theirs() {
        let (_dir, home) = home();
        let port = |environment: &dyn Fn(&str) -> Option<OsString>| {
            let settings = Settings::load(&home, environment).unwrap();
            (settings.port(), settings.get("port").unwrap().origin)
        };
        assert_eq!(port(&none), (8765, Origin::Default));
        write_private(&home.settings(), b"[daemon]\nport = 9000\n").unwrap();
        assert_eq!(port(&none), (9000, Origin::File));
        let theirs = |name: &str| (name == "MAFS_DAEMON_PORT").then(|| "9001".into());
        assert_eq!(port(&theirs), (9001, Origin::Env("MAFS_DAEMON_PORT")));
        let both = |name: &str| {
            name.ends_with("_DAEMON_PORT").then(|| if name.starts_with('W') { "9002" } else { "1" }.into())
        };
        assert_eq!(port(&both), (9002, Origin::Env("WAYPOST_DAEMON_PORT")));
        let blank = |name: &str| (name == "WAYPOST_DAEMON_PORT").then(|| " ".into());
        assert_eq!(port(&blank), (9000, Origin::File));
    }

    #[test]
    fn what_no_setting_can_have_is_refused_with_its_place() {
        let (_dir, home) = home();
        for (text, expected) in [
            ("[daemon]\nprot = 1\n", "unknown setting 'prot'"),
            ("[demon]\nport = 1\n", "unknown table or key 'demon'"),
            ("port = 1\n", "unknown table or key 'port'"),
            ("[daemon]\nport = \"x\"\n", "port must be a number, not string"),
            ("[daemon]\nport = 70000\n", "port must be a port"),
            ("[daemon]\nidle_grace_seconds = -1\n", "idle_grace_seconds must be a number of seconds"),
            ("[daemon]\nauth_mode = \"open\"\n", "auth_mode is 'open', but must be one of"),
            ("[daemon]\nallowed_hosts = [1]\n", "allowed_hosts must be an array of texts"),
            ("[daemon]\nurl = \"localhost\"\n", "url must be a URL"),
            ("[daemon\n", "config.toml line 1: "),
        ] {
            write_private(&home.settings(), text.as_bytes()).unwrap();
            let refused = Settings::load(&home, &none).unwrap_err().to_string();
            assert!(refused.contains(expected) && refused.contains("config.toml"), "{text}: {refused}");
        }
        fs_remove(&home);
        let wrong = |name: &str| (name == "MIRAGE_AUTH_MODE").then(|| "open".into());
        let refused = Settings::load(&home, &wrong).unwrap_err().to_string();
        assert!(refused.starts_with("MIRAGE_AUTH_MODE: auth_mode is 'open'"), "{refused}");
    }

    fn fs_remove(home: &Home) {
        std::fs::remove_file(home.settings()).unwrap();
    }

    #[test]
    fn a_change_keeps_comments_and_order() {
        let (_dir, home) = home();
        let text = "# mine\n[daemon]\n# where\nport = 8770 # not the usual one\nauth_mode = \"local\"\n";
        write_private(&home.settings(), text.as_bytes()).unwrap();
        let mut file = SettingsFile::load(&home).unwrap();
        file.set(Key::named("port").unwrap(), "8771").unwrap();
        file.set(Key::named("daemon.allowed_hosts").unwrap(), "a, b").unwrap();
        file.store().unwrap();
        let written = std::fs::read_to_string(home.settings()).unwrap();
        assert_eq!(written, text.replace("8770", "8771") + "allowed_hosts = [\"a\", \"b\"]\n");
        assert!(file.unset(Key::named("port").unwrap()) && !file.unset(Key::named("port").unwrap()));
        let mut token = SettingsFile::load(&home).unwrap();
        token.set(Key::named("auth_token").unwrap(), "secret-value").unwrap();
        assert_eq!(token.line(Key::named("auth_token").unwrap()).unwrap(), "auth_token = \"********\"");
    }
}
