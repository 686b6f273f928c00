//! `expr` of GNU coreutils: arithmetic, comparisons, and the string operations.

use async_trait::async_trait;
use bashkit::{Command, CommandContext, CommandStatus, Result};
use std::cmp::Ordering;

/// Parentheses in parentheses.
const MAX_DEPTH: usize = 200;
/// What binds, from the loosest on.
const LEVELS: &[&[&str]] =
    &[&["|"], &["&"], &["<", "<=", "=", "==", "!=", ">=", ">"], &["+", "-"], &["*", "/", "%"], &[":"]];

/// The command.
pub struct Expr;

#[async_trait]
impl Command for Expr {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let args = ctx.args.strip_prefix(&["--".to_owned()]).unwrap_or(ctx.args);
        let mut parser = Parser { args, at: 0, depth: 0 };
        let value = match args.is_empty() {
            true => Err("missing operand".to_owned()),
            false => parser.level(0),
        };
        let value = value.and_then(|value| match parser.args.get(parser.at) {
            Some(rest) => Err(format!("syntax error: unexpected argument '{rest}'")),
            None => Ok(value),
        });
        match value {
            Ok(value) => {
                ctx.stdout.write_all(format!("{value}\n").as_bytes()).await?;
                Ok(CommandStatus::with_code(i32::from(is_null(&value))))
            }
            Err(message) => {
                ctx.stderr.write_all(format!("expr: {message}\n").as_bytes()).await?;
                Ok(CommandStatus::with_code(2))
            }
        }
    }
}

struct Parser<'a> {
    args: &'a [String],
    at: usize,
    depth: usize,
}

type Value = std::result::Result<String, String>;

impl<'a> Parser<'a> {
    fn next(&mut self) -> std::result::Result<&'a str, String> {
        let last = self.at.checked_sub(1).and_then(|at| self.args.get(at));
        let missing = || format!("syntax error: missing argument after '{}'", last.map_or("", String::as_str));
        let arg = self.args.get(self.at).ok_or_else(missing)?;
        self.at += 1;
        Ok(arg)
    }

    fn level(&mut self, level: usize) -> Value {
        let Some(operators) = LEVELS.get(level) else { return self.primary() };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.args.get(self.at).filter(|arg| operators.contains(&arg.as_str())).cloned() {
            self.at += 1;
            let right = self.level(level + 1)?;
            left = apply(&operator, left, right)?;
        }
        Ok(left)
    }

    fn primary(&mut self) -> Value {
        match self.next()? {
            "(" => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err("parentheses are nested too deeply".to_owned());
                }
                let value = self.level(0)?;
                self.depth -= 1;
                match self.next() {
                    Ok(")") => Ok(value),
                    Ok(other) => Err(format!("syntax error: expecting ')' instead of '{other}'")),
                    Err(_) => Err(format!("syntax error: expecting ')' after '{value}'")),
                }
            }
            "+" => self.next().map(str::to_owned),
            "length" if self.at < self.args.len() => Ok(self.primary()?.chars().count().to_string()),
            "index" if self.at < self.args.len() => {
                let (text, set) = (self.primary()?, self.primary()?);
                Ok(text.chars().position(|c| set.contains(c)).map_or(0, |at| at + 1).to_string())
            }
            "match" if self.at < self.args.len() => {
                let (text, pattern) = (self.primary()?, self.primary()?);
                matched(&text, &pattern)
            }
            "substr" if self.at < self.args.len() => {
                let (text, from, length) = (self.primary()?, self.primary()?, self.primary()?);
                let number = |text: &str| text.parse::<usize>().unwrap_or(0);
                let (from, length) = (number(&from), number(&length));
                Ok(if from == 0 { String::new() } else { text.chars().skip(from - 1).take(length).collect() })
            }
            word => Ok(word.to_owned()),
        }
    }
}

fn is_null(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    value.is_empty() || (!digits.is_empty() && digits.bytes().all(|byte| byte == b'0'))
}

