//! Input on descriptors from 3 on for a whole loop or group, `done 3< file`, and copies, `} 3>&1`: the engine has them
//! only of `exec`.

use super::scan::Scan;

/// The compound commands that are open where the scan is, each with where its rewritten text begins.
#[derive(Default)]
pub(super) struct Compounds {
    open: Vec<(&'static str, usize)>,
}

impl Compounds {
    /// A command that starts with `word` begins at `at`.
    pub fn open(&mut self, word: &str, at: usize) {
        let end = match word {
            "while" | "until" | "for" | "select" => "done",
            "if" => "fi",
            "case" => "esac",
            "{" => "}",
            _ => return,
        };
        self.open.push((end, at));
    }

    /// `word`, which was taken, may end one; what redirects its input is made an `exec` before it.
    pub fn close(&mut self, word: &str, scan: &mut Scan<'_>, out: &mut String) -> Option<()> {
        if !matches!(word, "done" | "fi" | "esac" | "}") {
            return Some(());
        }
        let Some((_, start)) = self.open.pop().filter(|(end, _)| *end == word) else {
            // Not followed: better nothing than something wrong.
            self.open.clear();
            return Some(());
        };
        let mut ahead = scan.from(scan.at);
        let (mut inputs, mut others) = (String::new(), String::new());
        loop {
            let blanks = ahead.rest().bytes().take_while(|byte| b" \t".contains(byte)).count();
            let (before, at) = (ahead.at, ahead.at + blanks);
            ahead.take(blanks);
            let digits = ahead.rest().bytes().take_while(u8::is_ascii_digit).count();
            let descriptor: u32 = ahead.take(digits).parse().unwrap_or(0);
            let operator = ahead.rest().bytes().take_while(|byte| b"<>&|".contains(byte)).count();
            let operator = ahead.take(operator).to_owned();
            if !matches!(&*operator, "<" | ">" | ">>" | ">|" | "&>" | "&>>" | ">&" | "<&" | "<>") {
                ahead.at = before;
                break;
            }
            let gap = ahead.rest().bytes().take_while(|byte| b" \t".contains(byte)).count();
            ahead.take(gap);
            let word = ahead.word()?;
            if word.is_empty() {
                ahead.at = before;
                break;
            }
            // A copy of a descriptor, unless that was redirected before.
            let is_copy = operator == ">&" && word.bytes().all(|byte| byte.is_ascii_digit()) && !others.contains('>');
            if descriptor >= 3 && (operator == "<" || is_copy) {
                inputs.push_str(&format!(" {descriptor}{operator}{}{word}", " ".repeat(gap)));
                others.push(' ');
            } else {
                others.push_str(&ahead.text[before..at]);
                others.push_str(&ahead.text[at..ahead.at]);
            }
        }
        if inputs.is_empty() {
            return Some(());
        }
        scan.at = ahead.at;
        scan.changed = true;
        out.push_str(&others);
        out.insert_str(start, &format!("if exec{inputs}; then "));
        out.push_str("; else false; fi");
        // The text before it has moved.
        let moved = format!("if exec{inputs}; then ").len();
        self.open.iter_mut().filter(|(_, at)| *at > start).for_each(|(_, at)| *at += moved);
        Some(())
    }
}
