//! Every step of an installation failing in turn: the machine is as it was, the gateway knows no node, and somebody is told
//! what to do.

use crate::gateway::Gateway;
use crate::machine::{Machine, Ran};
use crate::person::{Person, UNIT};
use std::time::Duration;

/// In front of the gateway: refuses the paths that have this word in them, and passes everything else on.
const REFUSING: &str = r#"
import http.server, sys, urllib.error, urllib.request
upstream, word = sys.argv[1], sys.argv[2]
class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def answer(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def handle_one(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0)) or None
        if word in self.path:
            return self.answer(500, b'{"error":"out of order"}')
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection", "content-length")}
        request = urllib.request.Request(upstream + self.path, body, headers, method=self.command)
        try:
            with urllib.request.urlopen(request) as response:
                self.answer(response.status, response.read())
        except urllib.error.HTTPError as failed:
            self.answer(failed.code, failed.read())
    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = handle_one
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
print("listening", server.server_port, flush=True)
server.serve_forever()
"#;

/// Somebody about to install, and how the machine is.
struct Scene<'a> {
    gateway: &'a Gateway,
    dev: &'a Person<'a>,
}

impl Scene<'_> {
    /// Fails, leaves nothing, says why and how to go on; gives what was said.
    #[track_caller]
    fn fails(&self, what: &str, breaking: &str, mending: &str, install: impl Fn() -> Ran, reasons: &[&str]) {
        let before = self.dev.machine.listing();
        let linger = self.dev.machine.root("ls /var/lib/systemd/linger").out;
        if !breaking.is_empty() {
            self.dev.sh(breaking).worked();
        }
        let ran = install();
        let said = format!("{}{}", ran.out, ran.err);
        assert_ne!(ran.code, 0, "{what}: {said}");
        if !mending.is_empty() {
            self.dev.sh(mending).worked();
        }
        for reason in reasons {
            assert!(said.contains(reason), "{what}: '{reason}' is not in:\n{said}");
        }
        assert!(said.contains("try"), "{what} does not say how to go on:\n{said}");
        assert!(!said.contains(&self.gateway.enroll), "{what} shows the key:\n{said}");
        assert_eq!(self.dev.machine.root("ls /var/lib/systemd/linger").out, linger, "{what}: linger");
        self.dev.assert_gone(&before);
        println!("== {what}\n{said}");
    }
}

#[test]
fn each_step_that_fails_leaves_the_machine_as_it_was() {
    for root in ["bookworm-polkitd", "trixie"] {
        if crate::machine::chosen_roots().contains(&root) {
            every_failure(root);
        }
    }
}

fn every_failure(root: &'static str) {
    let machine = Machine::boot(root);
    let mut gateway = Gateway::start(&machine);
    let dev = Person::dev(&machine);
    let eve = Person::new(&machine, "eve", 4243, "/home/eve");
    crate::until("eve's manager has ended", || {
        let state = machine.root("systemctl show -p ActiveState --value user@4243.service").out;
        if state.trim() == "inactive" { Ok(()) } else { Err(state) }
    });
    machine.root("systemctl mask user@4243.service").worked();
    let session = dev.log_in();
    {
        let scene = Scene { gateway: &gateway, dev: &dev };
        let install = || dev.install(&gateway, "--name box");

        let closed = "mkdir -p ~/.config/systemd/user && chmod 555 ~/.config/systemd/user";
        let open = "chmod 755 ~/.config/systemd/user && rmdir -p ~/.config/systemd/user 2> /dev/null || :";
        scene.fails("a read-only directory of units", closed, open, install, &["/.config/systemd/user"]);

        // Somebody whose manager does not come up, as in a container or under cron.
        let as_cron = || {
            let command = format!("waypost node install --api-key-stdin --gateway {} --yes", gateway.url);
            eve.sh_bare(&command, gateway.enroll.as_bytes())
        };
        scene.fails("no bus", "", "", as_cron, &["systemd --user"]);

        let masked = format!("~/.config/systemd/user.control/{UNIT}");
        let mask = format!(
            "mkdir -p ~/.config/systemd/user.control && ln -s /dev/null {masked} && systemctl --user daemon-reload"
        );
        let unmask = format!(
            "rm {masked} && rmdir -p ~/.config/systemd/user.control 2> /dev/null; systemctl --user daemon-reload"
        );
        scene.fails("a unit that systemd refuses", &mask, &unmask, install, &["mask"]);

        let dir = format!("~/.config/systemd/user/{UNIT}.d");
        let spoil = format!(
            "mkdir -p {dir} && printf '[Service]\\nExecStartPre=/bin/false\\n' > {dir}/x.conf && systemctl --user daemon-reload"
        );
        let heal =
            format!("rm -r {dir} && rmdir -p ~/.config/systemd/user 2> /dev/null; systemctl --user daemon-reload");
        scene.fails("a service that does not start", &spoil, &heal, install, &[UNIT]);
        assert_eq!(gateway.nodes(), [""; 0], "the gateway has a node of installations that failed");

        for word in ["health", "bootstrap", "heartbeat"] {
            let mut proxy = gateway.beside(&["python3", "-c", REFUSING, &gateway.url, word]);
            let line = proxy.wait_line("listening", Duration::from_secs(20));
            let url = format!("http://127.0.0.1:{}", line.rsplit(' ').next().unwrap());
            let install = || {
                let command = format!("waypost node install --api-key-stdin --gateway {url} --name box --yes");
                dev.sh_with(&command, gateway.enroll.as_bytes())
            };
            scene.fails(&format!("a gateway that fails at {word}"), "", "", install, &["500"]);
            assert_eq!(gateway.nodes(), [""; 0], "after {word}");
        }

        let wrong = || {
            let command = format!("waypost node install --api-key-stdin --gateway {} --yes", gateway.url);
            dev.sh_with(&command, b"msw_no-such-key")
        };
        scene.fails("a wrong key", "", "", wrong, &["key"]);
    }
    gateway.kill();
    let scene = Scene { gateway: &gateway, dev: &dev };
    scene.fails("no gateway", "", "", || dev.install(&gateway, "--name box"), &[&gateway.url]);
    session.log_out();
}
