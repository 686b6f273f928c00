//! `tools.grep`: lines by regular expression, printed as `grep -rn` does.

use super::say;
use crate::jobs::failure;
use crate::jobs::operations::arguments::Call;
use crate::jobs::outcome::Outcome;
use crate::jobs::stop::Stop;
use crate::wire::v1::Failure;
use crate::wire::v1::tools::GrepToolParams;
use crate::workspace::{FileMatches, Search};
use regex::bytes::{Regex, RegexBuilder};
use std::fmt::Write;

/// Lines around a match.
const MOST_CONTEXT: u64 = 1000;
/// Memory of one compiled expression, bytes.
const MOST_REGEX: usize = 10 << 20;

pub(super) async fn run(mut call: Call, stop: &Stop) -> Result<Outcome, Failure> {
    let params: GrepToolParams = call.arguments()?;
    if params.max_count == Some(0) {
        return Err(call.invalid("'max_count': 0 is less than the minimum of 1"));
    }
    let (pattern, fixed, ignore_case) = (params.pattern, params.fixed_strings, params.ignore_case);
    // A long expression takes its time.
    let regex = tokio::task::spawn_blocking(move || regex(&pattern, fixed, ignore_case)).await;
    let regex = match regex.map_err(|panic| failure::task(&panic))? {
        Ok(regex) => regex,
        Err(wrong) => return say::error(&format!("invalid regular expression: {wrong}")),
    };
    let names_only = params.files_with_matches;
    let search = Search {
        path: params.path,
        regex,
        include: params.include,
        context: usize::try_from(params.context.min(MOST_CONTEXT)).unwrap_or_default(),
        max_count: if names_only { Some(1) } else { params.max_count },
        lines: !names_only && !params.count,
        all_files: params.count && !names_only,
    };
    let context = search.context > 0;
    let told = stop.clone();
    let found = call.files()?.search(search, move || told.check().is_err()).await;
    stop.check()?;
    let (files, complete) = match found {
        Ok(found) => found,
        Err(error) => return say::failed(error),
    };
    let mut text = match (names_only, params.count) {
        (true, _) => files.iter().map(|file| format!("{}\n", file.path)).collect(),
        (false, true) => files.iter().map(|file| format!("{}:{}\n", file.path, file.count)).collect(),
        (false, false) => lines(&files, context),
    };
    if !complete {
        text.push_str("[cut: more matches than one answer holds; search a smaller part, or with files_with_matches]\n");
    }
    say::text(text)
}

fn regex(pattern: &str, fixed: bool, ignore_case: bool) -> Result<Regex, String> {
    let mut builder = if fixed { RegexBuilder::new(&regex::escape(pattern)) } else { RegexBuilder::new(pattern) };
    builder.case_insensitive(ignore_case).size_limit(MOST_REGEX).dfa_size_limit(MOST_REGEX);
    builder.build().map_err(|wrong| wrong.to_string())
}

/// `path:number:line` for a match, `path-number-line` around one, `--` between what does not stand together.
fn lines(files: &[FileMatches], context: bool) -> String {
    let mut text = String::new();
    for file in files {
        let path = &file.path;
        if file.binary && file.count > 0 {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "Binary file {path} matches");
        }
        let mut next = None;
        for line in &file.lines {
            if context && !text.is_empty() && next != Some(line.number) {
                text.push_str("--\n");
            }
            let sign = if line.matches { ':' } else { '-' };
            let _ = writeln!(text, "{path}{sign}{}{sign}{}", line.number, line.text);
            next = Some(line.number + 1);
        }
    }
    text
}
