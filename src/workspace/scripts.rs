//! What one shell knows of the scripts that reach the engine by other ways than an execution's text: exported functions,
//! texts from devices, and which file it is about to read as a script.

use super::rewrite;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where the engine finds the texts that [`Scripts::keep`] took.
const KEPT: &str = "/dev/.script/";

/// Shared by the hook before builtins, our builtins, and the filesystem that the engine reads from.
#[derive(Default)]
pub(super) struct Scripts {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Definitions of exported functions by name.
    functions: BTreeMap<String, String>,
    kept: Vec<Vec<u8>>,
    expected: Option<Expected>,
    /// The names of associative arrays.
    associative: BTreeSet<String>,
}

struct Expected {
    name: String,
    is_child: bool,
}

impl Scripts {
    /// A script starts; what was only for the last one goes.
    pub fn begin(&self) {
        let mut state = self.lock();
        state.kept.clear();
        state.expected = None;
    }

    /// Child shells have this function from now on.
    pub fn export(&self, name: &str, definition: &str) {
        self.lock().functions.insert(name.to_owned(), definition.to_owned());
    }

    /// One line of code that defines the exported functions; empty when there are none.
    pub fn functions(&self) -> String {
        let state = self.lock();
        let definitions: Vec<&str> = state.functions.values().map(String::as_str).collect();
        if definitions.is_empty() {
            String::new()
        } else {
            format!("eval {}; ", rewrite::quoted(&definitions.join("\n")))
        }
    }

    /// The next file read is a script if it has this name. `is_child`: in a shell of its own.
    pub fn expect(&self, name: &str, is_child: bool) {
        let name = Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        self.lock().expected = Some(Expected { name, is_child });
    }

    /// Nothing is expected any more.
    pub fn expect_nothing(&self) {
        self.lock().expected = None;
    }

    /// What the engine is to read instead of `content`, when `path` is the script that is expected.
    pub fn rewritten(&self, path: &str, content: &[u8]) -> Option<Vec<u8>> {
        let expected = self.lock().expected.take_if(|expected| path.rsplit('/').next() == Some(&expected.name))?;
        let before = if expected.is_child { self.functions() } else { String::new() };
        rewrite::rewritten_bytes(content, &before, &mut self.lock().associative)
    }

    /// What the engine is to run in the place of `text`.
    pub fn rewritten_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        rewrite::rewritten(text, &mut self.lock().associative)
    }

    /// These are associative arrays.
    pub fn know<'a>(&self, names: impl Iterator<Item = &'a String>) {
        self.lock().associative.extend(names.cloned());
    }

    /// Takes a text that is to be read as a script; returns its path.
    pub fn keep(&self, text: Vec<u8>) -> String {
        let mut state = self.lock();
        state.kept.push(text);
        format!("{KEPT}{}", state.kept.len() - 1)
    }

    /// The text that was kept under this path.
    pub fn kept(&self, path: &str) -> Option<Vec<u8>> {
        let index: usize = path.strip_prefix(KEPT)?.parse().ok()?;
        self.lock().kept.get(index).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
