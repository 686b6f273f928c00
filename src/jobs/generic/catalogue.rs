//! Which kinds of jobs there are, and which runner each needs.

/// A kind of job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) job_type: &'static str,
    pub(super) runner: &'static str,
    /// The keys that `args` may have; none are all.
    pub(super) args: Option<&'static [&'static str]>,
    /// Those that it must have.
    pub(super) required_args: &'static [&'static str],
}

/// All kinds. The last one is registered, the others are the protocol's own.
const KINDS: &[Kind] = &[
    Kind {
        job_type: "render.blender",
        runner: "blender.render",
        args: Some(&["frames", "engine", "resolution", "output_format", "camera", "scene"]),
        required_args: &[],
    },
    Kind {
        job_type: "cuda.run",
        runner: "cuda.package",
        args: Some(&["manifest_path", "profile", "target"]),
        required_args: &["manifest_path", "profile", "target"],
    },
    Kind { job_type: "ffmpeg.cuda", runner: "ffmpeg.cuda", args: None, required_args: &[] },
    Kind { job_type: "python.gpu", runner: "python.gpu", args: None, required_args: &[] },
    Kind { job_type: "package.job", runner: "package.job", args: None, required_args: &[] },
    Kind { job_type: "tenant.test-echo", runner: "test.echo", args: None, required_args: &[] },
];

/// Why a text names no kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoKind {
    /// It has the form of a registered one, but is not registered here.
    Unregistered,
    /// It has no such form.
    Unknown,
}

/// The kind of that name.
pub(super) fn kind(job_type: &str) -> Result<&'static Kind, NoKind> {
    if let Some(kind) = KINDS.iter().find(|kind| kind.job_type == job_type) {
        return Ok(kind);
    }
    let labels = job_type.strip_prefix("tenant.").or_else(|| job_type.strip_prefix("package."));
    match labels {
        Some(labels) if labels.split('.').all(is_label) => Err(NoKind::Unregistered),
        _ => Err(NoKind::Unknown),
    }
}

fn is_label(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The kinds that runners of this node can run.
pub(super) fn offered(has_runner: impl Fn(&str) -> bool) -> Vec<&'static str> {
    KINDS.iter().filter(|kind| has_runner(kind.runner)).map(|kind| kind.job_type).collect()
}
