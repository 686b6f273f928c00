//! `${...}`: the engine reads operands as text. In the operand of `:-` and its like it finds neither elements of arrays nor
//! backticks, and strips the quotes inside substitutions; in patterns and replacements it finds no nested braces and no
//! substitutions. Such a part, or the whole, becomes a substitution of its own, in which everything is ordinary code.

use super::encode;
use super::scan::Scan;

/// A `${...}` rewritten.
pub(super) struct Parameter {
    pub text: String,
    /// Whether the engine does not find it in an operand.
    is_hidden: bool,
}

/// What follows `${NAME`.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Nothing.
    Plain,
    /// `:-`, `=`, `+` and their like: the operand is a word.
    Default,
    /// `#`, `%`, `^` and `,`: the operand is a pattern.
    Pattern,
    /// `/`.
    Replace,
    /// `:OFFSET` and `@`: the engine reads them well, but not as a part of another.
    Other,
}

/// An operand in three forms.
#[derive(Default)]
struct Operand {
    /// As it was, its parts rewritten.
    text: String,
    /// The same without the double quotes around its parts.
    bare: String,
    /// As the value of an assignment.
    code: String,
    /// Whether it has something that the engine does not find where it is.
    nests: bool,
    /// Whether it has a substitution.
    runs: bool,
}

impl Operand {
    fn push(&mut self, part: &str) {
        self.text.push_str(part);
        self.bare.push_str(part);
        self.code.push_str(part);
    }
}

impl<'a> Scan<'a> {
    /// Reads from `${` to its `}`.
    pub fn parameter(&mut self, quoted: bool) -> Option<Parameter> {
        self.descend()?;
        let parameter = self.parameter_here(quoted);
        self.ascend();
        parameter
    }

    fn parameter_here(&mut self, quoted: bool) -> Option<Parameter> {
        let start = self.at;
        self.at += 2;
        if self.rest().starts_with("EPOCHSECONDS}") {
            self.take("EPOCHSECONDS}".len());
            self.changed = true;
            return Some(Parameter { text: "$(date +%s)".to_owned(), is_hidden: false });
        }
        if self.byte(0) == b'!' && b":-+=?".contains(&self.byte(1)) {
            return self.background_pid();
        }
        if matches!(self.byte(0), b'!' | b'#') && !b"}:#%/-=+".contains(&self.byte(1)) {
            self.at += 1;
        }
        let name = self.rest().bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        self.take(name.max(1));
        let mut head = self.text[start..self.at].to_owned();
        let mut is_list = name == 0 && head.ends_with(['@', '*']);
        let mut is_hidden = false;
        if self.byte(0) == b'[' {
            let is_key = self.associative.contains(&head[head.len() - name..]);
            let subscript = self.subscript(quoted, is_key)?;
            is_list = matches!(&*subscript, "[@]" | "[*]");
            is_hidden = subscript != "[@]";
            head.push_str(&subscript);
        }
        let (kind, length) = match (self.byte(0), self.byte(1)) {
            (b'}', _) => (Kind::Plain, 0),
            (b':', b'-' | b'=' | b'?' | b'+') => (Kind::Default, 2),
            (b'-' | b'=' | b'?' | b'+', _) => (Kind::Default, 1),
            (b'/', b'/' | b'#' | b'%') => (Kind::Replace, 2),
            (b'/', _) => (Kind::Replace, 1),
            (a @ (b'#' | b'%' | b'^' | b','), b) => (Kind::Pattern, if a == b { 2 } else { 1 }),
            (b'@' | b':' | b'~', _) => (Kind::Other, 1),
            _ => return None,
        };
        let operator = self.take(length).to_owned();
        let mut operand = self.operand(kind, quoted, kind == Kind::Replace)?;
        let replacement = match self.byte(0) {
            b'/' if kind == Kind::Replace => {
                self.at += 1;
                Some(self.operand(kind, quoted, false)?)
            }
            _ => None,
        };
        self.at += 1;
        if operator == "//" && operand.text.starts_with(['%', '#']) {
            // Read as `/%` and `/#`.
            operand.text = format!("[{}]{}", &operand.text[..1], &operand.text[1..]);
            self.changed = true;
        }
        let nests = operand.nests || replacement.as_ref().is_some_and(|replacement| replacement.nests);
        if nests && matches!(kind, Kind::Pattern | Kind::Replace) && !is_list {
            self.changed = true;
            let text = encode::substitution(&whole(&head, &operator, &operand, replacement.as_ref()));
            return Some(Parameter { text, is_hidden: false });
        }
        let mut text = head + &operator;
        if kind == Kind::Default && quoted && (operand.nests || operand.runs) && operand.bare != operand.text {
            // Without a meaning in double quotes, but the engine takes them for the end of the string.
            self.changed = true;
            text.push_str(&operand.bare);
        } else {
            text.push_str(&operand.text);
        }
        if let Some(replacement) = replacement {
            text.push('/');
            text.push_str(&replacement.text);
        }
        text.push('}');
        is_hidden |= kind == Kind::Other || (kind == Kind::Default && (operand.nests || operand.runs));
        Some(Parameter { text, is_hidden })
    }

