//! Goes through the trees and asks the expression for each file, up to where a command has to be run.

use super::super::call::{Call, MAX_DEPTH, Stop, base_name, join, reason};
use super::super::realpath::canonical;
use super::exec::Commands;
use super::expression::{Expression, Out, Step};
use bashkit::{FileType, Metadata};
use std::path::PathBuf;
use std::sync::Arc;

/// How often a long walk lets others run.
const BREATH: usize = 128;

/// A file on the way.
pub struct Entry {
    /// The path from the starting point on.
    pub name: String,
    /// How much of [`Entry::name`] is the starting point.
    pub start: usize,
    pub depth: usize,
    /// What is there; a link itself unless it is followed.
    pub found: Metadata,
    /// Whether a link led here.
    pub linked: bool,
    /// The directories above, where links are followed.
    above: Option<Arc<Above>>,
}

impl Entry {
    /// The last component.
    pub fn base(&self) -> &str {
        base_name(&self.name)
    }

    /// The directory that it is in.
    pub fn parent(&self) -> &str {
        match self.name.trim_end_matches('/').rsplit_once('/') {
            Some(("", _)) => "/",
            Some((parent, _)) => parent,
            None => ".",
        }
    }
}

struct Above {
    path: PathBuf,
    name: String,
    next: Option<Arc<Above>>,
}

enum Work {
    Start(String),
    Visit(Box<Entry>),
    /// Its members have been seen.
    Leave(Box<Entry>),
}

/// One `find` on its way.
pub struct Walk {
    pub expression: Arc<Expression>,
    pub commands: Commands,
    todo: Vec<Work>,
    /// The file that is asked for, whether its members have been seen, and the next step.
    current: Option<(Box<Entry>, bool, usize)>,
    /// Whether the last test held.
    held: bool,
    /// The file's members are left out.
    pub pruned: bool,
    /// `-quit` was reached.
    pub quit: bool,
    flushed: bool,
    seen: usize,
    /// What waits for the files that actions write to.
    written: Vec<Vec<u8>>,
}

impl Walk {
    /// At the first starting point.
    pub fn new(expression: Expression) -> Self {
        let todo = expression.starts.iter().rev().cloned().map(Work::Start).collect();
        Self {
            commands: Commands::new(expression.commands.len()),
            written: expression.files.iter().map(|_| Vec::new()).collect(),
            expression: Arc::new(expression),
            todo,
            current: None,
            held: false,
            pruned: false,
            quit: false,
            flushed: false,
            seen: 0,
        }
    }

    /// Goes on to the next command, or to the end. Whether there is a command.
    pub async fn advance(&mut self, call: &mut Call<'_>, failed: bool) -> Result<bool, Stop> {
        if let Some(held) = self.commands.ended(call, failed) {
            self.held = held;
        }
        loop {
            if self.commands.is_waiting() {
                self.save(call).await?;
                return Ok(true);
            }
            if let Some((entry, left, at)) = self.current.take() {
                let expression = self.expression.clone();
                let at = self.ask(call, &expression.steps, &entry, at).await?;
                if at < expression.steps.len() && !self.quit {
                    self.current = Some((entry, left, at));
                } else if !left && !self.pruned && !self.quit {
                    self.enter(call, &entry).await?;
                }
                continue;
            }
            match self.todo.pop().filter(|_| !self.quit) {
                Some(Work::Start(name)) => self.start(call, name).await?,
                Some(Work::Visit(entry)) => self.visit(call, entry).await?,
                Some(Work::Leave(entry)) => self.begin(entry, true),
                None if !self.flushed => {
                    self.flushed = true;
                    self.commands.flush_all(&self.expression);
                }
                None => {
                    self.save(call).await?;
                    return Ok(false);
                }
            }
        }
    }

    /// Runs the steps; where it stopped.
    async fn ask(&mut self, call: &mut Call<'_>, steps: &[Step], entry: &Entry, mut at: usize) -> Result<usize, Stop> {
        while let Some(step) = steps.get(at) {
            at += 1;
            match step {
                Step::Not => self.held = !self.held,
                Step::IfTrue(to) if self.held => at = *to,
                Step::IfFalse(to) if !self.held => at = *to,
                Step::IfTrue(_) | Step::IfFalse(_) => {}
                Step::Test(test) => {
                    self.held = self.check(call, entry, test).await?;
                    if self.quit || self.commands.is_waiting() {
                        break;
                    }
                }
            }
        }
        Ok(at)
    }

    async fn start(&mut self, call: &mut Call<'_>, name: String) -> Result<(), Stop> {
        let follow = self.expression.follow_starts;
        let found = match call.lstat(&name).await {
            Ok(found) => found,
            Err(reason) => return complain(call, &format!("‘{name}’: {reason}")).await,
        };
        let entry = Entry { start: name.len(), name, depth: 0, found, linked: false, above: None };
        let entry = if follow { followed(call, entry).await } else { entry };
        self.todo.push(Work::Visit(Box::new(entry)));
        Ok(())
    }

