//! The tests, actions and options of an expression.

use super::super::call::reason;
use super::super::date::{instant, now as clock};
use super::super::{dates, mode};
use super::expression::{Bits, Count, Exec, Out, Test, Text};
use super::parse::{Parser, Wrong};
use super::regex;
use chrono::TimeZone as _;

/// What earlier arguments say about later ones.
#[derive(Default)]
pub struct Context {
    /// An action other than `-prune` and `-quit` was there.
    pub acts: bool,
    /// `-depth` was there.
    pub says_depth: bool,
    regex: Option<String>,
}

/// Seconds since 1970.
pub fn now() -> f64 {
    seconds(clock())
}

/// A point in time as a number.
pub fn seconds((seconds, nanos): dates::Instant) -> f64 {
    seconds as f64 + f64::from(nanos) / 1e9
}

impl Parser<'_, '_> {
    /// Reads what `name` says, its arguments included.
    pub async fn predicate(&mut self, name: &str) -> Result<Test, Wrong> {
        let fold = name.starts_with("-i");
        Ok(match name {
            "-true"
            | "-noleaf"
            | "-nowarn"
            | "-warn"
            | "-ignore_readdir_race"
            | "-noignore_readdir_race"
            | "-xdev"
            | "-mount"
            | "-xautofs" => Test::Constant(true),
            "-false" | "-nouser" | "-nogroup" => Test::Constant(false),
            "-maxdepth" => {
                self.found.max_depth = Some(self.depth(name)?);
                Test::Constant(true)
            }
            "-mindepth" => {
                self.found.min_depth = self.depth(name)?;
                Test::Constant(true)
            }
            "-depth" | "-d" => {
                (self.found.depth_first, self.context.says_depth) = (true, true);
                Test::Constant(true)
            }
            "-follow" => {
                (self.found.follow, self.found.follow_starts) = (true, true);
                Test::Constant(true)
            }
            "-daystart" => {
                self.found.now = self.end_of_today();
                Test::Constant(true)
            }
            "-regextype" => {
                let kind = self.value(name)?;
                regex::known(&kind)?;
                self.context.regex = Some(kind);
                Test::Constant(true)
            }
            "-name" | "-iname" => Test::Glob { pattern: self.value(name)?, fold, text: Text::Name },
            "-path" | "-wholename" | "-ipath" | "-iwholename" => {
                Test::Glob { pattern: self.value(name)?, fold, text: Text::Path }
            }
            "-lname" | "-ilname" => Test::Glob { pattern: self.value(name)?, fold, text: Text::Link },
            "-regex" | "-iregex" => {
                let text = self.value(name)?;
                Test::Regex(regex::compile(&text, self.context.regex.as_deref().unwrap_or("emacs"), fold)?)
            }
            "-type" | "-xtype" => Test::Type(types(&self.value(name)?, name)?, name == "-xtype"),
            "-size" => self.size()?,
            "-empty" => Test::Empty,
            "-mtime" | "-atime" | "-ctime" => Test::Age(self.age(name)?, true),
            "-mmin" | "-amin" | "-cmin" => Test::Age(self.age(name)?, false),
            "-newer" | "-anewer" | "-cnewer" => self.newer_file(name).await?,
            _ if name.starts_with("-newer") => self.newer(name).await?,
            "-perm" => self.perm()?,
            "-readable" => Test::Access('r'),
            "-writable" => Test::Access('w'),
            "-executable" => Test::Access('x'),
            "-links" => Test::Links(self.number(name)?),
            "-inum" => Test::Inode(self.number(name)?),
            "-uid" | "-gid" => Test::Owner(self.number(name)?),
            "-user" | "-group" => self.owner(name)?,
            "-samefile" => {
                let file = self.value(name)?;
                self.call.lstat(&file).await.map_err(|reason| format!("‘{file}’: {reason}"))?;
                Test::SameFile(self.call.path(&file))
            }
            "-prune" => Test::Prune,
            "-quit" => Test::Quit,
            _ => {
                let test = self.action(name).await?;
                self.context.acts = true;
                test
            }
        })
    }

