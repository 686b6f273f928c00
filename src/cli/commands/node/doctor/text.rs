//! The report for people: a mark, a name, a sentence, and the way out below it.

use super::check::{Check, Report};
use crate::cli::output::{harmless, terminal_width};
use owo_colors::OwoColorize;

/// The narrowest that sentences are wrapped to.
const NARROWEST: usize = 40;

pub fn text(report: &Report) -> String {
    let width = terminal_width().unwrap_or(usize::MAX);
    let column = report.checks.iter().map(|check| check.name.chars().count()).max().unwrap_or_default();
    let mut lines: Vec<String> = report.checks.iter().flat_map(|check| one(check, column, width)).collect();
    let of = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        count => Some(format!("{count} {what}s")),
    };
    let (errors, warnings) = report.counts();
    let found: Vec<String> = [of(errors, "error"), of(warnings, "warning")].into_iter().flatten().collect();
    lines.push(String::new());
    lines.push(if found.is_empty() { "nothing is wrong".to_owned() } else { found.join(", ") });
    if let Some(file) = &report.bundle {
        lines.push(format!("written to {}", file.display()));
    }
    lines.join("\n")
}

fn one(check: &Check, column: usize, width: usize) -> Vec<String> {
    let mark = match check {
        Check { note: true, .. } => "--".dimmed().to_string(),
        Check { ok: true, .. } => "ok".green().to_string(),
        Check { warning: true, .. } => " !".yellow().bold().to_string(),
        _ => "!!".red().bold().to_string(),
    };
    let indent = column + 5;
    let room = width.saturating_sub(indent).max(NARROWEST);
    let mut lines = Vec::new();
    for (index, part) in wrap(&harmless(&check.message), room).into_iter().enumerate() {
        lines.push(match index {
            0 => format!("{mark} {:column$}  {part}", check.name),
            _ => format!("{:indent$}{part}", ""),
        });
    }
    let below = |head: &str, text: &str, colour: &dyn Fn(&str) -> String| {
        let parts = wrap(&harmless(text), room.saturating_sub(head.len() + 1));
        let line = |(index, part): (usize, String)| match index {
            0 => format!("{:indent$}{} {part}", "", colour(head)),
            _ => format!("{:1$}{part}", "", indent + head.len() + 1),
        };
        parts.into_iter().enumerate().map(line).collect::<Vec<_>>()
    };
    for done in &check.fixed {
        lines.extend(below("done:", done, &|head| head.green().to_string()));
    }
    if let Some(fix) = check.fix.as_ref().filter(|fix| **fix != check.message) {
        lines.extend(below("try:", fix, &|head| head.yellow().to_string()));
    }
    lines
}

/// Breaks a sentence between words; a word that is too long, e.g. a path, stays whole so that it can be copied.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().map_or(0, |line| line.chars().count());
        if line > 0 && line + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else if let Some(last) = lines.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_wrapped_between_words_and_cannot_steer_the_terminal() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a /very/long/path b", 4), ["a", "/very/long/path", "b"]);
        let check = Check::bad("tls", format!("issued\u{1b}[31m by {}", "x ".repeat(40)), "look at it");
        let lines = one(&check, 4, 60);
        let plain: Vec<_> = lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect();
        assert!(plain.iter().all(|line| line.chars().count() <= 60), "{plain:#?}");
        assert!(plain[0].starts_with("!! tls   issued") && plain.last().unwrap().ends_with("try: look at it"));
        assert!(!plain[0].contains('\u{1b}'));
    }
}
