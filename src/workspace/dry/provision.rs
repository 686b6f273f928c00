//! A script's cost, part by part.

use super::cost::{Cost, Estimate};
use super::leaf;
use super::scope::Scope;
use super::word::{runs, substitutes, text};
use bashkit::parser::{
    Command, CommandList, CompoundCommand, ForCommand, IfCommand, ListOperator, Redirect, RedirectKind, Script,
    SimpleCommand,
};
use std::fmt::Write;

/// The cost of a whole script; a bare leaf when it says nothing.
pub(super) fn script(script: &Script, scope: &mut Scope<'_>) -> Estimate {
    if script.commands.is_empty() {
        return Estimate::default();
    }
    sequence(&script.commands, scope)
}

fn sequence(commands: &[Command], scope: &mut Scope<'_>) -> Estimate {
    Estimate::all(";", each(commands, scope))
}

fn each(commands: &[Command], scope: &mut Scope<'_>) -> Vec<Estimate> {
    let mut estimates = Vec::with_capacity(commands.len());
    for command in commands {
        match command {
            // `a; b` within a list is the same as on two lines.
            Command::List(list) => estimates.extend(parts(list, scope)),
            command => estimates.push(estimate(command, scope)),
        }
    }
    estimates
}

fn estimate(command: &Command, scope: &mut Scope<'_>) -> Estimate {
    match command {
        Command::Simple(simple) => {
            let cost = leaf::cost(simple, scope);
            redirected(Estimate::leaf(shown(simple), cost), &simple.redirects, scope)
        }
        Command::Pipeline(pipeline) => match &pipeline.commands[..] {
            [only] => estimate(only, scope),
            several => {
                Estimate::pipeline(several.iter().map(|one| apart(scope, |scope| estimate(one, scope))).collect())
            }
        },
        Command::List(list) => {
            let mut parts = parts(list, scope);
            if parts.len() == 1 { parts.remove(0) } else { Estimate::all(";", parts) }
        }
        Command::Compound(compound, redirects) => {
            let inner = self::compound(compound, scope);
            redirected(inner, redirects, scope)
        }
        Command::Function(function) => Estimate::leaf(format!("{}()", function.name), Cost::default()),
    }
}

/// A list's parts between `;`, each of them a chain of `&&` and `||` from the left.
fn parts(list: &CommandList, scope: &mut Scope<'_>) -> Vec<Estimate> {
    let mut parts = Vec::new();
    let mut current = estimate(&list.first, scope);
    for (operator, command) in &list.rest {
        let next = estimate(command, scope);
        let op = match operator {
            ListOperator::And => "&&",
            ListOperator::Or => "||",
            ListOperator::Semicolon | ListOperator::Background => {
                if !is_nothing(command) {
                    parts.push(std::mem::replace(&mut current, next));
                }
                continue;
            }
        };
        let mut children = if current.op == Some(op) { current.children } else { vec![current] };
        children.push(next);
        current = if op == "&&" { Estimate::all(op, children) } else { Estimate::either(children) };
    }
    parts.push(current);
    parts
}

/// What the parser puts after a `&` that ends a line.
fn is_nothing(command: &Command) -> bool {
    match command {
        Command::Simple(simple) => {
            simple.name.to_string().is_empty() && simple.assignments.is_empty() && simple.redirects.is_empty()
        }
        _ => false,
    }
}

fn compound(compound: &CompoundCommand, scope: &mut Scope<'_>) -> Estimate {
    match compound {
        CompoundCommand::If(branches) => conditional(branches, scope),
        CompoundCommand::For(each) => loop_over(each, scope),
        CompoundCommand::While(again) => repeated("while", &[&again.condition, &again.body], scope),
        CompoundCommand::Until(again) => repeated("until", &[&again.condition, &again.body], scope),
        CompoundCommand::ArithmeticFor(again) => repeated("for", &[&again.body], scope),
        CompoundCommand::Select(again) => repeated("select", &[&again.body], scope),
        CompoundCommand::Case(case) => Estimate::either(
            case.cases.iter().map(|item| apart(scope, |scope| sequence(&item.commands, scope))).collect(),
        ),
        CompoundCommand::Subshell(commands) => apart(scope, |scope| sequence(commands, scope)),
        CompoundCommand::BraceGroup(commands) => sequence(commands, scope),
        CompoundCommand::Time(timed) => match &timed.command {
            Some(command) => estimate(command, scope),
            None => Estimate::leaf("time".to_owned(), Cost::default()),
        },
        CompoundCommand::Coproc(coproc) => apart(scope, |scope| estimate(&coproc.body, scope)).repeated("coproc"),
        CompoundCommand::Arithmetic(text) => {
            Estimate::leaf(format!("(({text}))"), if runs(text) { Cost::UNKNOWN } else { Cost::default() })
        }
        CompoundCommand::Conditional(words) => {
            let text = words.iter().fold(String::from("[["), |text, word| format!("{text} {word}"));
            let cost = if words.iter().any(substitutes) { Cost::UNKNOWN } else { Cost::default() };
            Estimate::leaf(format!("{text} ]]"), cost)
        }
    }
}

