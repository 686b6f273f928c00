//! Asks for one file.

use super::super::call::{Call, Stop, reason, size};
use super::super::date::instant;
use super::super::glob;
use super::super::realpath::canonical;
use super::super::stat::inode;
use super::expression::{Bits, Count, Test, Text};
use super::predicate::seconds;
use super::printf;
use super::walk::{Entry, Walk, complain};
use bashkit::{FileType, Metadata};
use std::path::Path;

const DAY: f64 = 86400.0;
const MINUTE: f64 = 60.0;

impl Walk {
    /// Whether a test holds, or an action went well. One that runs a command holds until that has ended.
    pub async fn check(&mut self, call: &mut Call<'_>, entry: &Entry, test: &Test) -> Result<bool, Stop> {
        let found = &entry.found;
        let expression = self.expression.clone();
        Ok(match test {
            Test::Constant(value) => *value,
            Test::Glob { pattern, fold, text } => {
                let text = match text {
                    Text::Name => entry.base().to_owned(),
                    Text::Path => entry.name.clone(),
                    Text::Link => match target(call, entry).await {
                        Some(target) => target,
                        None => return Ok(false),
                    },
                };
                if *fold {
                    glob::matches(&pattern.to_lowercase(), &text.to_lowercase())
                } else {
                    glob::matches(pattern, &text)
                }
            }
            Test::Regex(regex) => regex.is_match(&entry.name),
            Test::Type(letters, false) => letters.contains(&letter(found)),
            Test::Type(letters, true) => letters.contains(&self.other_letter(call, entry).await),
            Test::Size(count, unit) => count.fits(size(found).div_ceil(*unit)),
            Test::Empty if found.file_type.is_dir() => match call.list(&entry.name).await {
                Ok(members) => members.is_empty(),
                Err(reason) => {
                    complain(call, &format!("‘{}’: {reason}", entry.name)).await?;
                    false
                }
            },
            Test::Empty => found.file_type == FileType::File && found.size == 0,
            Test::Age(count, days) => age(*count, *days, expression.now - seconds(instant(found.modified))),
            Test::Newer(than) => instant(found.modified) > *than,
            Test::Perm(Bits::Exactly(bits)) => found.mode & 0o7777 == *bits,
            Test::Perm(Bits::All(bits)) => found.mode & bits == *bits,
            Test::Perm(Bits::Any(bits)) => found.mode & bits != 0,
            Test::Access(what) => {
                let bit = match what {
                    'r' => 0o400,
                    'w' => 0o200,
                    _ => 0o100,
                };
                call.stat(&entry.name).await.is_ok_and(|found| found.mode & bit != 0)
            }
            Test::Links(count) => count.fits(links(call, entry).await),
            Test::Inode(count) => count.fits(inode(&call.path(&entry.name))),
            Test::SameFile(path) => self.is_same(call, entry, path).await,
            Test::Owner(count) => count.fits(1000),
            Test::Prune => {
                self.pruned = !expression.depth_first;
                true
            }
            Test::Quit => {
                self.quit = true;
                true
            }
            Test::Print(end, out) => {
                self.write(call, &format!("{}{end}", entry.name), *out).await?;
                true
            }
            Test::Printf(format, out) => {
                let text = printf::format(self, call, entry, format).await;
                self.write(call, &text, *out).await?;
                true
            }
            Test::List(out) => {
                let text = printf::listed(call, entry).await;
                self.write(call, &text, *out).await?;
                true
            }
            Test::Delete if entry.name == "." => true,
            Test::Delete => match call.ctx.fs.remove(&call.path(&entry.name), false).await {
                Ok(()) => true,
                Err(error) => {
                    complain(call, &format!("cannot delete ‘{}’: {}", entry.name, reason(&error))).await?;
                    false
                }
            },
            Test::Exec(at) => {
                let exec = &expression.commands[*at];
                if exec.asks {
                    // Nobody is there to say yes.
                    call.flush().await?;
                    call.error(format!("< {} ... {} > ? ", exec.words[0], entry.name).as_bytes()).await?;
                    return Ok(false);
                }
                if self.commands.missing.contains(&exec.words[0]) {
                    if !exec.many || self.commands.reported.insert(*at) {
                        let code = call.failed;
                        complain(call, &format!("‘{}’: No such file or directory", exec.words[0])).await?;
                        call.failed = if exec.many { 1 } else { code };
                    }
                    return Ok(exec.many);
                }
                if exec.many {
                    self.commands.collect(call, *at, exec, entry);
                } else {
                    self.commands.run(call, exec, entry);
                }
                true
            }
        })
    }

    /// Whether the file is the one at `path`, or leads there where links are followed.
    async fn is_same(&self, call: &Call<'_>, entry: &Entry, path: &Path) -> bool {
        let own = call.path(&entry.name);
        if own == path {
            return true;
        }
        let is_link = |found: bashkit::Result<Metadata>| found.is_ok_and(|found| found.file_type == FileType::Symlink);
        let fs = &call.ctx.fs;
        if !self.expression.follow && (entry.found.file_type == FileType::Symlink || is_link(fs.lstat(path).await)) {
            return false;
        }
        let (own, path) = (own.to_string_lossy().into_owned(), path.to_string_lossy().into_owned());
        let own = canonical(call, &own, 'e', true).await.ok();
        own.is_some() && own == canonical(call, &path, 'e', true).await.ok()
    }

    /// The type that `-xtype` and `%Y` see: what is behind a link, or the link when all are followed.
    pub async fn other_letter(&self, call: &Call<'_>, entry: &Entry) -> char {
        let path = call.path(&entry.name);
        let own = call.ctx.fs.lstat(&path).await;
        match own {
            Ok(own) if own.file_type == FileType::Symlink && !self.expression.follow => {
                call.stat(&entry.name).await.map_or('l', |found| letter(&found))
            }
            Ok(own) => letter(&own),
            Err(_) => letter(&entry.found),
        }
    }
}

/// The letter of `-type`.
pub fn letter(found: &Metadata) -> char {
    match found.file_type {
        FileType::File => 'f',
        FileType::Directory => 'd',
        FileType::Symlink => 'l',
        FileType::Fifo => 'p',
    }
}

/// What a link says.
pub async fn target(call: &Call<'_>, entry: &Entry) -> Option<String> {
    if entry.found.file_type != FileType::Symlink {
        return None;
    }
    let target = call.ctx.fs.read_link(&call.path(&entry.name)).await.ok()?;
    Some(target.to_string_lossy().into_owned())
}

/// How many names the file has; the mounts have no hard links.
pub async fn links(call: &Call<'_>, entry: &Entry) -> u64 {
    if !entry.found.file_type.is_dir() {
        return 1;
    }
    let members = call.list(&entry.name).await.unwrap_or_default();
    2 + members.iter().filter(|(_, found)| found.file_type.is_dir()).count() as u64
}

/// Days are counted when they are over, minutes when they begin.
fn age(count: Count<f64>, days: bool, age: f64) -> bool {
    match (count, days) {
        (Count::More(than), true) => age > (than + 1.0) * DAY,
        (Count::Less(than), true) => age < than * DAY,
        (Count::Exactly(this), true) => age >= this * DAY && age < (this + 1.0) * DAY,
        (Count::More(than), false) => age > than * MINUTE,
        (Count::Less(than), false) => age < than * MINUTE,
        (Count::Exactly(this), false) => age >= (this - 1.0) * MINUTE && age < this * MINUTE,
    }
}
