//! Real input: this repository's own sources go through the relay, and what a script makes of them is what GNU bash and
//! coreutils make of the same tree on disk.

use crate::support::{Gateway, Node, TestEnv, http};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What a person might ask of a source tree, in the constructs that such scripts use.
const SCRIPT: &str = r#"
count() {
  find "$1" -type f -name "$2" | wc -l | tr -d ' '
}
echo "rust files: $(count src '*.rs'), documents: $(count docs '*.md')"
find src -type f | sort | head -n 15
for dir in src/*/; do
  lines=0
  for file in "$dir"*.rs; do
    [ -f "$file" ] || continue
    n=$(wc -l < "$file")
    lines=$((lines + n))
  done
  printf '%-16s %6d\n' "$dir" "$lines"
done
echo "-- words"
grep -rhoE '\b(async|await|match|impl|struct|enum|trait|pub|use)\b' src | sort | uniq -c | sort -k1,1nr -k2 | awk '{ print $1, $2 }'
echo "-- where"
grep -rn 'fn main' src | sort
grep -rlE 'unsafe' src | sort
echo "-- purposes"
find src -name 'mod.rs' | sort | while read -r file; do
  first=$(head -n 1 "$file")
  case "$first" in
    '//! '*) echo "${file#src/}: ${first#//! }" ;;
    *) echo "$file: none" ;;
  esac
done
awk -F'::' '/^use crate::/ { split($2, part, /[^a-z_]/); n[part[1]]++ } END { for (name in n) print n[name], name }' $(find src -name '*.rs' | sort) | sort -k1,1nr -k2
mkdir -p out
cat > out/report.txt <<REPORT
files: $(count src '*.rs')
longest:
$(find src -name '*.rs' | while read -r f; do echo "$(wc -l < "$f") $f"; done | sort -k1,1nr -k2 | head -n 5)
REPORT
sed -e 's/^files/FILES/' -e '/^longest/d' out/report.txt | tr '[:lower:]' '[:upper:]'
sha256sum Cargo.toml src/main.rs | cut -c1-16
i=0
while [ "$i" -lt 5 ]; do
  i=$((i + 1))
  [ $((i % 2)) -eq 0 ] && continue
  echo "odd $i"
done
"#;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A tar of the parts of the repository that a package would have.
fn archive() -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    archive.mode(tar::HeaderMode::Deterministic);
    for dir in ["src", "docs", "tests", "benches", ".ci"] {
        archive.append_dir_all(dir, root().join(dir)).unwrap();
    }
    for file in ["Cargo.toml", "Cargo.lock", "README.md", "LICENSE"] {
        archive.append_path_with_name(root().join(file), file).unwrap();
    }
    archive.into_inner().unwrap()
}

/// Loads an archive through the queue and gives the job's answer.
async fn load(gateway: &Gateway, node: &str, id: &str, archive: Vec<u8>, params: Value) -> Value {
    let blob: Value = http()
        .put(format!("{}/v1/blobs", gateway.url))
        .bearer_auth(&gateway.call)
        .body(archive)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let mut params = params;
    params["id"] = json!(id);
    let job =
        json!({ "node": node, "operation": "workspaces.load", "params": params, "body": { "sha256": blob["sha256"] } });
    let id = gateway.submit(&job).await;
    let job = gateway.end_of(&id, Duration::from_secs(60)).await;
    assert_eq!(job["state"], "succeeded", "{job:#}");
    job["result"].clone()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_script_over_this_repository_prints_what_bash_prints_on_disk() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = Node::start(&env, &gateway, "box");
    let archive = archive();

    let disk = env.path("tree");
    std::fs::create_dir(&disk).unwrap();
    tar::Archive::new(&archive[..]).unpack(&disk).unwrap();
    let bash = Command::new("bash").args(["-c", SCRIPT]).current_dir(&disk).env("LC_ALL", "C").output().expect("bash");
    assert!(bash.status.success(), "{}", String::from_utf8_lossy(&bash.stderr));

    load(&gateway, &node.name, "src", archive, json!({ "mount": "/tree" })).await;
    let params = json!({ "id": "src", "command": SCRIPT, "cwd": "/tree", "env": { "LC_ALL": "C" }, "timeout_s": 120 });
    let answer = gateway.operation(&node.name, "workspaces.execute", params).await;

    similar(answer["stdout"].as_str().unwrap(), &String::from_utf8_lossy(&bash.stdout));
    assert_eq!(answer["stderr"], String::from_utf8_lossy(&bash.stderr).as_ref());
    assert_eq!(answer["exit_code"], 0);
}

fn similar(ours: &str, theirs: &str) {
    for (number, (ours, theirs)) in ours.lines().zip(theirs.lines()).enumerate() {
        assert_eq!(ours, theirs, "line {}", number + 1);
    }
    assert_eq!(ours, theirs);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_lists_with_tar_and_loads_elsewhere_byte_for_byte() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let here = Node::start(&env, &gateway, "here");
    let there = Node::start(&env, &gateway, "there");
    load(&gateway, &here.name, "src", archive(), json!({ "mount": "/tree" })).await;
    let binary = r"head -c 100000 /tree/Cargo.lock | gzip -c > /tree/lock.gz; printf '\377\376\n' > '/tree/a name with spaces é.bin'; mkdir -p /tree/empty; ln -s Cargo.toml /tree/link";
    gateway.operation(&here.name, "workspaces.execute", json!({ "id": "src", "command": binary })).await;

    let id = gateway
        .submit(&json!({ "node": here.name, "operation": "workspaces.snapshot", "params": { "id": "src" } }))
        .await;
    let job = gateway.end_of(&id, Duration::from_secs(60)).await;
    assert_eq!(job["state"], "succeeded", "{job:#}");
    let snapshot = http()
        .get(format!("{}/v1/jobs/{id}/body", gateway.url))
        .bearer_auth(&gateway.call)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(job["result_body"]["size"], snapshot.len());

    let file = env.path("src.tar");
    std::fs::write(&file, &snapshot).unwrap();
    let listed = Command::new("tar").arg("tf").arg(&file).output().expect("tar");
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.status.success() && listed.stderr.is_empty(), "{}", String::from_utf8_lossy(&listed.stderr));
    assert!(names.lines().any(|name| name.ends_with("Cargo.toml")), "{names}");

    load(&gateway, &there.name, "copy", snapshot.to_vec(), json!({})).await;
    let sums =
        r"cd /tree && find . -type f | sort | while read -r f; do sha256sum $f; done; readlink link; ls -d empty";
    let sums = sums.replace("$f", "\"$f\"");
    let ours = gateway.operation(&here.name, "workspaces.execute", json!({ "id": "src", "command": sums })).await;
    let copy = gateway.operation(&there.name, "workspaces.execute", json!({ "id": "copy", "command": sums })).await;
    assert!(ours["stdout"].as_str().unwrap().lines().count() > 100, "{ours}");
    assert_eq!(ours, with_job_of(copy, &ours));
}

/// Answers name their own job; everything else is compared.
fn with_job_of(mut answer: Value, other: &Value) -> Value {
    for name in ["job_id", "jobId"] {
        answer[name] = other[name].clone();
    }
    answer
}