    /// `${!:+word}` is about `$!`, which the engine takes for an indirection without a name.
    fn background_pid(&mut self) -> Option<Parameter> {
        self.at += 1;
        let after = self.at;
        self.operand(Kind::Default, true, false)?;
        let code = format!("v_=$!; printf %s \"${{v_{}}}\"", &self.text[after..self.at]);
        self.at += 1;
        self.changed = true;
        Some(Parameter { text: encode::substitution(&code), is_hidden: false })
    }

    /// `[...]`. In double quotes the engine does not take the quotes of a subscript away, and of a key it finds only the
    /// expansions that do not stand at its start.
    fn subscript(&mut self, quoted: bool, is_key: bool) -> Option<String> {
        let mut out = self.take(1).to_owned();
        let mut depth = 0_usize;
        let content = self.rest().split(']').next().unwrap_or_default();
        let name = content.trim_start_matches(['$', '"', '{']).trim_end_matches(['"', '}']);
        let is_variable = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let has_prefix = is_key && content.starts_with(['$', '"']) && !is_variable;
        if has_prefix {
            self.changed = true;
            out.push_str("''");
        }
        loop {
            match self.byte(0) {
                0 => return None,
                b']' if depth == 0 => {
                    out.push_str(self.take(1));
                    return Some(out);
                }
                b'"' => {
                    self.at += 1;
                    let inside = self.double_quoted()?;
                    self.at += 1;
                    let plain = quoted
                        && !has_prefix
                        && !inside.is_empty()
                        && !inside.contains(['[', ']', '\\', '`', '(', ' ']);
                    self.changed |= plain;
                    out.push_str(&if plain { inside } else { format!("\"{inside}\"") });
                }
                byte => {
                    depth += usize::from(byte == b'[');
                    depth -= usize::from(byte == b']');
                    match byte {
                        b'$' if self.byte(1) == b'{' => out.push_str(&self.parameter(quoted)?.text),
                        b'$' if self.byte(1) == b'(' && self.byte(2) != b'(' => out.push_str(&self.substitution()?),
                        b'\'' => out.push_str(self.single_quoted(1, false)?),
                        b'\\' => out.push_str(self.take(2)),
                        _ => out.push_str(self.take(1)),
                    }
                }
            }
        }
    }

