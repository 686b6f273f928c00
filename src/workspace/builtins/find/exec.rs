//! The commands of `-exec` and its like.

use super::super::call::Call;
use super::expression::{Exec, Expression};
use super::walk::Entry;
use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;

/// The longest command line that `{} +` makes, in bytes.
const MAX_CHARS: usize = 128 << 10;

/// A command that is ready.
pub struct Ready {
    pub words: Vec<String>,
    /// Where it is to run, if not where `find` does.
    pub dir: Option<PathBuf>,
    /// Whether its end is waited for with an answer.
    asked: bool,
}

/// Files that wait for a command, of one directory where that counts.
#[derive(Default)]
struct Waiting {
    files: Vec<String>,
    bytes: usize,
    dir: Option<PathBuf>,
}

/// All commands of a `find`.
pub struct Commands {
    /// Names of commands that are not there.
    pub missing: BTreeSet<String>,
    /// Which of those that get many files have been said to be missing.
    pub reported: BTreeSet<usize>,
    waiting: Vec<Waiting>,
    ready: VecDeque<Ready>,
    running: Option<bool>,
}

impl Commands {
    /// Without files, for so many commands.
    pub fn new(count: usize) -> Self {
        let waiting = (0..count).map(|_| Waiting::default()).collect();
        Self { missing: BTreeSet::new(), reported: BTreeSet::new(), waiting, ready: VecDeque::new(), running: None }
    }

    /// Whether one is to be run now.
    pub fn is_waiting(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The next to be run.
    pub fn take(&mut self) -> Option<Ready> {
        let ready = self.ready.pop_front()?;
        self.running = Some(ready.asked);
        Some(ready)
    }

    /// What the end of the last one means for the test that waited for it.
    pub fn ended(&mut self, call: &mut Call<'_>, failed: bool) -> Option<bool> {
        match self.running.take()? {
            true => Some(!failed),
            false => {
                call.failed |= i32::from(failed);
                None
            }
        }
    }

    /// Has the command run for one file.
    pub fn run(&mut self, call: &Call<'_>, exec: &Exec, entry: &Entry) {
        let (name, dir) = target(call, exec, entry);
        let words = exec.words.iter().map(|word| word.replace("{}", &name)).collect();
        self.ready.push_back(Ready { words, dir, asked: true });
    }

    /// Adds a file to those that the command gets together.
    pub fn collect(&mut self, call: &Call<'_>, at: usize, exec: &Exec, entry: &Entry) {
        let (name, dir) = target(call, exec, entry);
        let fixed: usize = exec.words.iter().map(|word| word.len() + 1).sum();
        let waiting = &self.waiting[at];
        if waiting.dir != dir || fixed + waiting.bytes + name.len() + 1 > MAX_CHARS {
            self.flush(at, exec);
        }
        let waiting = &mut self.waiting[at];
        waiting.bytes += name.len() + 1;
        waiting.dir = dir;
        waiting.files.push(name);
    }

    fn flush(&mut self, at: usize, exec: &Exec) {
        let waiting = std::mem::take(&mut self.waiting[at]);
        if !waiting.files.is_empty() {
            let words = exec.words.iter().cloned().chain(waiting.files).collect();
            self.ready.push_back(Ready { words, dir: waiting.dir, asked: false });
        }
    }

    /// Has the commands run for all files that wait.
    pub fn flush_all(&mut self, expression: &Expression) {
        for (at, exec) in expression.commands.iter().enumerate() {
            self.flush(at, exec);
        }
    }
}

/// What stands for the file, and where the command runs.
fn target(call: &Call<'_>, exec: &Exec, entry: &Entry) -> (String, Option<PathBuf>) {
    if exec.inside {
        let name = if entry.base() == "/" { "/".to_owned() } else { format!("./{}", entry.base()) };
        (name, Some(call.path(entry.parent())))
    } else {
        (entry.name.clone(), None)
    }
}
