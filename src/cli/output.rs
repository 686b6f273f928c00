//! How results look: JSON for programs, text and tables for people, always on stdout. Everything else goes to stderr.

use super::args::{Colour, Global};
use super::error::{CliError, ExitKind};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use owo_colors::OwoColorize;
use serde::Serialize;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Where and how a command reports.
#[derive(Debug, Clone)]
pub struct Output {
    json: bool,
    /// Text although stdout is not a terminal.
    text: bool,
    /// Why standard output could not be written, once it could not.
    broken: Arc<OnceLock<String>>,
    /// Whether the reader of standard output has gone.
    closed: Arc<AtomicBool>,
}

impl Output {
    /// As the global options say. Sets the colour choice of the process.
    pub fn new(global: &Global) -> Self {
        let choice = match global.color {
            Colour::Auto => anstream::ColorChoice::Auto,
            Colour::Always => anstream::ColorChoice::Always,
            Colour::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        Self { text: global.text, ..Self::plain(global.json) }
    }

    /// For commands that scripts of existing clients call: JSON also where stdout is not a terminal, but for `--text`.
    pub fn json_in_pipes(&self) -> Self {
        let json = self.json || (!self.text && !std::io::stdout().is_terminal());
        Self { json, ..self.clone() }
    }

    /// Whether colour is wanted on stderr, by the options, `NO_COLOR`, `TERM` and what stderr is.
    pub fn colours_stderr(&self) -> bool {
        anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
    }

    /// Without options: for what is wrong with them.
    pub fn plain(json: bool) -> Self {
        Self { json, text: false, broken: Arc::default(), closed: Arc::default() }
    }

    /// What became of standard output. A result that nobody got must not pass for a success.
    pub fn written(&self) -> Result<(), CliError> {
        match self.broken.get() {
            None => Ok(()),
            Some(failed) => {
                Err(CliError::new(ExitKind::Failure, format!("standard output cannot be written: {failed}")))
            }
        }
    }

    /// Whether nobody reads standard output any more, e.g. because a pager has ended: also seen without writing.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed) || reader_is_gone()
    }

    /// Whether results are JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// A result: its JSON form, or the text that `text` makes.
    pub fn result(&self, value: &impl Serialize, text: impl FnOnce() -> String) {
        if self.json {
            self.json(value);
        } else {
            self.line(&text());
        }
    }

    /// A result as JSON, indented.
    pub fn json(&self, value: &impl Serialize) {
        self.line(&harmless_json(serde_json::to_string_pretty(value).unwrap_or_default()));
    }

    /// One JSON object on a line of its own, for a program that reads along.
    pub fn line_json(&self, value: &impl Serialize) {
        self.line(&harmless_json(serde_json::to_string(value).unwrap_or_default()));
    }

    /// Raw bytes of a result.
    pub fn bytes(&self, bytes: &[u8]) {
        let mut out = std::io::stdout().lock();
        self.note_failure(out.write_all(bytes).and_then(|()| out.flush()));
    }

    fn line(&self, text: &str) {
        let mut out = anstream::stdout().lock();
        self.note_failure(writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()));
    }

    /// A closed pipe (`| head`) is not an error of ours.
    fn note_failure(&self, written: std::io::Result<()>) {
        match written {
            Ok(()) => {}
            Err(failed) if failed.kind() == ErrorKind::BrokenPipe => self.closed.store(true, Ordering::Relaxed),
            Err(failed) => {
                let _ = self.broken.set(failed.to_string());
            }
        }
    }

    /// A remark for people, on stderr.
    pub fn note(&self, text: impl AsRef<str>) {
        anstream::eprintln!("{}", harmless_lines(text.as_ref()));
    }

    /// A failure with its ways out, on stderr; with `--json` as one object there.
    pub fn error(&self, error: &CliError) {
        if self.json {
            let mut object = serde_json::json!({
                "error": { "exit_code": error.kind().code(), "message": error.to_string(), "hints": error.hints() }
            });
            if let Some(code) = error.code() {
                object["error"]["code"] = code.into();
            }
            anstream::eprintln!("{}", harmless_json(object.to_string()));
            return;
        }
        anstream::eprintln!("{} {}", "error:".red().bold(), harmless_lines(&error.to_string()));
        for hint in error.hints() {
            anstream::eprintln!("{} {}", "  try:".yellow(), harmless_lines(hint));
        }
    }
}

