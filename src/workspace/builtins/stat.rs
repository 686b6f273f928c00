//! `stat`.

use super::call::{Call, Outcome, Stop, Utility, room, size};
use super::date::instant;
use super::quote::quote;
use super::{dates, mode};
use async_trait::async_trait;
use bashkit::{FileType, Metadata};

/// The command.
pub struct Stat;

const LONG: &str = "dereference=L file-system=f cached=C format=c printf=P terse=t";
const DEFAULT: &str = "  File: %.0N\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: %Hd,%Ld\tInode: %-11i Links: \
                       %h\nAccess: (%04a/%A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n \
                       Birth: %w\n";
const TERSE: &str = "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o\n";

#[async_trait]
impl Utility for Stat {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("Lfc:t|C:P:", LONG).await?;
        if options.operands.is_empty() {
            return Err(Stop::Usage("missing operand".to_owned()));
        }
        let (format, escapes) = match options.last_of("cPt") {
            Some('c') => (options.value('c').unwrap_or_default().to_owned() + "\n", false),
            Some('P') => (options.value('P').unwrap_or_default().to_owned(), true),
            Some(_) => (TERSE.to_owned(), false),
            None => (DEFAULT.to_owned(), false),
        };
        for operand in &options.operands {
            if options.has('f') {
                filesystem(call, operand, &format, options.has('c')).await?;
                continue;
            }
            let found = if options.has('L') { call.stat(operand).await } else { call.lstat(operand).await };
            match found {
                Ok(found) => {
                    let text = describe(call, &format, operand, &found, escapes).await;
                    call.print(text.as_bytes()).await?;
                }
                Err(reason) => call.complain(format!("cannot statx {}: {reason}", quote(operand))).await?,
            }
        }
        Ok(0)
    }
}

async fn filesystem(call: &mut Call<'_>, name: &str, format: &str, chosen: bool) -> Result<(), Stop> {
    if let Err(reason) = call.stat(name).await {
        let text = format!("cannot read file system information for {}: {reason}", quote(name));
        return Ok(call.complain(text).await?);
    }
    let (limits, usage) = (call.ctx.fs.limits(), call.ctx.fs.usage());
    let total = limits.max_total_bytes / 4096;
    let free = total.saturating_sub(usage.total_bytes / 4096);
    let text = if chosen {
        let fields = [("%n", name.to_owned()), ("%T", "tmpfs".to_owned()), ("%t", "1021994".to_owned())];
        let numbers = [("%s", 4096), ("%S", 4096), ("%b", total), ("%f", free), ("%a", free), ("%l", 255)];
        let numbers = numbers.map(|(field, value)| (field, value.to_string()));
        fields.into_iter().chain(numbers).fold(format.to_owned(), |text, (field, value)| text.replace(field, &value))
    } else {
        format!(
            "  File: \"{name}\"\n    ID: 0        Namelen: 255     Type: tmpfs\nBlock size: 4096       Fundamental block size: 4096\nBlocks: Total: {total:<10} Free: {free:<10} Available: {free}\nInodes: Total: 1000000    Free: 1000000\n"
        )
    };
    Ok(call.print(text.as_bytes()).await?)
}

