//! What `diff` was asked for.

use super::super::call::{Call, Stop};

/// The form of the output.
#[derive(Clone, Copy, PartialEq)]
pub enum Style {
    Normal,
    Unified(usize),
    Context(usize),
    Side,
    Ed,
    Forward,
    Rcs,
    Brief,
}

/// All of it.
pub struct Settings {
    pub style: Style,
    pub labels: Vec<String>,
    pub recursive: bool,
    pub new_files: (bool, bool),
    pub report_identical: bool,
    pub ignore_case: bool,
    pub ignore_all_space: bool,
    pub ignore_space_change: bool,
    pub ignore_trailing: bool,
    pub ignore_blank_lines: bool,
    pub strip_cr: bool,
    pub ignore_matching: Option<regex::bytes::Regex>,
    pub text: bool,
    pub function: Option<regex::bytes::Regex>,
    pub exclude: Vec<String>,
    pub width: usize,
    pub left_column: bool,
    pub suppress_common: bool,
    pub expand_tabs: bool,
    pub initial_tab: bool,
    pub follow: bool,
    /// The options as given, for the heading of each pair in a tree.
    pub words: String,
}

/// Letters of the options.
pub const SHORT: &str = "abBcC:dDeEfF:hHiI:lL:nNpPqrsS:tTuU:wW:x:X:yZ0123456789|kjgvK:o::m";
/// Their long names.
pub const LONG: &str = "text=a ignore-space-change=b ignore-blank-lines=B context=C minimal=d ed=e forward-ed=f \
                        show-function-line=F speed-large-files=H ignore-case=i ignore-matching-lines=I label=L rcs=n \
                        new-file=N show-c-function=p unidirectional-new-file=P brief=q recursive=r \
                        report-identical-files=s starting-file=S expand-tabs=t initial-tab=T unified=U \
                        ignore-all-space=w width=W exclude=x exclude-from=X side-by-side=y \
                        ignore-trailing-space=Z ignore-tab-expansion=E left-column=k suppress-common-lines=j \
                        strip-trailing-cr=v normal=g horizon-lines=K color=o no-dereference=m paginate=l";

impl Settings {
    /// Reads the options.
    pub async fn of(call: &Call<'_>, options: &super::super::options::Options) -> Result<Self, Stop> {
        let mut settings = Self {
            style: Style::Normal,
            labels: Vec::new(),
            recursive: options.has('r'),
            new_files: (options.has('N') || options.has('P'), options.has('N')),
            report_identical: options.has('s'),
            ignore_case: options.has('i'),
            ignore_all_space: options.has('w'),
            ignore_space_change: options.has('b'),
            ignore_trailing: options.has('Z') || options.has('b'),
            ignore_blank_lines: options.has('B'),
            strip_cr: options.has('v'),
            ignore_matching: None,
            text: options.has('a'),
            function: None,
            exclude: Vec::new(),
            width: 130,
            left_column: options.has('k'),
            suppress_common: options.has('j'),
            expand_tabs: options.has('t'),
            initial_tab: options.has('T'),
            follow: !options.has('m'),
            words: String::new(),
        };
        let mut matching = Vec::new();
        for (letter, value) in &options.given {
            let value = value.as_deref().unwrap_or_default();
            let length = || value.parse::<usize>().map_err(|_| format!("invalid context length '{value}'"));
            match letter {
                'u' => settings.style = Style::Unified(context(settings.style).max(3)),
                'U' => settings.style = Style::Unified(length()?),
                'c' => settings.style = Style::Context(context(settings.style).max(3)),
                'C' => settings.style = Style::Context(length()?),
                'y' => settings.style = Style::Side,
                'e' => settings.style = Style::Ed,
                'f' => settings.style = Style::Forward,
                'n' => settings.style = Style::Rcs,
                'g' => settings.style = Style::Normal,
                'L' => settings.labels.push(value.to_owned()),
                'I' => matching.push(value.to_owned()),
                'p' => settings.function = Some(expression("^[[:alpha:]$_]")?),
                'F' => settings.function = Some(expression(value)?),
                'x' => settings.exclude.push(value.to_owned()),
                'X' => {
                    let text = call.read(value).await?.map_err(|reason| format!("{value}: {reason}"))?;
                    settings.exclude.extend(String::from_utf8_lossy(&text).lines().map(str::to_owned));
                }
                'W' => settings.width = value.parse().map_err(|_| format!("invalid width '{value}'"))?,
                _ => {}
            }
        }
        if settings.function.is_some() && settings.style == Style::Normal {
            settings.style = Style::Context(3);
        }
        if !matching.is_empty() {
            settings.ignore_matching = Some(expression(&matching.join("\\|"))?);
        }
        if options.has('q') {
            settings.style = Style::Brief;
        }
        let words = call.ctx.args.iter().filter(|arg| !options.operands.contains(arg));
        settings.words =
            words.fold("diff".to_owned(), |words, word| words + " " + &super::super::call::quote_if_needed(word));
        Ok(settings)
    }
}

fn context(style: Style) -> usize {
    match style {
        Style::Unified(lines) | Style::Context(lines) => lines,
        _ => 0,
    }
}

/// A basic regular expression.
fn expression(text: &str) -> Result<regex::bytes::Regex, Stop> {
    let translated = super::super::regular::basic(text);
    let built = regex::bytes::RegexBuilder::new(&translated).unicode(false).size_limit(1 << 20).build();
    built.map_err(|_| Stop::Message(format!("{text}: Invalid regular expression")))
}
