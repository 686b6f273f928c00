//! What one command costs, from its words and the sizes of the files that they name.

use super::cost::{Cost, Precision};
use super::glob;
use super::operands::Operands;
use super::scope::Scope;
use super::word::{Text, substitutes, text};
use crate::workspace::mount::Kind;
use bashkit::parser::{AssignmentValue, SimpleCommand};

/// Commands of the shell itself, and those that touch no file.
const FREE: &[&str] = &[
    ":", "[", "alias", "basename", "break", "builtin", "cd", "command", "continue", "date", "declare", "dirname",
    "echo", "env", "exit", "export", "expr", "false", "fg", "getopts", "hash", "history", "id", "jobs", "kill", "let",
    "local", "popd", "printenv", "printf", "pushd", "pwd", "read", "readonly", "return", "seq", "set", "shift",
    "shopt", "sleep", "test", "times", "tr", "trap", "true", "type", "typeset", "ulimit", "umask", "unalias", "uname",
    "unset", "wait", "whoami", "which", "yes",
];
/// Commands that look at names and attributes only.
const LOOKING: &[&str] = &[
    "chgrp", "chmod", "chown", "df", "du", "find", "ln", "ls", "mkdir", "mktemp", "readlink", "realpath", "rm",
    "rmdir", "stat", "touch", "tree", "unlink",
];
/// Commands that read their files whole: the name, the options that take a value, and the words before the files.
const READING: &[(&str, &str, usize)] = &[
    ("awk", "Fvf", 1),
    ("base64", "w", 0),
    ("cat", "", 0),
    ("cksum", "", 0),
    ("cmp", "", 0),
    ("comm", "", 0),
    ("cut", "dfbc", 0),
    ("diff", "U", 0),
    ("egrep", "efmABCdD", 1),
    ("fgrep", "efmABCdD", 1),
    ("fold", "w", 0),
    ("grep", "efmABCdD", 1),
    ("join", "12tjaoe", 0),
    ("jq", "fL", 1),
    ("md5sum", "", 0),
    ("nl", "bdfhilnsvw", 0),
    ("od", "AjNtw", 0),
    ("paste", "d", 0),
    ("rev", "", 0),
    ("rg", "efmABCgt", 1),
    ("sed", "efl", 1),
    ("sha1sum", "", 0),
    ("sha256sum", "", 0),
    ("sha512sum", "", 0),
    ("sort", "ktoST", 0),
    ("strings", "n", 0),
    ("tac", "s", 0),
    ("uniq", "fsw", 0),
    ("wc", "", 0),
    ("xxd", "cgls", 0),
];

/// The cost of a command without its redirections.
pub(super) fn cost(command: &SimpleCommand, scope: &mut Scope<'_>) -> Cost {
    let assigned = command.assignments.iter().flat_map(|assignment| match &assignment.value {
        AssignmentValue::Scalar(word) => std::slice::from_ref(word),
        AssignmentValue::Array(words) => &words[..],
    });
    let runs = command.args.iter().chain([&command.name]).chain(assigned).any(substitutes);
    if !scope.count() || runs || !scope.spend() {
        return Cost::UNKNOWN;
    }
    let Some(name) = text(&command.name, scope).filter(|name| !name.glob) else { return Cost::UNKNOWN };
    let args: Option<Vec<Text>> = command.args.iter().map(|arg| text(arg, scope)).collect();
    match name.text.as_str() {
        "" => Cost::default(), // assignments only
        "cd" => {
            enter(args, scope);
            Cost::default()
        }
        free if FREE.contains(&free) => Cost::default(),
        looking if LOOKING.contains(&looking) => Cost::LOOK,
        name => args.map_or(Cost::UNKNOWN, |args| of_files(name, args, scope)),
    }
}

/// Where the shell is after a `cd` that succeeds.
fn enter(args: Option<Vec<Text>>, scope: &mut Scope<'_>) {
    let target = match args.as_deref() {
        Some([]) => Some(scope.home().to_owned()),
        Some([only]) if !only.glob && only.text != "-" => scope.path(&only.text),
        _ => None,
    };
    scope.cwd = target;
}

fn of_files(name: &str, args: Vec<Text>, scope: &mut Scope<'_>) -> Cost {
    match name {
        "head" | "tail" => {
            let files = Operands::of(args, "nc").words;
            ranged(read(&files, false, scope))
        }
        "cp" | "mv" => {
            let recursive = name == "mv";
            let sorted = Operands::of(args, "tS");
            copied(name, &sorted, recursive || sorted.has(&["r", "R", "a", "--recursive", "--archive"]), scope)
        }
        name => match READING.iter().find(|(reading, ..)| *reading == name) {
            Some((_, with_value, before)) => reading(name, Operands::of(args, with_value), *before, scope),
            None => Cost::UNKNOWN,
        },
    }
}

