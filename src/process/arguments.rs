//! The arguments of this process, which everybody on the machine can read.

/// Overwrites every occurrence of `secret` in this process's visible arguments with `x`. Whether it is gone from there now;
/// false where the system has no way for it.
///
/// It was visible from the start of the process until now, and whoever looked then knows it: better not to be given it so.
pub fn hide_in_arguments(secret: &str) -> bool {
    !secret.is_empty() && hide(secret.as_bytes()).is_ok()
}

/// By the kernel's own view of this process: no pointer is followed.
#[cfg(target_os = "linux")]
fn hide(secret: &[u8]) -> std::io::Result<()> {
    use std::io::{Error, ErrorKind};
    use std::os::unix::fs::FileExt;
    let odd = || Error::from(ErrorKind::InvalidData);
    let (start, end) = range(&std::fs::read_to_string("/proc/self/stat")?).ok_or_else(odd)?;
    let memory = std::fs::File::options().read(true).write(true).open("/proc/self/mem")?;
    let mut arguments = vec![0; usize::try_from(end.saturating_sub(start)).map_err(|_| odd())?];
    memory.read_exact_at(&mut arguments, start)?;
    let found = arguments.windows(secret.len()).enumerate().filter(|(_, at)| *at == secret).map(|(at, _)| at);
    for at in found {
        memory.write_all_at(&vec![b'x'; secret.len()], start + at as u64)?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn hide(_: &[u8]) -> std::io::Result<()> {
    Err(std::io::Error::from(std::io::ErrorKind::Unsupported))
}

/// Where the arguments are in this process's memory: fields 48 and 49 of `/proc/PID/stat`. The second field is the
/// program's name, in brackets, and may hold anything.
#[cfg(target_os = "linux")]
fn range(stat: &str) -> Option<(u64, u64)> {
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(48 - 3);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_s_own_arguments_are_found() {
        let (start, end) = range(&std::fs::read_to_string("/proc/self/stat").unwrap()).unwrap();
        assert_eq!(end - start, std::fs::read("/proc/self/cmdline").unwrap().len() as u64);
        assert_eq!(range("1 (a) b) S 1"), None);
    }
}
