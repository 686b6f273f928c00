//! `md5sum`, `sha1sum`, `sha224sum`, `sha256sum`, `sha384sum`, `sha512sum` and `b2sum`.

use super::call::{Call, Outcome, Stop, Utility, quote_if_needed};
use super::options::Options;
use async_trait::async_trait;
use blake2::Blake2b512;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// All of them, by the name they are called with.
pub struct Checksum;

/// Their names, those of their digests, and how many hexadecimal digits those have.
pub const NAMES: [(&str, &str, usize); 7] = [
    ("md5sum", "MD5", 32),
    ("sha1sum", "SHA1", 40),
    ("sha224sum", "SHA224", 56),
    ("sha256sum", "SHA256", 64),
    ("sha384sum", "SHA384", 96),
    ("sha512sum", "SHA512", 128),
    ("b2sum", "BLAKE2b", 128),
];

const LONG: &str = "binary=b check=c tag=T text=t zero=z ignore-missing=I quiet=q status=S strict=X warn=w";

fn digest(name: &str, content: &[u8]) -> String {
    match name {
        "md5sum" => hex::encode(Md5::digest(content)),
        "sha1sum" => hex::encode(Sha1::digest(content)),
        "sha224sum" => hex::encode(Sha224::digest(content)),
        "sha256sum" => hex::encode(Sha256::digest(content)),
        "sha384sum" => hex::encode(Sha384::digest(content)),
        "sha512sum" => hex::encode(Sha512::digest(content)),
        _ => hex::encode(Blake2b512::digest(content)),
    }
}

#[async_trait]
impl Utility for Checksum {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let mut options = call.options("bctwz|TIqSX", LONG).await?;
        if options.operands.is_empty() {
            options.operands.push("-".to_owned());
        }
        let name = call.ctx.name;
        let (_, kind, length) = NAMES.into_iter().find(|(own, ..)| *own == name).unwrap_or(NAMES[0]);
        if options.has('c') {
            if options.has('T') {
                return Err(Stop::Usage("the --tag option is meaningless when verifying checksums".to_owned()));
            }
            for file in options.operands.clone() {
                check(call, &options, &file, kind, length).await?;
            }
            return Ok(0);
        }
        for (letter, long) in [('I', "ignore-missing"), ('q', "quiet"), ('S', "status"), ('X', "strict"), ('w', "warn")]
        {
            if options.has(letter) {
                return Err(Stop::Usage(format!("the --{long} option is meaningful only when verifying checksums")));
            }
        }
        let binary = options.last_of("bt") == Some('b');
        for file in options.operands.clone() {
            let Some(content) = call.read_or_complain(&file).await? else { continue };
            let sum = digest(name, &content);
            let (mut shown, mut mark) = (file.clone(), "");
            if !options.has('z') && file.contains(['\\', '\n', '\r']) {
                shown = file.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
                mark = "\\";
            }
            let end = if options.has('z') { '\0' } else { '\n' };
            let line = if options.has('T') {
                format!("{mark}{kind} ({shown}) = {sum}{end}")
            } else {
                format!("{mark}{sum} {}{shown}{end}", if binary { '*' } else { ' ' })
            };
            call.print(line.as_bytes()).await?;
        }
        Ok(0)
    }
}

/// Sum and file of a line, in either form.
fn line(text: &str, kind: &str, length: usize) -> Option<(String, String)> {
    let text = text.trim_end_matches('\r').trim_start();
    let (escaped, text) = text.strip_prefix('\\').map_or((false, text), |text| (true, text));
    let (sum, file) = match text.strip_prefix(kind).and_then(|rest| rest.trim_start().strip_prefix('(')) {
        Some(rest) => {
            let (file, sum) = rest.rsplit_once(") = ")?;
            (sum, file)
        }
        None => {
            let (sum, file) = text.split_once(' ')?;
            (sum, file.strip_prefix([' ', '*']).unwrap_or(file))
        }
    };
    let fits = sum.len() == length && sum.bytes().all(|byte| byte.is_ascii_hexdigit()) && !file.is_empty();
    let file = if escaped { file.replace("\\n", "\n").replace("\\\\", "\\") } else { file.to_owned() };
    fits.then(|| (sum.to_ascii_lowercase(), file))
}

async fn check(call: &mut Call<'_>, options: &Options, list: &str, kind: &str, length: usize) -> Result<(), Stop> {
    let Some(text) = call.read_or_complain(list).await? else { return Ok(()) };
    let text = String::from_utf8_lossy(&text).into_owned();
    let (quiet, status) = (options.has('q') || options.has('S'), options.has('S'));
    let (mut good, mut malformed, mut differing, mut unread, mut seen) = (0, 0, 0, 0, 0);
    for (number, text) in text.lines().enumerate().filter(|(_, text)| !text.starts_with('#')) {
        let Some((wanted, file)) = line(text, kind, length) else {
            malformed += 1;
            if options.has('w') {
                let number = number + 1;
                call.warn(format!("{list}: {number}: improperly formatted {kind} checksum line")).await?;
            }
            continue;
        };
        seen += 1;
        match call.read(&file).await? {
            Err(reason) if options.has('I') && reason == "No such file or directory" => {}
            Err(reason) => {
                unread += 1;
                call.complain(format!("{}: {reason}", quote_if_needed(&file))).await?;
                if !status {
                    call.print(format!("{file}: FAILED open or read\n").as_bytes()).await?;
                }
            }
            Ok(content) if digest(call.ctx.name, &content) == wanted => {
                good += 1;
                if !quiet {
                    call.print(format!("{file}: OK\n").as_bytes()).await?;
                }
            }
            Ok(_) => {
                differing += 1;
                if !status {
                    call.print(format!("{file}: FAILED\n").as_bytes()).await?;
                }
            }
        }
    }
    if seen == 0 {
        call.complain(format!("{}: no properly formatted checksum lines found", quote_if_needed(list))).await?;
        return Ok(());
    }
    if !status {
        let plural =
            |count: usize, one: &str, many: &str| format!("WARNING: {count} {}", if count == 1 { one } else { many });
        if malformed > 0 {
            call.warn(plural(malformed, "line is improperly formatted", "lines are improperly formatted")).await?;
        }
        if unread > 0 {
            call.warn(plural(unread, "listed file could not be read", "listed files could not be read")).await?;
        }
        if differing > 0 {
            call.warn(plural(differing, "computed checksum did NOT match", "computed checksums did NOT match")).await?;
        }
        if options.has('I') && good == 0 && differing == 0 {
            call.warn(format!("{list}: no file was verified")).await?;
        }
    }
    if differing > 0 || unread > 0 || (options.has('X') && malformed > 0) || (options.has('I') && good == 0) {
        call.failed = 1;
    }
    Ok(())
}