#[cfg(unix)]
fn reader_is_gone() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdout = std::io::stdout();
    let mut looked = [PollFd::new(&stdout, PollFlags::empty())];
    poll(&mut looked, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
        && looked[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}

#[cfg(not(unix))]
fn reader_is_gone() -> bool {
    false // the next line that is written tells
}

/// A table without lines. Cells are never broken, so that an id can be copied from a narrow terminal.
pub fn table(headers: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    lay_out(headers, rows.into_iter().collect(), false)
}

/// A table of checks, each with its mark in front: coloured only where colour is. The last column, a sentence, is wrapped.
pub fn checks(headers: &[&str], rows: impl IntoIterator<Item = (bool, Vec<String>)>) -> String {
    let (marks, rows): (Vec<bool>, Vec<Vec<String>>) = rows.into_iter().unzip();
    let marked = rows.into_iter().zip(&marks).map(|(row, ok)| [vec![mark(*ok).to_owned()], row].concat());
    let text = lay_out(&[&[""], headers].concat(), marked.collect(), true);
    // Coloured after it was laid out: escape sequences have no width.
    let mut marks = marks.into_iter();
    let colour = |line: &str| match line.split_at_checked(2) {
        Some((start @ ("ok" | "!!"), rest)) => match marks.next() {
            Some(true) => format!("{}{rest}", start.green()),
            _ => format!("{}{rest}", start.red().bold()),
        },
        _ => line.to_owned(),
    };
    text.lines().map(colour).collect::<Vec<_>>().join("\n")
}

fn mark(ok: bool) -> &'static str {
    if ok { "ok" } else { "!!" }
}

fn lay_out(headers: &[&str], rows: Vec<Vec<String>>, wrap_last: bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(headers);
    table.add_rows(rows.into_iter().map(|row| row.iter().map(|cell| harmless(cell)).collect::<Vec<_>>()));
    if wrap_last && std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    let last = headers.len().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if index < last {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    let text = table.to_string();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// How wide the terminal is that standard output is; none where it is none.
pub fn terminal_width() -> Option<usize> {
    std::io::stdout().is_terminal().then(|| Table::new().width().map(usize::from)).flatten()
}

/// What others wrote (a script, a label) must not steer the terminal.
pub fn harmless(cell: &str) -> String {
    cell.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// [`harmless`] for a text of several lines.
pub fn harmless_lines(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }).collect()
}

/// The same JSON without the control characters that JSON lets pass.
fn harmless_json(json: String) -> String {
    const PASS: std::ops::RangeInclusive<char> = '\u{7f}'..='\u{9f}';
    if !json.contains(|c| PASS.contains(&c)) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if PASS.contains(&c) { escaped.push_str(&format!("\\u{:04x}", u32::from(c))) } else { escaped.push(c) }
    }
    escaped
}

/// A duration for people: `3s`, `5m`, `2h`, `4d`.
pub fn age(milliseconds: u64) -> String {
    match milliseconds / 1000 {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3600 => format!("{}m", seconds / 60),
        seconds @ 3600..86400 => format!("{}h", seconds / 3600),
        seconds => format!("{}d", seconds / 86400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_their_headers_and_cells_cannot_steer_the_terminal() {
        let row = |name: &str, found: &str| vec![name.to_owned(), found.to_owned()];
        let text = checks(&["CHECK", "FOUND"], [(true, row("disk", "fine")), (false, row("link", "gone"))]);
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(plain, "    CHECK  FOUND\nok  disk   fine\n!!  link   gone");
        let json = harmless_json(serde_json::json!({"a": "ä\u{9b}31m\u{7f}"}).to_string());
        assert_eq!(json, "{\"a\":\"ä\\u009b31m\\u007f\"}");
        let text = table(&["LABEL"], [vec!["a\n\u{1b}[31mred".to_owned()]]);
        assert!(text.lines().count() == 2 && !text.contains('\u{1b}'), "{text:?}");
    }
}