fn apply(operator: &str, left: String, right: String) -> Value {
    let integer = |text: &str| text.parse::<i128>().map_err(|_| "non-integer argument".to_owned());
    let truth = |holds: bool| Ok(i32::from(holds).to_string());
    let order = || match (left.parse::<i128>(), right.parse::<i128>()) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        _ => left.cmp(&right),
    };
    match operator {
        "|" if !is_null(&left) => Ok(left),
        "|" => Ok(if is_null(&right) { "0".to_owned() } else { right }),
        "&" => Ok(if is_null(&left) || is_null(&right) { "0".to_owned() } else { left }),
        "<" => truth(order() == Ordering::Less),
        "<=" => truth(order() != Ordering::Greater),
        "=" | "==" => truth(order() == Ordering::Equal),
        "!=" => truth(order() != Ordering::Equal),
        ">=" => truth(order() != Ordering::Less),
        ">" => truth(order() == Ordering::Greater),
        ":" => matched(&left, &right),
        _ => {
            let (left, right) = (integer(&left)?, integer(&right)?);
            let value = match operator {
                "+" => left.checked_add(right),
                "-" => left.checked_sub(right),
                "*" => left.checked_mul(right),
                _ if right == 0 => return Err("division by zero".to_owned()),
                "/" => left.checked_div(right),
                _ => left.checked_rem(right),
            };
            value.map(|value| value.to_string()).ok_or("a number is too large here".to_owned())
        }
    }
}

/// `TEXT : PATTERN`: a basic regular expression that matches from the start. What its first group matched, or how long
/// the match is.
fn matched(text: &str, pattern: &str) -> Value {
    let regex = regex::Regex::new(&format!("^(?:{})", extended(pattern))).map_err(|_| "invalid pattern".to_owned())?;
    let has_group = regex.captures_len() > 1;
    let Some(found) = regex.captures(text) else { return Ok(if has_group { String::new() } else { "0".to_owned() }) };
    match has_group {
        true => Ok(found.get(1).map_or(String::new(), |group| group.as_str().to_owned())),
        false => Ok(found[0].chars().count().to_string()),
    }
}

/// A basic regular expression in the syntax of `regex`.
fn extended(pattern: &str) -> String {
    let mut out = String::new();
    let mut chars = pattern.strip_prefix('^').unwrap_or(pattern).chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c @ ('(' | ')' | '{' | '}' | '|' | '+' | '?')) => out.push(c),
                Some(c) if c.is_alphanumeric() => out.extend(['\\', c]),
                Some(c) => out.push_str(&regex::escape(&c.to_string())),
                None => out.push_str("\\\\"),
            },
            '(' | ')' | '{' | '}' | '|' | '+' | '?' => out.extend(['\\', c]),
            '[' => {
                out.push('[');
                out.extend(chars.next_if_eq(&'^'));
                if chars.next_if_eq(&']').is_some() {
                    out.push_str("\\]");
                }
                let mut last = '[';
                for c in chars.by_ref() {
                    match c {
                        '\\' => out.push_str("\\\\"),
                        '[' => out.push('['),
                        c => out.push(c),
                    }
                    // `[:alpha:]` within it has a bracket of its own.
                    if c == ']' && last != ':' {
                        break;
                    }
                    last = c;
                }
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expr(args: &str) -> Value {
        let args: Vec<String> = args.split(' ').map(str::to_owned).collect();
        let mut parser = Parser { args: &args, at: 0, depth: 0 };
        parser.level(0)
    }

    #[test]
    fn results_are_those_of_coreutils() {
        for (args, wanted) in [
            ("2 + 3 * 4", "14"),
            ("( 2 + 3 ) * 4", "20"),
            ("7 / 2", "3"),
            ("-7 % 3", "-1"),
            ("5 > 10", "0"),
            ("abc < abd", "1"),
            ("length hello", "5"),
            ("index hello lo", "3"),
            ("substr hello 2 3", "ell"),
            (r"hello : h\(.*\)o", "ell"),
            (r"a.tar.gz : .*\.", "6"),
            ("abc : [a-c]*", "3"),
            ("x1 : [[:alpha:]][[:digit:]]", "2"),
            ("0 | 5", "5"),
            ("1 & 0", "0"),
        ] {
            assert_eq!(expr(args).as_deref(), Ok(wanted), "{args}");
        }
        assert!(expr("1 / 0").is_err() && expr("a + 1").is_err() && expr("1 +").is_err() && expr("( 1").is_err());
    }
}