fn reading(name: &str, mut sorted: Operands, before: usize, scope: &mut Scope<'_>) -> Cost {
    // A pattern or a program that an option gives is not among the words.
    let given = match name {
        "awk" | "jq" => sorted.has(&["f", "--file", "--from-file"]),
        _ => sorted.has(&["e", "f", "--regexp", "--expression", "--file"]),
    };
    let before = if given { 0 } else { before };
    let mut files = sorted.words.split_off(before.min(sorted.words.len()));
    if name == "uniq" {
        files.truncate(1); // the second one is written
    }
    let recursive = match name {
        "grep" | "egrep" | "fgrep" => sorted.has(&["r", "R", "--recursive", "--dereference-recursive"]),
        "rg" => true,
        _ => false,
    };
    if recursive && files.is_empty() {
        files.push(Text { text: ".".to_owned(), glob: false });
    }
    let cost = read(&files, recursive, scope);
    match name {
        "sed" if sorted.has(&["i", "--in-place"]) => {
            Cost { write: (0, cost.read.1), precision: cost.precision.max(Precision::Range), ..cost }
        }
        "sort" if sorted.has(&["o", "--output"]) => {
            Cost { write: cost.read, precision: cost.precision.max(Precision::Range), ..cost }
        }
        _ => cost,
    }
}

/// Reading these files whole; of directories, when `recursive`, all that is below them.
fn read(files: &[Text], recursive: bool, scope: &mut Scope<'_>) -> Cost {
    let mut sum = Cost::default();
    for file in files.iter().filter(|file| file.text != "-") {
        let paths = match file.glob {
            true => glob::paths(&file.text, scope),
            false => scope.path(&file.text).into_iter().collect(),
        };
        if file.glob || paths.is_empty() {
            sum.precision = Precision::Unknown;
        }
        for path in paths {
            sum = sum.plus(one(&path, recursive, scope));
        }
    }
    sum
}

/// Reading one file, or what is below one directory.
pub(super) fn one(path: &str, recursive: bool, scope: &mut Scope<'_>) -> Cost {
    match scope.stat(path).map(|there| (there.kind, there.size)) {
        Some((Kind::File, size)) => whole(size),
        Some((Kind::Directory, _)) if recursive => below(path, scope),
        _ => Cost::UNKNOWN,
    }
}

fn whole(size: u64) -> Cost {
    Cost { read: (size, size), read_ops: 1, ..Cost::default() }
}

fn below(path: &str, scope: &mut Scope<'_>) -> Cost {
    let mut sum = Cost::default();
    let mut pending = vec![path.trim_end_matches('/').to_owned()];
    while let Some(directory) = pending.pop() {
        let at = if directory.is_empty() { "/" } else { &directory };
        let Some(entries) = scope.list(at) else { return sum.plus(Cost::UNKNOWN) };
        for (name, there) in entries {
            match there.kind {
                Kind::File if scope.spend() => sum = sum.plus(whole(there.size)),
                Kind::File => return sum.plus(Cost::UNKNOWN),
                Kind::Directory => pending.push(format!("{directory}/{name}")),
                Kind::Symlink => {}
            }
        }
    }
    sum
}

/// From nothing to all of it.
fn ranged(cost: Cost) -> Cost {
    if cost.read_ops == 0 && cost.precision == Precision::Exact {
        return cost;
    }
    Cost { read: (0, cost.read.1), precision: cost.precision.max(Precision::Range), ..cost }
}

/// A copy reads and writes at most what there is; a move within a mount only looks.
fn copied(name: &str, sorted: &Operands, recursive: bool, scope: &mut Scope<'_>) -> Cost {
    let Some((target, sources)) = sorted.words.split_last() else { return Cost::UNKNOWN };
    if sources.is_empty() {
        return Cost::UNKNOWN;
    }
    let same = |source: &Text| {
        let paths = (scope.path(&source.text), scope.path(&target.text));
        matches!(paths, (Some(from), Some(to)) if scope.same_mount(&from, &to))
    };
    if name == "mv" && sources.iter().all(same) {
        return Cost::LOOK;
    }
    let read = ranged(read(sources, recursive, scope));
    Cost { write: read.read, ..read }
}
