//! Patches as text: unified, context and normal form.

/// What a line of a hunk does.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    Context,
    Removed,
    Added,
}

/// Lines with their ends, the last perhaps without, and what each does.
pub type Lines = Vec<(Kind, Vec<u8>)>;

/// A run of lines to find and to replace.
#[derive(Clone, Debug, Default)]
pub struct Hunk {
    /// Its first line in the old and in the new file, from 1; 0 for an empty file.
    pub old: usize,
    pub new: usize,
    pub lines: Lines,
}

/// All hunks for one file.
#[derive(Clone, Debug, Default)]
pub struct FilePatch {
    pub old_name: Option<String>,
    pub new_name: Option<String>,
    pub index_name: Option<String>,
    /// The heading says that the file is new, or that it goes.
    pub creates: bool,
    pub removes: bool,
    pub rename: Option<(String, String)>,
    pub mode: Option<u32>,
    pub context_form: bool,
    /// The line of the patch behind its heading, from 1.
    pub line: usize,
    pub hunks: Vec<Hunk>,
}

impl Hunk {
    /// The lines before, or after.
    pub fn side(&self, other: Kind) -> Vec<&[u8]> {
        self.lines.iter().filter(|(kind, _)| *kind != other).map(|(_, line)| line.as_slice()).collect()
    }

    /// What turns the new file into the old one.
    pub fn reversed(&self) -> Self {
        let mut lines: Vec<(Kind, Vec<u8>)> = Vec::new();
        let mut added = Vec::new();
        for (kind, line) in &self.lines {
            match kind {
                Kind::Context => {
                    lines.append(&mut added);
                    lines.push((Kind::Context, line.clone()));
                }
                Kind::Removed => added.push((Kind::Added, line.clone())),
                Kind::Added => lines.push((Kind::Removed, line.clone())),
            }
        }
        lines.append(&mut added);
        Self { old: self.new, new: self.old, lines }
    }
}

/// The patches in `text`; the error says at which line it is malformed.
pub fn parse(text: &[u8]) -> Result<Vec<FilePatch>, String> {
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let mut reader = Reader { lines: &lines, at: 0 };
    let mut patches = Vec::new();
    let mut head = FilePatch::default();
    while reader.at < lines.len() {
        let line = reader.text(0);
        if line.starts_with("diff --git ") {
            finish(&mut head, &mut patches);
        } else if let Some(name) = line.strip_prefix("Index: ") {
            head.index_name = Some(name.trim().to_owned());
        } else if let Some(name) = line.strip_prefix("rename from ") {
            head.rename = Some((name.to_owned(), String::new()));
        } else if let Some(name) = line.strip_prefix("rename to ") {
            if let Some((_, to)) = &mut head.rename {
                name.clone_into(to);
            }
        } else if let Some(mode) = line.strip_prefix("new file mode ").or_else(|| line.strip_prefix("new mode ")) {
            head.mode = u32::from_str_radix(mode.trim(), 8).ok().map(|mode| mode & 0o777);
            head.creates |= line.starts_with("new file");
        } else if line.starts_with("deleted file mode ") {
            head.removes = true;
        } else if line.starts_with("--- ") && reader.text(1).starts_with("+++ ") && reader.text(2).starts_with("@@ -") {
            let mut patch = std::mem::take(&mut head);
            patch.old_name = name(&line[4..], &mut patch.creates);
            patch.new_name = name(&reader.text(1)[4..], &mut patch.removes);
            reader.at += 2;
            patch.line = reader.at + 1;
            while reader.text(0).starts_with("@@ -") {
                patch.hunks.push(reader.unified()?);
            }
            patches.push(patch);
            continue;
        } else if line.starts_with("*** ")
            && reader.text(1).starts_with("--- ")
            && reader.text(2).starts_with("***************")
        {
            let mut patch = std::mem::take(&mut head);
            patch.context_form = true;
            patch.old_name = name(&line[4..], &mut patch.creates);
            patch.new_name = name(&reader.text(1)[4..], &mut patch.removes);
            reader.at += 2;
            patch.line = reader.at + 1;
            while reader.text(0).starts_with("***************") {
                patch.hunks.push(reader.context()?);
            }
            patches.push(patch);
            continue;
        } else if reader.normal_head(&line).is_some() {
            let mut patch = std::mem::take(&mut head);
            while let Some(range) = reader.normal_head(&reader.text(0)) {
                patch.hunks.push(reader.normal(range)?);
            }
            patches.push(patch);
            continue;
        }
        reader.at += 1;
    }
    finish(&mut head, &mut patches);
    Ok(patches)
}

/// A git heading without hunks stands for itself.
fn finish(head: &mut FilePatch, patches: &mut Vec<FilePatch>) {
    let head = std::mem::take(head);
    if head.rename.as_ref().is_some_and(|(_, to)| !to.is_empty()) {
        patches.push(head);
    }
}

/// The name in a heading, without its time; sets `absent` when there is no file on this side.
fn name(text: &str, absent: &mut bool) -> Option<String> {
    let (name, time) = text.split_once('\t').unwrap_or((text, ""));
    let name = name.trim_end();
    *absent |= time.starts_with("1970-01-01 00:00:00");
    if name == "/dev/null" {
        *absent = true;
        return None;
    }
    Some(name.to_owned())
}

struct Reader<'a> {
    lines: &'a [&'a [u8]],
    at: usize,
}

