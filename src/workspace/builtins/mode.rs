//! Permission bits as words: `u+x,go=r`, `755`, `-rw-r--r--`.

use bashkit::FileType;

/// The bits that `text` makes of `old`. `umask` holds what a missing `ugoa` leaves alone.
pub fn apply(text: &str, old: u32, is_dir: bool, umask: u32) -> Option<u32> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let at = clause.find(['+', '-', '='])?;
        let (who, mut rest) = clause.split_at(at);
        if who.contains(|c| !"ugoa".contains(c)) {
            return None;
        }
        let all = who.is_empty() || who.contains('a');
        let mask = [('u', 0o4700), ('g', 0o2070), ('o', 0o1007)]
            .iter()
            .filter(|(letter, _)| all || who.contains(*letter))
            .fold(0, |mask, (_, bits)| mask | bits);
        while let Some(operator) = rest.chars().next() {
            if !"+-=".contains(operator) {
                return None;
            }
            let end = rest[1..].find(['+', '-', '=']).map_or(rest.len(), |end| end + 1);
            let mut bits = wanted(&rest[1..end], mode, is_dir)? & mask;
            if who.is_empty() {
                bits &= !umask;
            }
            match operator {
                '+' => mode |= bits,
                '-' => mode &= !bits,
                _ => {
                    // A directory keeps its set-id bits unless they are named.
                    let kept = if is_dir { 0o6000 } else { 0 };
                    mode = (mode & !(mask & !kept)) | bits;
                }
            }
            rest = &rest[end..];
        }
    }
    Some(mode)
}

fn wanted(letters: &str, mode: u32, is_dir: bool) -> Option<u32> {
    let mut bits = 0;
    for letter in letters.chars() {
        bits |= match letter {
            'r' => 0o444,
            'w' => 0o222,
            'x' => 0o111,
            'X' if is_dir || mode & 0o111 != 0 => 0o111,
            'X' => 0,
            's' => 0o6000,
            't' => 0o1000,
            'u' => (mode >> 6 & 7) * 0o111,
            'g' => (mode >> 3 & 7) * 0o111,
            'o' => (mode & 7) * 0o111,
            _ => return None,
        };
    }
    Some(bits)
}

/// `-rw-r--r--`.
pub fn words(kind: FileType, mode: u32) -> String {
    let mut words = String::with_capacity(10);
    words.push(match kind {
        FileType::Directory => 'd',
        FileType::Symlink => 'l',
        FileType::Fifo => 'p',
        FileType::File => '-',
    });
    for (shift, special, letters) in [(6, 0o4000, ('s', 'S')), (3, 0o2000, ('s', 'S')), (0, 0o1000, ('t', 'T'))] {
        let bits = mode >> shift;
        words.push(if bits & 4 == 0 { '-' } else { 'r' });
        words.push(if bits & 2 == 0 { '-' } else { 'w' });
        words.push(match (bits & 1 != 0, mode & special != 0) {
            (true, true) => letters.0,
            (false, true) => letters.1,
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    words
}
