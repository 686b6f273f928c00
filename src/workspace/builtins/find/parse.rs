//! The arguments of `find`: starting points, and the operators of the expression.

use super::super::call::Call;
use super::expression::{Expression, Step, Test};
use super::predicate::{self, Context};

/// What is wrong with the arguments, or what of them cannot be had.
pub type Wrong = String;

/// The deepest that parentheses and `!` may be nested.
const MAX_NESTING: usize = 400;

/// The state of reading.
pub struct Parser<'a, 'b> {
    pub call: &'a Call<'b>,
    pub args: &'a [String],
    pub at: usize,
    pub found: Expression,
    pub context: Context,
    nesting: usize,
}

/// Reads all arguments.
pub async fn parse(call: &Call<'_>, args: &[String]) -> Result<Expression, Wrong> {
    let found = Expression { now: predicate::now(), ..Expression::default() };
    let mut parser = Parser { call, args, at: 0, found, context: Context::default(), nesting: 0 };
    parser.leading()?;
    while let Some(arg) = parser.peek().filter(|arg| !begins_expression(arg)) {
        let start = arg.to_owned();
        parser.found.starts.push(start);
        parser.at += 1;
    }
    if parser.found.starts.is_empty() {
        parser.found.starts.push(".".to_owned());
    }
    if parser.peek().is_some() {
        parser.list().await?;
        match parser.peek() {
            Some(")") => return Err("you have too many ')'".to_owned()),
            Some(other) => return Err(format!("paths must precede expression: `{other}'")),
            None => {}
        }
    }
    parser.finish()
}

fn begins_expression(arg: &str) -> bool {
    (arg.len() > 1 && arg.starts_with('-')) || arg == "(" || arg == "!"
}

impl Parser<'_, '_> {
    /// The argument that comes next.
    pub fn peek(&self) -> Option<&str> {
        self.args.get(self.at).map(String::as_str)
    }

    /// Takes the argument of a predicate.
    pub fn value(&mut self, of: &str) -> Result<String, Wrong> {
        let value = self.args.get(self.at).cloned().ok_or_else(|| format!("missing argument to `{of}'"))?;
        self.at += 1;
        Ok(value)
    }

    /// `-H`, `-L`, `-P`, `-O` and `-D` come before everything.
    fn leading(&mut self) -> Result<(), Wrong> {
        while let Some(arg) = self.peek() {
            match arg {
                "-H" => (self.found.follow, self.found.follow_starts) = (false, true),
                "-L" => (self.found.follow, self.found.follow_starts) = (true, true),
                "-P" => (self.found.follow, self.found.follow_starts) = (false, false),
                "-D" if self.at + 1 == self.args.len() => {
                    return Err("Missing argument after the -D option.".to_owned());
                }
                "-D" => self.at += 1,
                "--" => {
                    self.at += 1;
                    return Ok(());
                }
                level if level.starts_with("-O") => {}
                _ => return Ok(()),
            }
            self.at += 1;
        }
        Ok(())
    }

    /// `a , b`: the left side's answer is not asked for.
    async fn list(&mut self) -> Result<(), Wrong> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(format!("expressions are limited to {MAX_NESTING} levels here"));
        }
        self.either().await?;
        while self.peek() == Some(",") {
            self.operator()?;
            self.either().await?;
        }
        self.nesting -= 1;
        Ok(())
    }

    async fn either(&mut self) -> Result<(), Wrong> {
        self.both().await?;
        let mut jumps = Vec::new();
        while matches!(self.peek(), Some("-o" | "-or")) {
            self.operator()?;
            jumps.push(self.found.steps.len());
            self.found.steps.push(Step::Not);
            self.both().await?;
        }
        let end = self.found.steps.len();
        jumps.into_iter().for_each(|jump| self.found.steps[jump] = Step::IfTrue(end));
        Ok(())
    }

    async fn both(&mut self) -> Result<(), Wrong> {
        self.negated().await?;
        let mut jumps = Vec::new();
        while let Some(next) = self.peek() {
            match next {
                "-o" | "-or" | "," | ")" => break,
                "-a" | "-and" => self.operator()?,
                _ => {}
            }
            jumps.push(self.found.steps.len());
            self.found.steps.push(Step::Not);
            self.negated().await?;
        }
        let end = self.found.steps.len();
        jumps.into_iter().for_each(|jump| self.found.steps[jump] = Step::IfFalse(end));
        Ok(())
    }

    /// Takes an operator that something has to follow.
    fn operator(&mut self) -> Result<(), Wrong> {
        let operator = &self.args[self.at];
        self.at += 1;
        match self.peek() {
            Some(next) if next != ")" => Ok(()),
            _ => Err(format!("expected an expression after '{operator}'")),
        }
    }

    async fn negated(&mut self) -> Result<(), Wrong> {
        let mut negated = false;
        while matches!(self.peek(), Some("!" | "-not")) {
            self.operator()?;
            negated = !negated;
        }
        self.primary().await?;
        if negated {
            self.found.steps.push(Step::Not);
        }
        Ok(())
    }

    async fn primary(&mut self) -> Result<(), Wrong> {
        let Some(word) = self.args.get(self.at).cloned() else {
            return Err("invalid expression".to_owned());
        };
        match word.as_str() {
            "(" => {
                self.at += 1;
                if self.peek() == Some(")") {
                    return Err("invalid expression; empty parentheses are not allowed.".to_owned());
                }
                if self.peek().is_some() {
                    Box::pin(self.list()).await?;
                }
                if self.peek() != Some(")") {
                    return Err(
                        "invalid expression; I was expecting to find a ')' somewhere but did not see one.".to_owned()
                    );
                }
                self.at += 1;
                Ok(())
            }
            ")" => Err("you have too many ')'".to_owned()),
            "-o" | "-or" | "-a" | "-and" | "," => {
                Err(format!("invalid expression; you have used a binary operator '{word}' with nothing before it."))
            }
            word if word.len() < 2 || !word.starts_with('-') => {
                let mut text = format!("paths must precede expression: `{word}'");
                let pattern = self.at.checked_sub(2).map(|at| self.args[at].as_str());
                let pattern = pattern.filter(|name| matches!(*name, "-name" | "-iname" | "-path" | "-ipath"));
                if let Some(name) = pattern
                    && self.call.lstat(word).await.is_ok()
                {
                    text.push_str(&format!("\nfind: possible unquoted pattern after predicate `{name}'?"));
                }
                Err(text)
            }
            word => {
                self.at += 1;
                let test = self.predicate(word).await?;
                self.found.steps.push(Step::Test(test));
                Ok(())
            }
        }
    }

    /// Prints what the expression holds for when it does nothing itself.
    fn finish(mut self) -> Result<Expression, Wrong> {
        let deletes = self.found.steps.iter().any(|step| matches!(step, Step::Test(Test::Delete)));
        let prunes = self.found.steps.iter().any(|step| matches!(step, Step::Test(Test::Prune)));
        if deletes && prunes && !self.context.says_depth {
            return Err("The -delete action automatically turns on -depth, but -prune does nothing when -depth is in \
                        effect.  If you want to carry on anyway, just explicitly use the -depth option."
                .to_owned());
        }
        if !self.context.acts {
            let print = Step::Test(Test::Print('\n', None));
            if self.found.steps.is_empty() {
                self.found.steps.push(print);
            } else {
                let end = self.found.steps.len() + 2;
                self.found.steps.extend([Step::IfFalse(end), print]);
            }
        }
        Ok(self.found)
    }
}
