//! What `tar` was asked for.

use super::super::call::{Call, Stop};
use super::super::options::Options;
use super::super::streams::Method;
use super::super::{date, dates, glob};
use super::transform::Transform;

/// Letters of the options.
pub const SHORT: &str = "AcdrtuxWf:vzjJZaC:kpPOmhT:X:lwUSB:b:V:g:GiI:KosnF:L:M:N:RE|Ye:0:1:2:3:4:56789DHqQy:";
/// Their long names.
pub const LONG: &str = "create=c extract=x get=x list=t append=r update=u catenate=A diff=d compare=d delete=D file=f \
                        verbose=v gzip=z gunzip=z bzip2=j xz=J compress=Z auto-compress=a directory=C \
                        keep-old-files=k preserve-permissions=p same-permissions=p absolute-names=P to-stdout=O \
                        touch=m dereference=h files-from=T exclude-from=X exclude=e strip-components=0 transform=1 \
                        xform=1 mtime=2 owner=3 group=4 numeric-owner=5 sort=y null=6 remove-files=7 \
                        skip-old-files=8 overwrite=9 no-recursion=q recursion=K wildcards=Y no-wildcards=n \
                        no-same-owner=o same-owner=s no-same-permissions=H format=B exclude-vcs=E one-file-system=l \
                        warning=V mode=F full-time=R keep-newer-files=Q";

/// All of it.
pub struct Settings {
    pub verbose: usize,
    pub keep: bool,
    pub skip_old: bool,
    pub to_stdout: bool,
    pub touch: bool,
    pub absolute: bool,
    pub dereference: bool,
    pub strip: usize,
    pub exclude: Vec<String>,
    pub wildcards: bool,
    pub transform: Vec<Transform>,
    pub mtime: Option<i64>,
    pub owner: Option<String>,
    pub group: Option<String>,
    pub numeric: bool,
    pub remove: bool,
    pub recurse: bool,
    pub full_time: bool,
    pub method: Option<Method>,
}

impl Settings {
    /// Reads the options, and the files of patterns that they name.
    pub async fn of(call: &Call<'_>, options: &Options) -> Result<Self, Stop> {
        let mut settings = Self {
            verbose: options.given.iter().filter(|(letter, _)| *letter == 'v').count(),
            keep: options.has('k'),
            skip_old: options.has('8'),
            to_stdout: options.has('O'),
            touch: options.has('m'),
            absolute: options.has('P'),
            dereference: options.has('h'),
            strip: 0,
            exclude: options.values('e').map(str::to_owned).collect(),
            wildcards: options.has('Y'),
            transform: Vec::new(),
            mtime: None,
            owner: options.value('3').map(str::to_owned),
            group: options.value('4').map(str::to_owned),
            numeric: options.has('5'),
            remove: options.has('7'),
            recurse: !options.has('q'),
            full_time: options.has('R'),
            method: None,
        };
        if let Some(text) = options.value('0') {
            settings.strip = text.parse().map_err(|_| format!("{text}: Invalid number of elements"))?;
        }
        for text in options.values('1') {
            settings
                .transform
                .push(Transform::parse(text).ok_or_else(|| format!("Invalid transform expression: {text}"))?);
        }
        if let Some(text) = options.value('2') {
            let at = if text.starts_with(['.', '/']) {
                call.stat(text).await.ok().map(|found| date::instant(found.modified))
            } else {
                dates::parse(text, date::now(), call.zone())
            };
            settings.mtime = Some(at.ok_or_else(|| format!("Date sample file not found: {text}"))?.0);
        }
        for file in options.values('X') {
            let text = call.read(file).await?.map_err(|reason| format!("{file}: Cannot open: {reason}"))?;
            settings
                .exclude
                .extend(String::from_utf8_lossy(&text).lines().filter(|line| !line.is_empty()).map(str::to_owned));
        }
        if options.has('E') {
            settings.exclude.extend([".git", ".gitignore", ".svn", ".hg"].map(str::to_owned));
        }
        let name = options.value('f').unwrap_or_default();
        settings.method = match options.last_of("zjJZ") {
            Some('z') => Some(Method::Gzip),
            Some('j') => Some(Method::Bzip2),
            Some(other) => {
                let program = if other == 'J' { "xz" } else { "compress" };
                return Err(Stop::Message(format!("{program}: this compression is not supported here; use -z or -j")));
            }
            None if options.has('a') && (name.ends_with(".gz") || name.ends_with(".tgz")) => Some(Method::Gzip),
            None if options.has('a') && (name.ends_with(".bz2") || name.ends_with(".tbz")) => Some(Method::Bzip2),
            None => None,
        };
        Ok(settings)
    }

    /// Whether a member is left out: a pattern fits it, or the part of it behind any slash.
    pub fn excludes(&self, name: &str) -> bool {
        let name = name.trim_end_matches('/');
        let starts = std::iter::once(0).chain(name.match_indices('/').map(|(at, _)| at + 1));
        starts.into_iter().any(|start| self.exclude.iter().any(|pattern| fits(pattern, &name[start..])))
    }
}

/// Whether a pattern fits a name or a directory that it is in.
fn fits(pattern: &str, name: &str) -> bool {
    let pattern = pattern.trim_end_matches('/');
    let ends = name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
    ends.into_iter().any(|end| glob::matches(pattern, &name[..end]))
}

/// Whether a member is among those that were named.
pub fn selects(wanted: &str, name: &str, wildcards: bool) -> bool {
    let (wanted, name) = (wanted.trim_end_matches('/'), name.trim_end_matches('/'));
    if wildcards {
        return fits(wanted, name);
    }
    name == wanted || name.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/'))
}