/// Fills in a format.
async fn describe(call: &Call<'_>, format: &str, name: &str, found: &Metadata, escapes: bool) -> String {
    let chars: Vec<char> = format.chars().collect();
    let (mut out, mut at) = (String::new(), 0);
    while let Some(&c) = chars.get(at) {
        at += 1;
        if c == '\\' && escapes {
            at += super::escape::push(&chars[at..], &mut out);
            continue;
        }
        if c != '%' {
            out.push(c);
            continue;
        }
        let flags: String = chars[at..].iter().take_while(|c| "-0+ #'".contains(**c)).collect();
        at += flags.len();
        let width: String = chars[at..].iter().take_while(|c| c.is_ascii_digit()).collect();
        at += width.len();
        let mut precision = None;
        if chars.get(at) == Some(&'.') {
            let digits: String = chars[at + 1..].iter().take_while(|c| c.is_ascii_digit()).collect();
            at += 1 + digits.len();
            precision = Some(digits.parse::<usize>().unwrap_or(9).min(9));
        }
        let mut letter = chars.get(at).copied().unwrap_or('%');
        at += 1;
        let mut major = None;
        if matches!(letter, 'H' | 'L') && matches!(chars.get(at), Some('d' | 'r')) {
            major = Some(letter == 'H');
            letter = 'd';
            at += 1;
        }
        let body = match (letter, major) {
            ('d', Some(true)) => "0".to_owned(),
            ('d', Some(false)) => "64".to_owned(),
            _ => field(call, letter, name, found, precision).await,
        };
        let missing = width.parse::<usize>().unwrap_or(0).min(4096).saturating_sub(body.chars().count());
        let (left, zero) = (flags.contains('-'), flags.contains('0') && !"nNFAyxzw".contains(letter));
        if left {
            out.push_str(&body);
            out.extend(std::iter::repeat_n(' ', missing));
        } else {
            out.extend(std::iter::repeat_n(if zero { '0' } else { ' ' }, missing));
            out.push_str(&body);
        }
    }
    out
}

async fn field(call: &Call<'_>, letter: char, name: &str, found: &Metadata, precision: Option<usize>) -> String {
    let kind_bits = match found.file_type {
        FileType::Directory => 0o040_000,
        FileType::Symlink => 0o120_000,
        FileType::Fifo => 0o010_000,
        FileType::File => 0o100_000,
    };
    let at = instant(found.modified);
    let is_dir = found.file_type.is_dir();
    match letter {
        '%' => "%".to_owned(),
        'n' => name.to_owned(),
        'N' => match call.ctx.fs.read_link(&call.path(name)).await {
            Ok(target) if found.file_type == FileType::Symlink => {
                let target = target.to_string_lossy();
                match precision {
                    Some(_) => format!("{name} -> {target}"),
                    None => format!("{} -> {}", quote(name), quote(&target)),
                }
            }
            _ if precision.is_some() => name.to_owned(),
            _ => quote(name),
        },
        's' => size(found).to_string(),
        'b' => (room(found) / 512).to_string(),
        'B' => "512".to_owned(),
        'o' => "4096".to_owned(),
        'a' => format!("{:o}", found.mode & 0o7777),
        'A' => mode::words(found.file_type, found.mode),
        'f' => format!("{:x}", kind_bits | (found.mode & 0o7777)),
        'F' => match found.file_type {
            FileType::Directory => "directory",
            FileType::Symlink => "symbolic link",
            FileType::Fifo => "fifo",
            FileType::File if found.size == 0 => "regular empty file",
            FileType::File => "regular file",
        }
        .to_owned(),
        'u' | 'g' => "1000".to_owned(),
        'U' | 'G' => "user".to_owned(),
        'd' => "64".to_owned(),
        'D' => "40".to_owned(),
        'i' => inode(&call.path(name)).to_string(),
        'h' if is_dir => {
            let below = call.list(name).await.unwrap_or_default();
            (2 + below.iter().filter(|(_, found)| found.file_type.is_dir()).count()).to_string()
        }
        'h' => "1".to_owned(),
        't' | 'T' | 'r' | 'R' => "0".to_owned(),
        'm' => "/".to_owned(),
        'w' | 'W' if precision.is_none() => if letter == 'w' { "-" } else { "0" }.to_owned(),
        'x' | 'y' | 'z' => dates::format("%Y-%m-%d %H:%M:%S.%N %z", at, call.zone()),
        'X' | 'Y' | 'Z' | 'W' => match precision {
            None => at.0.to_string(),
            Some(0) => at.0.to_string(),
            Some(digits) => format!("{}.{}", at.0, &format!("{:09}", at.1)[..digits]),
        },
        'C' => "?".to_owned(),
        _ => "?".to_owned(),
    }
}

/// A number that stands for a path, as the mounts keep none.
pub fn inode(path: &std::path::Path) -> u64 {
    let hash = path
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    hash >> 32 | 1
}