    async fn action(&mut self, name: &str) -> Result<Test, Wrong> {
        Ok(match name {
            "-print" => Test::Print('\n', None),
            "-print0" => Test::Print('\0', None),
            "-fprint" => Test::Print('\n', self.file(name).await?),
            "-fprint0" => Test::Print('\0', self.file(name).await?),
            "-printf" => Test::Printf(self.format(name)?, None),
            "-fprintf" => {
                let file = self.file(name).await?;
                Test::Printf(self.format(name)?, file)
            }
            "-ls" => Test::List(None),
            "-fls" => Test::List(self.file(name).await?),
            "-delete" => {
                self.found.depth_first = true;
                Test::Delete
            }
            "-exec" | "-execdir" | "-ok" | "-okdir" => self.exec(name)?,
            _ => return Err(format!("unknown predicate `{name}'")),
        })
    }

    fn depth(&mut self, name: &str) -> Result<usize, Wrong> {
        let text = self.value(name)?;
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|_| digits)
            .ok_or_else(|| format!("Expected a positive decimal integer argument to {name}, but got ‘{text}’"))
    }

    fn number(&mut self, name: &str) -> Result<Count<u64>, Wrong> {
        let text = self.value(name)?;
        count(&text, |digits| digits.parse().ok()).ok_or_else(|| format!("invalid argument `{text}' to `{name}'"))
    }

    fn age(&mut self, name: &str) -> Result<Count<f64>, Wrong> {
        let text = self.value(name)?;
        let parse =
            |text: &str| text.parse().ok().filter(|_| text.starts_with(|c: char| c.is_ascii_digit() || c == '.'));
        count(&text, parse).ok_or_else(|| format!("invalid argument `{text}' to `{name}'"))
    }

    fn size(&mut self) -> Result<Test, Wrong> {
        let text = self.value("-size")?;
        let Some(last) = text.chars().last() else { return Err("invalid null argument to -size".to_owned()) };
        let unit = match last {
            'c' => 1,
            'w' => 2,
            'b' | '0'..='9' => 512,
            'k' => 1 << 10,
            'M' => 1 << 20,
            'G' => 1 << 30,
            _ => return Err(format!("invalid -size type `{last}'")),
        };
        let digits = if last.is_ascii_digit() { &text[..] } else { &text[..text.len() - 1] };
        let size = count(digits, |digits| digits.parse().ok());
        size.map(|size| Test::Size(size, unit)).ok_or_else(|| format!("Invalid argument `{text}' to -size"))
    }

    fn perm(&mut self) -> Result<Test, Wrong> {
        let text = self.value("-perm")?;
        let (kind, wanted): (fn(u32) -> Bits, _) = match text.chars().next() {
            Some('-') => (Bits::All, &text[1..]),
            Some('/') => (Bits::Any, &text[1..]),
            _ => (Bits::Exactly, &text[..]),
        };
        let bits = mode::apply(wanted, 0, false, 0).ok_or_else(|| format!("invalid mode ‘{text}’"))?;
        Ok(match kind(bits) {
            Bits::Any(0) => Test::Constant(true),
            bits => Test::Perm(bits),
        })
    }

    fn owner(&mut self, name: &str) -> Result<Test, Wrong> {
        let text = self.value(name)?;
        match text.parse() {
            Ok(number) => Ok(Test::Owner(Count::Exactly(number))),
            Err(_) if text == "user" => Ok(Test::Owner(Count::Exactly(1000))),
            Err(_) if text == "root" => Ok(Test::Owner(Count::Exactly(0))),
            Err(_) if name == "-user" => Err(format!("‘{text}’ is not the name of a known user")),
            Err(_) => Err(format!("‘{text}’ is not the name of an existing group")),
        }
    }

    async fn newer_file(&mut self, name: &str) -> Result<Test, Wrong> {
        let file = self.value(name)?;
        let found = if self.found.follow { self.call.stat(&file).await } else { self.call.lstat(&file).await };
        let found = found.map_err(|reason| format!("‘{file}’: {reason}"))?;
        Ok(Test::Newer(instant(found.modified)))
    }

    /// `-newerXY`: all the times of a file are that of its content.
    async fn newer(&mut self, name: &str) -> Result<Test, Wrong> {
        match &name.as_bytes()["-newer".len()..] {
            [b'a' | b'c' | b'm' | b'B', b't'] => {
                let text = self.value(name)?;
                let at = dates::parse(&text, clock(), self.call.zone());
                let wrong = || format!("I cannot figure out how to interpret ‘{text}’ as a date or time");
                Ok(Test::Newer(at.ok_or_else(wrong)?))
            }
            [b'a' | b'c' | b'm' | b'B', b'a' | b'c' | b'm' | b'B'] => self.newer_file(name).await,
            _ => Err(format!("invalid predicate `{name}'")),
        }
    }

    fn end_of_today(&self) -> f64 {
        let zone = self.call.zone();
        let today = chrono::Utc::now().with_timezone(&zone).date_naive();
        let end = today.succ_opt().and_then(|day| day.and_hms_opt(0, 0, 0));
        let end = end.and_then(|end| zone.from_local_datetime(&end).earliest());
        end.map_or_else(now, |end| end.timestamp() as f64)
    }

    /// Empties the file that an action writes to; its place among [`super::expression::Expression::files`].
    async fn file(&mut self, name: &str) -> Result<Out, Wrong> {
        let file = self.value(name)?;
        if file == "/dev/stdout" {
            return Ok(None);
        }
        if let Some(at) = self.found.files.iter().position(|known| *known == file) {
            return Ok(Some(at));
        }
        let emptied = self.call.ctx.fs.write_file(&self.call.path(&file), b"").await;
        emptied.map_err(|error| format!("‘{file}’: {}", reason(&error)))?;
        self.found.files.push(file);
        Ok(Some(self.found.files.len() - 1))
    }

    fn format(&mut self, name: &str) -> Result<String, Wrong> {
        let format = self.value(name)?;
        self.found.warnings.extend(super::printf::warnings(&format));
        Ok(format)
    }

    fn exec(&mut self, name: &str) -> Result<Test, Wrong> {
        let rest = &self.args[self.at..];
        let asks = name.starts_with("-ok");
        let ends = |at: &usize| rest[*at] == ";" || (!asks && rest[*at] == "+" && *at > 0 && rest[*at - 1] == "{}");
        let end = (0..rest.len()).find(ends).ok_or_else(|| format!("missing argument to `{name}'"))?;
        if end == 0 {
            return Err(format!("invalid argument `{}' to `{name}'", rest[0]));
        }
        let many = rest[end] == "+";
        let words = rest[..end - usize::from(many)].to_vec();
        if let Some(word) = words.iter().find(|word| many && word.contains("{}")) {
            return Err(if *word == "{}" {
                format!("Only one instance of {{}} is supported with {name} ... +")
            } else {
                format!("In ‘{name} ... {{}} +’ the ‘{{}}’ must appear by itself, but you specified ‘{word}’")
            });
        }
        if words.is_empty() {
            return Err(format!("invalid argument `{{}}' to `{name}'"));
        }
        self.at += end + 1;
        self.found.commands.push(Exec { words, many, inside: name.ends_with("dir"), asks });
        Ok(Test::Exec(self.found.commands.len() - 1))
    }
}

fn count<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Count<T>> {
    match text.chars().next()? {
        '+' => parse(&text[1..]).map(Count::More),
        '-' => parse(&text[1..]).map(Count::Less),
        _ => parse(text).map(Count::Exactly),
    }
}

fn types(text: &str, name: &str) -> Result<Vec<char>, Wrong> {
    let mut letters = Vec::new();
    let mut chars = text.chars();
    if text.is_empty() {
        return Err(format!("Arguments to {name} should contain at least one letter"));
    }
    loop {
        match chars.next() {
            None => {
                return Err(format!(
                    "Last file type in list argument to {name} is missing, i.e., list is ending on: ','"
                ));
            }
            Some(letter) if !"bcdpflsD".contains(letter) => {
                return Err(format!("Unknown argument to {name}: {letter}"));
            }
            Some(letter) if letters.contains(&letter) => {
                return Err(format!("Duplicate file type '{letter}' in the argument list to {name}."));
            }
            Some(letter) => letters.push(letter),
        }
        match chars.next() {
            None => return Ok(letters),
            Some(',') => {}
            Some(_) => return Err(format!("Must separate multiple arguments to {name} using: ','")),
        }
    }
}