/// One of the branches, each with its condition.
fn conditional(branches: &IfCommand, scope: &mut Scope<'_>) -> Estimate {
    let mut estimates = Vec::new();
    let first = [(&branches.condition, &branches.then_branch)];
    let others = branches.elif_branches.iter().map(|(condition, body)| (condition, body));
    for (condition, body) in first.into_iter().chain(others) {
        estimates.push(apart(scope, |scope| {
            let mut parts = each(condition, scope);
            parts.extend(each(body, scope));
            Estimate::all(";", parts)
        }));
    }
    if let Some(body) = &branches.else_branch {
        estimates.push(apart(scope, |scope| sequence(body, scope)));
    }
    Estimate::either(estimates)
}

/// The body for each item, when the items are known; else once, and unknown.
fn loop_over(each: &ForCommand, scope: &mut Scope<'_>) -> Estimate {
    let known = |word| text(word, scope).filter(|item| !item.glob).map(|item| item.text);
    let items: Option<Vec<String>> = each.words.as_ref().and_then(|words| words.iter().map(known).collect());
    let Some(items) = items else { return repeated("for", &[&each.body], scope) };
    let before = scope.variables.get(&each.variable).cloned();
    let mut bodies = Vec::new();
    for item in items {
        if scope.is_over() || !scope.spend() {
            return Estimate::all(";", bodies).repeated("for");
        }
        scope.variables.insert(each.variable.clone(), item);
        bodies.push(sequence(&each.body, scope));
    }
    match before {
        Some(value) => scope.variables.insert(each.variable.clone(), value),
        None => scope.variables.remove(&each.variable),
    };
    Estimate { command: Some("for".to_owned()), ..Estimate::all(";", bodies) }
}

fn repeated(word: &str, bodies: &[&Vec<Command>], scope: &mut Scope<'_>) -> Estimate {
    let parts = apart(scope, |scope| bodies.iter().flat_map(|body| each(body, scope)).collect());
    Estimate::all(";", parts).repeated(word)
}

/// Where the shell is afterwards does not matter, or nobody knows.
fn apart<T>(scope: &mut Scope<'_>, estimate: impl FnOnce(&mut Scope<'_>) -> T) -> T {
    let cwd = scope.cwd.clone();
    let result = estimate(scope);
    scope.cwd = cwd;
    result
}

/// A command and the files that it is redirected to.
fn redirected(command: Estimate, redirects: &[Redirect], scope: &mut Scope<'_>) -> Estimate {
    let mut parts = vec![command];
    for redirect in redirects {
        if let Some(part) = target(redirect, scope) {
            parts.push(part);
        }
    }
    if parts.len() == 1 { parts.remove(0) } else { Estimate::all(";", parts) }
}

fn target(redirect: &Redirect, scope: &mut Scope<'_>) -> Option<Estimate> {
    use RedirectKind as Kind;
    let sign = match redirect.kind {
        Kind::Input => "<",
        Kind::Output | Kind::Clobber => ">",
        Kind::Append => ">>",
        Kind::OutputBoth => "&>",
        Kind::ReadWrite => "<>",
        Kind::HereDoc | Kind::HereDocStrip | Kind::HereString => {
            let runs = substitutes(&redirect.target);
            return runs.then(|| Estimate::leaf("<<".to_owned(), Cost::UNKNOWN));
        }
        Kind::DupOutput | Kind::DupInput => return None,
    };
    let path = text(&redirect.target, scope).filter(|word| !word.glob).and_then(|word| scope.path(&word.text));
    let cost = match (path, redirect.kind) {
        (Some(path), _) if path == "/dev/null" => Cost::default(),
        (Some(path), Kind::Input) => leaf::one(&path, false, scope),
        // How much is written shows only when it is.
        _ => Cost::UNKNOWN,
    };
    Some(Estimate::leaf(format!("{sign} {}", redirect.target), cost))
}

/// A command as its words.
pub(super) fn shown(command: &SimpleCommand) -> String {
    let mut text = command.name.to_string();
    for arg in &command.args {
        let _ = write!(text, " {arg}"); // writing to a text does not fail
    }
    if text.is_empty() {
        for assignment in &command.assignments {
            let separator = if text.is_empty() { "" } else { " " };
            let _ = write!(text, "{separator}{}=", assignment.name);
        }
    }
    text
}
