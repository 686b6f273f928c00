//! Which types an operation takes and answers.

use crate::wire::v1::tools::{
    EditToolParams, GlobToolParams, GrepToolParams, LsToolParams, ReadToolParams, ShellToolParams, ToolAnswer,
    WriteToolParams,
};
use crate::wire::v1::vfs::{
    AttributeNames, AttributeParams, Changed, Done, Entries, Exists, FileNames, GlobParams, IsDirectory, IsFile,
    LinkTarget, PathParams, Paths, ReadFile, ReadFileParams, RenameParams, SetAttributeParams, SetAttributesParams,
    Stat, StatParams, SymlinkParams, TruncateParams, WriteAtParams, WriteFileParams,
};
use crate::wire::v1::{
    Accepted, BranchHead, BranchParams, CancelledJob, CancelledLines, CheckoutParams, CloneParams, CommitParams,
    CreateParams, CreateSessionParams, DeletedSession, DeletedWorkspace, DiffAnswer, DiffParams, ExecuteAnswer,
    ExecuteParams, Health, JobDetail, JobOutput, JobParams, KilledJobs, ListJobsParams, LoadParams, LogParams,
    OutputParams, RefreshParams, RefreshedPath, SessionParams, SessionView, ShuttingDown, SnapshotToParams,
    UpdateSessionParams, VersionView, WaitParams, WorkspaceDetail, WorkspaceParams, WorkspaceSummary, WrittenSnapshot,
};
use schemars::JsonSchema;
use schemars::generate::SchemaGenerator;
use serde_json::{Value, json};

/// The schemas of an operation's parameters and of its answer; none where there is nothing, or nothing of a fixed shape.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    pub(super) params: Option<Value>,
    pub(super) answer: Option<Value>,
}

/// The shapes of the operation of that name. Every type is put among the definitions.
pub(super) fn shapes(operation: &str, schemas: &mut SchemaGenerator) -> Shapes {
    let mut both = Both(schemas);
    match operation {
        "health" => both.answers::<Health>(),
        "shutdown" => both.answers::<ShuttingDown>(),
        "workspaces.create" => both.of::<CreateParams, WorkspaceDetail>(),
        "workspaces.list" => both.answers::<Vec<WorkspaceSummary>>(),
        "workspaces.load" => both.of::<LoadParams, WorkspaceDetail>(),
        "workspaces.clone" => both.of::<CloneParams, WorkspaceDetail>(),
        "workspaces.get" => both.of::<WorkspaceParams, WorkspaceDetail>(),
        "workspaces.delete" | "workspaces.close" => both.answers::<DeletedWorkspace>(),
        "workspaces.cancel" => both.answers::<CancelledLines>(),
        "workspaces.kill" => both.answers::<KilledJobs>(),
        "workspaces.snapshot_to" => both.of::<SnapshotToParams, WrittenSnapshot>(),
        "workspaces.refresh" => both.of::<RefreshParams, RefreshedPath>(),
        "workspaces.execute" | "workspaces.shell" => {
            both.define::<Accepted>();
            both.of::<ExecuteParams, ExecuteAnswer>()
        }
        "workspaces.glob" => both.of::<GlobParams, Paths>(),
        "sessions.create" => both.of::<CreateSessionParams, SessionView>(),
        "sessions.list" => both.answers::<Vec<SessionView>>(),
        "sessions.update" => both.of::<UpdateSessionParams, SessionView>(),
        "sessions.delete" => both.of::<SessionParams, DeletedSession>(),
        "sessions.cancel" => both.of::<SessionParams, CancelledLines>(),
        "sessions.kill" => both.of::<SessionParams, KilledJobs>(),
        "versions.commit" => both.of::<CommitParams, BranchHead>(),
        "versions.log" => both.of::<LogParams, Vec<VersionView>>(),
        "versions.diff" => both.of::<DiffParams, DiffAnswer>(),
        "versions.branch" => both.of::<BranchParams, BranchHead>(),
        "versions.checkout" => both.of::<CheckoutParams, WorkspaceDetail>(),
        "jobs.list" => both.of::<ListJobsParams, Vec<JobDetail>>(),
        "jobs.get" => both.of::<JobParams, JobDetail>(),
        "jobs.wait" => both.of::<WaitParams, JobDetail>(),
        "jobs.output" => both.of::<OutputParams, JobOutput>(),
        "jobs.cancel" => both.of::<JobParams, CancelledJob>(),
        file if file.starts_with("vfs.") => both.file(file),
        tool if tool.starts_with("tools.") => both.tool(tool),
        _ => Shapes::default(),
    }
}

struct Both<'a>(&'a mut SchemaGenerator);

impl Both<'_> {
    fn of<P: JsonSchema, A: JsonSchema>(&mut self) -> Shapes {
        Shapes { params: Some(self.define::<P>()), answer: Some(self.define::<A>()) }
    }

    fn answers<A: JsonSchema>(&mut self) -> Shapes {
        Shapes { params: None, answer: Some(self.define::<A>()) }
    }

    fn define<T: JsonSchema>(&mut self) -> Value {
        self.0.subschema_for::<T>().to_value()
    }

    fn file(&mut self, call: &str) -> Shapes {
        match call {
            "vfs.read" => self.of::<ReadFileParams, ReadFile>(),
            "vfs.read_stream" => Shapes { params: Some(self.define::<PathParams>()), answer: None },
            "vfs.write" | "vfs.append" => self.of::<WriteFileParams, Done>(),
            "vfs.pwrite" => self.of::<WriteAtParams, Done>(),
            "vfs.stat" => self.of::<StatParams, Stat>(),
            "vfs.readdir" => self.of::<PathParams, Entries>(),
            "vfs.exists" => self.of::<PathParams, Exists>(),
            "vfs.is_dir" => self.of::<PathParams, IsDirectory>(),
            "vfs.is_file" => self.of::<PathParams, IsFile>(),
            "vfs.list_files" => self.of::<PathParams, FileNames>(),
            "vfs.rename" => self.of::<RenameParams, Done>(),
            "vfs.symlink" => self.of::<SymlinkParams, Done>(),
            "vfs.readlink" => self.of::<PathParams, LinkTarget>(),
            "vfs.setattr" => self.of::<SetAttributesParams, Changed>(),
            "vfs.getxattr" | "vfs.removexattr" => {
                Shapes { params: Some(self.define::<AttributeParams>()), answer: Some(json!({})) }
            }
            "vfs.setxattr" => self.of::<SetAttributeParams, Done>(),
            "vfs.listxattr" => self.of::<StatParams, AttributeNames>(),
            "vfs.truncate" => self.of::<TruncateParams, Done>(),
            _ => self.of::<PathParams, Done>(),
        }
    }

    fn tool(&mut self, tool: &str) -> Shapes {
        match tool {
            "tools.shell" => self.of::<ShellToolParams, ToolAnswer>(),
            "tools.read" => self.of::<ReadToolParams, ToolAnswer>(),
            "tools.write" => self.of::<WriteToolParams, ToolAnswer>(),
            "tools.edit" => self.of::<EditToolParams, ToolAnswer>(),
            "tools.ls" => self.of::<LsToolParams, ToolAnswer>(),
            "tools.grep" => self.of::<GrepToolParams, ToolAnswer>(),
            _ => self.of::<GlobToolParams, ToolAnswer>(),
        }
    }
}