impl Reader<'_> {
    fn text(&self, ahead: usize) -> String {
        let line = self.lines.get(self.at + ahead).copied().unwrap_or_default();
        String::from_utf8_lossy(line).trim_end_matches(['\n', '\r']).to_owned()
    }

    fn raw(&self) -> Option<&[u8]> {
        self.lines.get(self.at).copied()
    }

    fn malformed(&self) -> String {
        format!("**** malformed patch at line {}: {}\n", self.at + 1, self.text(0))
    }

    /// `\ No newline at end of file` after a line takes its end away.
    fn open_end(&mut self, lines: &mut [(Kind, Vec<u8>)]) {
        if self.text(0).starts_with("\\ ") {
            if let Some((_, line)) = lines.last_mut()
                && line.ends_with(b"\n")
            {
                line.pop();
            }
            self.at += 1;
        }
    }

    fn unified(&mut self) -> Result<Hunk, String> {
        let head = self.text(0);
        let ranges = head.strip_prefix("@@ -").and_then(|rest| rest.split_once(" +"));
        let (old, rest) = ranges.ok_or_else(|| self.malformed())?;
        let new = rest.split(" @@").next().unwrap_or_default();
        let span = |text: &str| {
            let (start, count) = text.split_once(',').unwrap_or((text, "1"));
            Some((start.trim().parse::<usize>().ok()?, count.trim().parse::<usize>().ok()?))
        };
        let (Some((old, mut olds)), Some((new, mut news))) = (span(old), span(new)) else {
            return Err(self.malformed());
        };
        self.at += 1;
        let mut hunk = Hunk { old, new, lines: Vec::new() };
        while olds > 0 || news > 0 {
            let Some(line) = self.raw() else { return Err(self.malformed()) };
            let line = if line.ends_with(b"\n") { line.to_vec() } else { [line, b"\n"].concat() };
            let (kind, body) = match line.first() {
                Some(b' ') => (Kind::Context, line[1..].to_vec()),
                Some(b'-') => (Kind::Removed, line[1..].to_vec()),
                Some(b'+') => (Kind::Added, line[1..].to_vec()),
                // A blank line that lost its blank.
                Some(b'\n') => (Kind::Context, line.clone()),
                Some(b'\t') => (Kind::Context, line.clone()),
                _ => return Err(self.malformed()),
            };
            let (from_old, from_new) = (usize::from(kind != Kind::Added), usize::from(kind != Kind::Removed));
            if olds < from_old || news < from_new {
                return Err(self.malformed());
            }
            (olds, news) = (olds - from_old, news - from_new);
            self.at += 1;
            hunk.lines.push((kind, body));
            self.open_end(&mut hunk.lines);
        }
        Ok(hunk)
    }

    fn context(&mut self) -> Result<Hunk, String> {
        self.at += 1;
        let (old, old_lines) = self.half("*** ", " ****", Kind::Removed)?;
        let (new, new_lines) = self.half("--- ", " ----", Kind::Added)?;
        let old_lines = if old_lines.is_empty() {
            new_lines.iter().filter(|(kind, _)| *kind == Kind::Context).cloned().collect()
        } else {
            old_lines
        };
        let new_lines = if new_lines.is_empty() {
            old_lines.iter().filter(|(kind, _)| *kind == Kind::Context).cloned().collect()
        } else {
            new_lines
        };
        let (mut lines, mut j) = (Vec::new(), 0);
        for (kind, line) in old_lines {
            if kind == Kind::Context {
                while j < new_lines.len() && new_lines[j].0 == Kind::Added {
                    lines.push(new_lines[j].clone());
                    j += 1;
                }
                j += 1;
            }
            lines.push((kind, line));
        }
        lines.extend(new_lines.into_iter().skip(j));
        Ok(Hunk { old, new, lines })
    }

    fn half(&mut self, start: &str, end: &str, changed: Kind) -> Result<(usize, Lines), String> {
        let head = self.text(0);
        let range = head.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)).ok_or_else(|| self.malformed())?;
        let first =
            range.split(',').next().and_then(|first| first.trim().parse().ok()).ok_or_else(|| self.malformed())?;
        self.at += 1;
        let mut lines = Vec::new();
        while let Some(line) = self.raw() {
            let kind = match line {
                [b' ', b' ', ..] => Kind::Context,
                [b'!', b' ', ..] => changed,
                [b'-', b' ', ..] if changed == Kind::Removed => Kind::Removed,
                [b'+', b' ', ..] if changed == Kind::Added => Kind::Added,
                _ => break,
            };
            lines.push((kind, line[2..].to_vec()));
            self.at += 1;
            self.open_end(&mut lines);
        }
        Ok((first, lines))
    }

    fn normal_head(&self, line: &str) -> Option<(char, usize, usize, usize)> {
        let at = line.find(['a', 'c', 'd'])?;
        let span = |text: &str| {
            let (start, end) = text.split_once(',').unwrap_or((text, text));
            Some((start.parse::<usize>().ok()?, end.parse::<usize>().ok()?))
        };
        let ((old, old_end), (new, _)) = (span(&line[..at])?, span(&line[at + 1..])?);
        Some((line[at..].chars().next()?, old, old_end, new))
    }

    fn normal(&mut self, (letter, old, old_end, new): (char, usize, usize, usize)) -> Result<Hunk, String> {
        self.at += 1;
        let mut hunk = Hunk { old, new, lines: Vec::new() };
        if old_end < old {
            return Err(self.malformed());
        }
        while let Some([mark @ (b'<' | b'>'), b' ', body @ ..]) = self.raw() {
            let kind = if *mark == b'<' { Kind::Removed } else { Kind::Added };
            hunk.lines.push((kind, body.to_vec()));
            self.at += 1;
            self.open_end(&mut hunk.lines);
            if self.text(0) == "---" && letter == 'c' {
                self.at += 1;
            }
        }
        if hunk.lines.is_empty() { Err(self.malformed()) } else { Ok(hunk) }
    }
}
