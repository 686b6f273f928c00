//! A script's commands as a tree. There are no rules about single commands here, so each is one that would be allowed.

use super::provision::shown;
use super::scope::Scope;
use super::word::text;
use bashkit::parser::{Command, CompoundCommand, Redirect, SimpleCommand, Word};

/// A node of the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explained {
    /// `line`, `command`, `pipeline`, `list`, `if`, `for`, `while`, … or `redirect`.
    pub kind: &'static str,
    /// Its text.
    pub text: String,
    /// Of a command: its words, the name first.
    pub words: Vec<ExplainedWord>,
    /// What it is made of.
    pub children: Vec<Explained>,
}

/// A word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedWord {
    /// As written, quotes left out.
    pub text: String,
    /// `name`, `operand` or `option`.
    pub kind: &'static str,
    /// The absolute path that an operand names, when it looks like one.
    pub path: Option<String>,
}

/// The commands of a script.
pub(super) fn nodes(commands: &[Command], scope: &mut Scope<'_>) -> Vec<Explained> {
    commands.iter().map(|command| node(command, scope)).collect()
}

fn node(command: &Command, scope: &mut Scope<'_>) -> Explained {
    match command {
        Command::Simple(simple) => self::simple(simple, scope),
        Command::Pipeline(pipeline) => group("pipeline", " | ", nodes(&pipeline.commands, scope)),
        Command::List(list) => {
            let mut children = vec![node(&list.first, scope)];
            children.extend(list.rest.iter().map(|(_, command)| node(command, scope)));
            children.retain(|child| !child.text.is_empty());
            group("list", "; ", children)
        }
        Command::Compound(compound, redirects) => {
            let mut tree = self::compound(compound, scope);
            tree.children.extend(redirects.iter().map(|target| redirect(target, scope)));
            tree
        }
        Command::Function(function) => {
            let mut tree = group("function", "; ", vec![node(&function.body, scope)]);
            tree.text = format!("{}()", function.name);
            tree
        }
    }
}

fn simple(command: &SimpleCommand, scope: &mut Scope<'_>) -> Explained {
    if !scope.count() {
        return Explained::default(); // the whole is refused
    }
    let mut words = vec![ExplainedWord { text: command.name.to_string(), kind: "name", path: None }];
    let mut options = true;
    for arg in &command.args {
        let word = self::word(arg, options, scope);
        options &= word.text != "--";
        words.push(word);
    }
    let children = command.redirects.iter().map(|target| redirect(target, scope)).collect();
    Explained { kind: "command", text: shown(command), words, children }
}

fn word(arg: &Word, options: bool, scope: &mut Scope<'_>) -> ExplainedWord {
    let shown = arg.to_string();
    if options && shown.len() > 1 && shown.starts_with('-') {
        return ExplainedWord { text: shown, kind: "option", path: None };
    }
    let path = path(arg, scope).filter(|path| shown.contains('/') || scope.stat(path).is_some());
    ExplainedWord { text: shown, kind: "operand", path }
}

fn path(word: &Word, scope: &Scope<'_>) -> Option<String> {
    text(word, scope).filter(|word| !word.glob).and_then(|word| scope.path(&word.text))
}

fn redirect(redirect: &Redirect, scope: &mut Scope<'_>) -> Explained {
    let path = path(&redirect.target, scope);
    let text = redirect.target.to_string();
    let words = vec![ExplainedWord { text: text.clone(), kind: "operand", path }];
    Explained { kind: "redirect", text, words, children: Vec::new() }
}

fn compound(compound: &CompoundCommand, scope: &mut Scope<'_>) -> Explained {
    let mut inner = |bodies: &[&[Command]]| bodies.iter().flat_map(|body| nodes(body, scope)).collect::<Vec<_>>();
    let (kind, children) = match compound {
        CompoundCommand::If(branches) => {
            let mut bodies: Vec<&[Command]> = vec![&branches.condition, &branches.then_branch];
            bodies.extend(branches.elif_branches.iter().flat_map(|(condition, body)| [&condition[..], &body[..]]));
            bodies.extend(branches.else_branch.as_deref());
            ("if", inner(&bodies))
        }
        CompoundCommand::For(each) => ("for", inner(&[&each.body])),
        CompoundCommand::ArithmeticFor(each) => ("for", inner(&[&each.body])),
        CompoundCommand::Select(each) => ("select", inner(&[&each.body])),
        CompoundCommand::While(again) => ("while", inner(&[&again.condition, &again.body])),
        CompoundCommand::Until(again) => ("until", inner(&[&again.condition, &again.body])),
        CompoundCommand::Case(case) => {
            let bodies: Vec<&[Command]> = case.cases.iter().map(|item| &item.commands[..]).collect();
            ("case", inner(&bodies))
        }
        CompoundCommand::Subshell(commands) => ("subshell", inner(&[commands])),
        CompoundCommand::BraceGroup(commands) => ("group", inner(&[commands])),
        CompoundCommand::Time(timed) => ("time", timed.command.iter().map(|command| node(command, scope)).collect()),
        CompoundCommand::Coproc(coproc) => ("coproc", vec![node(&coproc.body, scope)]),
        CompoundCommand::Arithmetic(text) => {
            return Explained { kind: "arithmetic", text: text.clone(), ..Explained::default() };
        }
        CompoundCommand::Conditional(words) => {
            let words: Vec<_> = words.iter().map(ToString::to_string).collect();
            return Explained { kind: "conditional", text: words.join(" "), ..Explained::default() };
        }
    };
    group(kind, "; ", children)
}

fn group(kind: &'static str, separator: &str, children: Vec<Explained>) -> Explained {
    let texts: Vec<&str> = children.iter().map(|child| child.text.as_str()).collect();
    Explained { kind, text: texts.join(separator), words: Vec::new(), children }
}