    async fn visit(&mut self, call: &mut Call<'_>, mut entry: Box<Entry>) -> Result<(), Stop> {
        self.seen += 1;
        if self.seen.is_multiple_of(BREATH) {
            tokio::task::yield_now().await;
        }
        if self.expression.follow && entry.found.file_type.is_dir() && !self.below_itself(call, &mut entry).await? {
            return Ok(());
        }
        if self.expression.depth_first && entry.found.file_type.is_dir() {
            let mut members = self.members(call, &entry).await?;
            self.todo.push(Work::Leave(entry));
            self.todo.append(&mut members);
        } else {
            self.begin(entry, false);
        }
        Ok(())
    }

    /// Begins to ask for a file.
    fn begin(&mut self, entry: Box<Entry>, left: bool) {
        self.pruned = false;
        let skip = entry.depth < self.expression.min_depth;
        let at = if skip { self.expression.steps.len() } else { 0 };
        self.current = Some((entry, left, at));
    }

    async fn enter(&mut self, call: &mut Call<'_>, entry: &Entry) -> Result<(), Stop> {
        let mut members = self.members(call, entry).await?;
        self.todo.append(&mut members);
        Ok(())
    }

    /// What is in a directory, the last first.
    async fn members(&self, call: &mut Call<'_>, entry: &Entry) -> Result<Vec<Work>, Stop> {
        let deepest = self.expression.max_depth.is_some_and(|most| entry.depth >= most);
        if !entry.found.file_type.is_dir() || deepest {
            return Ok(Vec::new());
        }
        if entry.depth >= MAX_DEPTH {
            complain(call, &format!("‘{}’: File name too long", entry.name)).await?;
            return Ok(Vec::new());
        }
        let listed = match call.list(&entry.name).await {
            Ok(listed) => listed,
            Err(reason) => {
                complain(call, &format!("‘{}’: {reason}", entry.name)).await?;
                return Ok(Vec::new());
            }
        };
        let mut members = Vec::with_capacity(listed.len());
        for (name, found) in listed.into_iter().rev() {
            let (name, above) = (join(&entry.name, &name), entry.above.clone());
            let member = Entry { name, start: entry.start, depth: entry.depth + 1, found, linked: false, above };
            let member = if self.expression.follow { followed(call, member).await } else { member };
            members.push(Work::Visit(Box::new(member)));
        }
        Ok(members)
    }

    /// Notes the directory among those above its members; `false` when it is one of those above itself.
    async fn below_itself(&self, call: &mut Call<'_>, entry: &mut Entry) -> Result<bool, Stop> {
        let path = match &entry.above {
            Some(above) if !entry.linked => above.path.join(entry.base()),
            _ => canonical(call, &entry.name, 'e', true).await.unwrap_or_else(|_| call.path(&entry.name)),
        };
        let mut next = entry.above.as_ref();
        while let Some(above) = next {
            if above.path == path {
                let text = format!(
                    "File system loop detected; ‘{}’ is part of the same file system loop as ‘{}’.",
                    entry.name, above.name
                );
                complain(call, &text).await?;
                return Ok(false);
            }
            next = above.next.as_ref();
        }
        entry.above = Some(Arc::new(Above { path, name: entry.name.clone(), next: entry.above.take() }));
        Ok(true)
    }

    /// Writes where an action writes to.
    pub async fn write(&mut self, call: &mut Call<'_>, text: &str, out: Out) -> Result<(), Stop> {
        match out {
            None => call.print(text.as_bytes()).await?,
            Some(at) => self.written[at].extend_from_slice(text.as_bytes()),
        }
        Ok(())
    }

    async fn save(&mut self, call: &mut Call<'_>) -> Result<(), Stop> {
        for at in 0..self.written.len() {
            let bytes = std::mem::take(&mut self.written[at]);
            let name = self.expression.files[at].clone();
            if bytes.is_empty() {
                continue;
            }
            if name == "/dev/stderr" {
                call.error(&bytes).await?;
            } else if let Err(error) = call.ctx.fs.append_file(&call.path(&name), &bytes).await {
                complain(call, &format!("‘{name}’: {}", reason(&error))).await?;
            }
        }
        Ok(())
    }
}

async fn followed(call: &Call<'_>, mut entry: Entry) -> Entry {
    if entry.found.file_type == FileType::Symlink
        && let Ok(found) = call.stat(&entry.name).await
    {
        (entry.found, entry.linked) = (found, true);
    }
    entry
}

/// Says what went wrong; the exit code will be 1.
pub async fn complain(call: &mut Call<'_>, text: &str) -> Result<(), Stop> {
    call.failed = 1;
    call.flush().await?;
    Ok(call.error(format!("find: {text}\n").as_bytes()).await?)
}
