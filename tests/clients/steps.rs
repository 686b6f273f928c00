//! What every client does, in this order. Workspaces are named after the client's version: all clients share one daemon.

/// One command of a client.
pub struct Step {
    /// Unique; the key of the record.
    pub name: &'static str,
    /// The versions that have the command.
    pub versions: &'static [&'static str],
    /// Arguments; `{dir}` is the client's directory, `{snap}` where its own daemon would keep snapshots, `{v}` its version,
    /// other words are captured earlier.
    pub run: &'static [&'static str],
    pub stdin: &'static [u8],
    /// What stdout must hold against our daemon.
    pub shows: &'static [&'static str],
    /// Keeps a value of the JSON on stdout under a name.
    pub capture: Option<(&'static str, &'static str)>,
    pub wrong_token: bool,
    /// Where we mean to differ from the client's own daemon.
    pub differs: Option<Differs>,
}

/// A difference that is meant.
pub struct Differs {
    pub versions: &'static [&'static str],
    pub code: i32,
    #[allow(dead_code, reason = "for the reader of this file")]
    pub why: &'static str,
}

const ALL: &[&str] = &["0.0.1", "0.0.2", "0.0.3", "0.0.6", "0.0.7"];
const UNTIL_6: &[&str] = &["0.0.1", "0.0.2", "0.0.3", "0.0.6"];
const VERSIONED: &[&str] = &["0.0.2", "0.0.3", "0.0.6"];
const NARROWED: &[&str] = &["0.0.2", "0.0.3"];
const MODES: &[&str] = &["0.0.6", "0.0.7"];
const CONFIGURED: &[&str] = &["0.0.2", "0.0.3", "0.0.6", "0.0.7"];
const V1: &[&str] = &["0.0.1"];
const V7: &[&str] = &["0.0.7"];

