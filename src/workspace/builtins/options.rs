//! Options as `getopt_long` reads them: anywhere among the operands, long names cut short as far as they stay unique.

use std::fmt::Write as _;

/// What a wrong call is told.
pub struct Usage(pub String);

/// Options with their values in the order given, and operands.
#[derive(Debug, Default)]
pub struct Options {
    /// The letter of each option with its value; operands in their places with the letter 0.
    pub given: Vec<(char, Option<String>)>,
    /// What is no option.
    pub operands: Vec<String>,
    help: Option<String>,
    version: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Value {
    None,
    Required,
    Optional,
}

impl Options {
    /// Reads `args`. `short` is as in C (`ab:c::`; `+` first: the first operand ends the options); letters after a `|`
    /// are only reached by a long name. `long` lists `name=letter`, separated by blanks.
    pub fn parse(args: &[String], short: &str, long: &str) -> Result<Self, Usage> {
        let mut options = Self::default();
        let (in_order, short) = short.strip_prefix('+').map_or((false, short), |rest| (true, rest));
        let letters = short.split('|').next().unwrap_or_default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if arg == "--" {
                for operand in args.by_ref() {
                    options.given.push(('\0', Some(operand.clone())));
                    options.operands.push(operand.clone());
                }
            } else if let Some(name) = arg.strip_prefix("--") {
                let (name, value) = name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
                match (name, value) {
                    ("help", None) => options.help = Some(help(short, long)),
                    ("version", None) => options.version = true,
                    _ => {
                        let (name, letter) = long_name(long, name)?;
                        let value = match (takes(short, letter), value) {
                            (Value::None, Some(_)) => {
                                return Err(Usage(format!("option '--{name}' doesn't allow an argument")));
                            }
                            (Value::Required, None) => Some(
                                args.next()
                                    .cloned()
                                    .ok_or_else(|| Usage(format!("option '--{name}' requires an argument")))?,
                            ),
                            (_, value) => value.map(str::to_owned),
                        };
                        options.given.push((letter, value));
                    }
                }
            } else if arg.len() > 1 && arg.starts_with('-') {
                options.cluster(&arg[1..], letters, &mut args)?;
            } else if in_order {
                options.operands.push(arg.clone());
                options.operands.extend(args.by_ref().cloned());
            } else {
                options.given.push(('\0', Some(arg.clone())));
                options.operands.push(arg.clone());
            }
        }
        Ok(options)
    }

    fn cluster<'a>(
        &mut self,
        cluster: &str,
        letters: &str,
        args: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), Usage> {
        for (at, letter) in cluster.char_indices() {
            if letter == ':' || !letters.contains(letter) {
                return Err(Usage(format!("invalid option -- '{letter}'")));
            }
            let rest = &cluster[at + letter.len_utf8()..];
            match takes(letters, letter) {
                Value::None => self.given.push((letter, None)),
                Value::Optional => {
                    self.given.push((letter, (!rest.is_empty()).then(|| rest.to_owned())));
                    return Ok(());
                }
                Value::Required => {
                    let value = if rest.is_empty() { args.next().cloned() } else { Some(rest.to_owned()) };
                    let value = value.ok_or_else(|| Usage(format!("option requires an argument -- '{letter}'")))?;
                    self.given.push((letter, Some(value)));
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Whether an option was given.
    pub fn has(&self, letter: char) -> bool {
        self.given.iter().any(|(given, _)| *given == letter)
    }

    /// The last value of an option.
    pub fn value(&self, letter: char) -> Option<&str> {
        self.given.iter().rev().find(|(given, _)| *given == letter).and_then(|(_, value)| value.as_deref())
    }

    /// All values of an option.
    pub fn values(&self, letter: char) -> impl Iterator<Item = &str> {
        self.given.iter().filter(move |(given, _)| *given == letter).filter_map(|(_, value)| value.as_deref())
    }

    /// Which of these options was given last.
    pub fn last_of(&self, letters: &str) -> Option<char> {
        self.given.iter().rev().map(|(given, _)| *given).find(|given| letters.contains(*given))
    }

    /// What `--help` or `--version` prints, when asked for.
    pub fn answer(&self, name: &str) -> Option<String> {
        match &self.help {
            Some(help) => Some(format!("Usage: {name} [OPTION]... [OPERAND]...\n{help}")),
            None => self.version.then(|| format!("{name} (waypost) {}\n", env!("CARGO_PKG_VERSION"))),
        }
    }
}

fn takes(short: &str, letter: char) -> Value {
    let rest = short.find(letter).map_or("", |at| &short[at + letter.len_utf8()..]);
    match rest.as_bytes() {
        [b':', b':', ..] => Value::Optional,
        [b':', ..] => Value::Required,
        _ => Value::None,
    }
}

fn long_name<'a>(long: &'a str, given: &str) -> Result<(&'a str, char), Usage> {
    let names = || long.split(' ').filter_map(|pair| pair.split_once('='));
    let letter = |text: &str| text.chars().next().unwrap_or_default();
    if let Some((name, key)) = names().find(|(name, _)| *name == given) {
        return Ok((name, letter(key)));
    }
    let fitting: Vec<_> = names().filter(|(name, _)| name.starts_with(given)).collect();
    match &fitting[..] {
        [] => Err(Usage(format!("unrecognized option '--{given}'"))),
        [(name, key)] => Ok((name, letter(key))),
        [(name, key), rest @ ..] if rest.iter().all(|(_, other)| other == key) => Ok((name, letter(key))),
        _ => {
            let mut text = format!("option '--{given}' is ambiguous; possibilities:");
            for (name, _) in fitting {
                let _ = write!(text, " '--{name}'");
            }
            Err(Usage(text))
        }
    }
}

fn help(short: &str, long: &str) -> String {
    let mut text = String::from("Options:\n");
    let value = |letter| match takes(short, letter) {
        Value::None => "",
        Value::Required => " VALUE",
        Value::Optional => "[VALUE]",
    };
    for letter in short.split('|').next().unwrap_or_default().chars().filter(|letter| *letter != ':') {
        let _ = writeln!(text, "  -{letter}{}", value(letter));
    }
    for (name, key) in long.split(' ').filter_map(|pair| pair.split_once('=')) {
        let _ = writeln!(text, "  --{name}{}", key.chars().next().map_or("", value));
    }
    text
}