    /// An operand up to the `}`, or up to a `/` when `to_slash`; neither is taken.
    fn operand(&mut self, kind: Kind, quoted: bool, to_slash: bool) -> Option<Operand> {
        let mut operand = Operand::default();
        // Inside `"` within the operand.
        let mut inner = false;
        let mut first = true;
        loop {
            match self.byte(0) {
                0 => return None,
                b'}' if !inner => return Some(operand),
                b'/' if to_slash && !inner && !first => return Some(operand),
                b'"' => {
                    inner = !inner;
                    self.at += 1;
                    operand.text.push('"');
                    operand.code.push('"');
                }
                b'\'' if !inner && (!quoted || kind != Kind::Default) => {
                    let part = self.single_quoted(1, false)?;
                    operand.push(part);
                }
                b'\\' => {
                    let is_replacement = kind == Kind::Replace && !to_slash;
                    // In double quotes the engine makes nothing of an escaped backslash in a replacement.
                    operand.nests |= quoted && is_replacement && self.byte(1) == b'\\';
                    if !inner && !is_replacement {
                        // It has to be there still when the value is used as a pattern.
                        operand.code.push_str("\\\\");
                    }
                    let part = self.take(2);
                    operand.push(part);
                }
                b'`' => {
                    let code = self.backticks()?;
                    let code = code[1..code.len() - 1].replace("\\`", "`").replace("\\$", "$").replace("\\\\", "\\");
                    self.hide(kind, &mut operand, &code);
                }
                b'$' if self.byte(1) == b'(' && self.byte(2) != b'(' => self.substitution_in(kind, &mut operand)?,
                b'$' if self.byte(1) == b'{' => {
                    let nested = self.parameter(quoted || inner)?;
                    if kind == Kind::Default && nested.is_hidden {
                        self.changed = true;
                        operand.nests = true;
                        operand.push(&encode::substitution(&format!("printf %s \"{}\"", nested.text)));
                        continue;
                    }
                    // A plain variable is found in a pattern; a brace is not found in a replacement.
                    let is_lost = nested.is_hidden || kind == Kind::Replace || nested.text.starts_with("$(");
                    operand.nests |= is_lost && kind != Kind::Default;
                    operand.runs |= nested.text.starts_with("$(");
                    operand.push(&nested.text);
                }
                byte => {
                    if !inner && b" \t\n;&|()<>#~".contains(&byte) {
                        operand.code.push('\\');
                    }
                    let part = self.take(1);
                    operand.push(part);
                }
            }
            first = false;
        }
    }

    /// `$( )` in an operand.
    fn substitution_in(&mut self, kind: Kind, operand: &mut Operand) -> Option<()> {
        let (start, changed) = (self.at, self.changed);
        let new = self.substitution()?;
        let code = &self.text[start + 2..self.at - 1];
        if matches!(kind, Kind::Default | Kind::Other) && !code.contains(['"', '`']) && !code.contains("${") {
            operand.runs = true;
            operand.push(&new);
            return Some(());
        }
        // The code is rewritten when it is evaluated.
        self.changed = changed;
        self.hide(kind, operand, code);
        Some(())
    }

    /// Adds a substitution that the engine would not run as it is.
    fn hide(&mut self, kind: Kind, operand: &mut Operand, code: &str) {
        operand.nests = true;
        operand.runs = true;
        match kind {
            Kind::Default | Kind::Other => {
                self.changed = true;
                operand.push(&encode::substitution(code));
            }
            _ => operand.push(&format!("$({code})")),
        }
    }
}

/// The expansion as a script of its own, its operands in variables.
fn whole(head: &str, operator: &str, operand: &Operand, replacement: Option<&Operand>) -> String {
    // What is quoted as a whole is no pattern.
    let is_quoted = |text: &str| text.starts_with('"') && text.ends_with('"') && text.matches('"').count() == 2;
    let variable = |name: &str, text: &str| if is_quoted(text) { format!("\"${name}\"") } else { format!("${name}") };
    let mut code = format!("p_={}; ", operand.code);
    let mut expansion = format!("{head}{operator}{}", variable("p_", &operand.text));
    if let Some(replacement) = replacement {
        code.push_str(&format!("r_={}; ", replacement.code));
        expansion.push('/');
        expansion.push_str(&variable("r_", &replacement.text));
    }
    format!("{code}printf %s \"{expansion}}}\"")
}