const fn step(name: &'static str, versions: &'static [&'static str], run: &'static [&'static str]) -> Step {
    Step { name, versions, run, stdin: b"", shows: &[], capture: None, wrong_token: false, differs: None }
}

const fn sh(name: &'static str, run: &'static [&'static str], shows: &'static [&'static str]) -> Step {
    Step { shows, ..step(name, UNTIL_6, run) }
}

const fn sh7(name: &'static str, run: &'static [&'static str], shows: &'static [&'static str]) -> Step {
    Step { shows, ..step(name, V7, run) }
}

/// 0.0.2 and 0.0.3 do not know `exit`.
const NO_EXIT: &str = "its own shell has no `exit`";

const fn exits(step: Step, code: i32) -> Step {
    but(step, NARROWED, code, NO_EXIT)
}

/// The same with another exit code than against the client's own daemon.
const fn but(step: Step, versions: &'static [&'static str], code: i32, why: &'static str) -> Step {
    Step { differs: Some(Differs { versions, code, why }), ..step }
}

const NO_S3: &str = "its own daemon has s3 only with a further package";
const AT_ONCE: &str = "that there is no such session is told at once, not by a job that fails";
const NO_MOUNT: &str = "a narrowing that would restrict nothing, as a typo does, is refused";
const NO_RELAYS: &str = "documents and JSON-RPC for language models are no part of this /v1";
const NO_XATTR: &str = "files have no extended attributes here, and say so as a filesystem without them does";

/// For archives outside of the directory for snapshots.
const fn anywhere(step: Step) -> Step {
    but(step, &["0.0.3", "0.0.6"], 0, "its own daemon keeps snapshots in one directory, ours where its owner allows it")
}

pub static STEPS: &[Step] = &[
    // Workspaces.
    step("create", ALL, &["workspace", "create", "{dir}/ws.yaml", "--id", "demo{v}"]),
    Step { shows: &["running"], ..step("daemon status", ALL, &["daemon", "status"]) },
    Step { shows: &["demo{v}"], ..step("list", ALL, &["workspace", "list"]) },
    Step { shows: &["/data/", "/ro/"], ..step("get", ALL, &["workspace", "get", "demo{v}"]) },
    Step {
        shows: &["cache_bytes", "history_length"],
        ..step("get verbose", ALL, &["workspace", "get", "demo{v}", "--verbose"])
    },
    step("get unknown", ALL, &["workspace", "get", "nosuch"]),
    step("create taken", ALL, &["workspace", "create", "{dir}/ws.yaml", "--id", "demo{v}"]),
    step("create taken, other config", ALL, &["workspace", "create", "{dir}/other.yaml", "--id", "demo{v}"]),
    step("create unknown backend", ALL, &["workspace", "create", "{dir}/nobackend.yaml"]),
    step("create bad mode", ALL, &["workspace", "create", "{dir}/badmode.yaml"]),
    step("create missing variable", ALL, &["workspace", "create", "{dir}/missing.yaml"]),
    step("create broken yaml", ALL, &["workspace", "create", "{dir}/broken.yaml"]),
    step("create no file", ALL, &["workspace", "create", "{dir}/nosuch.yaml"]),
    but(
        step("create dots", ALL, &["workspace", "create", "{dir}/ws.yaml", "--id", ".."]),
        UNTIL_6,
        2,
        "it becomes a directory's name, and 0.0.7 refuses it too",
    ),
    Step {
        wrong_token: true,
        differs: Some(Differs { versions: V1, code: 2, why: "its own daemon knows no tokens" }),
        ..step("wrong token", ALL, &["workspace", "list"])
    },
    step("create disk", ALL, &["workspace", "create", "{dir}/disk.yaml", "--id", "disk{v}"]),
    Step { shows: &["disk"], ..step("get disk", ALL, &["workspace", "get", "disk{v}"]) },
    sh("disk reads", &["execute", "-w", "disk{v}", "-c", "cat /host/on-disk.txt"], &["\"on the host\\n\""]),
    sh7("disk reads 7", &["shell", "-w", "disk{v}", "-c", "cat /host/on-disk.txt"], &["on the host\n"]),
    step("disk deleted", ALL, &["workspace", "delete", "disk{v}"]),
    but(step("create s3", ALL, &["workspace", "create", "{dir}/s3.yaml", "--id", "s3{v}"]), ALL, 0, NO_S3),
    but(Step { shows: &["/s3/"], ..step("get s3", ALL, &["workspace", "get", "s3{v}"]) }, ALL, 0, NO_S3),
    // Executing, generations 1 and 2.
    sh(
        "execute",
        &["execute", "-w", "demo{v}", "-c", "echo hello > /data/hello.txt && cat /data/hello.txt"],
        &["hello\\n", "\"exit_code\": 0"],
    ),
    sh("execute long names", &["execute", "--workspace", "demo{v}", "--command", "wc -l < /data/hello.txt"], &["1\\n"]),
    exits(sh("execute exit code", &["execute", "-w", "demo{v}", "-c", "exit 3"], &["\"exit_code\": 3"]), 3),
    Step { stdin: b"abc", ..sh("execute stdin", &["execute", "-w", "demo{v}", "-c", "cat"], &["\"abc\""]) },
    Step {
        stdin: b"\x00\xff\xfe\n\r\x80",
        ..sh("execute binary stdin", &["execute", "-w", "demo{v}", "-c", "wc -c"], &["6"])
    },
    sh("execute unknown command", &["execute", "-w", "demo{v}", "-c", "nosuchcommand"], &["nosuchcommand", "127"]),
    sh("execute on a read-only mount", &["execute", "-w", "demo{v}", "-c", "echo x > /ro/f"], &["Read-only"]),
    sh("execute missing file", &["execute", "-w", "demo{v}", "-c", "cat /data/nope"], &["No such file"]),
    sh("execute unknown workspace", &["execute", "-w", "nosuch", "-c", "true"], &[]),
    sh("execute unknown session", &["execute", "-w", "demo{v}", "-s", "nosuch", "-c", "true"], &[]),
    Step {
        versions: &["0.0.6"],
        ..sh("execute cwd", &["execute", "-w", "demo{v}", "-c", "pwd", "--cwd", "/data"], &["/data\\n"])
    },
    Step {
        versions: &["0.0.6"],
        ..sh("execute unknown runtime", &["execute", "-w", "demo{v}", "-c", "true", "--runtime", "nosuch"], &[])
    },
    sh("execute syntax error", &["execute", "-w", "demo{v}", "-c", "if then"], &["syntax error"]),
    Step {
        stdin: b"one\ntwo\n",
        ..sh(
            "execute stdin to a file",
            &["execute", "-w", "demo{v}", "-c", "cat > /data/in; wc -l < /data/in; rm /data/in"],
            &["2\\n"],
        )
    },
    sh("provision unknown workspace", &["provision", "-w", "nosuch", "-c", "true"], &[]),
    sh(
        "provision",
        &["provision", "-w", "demo{v}", "-c", "cat /data/hello.txt"],
        &["\"kind\": \"provision\"", "network_read_low"],
    ),
    sh("provision runs nothing", &["provision", "-w", "demo{v}", "-c", "echo $(echo x > /data/ran)"], &[]),
    sh("and indeed did not", &["execute", "-w", "demo{v}", "-c", "ls /data"], &["\"hello.txt\\n\""]),
    // Background jobs.
    Step {
        capture: Some(("job", "/job_id")),
        ..sh("background", &["execute", "-w", "demo{v}", "--bg", "-c", "echo done; exit 4"], &["job_id"])
    },
    exits(sh("job wait", &["job", "wait", "{job}"], &["done\\n", "\"status\": \"done\""]), 4),
    exits(sh("job get", &["job", "get", "{job}"], &["\"status\": \"done\""]), 4),
    sh("job cancel finished", &["job", "cancel", "{job}"], &["\"canceled\": false"]),
    Step {
        capture: Some(("sleeper", "/job_id")),
        ..sh("background sleep", &["execute", "-w", "demo{v}", "--bg", "-c", "sleep 60"], &["job_id"])
    },
    sh("job wait timeout", &["job", "wait", "{sleeper}", "--timeout", "0.2"], &["\"status\": \"running\""]),
    sh("job list", &["job", "list"], &["{job}", "{sleeper}"]),
    sh("job list of a workspace", &["job", "list", "-w", "demo{v}"], &["{sleeper}"]),
    Step { shows: &["[]"], ..step("job list of no workspace", ALL, &["job", "list", "-w", "nosuch"]) },
    sh("background unknown workspace", &["execute", "-w", "nosuch", "--bg", "-c", "true"], &[]),
    but(
        sh("background unknown session", &["execute", "-w", "demo{v}", "-s", "nosuch", "--bg", "-c", "true"], &[]),
        UNTIL_6,
        2,
        AT_ONCE,
    ),
    sh("job cancel", &["job", "cancel", "{sleeper}"], &["\"canceled\": true"]),
    sh("job wait cancelled", &["job", "wait", "{sleeper}"], &["\"status\": \"canceled\""]),
    step("job get unknown", ALL, &["job", "get", "job_nosuch"]),
    step("job wait unknown", ALL, &["job", "wait", "job_nosuch"]),
    step("job cancel unknown", ALL, &["job", "cancel", "job_nosuch"]),
    // Executing, generation 3.
    sh7(
        "shell",
        &["shell", "-w", "demo{v}", "-c", "echo hello > /data/hello.txt && cat /data/hello.txt"],
        &["hello\n"],
    ),
    sh7("shell exit code", &["shell", "-w", "demo{v}", "-c", "echo out; echo err >&2; exit 3"], &["out\n"]),
    Step { stdin: b"abc", ..sh7("shell stdin", &["shell", "-w", "demo{v}", "-c", "cat"], &["abc"]) },
    sh7("shell json", &["shell", "-w", "demo{v}", "-c", "echo hi", "--json"], &["\"stdout\": \"hi\\n\""]),
    sh7(
        "shell explain",
        &["shell", "-w", "demo{v}", "-c", "cat /data/hello.txt | wc -l", "--explain"],
        &["outcome", "allow"],
    ),
    sh7("shell cwd", &["shell", "-w", "demo{v}", "-c", "pwd", "--cwd", "/data"], &["/data\n"]),
    sh7("shell unknown session", &["shell", "-w", "demo{v}", "-s", "nosuch", "-c", "true"], &[]),
    sh7("shell unknown workspace", &["shell", "-w", "nosuch", "-c", "true"], &[]),
    sh7("shell read-only", &["shell", "-w", "demo{v}", "-c", "echo x > /ro/f"], &[]),
    Step {
        capture: Some(("job7", "/job_id")),
        ..sh7("shell background", &["shell", "-w", "demo{v}", "--bg", "-c", "echo done; exit 4"], &["job_id"])
    },
    sh7("job wait 7", &["job", "wait", "{job7}"], &["done\\n"]),
    sh7("job get 7", &["job", "get", "{job7}"], &["\"status\": \"done\""]),
    Step {
        capture: Some(("sleeper7", "/job_id")),
        ..sh7("shell background sleep", &["shell", "-w", "demo{v}", "--bg", "-c", "sleep 60"], &["job_id"])
    },
    sh7("job list 7", &["job", "list", "-w", "demo{v}"], &["{sleeper7}"]),
    sh7("job cancel 7", &["job", "cancel", "{sleeper7}"], &["\"canceled\": true"]),
    sh7("job wait cancelled 7", &["job", "wait", "{sleeper7}"], &["\"status\": \"canceled\""]),
    but(
        sh7("shell background unknown session", &["shell", "-w", "demo{v}", "-s", "nosuch", "--bg", "-c", "true"], &[]),
        V7,
        2,
        AT_ONCE,
    ),
    sh7("shell unknown runtime", &["shell", "-w", "demo{v}", "-c", "true", "--runtime", "nosuch"], &[]),
    sh7("shell syntax error", &["shell", "-w", "demo{v}", "-c", "if then"], &[]),
    Step {
        stdin: b"\x00\xff\xfe\n\r\x80",
        ..sh7("shell binary stdin", &["shell", "-w", "demo{v}", "-c", "wc -c"], &["6"])
    },
    sh7("glob", &["glob", "/data/*", "-w", "demo{v}"], &["/data/hello.txt"]),
    sh7("vfs write", &["vfs", "write", "/data/v.bin", "--data", "12345", "-w", "demo{v}"], &[]),
    sh7("vfs read", &["vfs", "read", "/data/v.bin", "-w", "demo{v}"], &["MTIzNDU="]),
    sh7("vfs read part", &["vfs", "read", "/data/v.bin", "--offset", "1", "--size", "2", "-w", "demo{v}"], &["MjM="]),
    sh7("vfs append", &["vfs", "append", "/data/v.bin", "--data", "678", "-w", "demo{v}"], &[]),
    sh7("vfs pwrite", &["vfs", "pwrite", "/data/v.bin", "0", "--data", "X", "-w", "demo{v}"], &[]),
    sh7("vfs read again", &["vfs", "read", "/data/v.bin", "-w", "demo{v}"], &["WDIzNDU2Nzg="]),
    sh7("vfs stat", &["vfs", "stat", "/data/v.bin", "-w", "demo{v}"], &["\"size\": 8"]),
    sh7("vfs truncate", &["vfs", "truncate", "/data/v.bin", "2", "-w", "demo{v}"], &[]),
    sh7("vfs readdir", &["vfs", "readdir", "/data", "-w", "demo{v}"], &["/data/v.bin"]),
    sh7("vfs exists", &["vfs", "exists", "/data/nope", "-w", "demo{v}"], &["false"]),
    sh7("vfs is-dir", &["vfs", "is-dir", "/data", "-w", "demo{v}"], &["true"]),
    sh7("vfs is-file", &["vfs", "is-file", "/data/v.bin", "-w", "demo{v}"], &["true"]),
    sh7("vfs list-files", &["vfs", "list-files", "/data", "-w", "demo{v}"], &["v.bin"]),
    sh7("vfs mkdir", &["vfs", "mkdir", "/data/d", "-w", "demo{v}"], &[]),
    sh7("vfs create", &["vfs", "create", "/data/d/e", "-w", "demo{v}"], &[]),
    sh7("vfs rename", &["vfs", "rename", "/data/d/e", "/data/d/f", "-w", "demo{v}"], &[]),
    sh7("vfs symlink", &["vfs", "symlink", "/data/link", "/data/d/f", "-w", "demo{v}"], &[]),
    sh7("vfs readlink", &["vfs", "readlink", "/data/link", "-w", "demo{v}"], &["/data/d/f"]),
    sh7("vfs rmdir not empty", &["vfs", "rmdir", "/data/d", "-w", "demo{v}"], &[]),
    sh7("vfs unlink", &["vfs", "unlink", "/data/d/f", "-w", "demo{v}"], &[]),
    sh7("vfs rmdir", &["vfs", "rmdir", "/data/d", "-w", "demo{v}"], &[]),
    sh7("vfs read missing", &["vfs", "read", "/data/nope", "-w", "demo{v}"], &[]),
    sh7("vfs write read-only", &["vfs", "write", "/ro/f", "--data", "x", "-w", "demo{v}"], &[]),
    sh7("vfs mkdir taken", &["vfs", "mkdir", "/data", "-w", "demo{v}"], &[]),
    sh7("vfs read directory", &["vfs", "read", "/data", "-w", "demo{v}"], &[]),
    Step {
        stdin: b"\x00\xff from stdin",
        ..sh7("vfs write stdin", &["vfs", "write", "/data/s.bin", "-w", "demo{v}"], &[])
    },
    sh7("vfs read stdin back", &["vfs", "read", "/data/s.bin", "-w", "demo{v}"], &["AP8gZnJvbSBzdGRpbg=="]),
    sh7("vfs setattr", &["vfs", "setattr", "/data/v.bin", "--mode", "384", "-w", "demo{v}"], &["changed"]),
    sh7("vfs listxattr", &["vfs", "listxattr", "/data/v.bin", "-w", "demo{v}"], &["names"]),
    sh7("vfs getxattr", &["vfs", "getxattr", "/data/v.bin", "user.x", "-w", "demo{v}"], &[]),
    but(
        sh7("vfs setxattr", &["vfs", "setxattr", "/data/v.bin", "user.x", "--value", "1", "-w", "demo{v}"], &[]),
        V7,
        1,
        NO_XATTR,
    ),
    but(
        sh7("vfs removexattr", &["vfs", "removexattr", "/data/v.bin", "user.x", "-w", "demo{v}"], &[]),
        V7,
        1,
        NO_XATTR,
    ),
    sh7("vfs unknown workspace", &["vfs", "read", "/data/v.bin", "-w", "nosuch"], &[]),
    sh7("vfs unknown session", &["vfs", "read", "/data/v.bin", "-s", "nosuch", "-w", "demo{v}"], &[]),
    sh7("vfs explain", &["vfs", "read", "/data/v.bin", "--explain", "-w", "demo{v}"], &["allow"]),
    sh7("tools read", &["tools", "read", "/data/hello.txt", "-w", "demo{v}"], &["hello"]),
    sh7("tools write", &["tools", "write", "/data/t.txt", "--content", "one two", "-w", "demo{v}"], &[]),
    sh7("tools edit", &["tools", "edit", "/data/t.txt", "two", "three", "-w", "demo{v}"], &[]),
    sh7("tools edit nothing found", &["tools", "edit", "/data/t.txt", "nope", "x", "-w", "demo{v}"], &[]),
    sh7("tools write unread", &["tools", "write", "/data/v.bin", "--content", "new", "-w", "demo{v}"], &[]),
    sh7("tools read missing", &["tools", "read", "/data/nope", "-w", "demo{v}"], &["is_error\": true"]),
    sh7("tools grep nothing", &["tools", "grep", "nosuchtext", "/data", "-w", "demo{v}"], &[]),
    sh7("tools shell fails", &["tools", "shell", "exit 3", "-w", "demo{v}"], &[]),
    sh7("tools unknown workspace", &["tools", "read", "/data/t.txt", "-w", "nosuch"], &[]),
    sh7("tools ls", &["tools", "ls", "/data", "-w", "demo{v}"], &["t.txt"]),
    sh7("tools grep", &["tools", "grep", "three", "/data", "-w", "demo{v}"], &["three"]),
    sh7("tools glob", &["tools", "glob", "*.txt", "/data", "-w", "demo{v}"], &["t.txt"]),
    sh7("tools shell", &["tools", "shell", "echo tool", "-w", "demo{v}"], &["tool"]),
    but(sh7("vfs-md", &["workspace", "vfs-md", "demo{v}"], &[]), V7, 2, NO_RELAYS),
    but(sh7("skill-md", &["workspace", "skill-md", "demo{v}"], &[]), V7, 2, NO_RELAYS),
    // Not here: `rpc`, whose client ends with 0 or 1 as it happens when the server has no such route.
    Step { shows: &["[]"], ..step("asks", MODES, &["workspace", "list-asks", "demo{v}", "--all"]) },
    step("asks unknown workspace", MODES, &["workspace", "list-asks", "nosuch"]),
    step("allow unknown ask", MODES, &["workspace", "allow", "demo{v}", "nosuch"]),
    step("deny unknown ask", MODES, &["workspace", "deny", "demo{v}", "nosuch", "--note", "n"]),
    sh7("cancel unknown", &["workspace", "cancel", "nosuch"], &[]),
    sh7("kill unknown", &["workspace", "kill", "nosuch"], &[]),
    sh7("cancel", &["workspace", "cancel", "demo{v}"], &["\"canceled\": 0"]),
    sh7("kill", &["workspace", "kill", "demo{v}"], &["\"killed\": 0"]),
    // Sessions.
    Step { shows: &["default"], ..step("session list", ALL, &["session", "list", "demo{v}"]) },
    step("session list unknown workspace", ALL, &["session", "list", "nosuch"]),
    Step { shows: &["plain"], ..step("session create", ALL, &["session", "create", "demo{v}", "--id", "plain"]) },
    step("session create taken", ALL, &["session", "create", "demo{v}", "--id", "plain"]),
    step("session create unknown workspace", ALL, &["session", "create", "nosuch"]),
    Step { shows: &["session_id"], ..step("session create minted", ALL, &["session", "create", "demo{v}"]) },
    step("session narrowed", NARROWED, &["session", "create", "demo{v}", "--id", "n", "-m", "/data"]),
    Step {
        versions: NARROWED,
        ..sh(
            "narrowed sees its mount",
            &["execute", "-w", "demo{v}", "-s", "n", "-c", "cat /data/hello.txt"],
            &["hello"],
        )
    },
    Step {
        versions: NARROWED,
        ..sh(
            "narrowed does not read the other",
            &["execute", "-w", "demo{v}", "-s", "n", "-c", "cat /ro/f"],
            &["not allowed to access mount '/ro'"],
        )
    },
    Step {
        versions: NARROWED,
        differs: Some(Differs { versions: NARROWED, code: 2, why: "ls ends with 2 as GNU's does" }),
        ..sh(
            "narrowed does not list the other",
            &["execute", "-w", "demo{v}", "-s", "n", "-c", "ls /ro/"],
            &["not allowed to access mount '/ro'"],
        )
    },
    step("session narrowed to a mode", NARROWED, &["session", "create", "demo{v}", "--id", "nm", "-m", "/data:read"]),
    Step {
        versions: NARROWED,
        ..sh(
            "narrowed to a mode does not write",
            &["execute", "-w", "demo{v}", "-s", "nm", "-c", "echo x > /data/x"],
            &["Read-only"],
        )
    },
    but(
        step("session narrowed to no mount", NARROWED, &["session", "create", "demo{v}", "-m", "/nosuch"]),
        NARROWED,
        2,
        NO_MOUNT,
    ),
    but(
        step("session mode of no mount", MODES, &["session", "create", "demo{v}", "-m", "/nosuch:read"]),
        MODES,
        2,
        NO_MOUNT,
    ),
    but(step("session bad mode", MODES, &["session", "create", "demo{v}", "-m", "/data:sideways"]), MODES, 2, NO_MOUNT),
    step("session weaker mode", MODES, &["session", "create", "demo{v}", "--id", "w", "-m", "/data:read"]),
    Step {
        versions: &["0.0.6"],
        ..sh("weaker reads", &["execute", "-w", "demo{v}", "-s", "w", "-c", "cat /data/hello.txt"], &["hello"])
    },
    Step {
        versions: &["0.0.6"],
        ..sh(
            "weaker does not write",
            &["execute", "-w", "demo{v}", "-s", "w", "-c", "echo x > /data/w"],
            &["Read-only"],
        )
    },
    sh7("weaker reads 7", &["shell", "-w", "demo{v}", "-s", "w", "-c", "cat /data/hello.txt"], &["hello"]),
    sh7("weaker does not write 7", &["shell", "-w", "demo{v}", "-s", "w", "-c", "echo x > /data/w"], &[]),
    step("session unknown profile", MODES, &["session", "create", "demo{v}", "-p", "nope"]),
    sh7("session update", &["session", "update", "demo{v}", "plain", "--default-profile"], &["plain"]),
    sh7("session update unknown profile", &["session", "update", "demo{v}", "plain", "-p", "nope"], &[]),
    sh("session has its directory", &["execute", "-w", "demo{v}", "-s", "plain", "-c", "cd /data; pwd"], &["/data\\n"]),
    sh7("session has its directory 7", &["shell", "-w", "demo{v}", "-s", "plain", "-c", "cd /data; pwd"], &["/data\n"]),
    Step { shows: &["\"cwd\": \"/data\""], ..step("session list directory", ALL, &["session", "list", "demo{v}"]) },
    Step {
        capture: Some(("busy7", "/job_id")),
        ..sh7("session busy", &["shell", "-w", "demo{v}", "-s", "plain", "--bg", "-c", "sleep 60"], &["job_id"])
    },
    sh7("session cancel", &["session", "cancel", "demo{v}", "plain"], &["canceled"]),
    sh7("session cancelled its line", &["job", "wait", "{busy7}"], &["\"status\": \"canceled\""]),
    sh7("session cancel unknown", &["session", "cancel", "demo{v}", "nosuch"], &[]),
    sh7("session kill unknown", &["session", "kill", "demo{v}", "nosuch"], &[]),
    sh7("session update unknown", &["session", "update", "demo{v}", "nosuch", "--default-profile"], &[]),
    sh7("session kill", &["session", "kill", "demo{v}", "plain"], &["killed"]),
    step("session delete", ALL, &["session", "delete", "demo{v}", "plain"]),
    step("session delete unknown", ALL, &["session", "delete", "demo{v}", "nosuch"]),
    step("session delete default", ALL, &["session", "delete", "demo{v}", "default"]),
    sh("state stays", &["execute", "-w", "demo{v}", "-c", "cd /data; X=kept"], &[]),
    sh("state is there", &["execute", "-w", "demo{v}", "-c", "pwd; echo $X"], &["/data\\nkept\\n"]),
    // Snapshots and clones.
    step("snapshot", ALL, &["workspace", "snapshot", "demo{v}", "{snap}/out.tar"]),
    step("snapshot again", ALL, &["workspace", "snapshot", "demo{v}", "{snap}/out.tar"]),
    anywhere(step("snapshot elsewhere", ALL, &["workspace", "snapshot", "demo{v}", "{dir}/elsewhere.tar"])),
    anywhere(step("load from elsewhere", ALL, &["workspace", "load", "{dir}/elsewhere.tar", "--id", "else{v}"])),
    step("snapshot unknown", ALL, &["workspace", "snapshot", "nosuch", "{snap}/none.tar"]),
    step("load", ALL, &["workspace", "load", "{snap}/out.tar", "--id", "loaded{v}"]),
    sh("loaded files", &["execute", "-w", "loaded{v}", "-c", "cat /data/hello.txt"], &["hello"]),
    sh7("loaded files 7", &["shell", "-w", "loaded{v}", "-c", "cat /data/hello.txt"], &["hello"]),
    step(
        "load with config",
        CONFIGURED,
        &["workspace", "load", "{snap}/out.tar", "{dir}/override.yaml", "--id", "over{v}"],
    ),
    step(
        "load with override",
        V1,
        &["workspace", "load", "{snap}/out.tar", "--override", "{dir}/override.yaml", "--id", "over{v}"],
    ),
    sh("load with config has its files", &["execute", "-w", "over{v}", "-c", "ls /data"], &[]),
    step("load unnamed", ALL, &["workspace", "load", "{snap}/out.tar"]),
    but(step("snapshot s3", ALL, &["workspace", "snapshot", "s3{v}", "{snap}/s3.tar"]), ALL, 0, NO_S3),
    step("load s3 without its secrets", ALL, &["workspace", "load", "{snap}/s3.tar", "--id", "s3l{v}"]),
    but(
        step(
            "load s3 with config",
            CONFIGURED,
            &["workspace", "load", "{snap}/s3.tar", "{dir}/s3.yaml", "--id", "s3l{v}"],
        ),
        CONFIGURED,
        0,
        NO_S3,
    ),
    but(
        step(
            "load s3 with override",
            V1,
            &["workspace", "load", "{snap}/s3.tar", "--override", "{dir}/s3.yaml", "--id", "s3l{v}"],
        ),
        V1,
        0,
        NO_S3,
    ),
    step("load config missing variable", CONFIGURED, &["workspace", "load", "{snap}/s3.tar", "{dir}/missing.yaml"]),
    step("load config unknown backend", CONFIGURED, &["workspace", "load", "{snap}/out.tar", "{dir}/nobackend.yaml"]),
    step("load taken", ALL, &["workspace", "load", "{snap}/out.tar", "--id", "loaded{v}"]),
    step("load garbage", ALL, &["workspace", "load", "{snap}/garbage.tar", "--id", "garbage{v}"]),
    step("load missing file", ALL, &["workspace", "load", "{snap}/nosuch.tar"]),
    sh7("snapshot key", &["workspace", "snapshot", "demo{v}", "--key", "k"], &[]),
    sh7("load key", &["workspace", "load", "--key", "k"], &[]),
    Step { shows: &["copy{v}"], ..step("clone", ALL, &["workspace", "clone", "demo{v}", "--id", "copy{v}"]) },
    sh(
        "clone has the files",
        &["execute", "-w", "copy{v}", "-c", "cat /data/hello.txt; echo changed > /data/hello.txt"],
        &["hello"],
    ),
    sh("the source stays", &["execute", "-w", "demo{v}", "-c", "cat /data/hello.txt"], &["hello\\n"]),
    step("clone taken", ALL, &["workspace", "clone", "demo{v}", "--id", "copy{v}"]),
    step("clone unnamed", ALL, &["workspace", "clone", "demo{v}"]),
    step(
        "clone with override",
        V1,
        &["workspace", "clone", "demo{v}", "--id", "co{v}", "--override", "{dir}/override.yaml"],
    ),
    step("clone unknown", ALL, &["workspace", "clone", "nosuch"]),
    // Versions.
    Step { shows: &["[]"], ..step("log of nothing", VERSIONED, &["workspace", "log", "demo{v}"]) },
    step("commit unknown workspace", VERSIONED, &["workspace", "commit", "nosuch"]),
    Step {
        capture: Some(("first", "/version")),
        shows: &["\"branch\": \"main\""],
        ..step("commit", VERSIONED, &["workspace", "commit", "demo{v}", "-m", "first"])
    },
    Step {
        versions: VERSIONED,
        ..sh(
            "change",
            &["execute", "-w", "demo{v}", "-c", "echo two > /data/two.txt; echo more >> /data/hello.txt"],
            &[],
        )
    },
    Step { shows: &["data/two.txt", "data/hello.txt"], ..step("diff", VERSIONED, &["workspace", "diff", "demo{v}"]) },
    Step {
        shows: &["data/two.txt", "data/hello.txt"],
        ..step("diff since one", VERSIONED, &["workspace", "diff", "demo{v}", "{first}"])
    },
    step(
        "diff unknown version",
        VERSIONED,
        &["workspace", "diff", "demo{v}", "0000000000000000000000000000000000000000"],
    ),
    step("commit again", VERSIONED, &["workspace", "commit", "demo{v}", "-m", "second"]),
    Step { shows: &["\"added\": []"], ..step("diff of nothing", VERSIONED, &["workspace", "diff", "demo{v}"]) },
    step("commit nothing new", VERSIONED, &["workspace", "commit", "demo{v}"]),
    Step { shows: &["first", "second"], ..step("log", VERSIONED, &["workspace", "log", "demo{v}"]) },
    Step { shows: &["exp"], ..step("branch", VERSIONED, &["workspace", "branch", "demo{v}", "exp", "--from", "main"]) },
    step("branch unknown workspace", VERSIONED, &["workspace", "branch", "nosuch", "exp"]),
    step("branch taken", VERSIONED, &["workspace", "branch", "demo{v}", "exp"]),
    step("branch from unknown", VERSIONED, &["workspace", "branch", "demo{v}", "x", "--from", "nope"]),
    step("commit on a branch", VERSIONED, &["workspace", "commit", "demo{v}", "-m", "third", "-b", "exp"]),
    step("commit on an unknown branch", VERSIONED, &["workspace", "commit", "demo{v}", "-b", "nope"]),
    Step { shows: &["third"], ..step("log of a branch", VERSIONED, &["workspace", "log", "demo{v}", "-b", "exp"]) },
    Step {
        shows: &["data/two.txt"],
        ..step("diff of two", VERSIONED, &["workspace", "diff", "demo{v}", "{first}", "main"])
    },
    Step { shows: &["demo{v}"], ..step("checkout", VERSIONED, &["workspace", "checkout", "demo{v}", "{first}"]) },
    Step {
        versions: VERSIONED,
        ..sh(
            "checked out",
            &["execute", "-w", "demo{v}", "-c", "cat /data/hello.txt; ls /data"],
            &["\"hello\\nhello.txt\\n\""],
        )
    },
    Step { shows: &["demo{v}"], ..step("checkout a branch", VERSIONED, &["workspace", "checkout", "demo{v}", "exp"]) },
    Step {
        versions: VERSIONED,
        ..sh("checked out the branch", &["execute", "-w", "demo{v}", "-c", "cat /data/two.txt"], &["two\\n"])
    },
    step("checkout unknown workspace", VERSIONED, &["workspace", "checkout", "nosuch", "main"]),
    step(
        "checkout unknown",
        VERSIONED,
        &["workspace", "checkout", "demo{v}", "0000000000000000000000000000000000000000"],
    ),
    step("checkout malformed", VERSIONED, &["workspace", "checkout", "demo{v}", "no such ref"]),
    Step {
        shows: &["at{v}"],
        ..step("clone at", VERSIONED, &["workspace", "clone", "demo{v}", "--id", "at{v}", "--at", "main"])
    },
    Step {
        versions: VERSIONED,
        ..sh("clone at has the version", &["execute", "-w", "at{v}", "-c", "cat /data/two.txt"], &["two"])
    },
    step("clone at an id", VERSIONED, &["workspace", "clone", "demo{v}", "--id", "atid{v}", "--at", "{first}"]),
    step("log of an unknown branch", VERSIONED, &["workspace", "log", "demo{v}", "-b", "nope"]),
    step("clone at unknown", VERSIONED, &["workspace", "clone", "demo{v}", "--at", "nope"]),
    step("log unknown workspace", VERSIONED, &["workspace", "log", "nosuch"]),
    step("diff unknown workspace", VERSIONED, &["workspace", "diff", "nosuch"]),
    // The end.
    Step { versions: V7, ..step("close", V7, &["workspace", "close", "copy{v}"]) },
    step("delete", ALL, &["workspace", "delete", "demo{v}"]),
    step("delete again", ALL, &["workspace", "delete", "demo{v}"]),
    step("close unknown", V7, &["workspace", "close", "nosuch"]),
    step("session list deleted", ALL, &["session", "list", "demo{v}"]),
    step("execute deleted", UNTIL_6, &["execute", "-w", "demo{v}", "-c", "true"]),
];

/// What every client does at last, one after the other: the daemon is stopped by the first.
pub static END: &[Step] = &[
    Step { shows: &["stopped"], ..step("daemon stop", ALL, &["daemon", "stop"]) },
    Step { shows: &["\"running\": false"], ..step("daemon status stopped", ALL, &["daemon", "status"]) },
    step("list stopped", ALL, &["workspace", "list"]),
];
