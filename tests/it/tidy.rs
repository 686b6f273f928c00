//! Rules of the house that a reader cannot see in one file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The table of `docs/architecture.md`: module → modules it may import.
fn import_table() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let words = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    text.lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').collect();
            let module = words(cells[1]).into_iter().next().unwrap();
            (module, words(cells[3]))
        })
        .collect()
}

fn module_of(file: &Path) -> String {
    let relative = file.strip_prefix(root().join("src")).unwrap();
    relative.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// `crate::x::…` names in the code of a file, its comments left out.
fn imports(text: &str) -> BTreeSet<String> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            let group = group.split('}').next().unwrap_or_default();
            found.extend(group.split(',').map(|item| item.trim().split("::").next().unwrap_or_default().to_owned()));
        } else {
            found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found
}

#[test]
fn every_module_imports_only_what_the_architecture_allows() {
    let table = import_table();
    assert!(table.len() >= 10, "the table of docs/architecture.md was not found");
    let mut breaches = Vec::new();
    for file in rust_files(&root().join("src")) {
        let module = module_of(&file);
        if module == "lib" || module == "main" {
            continue;
        }
        let allowed =
            table.get(&module).unwrap_or_else(|| panic!("`{module}` is not in the table of docs/architecture.md"));
        for import in imports(&fs::read_to_string(&file).unwrap()) {
            if import != module && table.contains_key(&import) && !allowed.contains(&import) {
                breaches.push(format!("{}: `{module}` may not import `{import}`", file.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "see docs/architecture.md:\n{}", breaches.join("\n"));
}

#[test]
fn modules_of_the_table_exist_and_their_mod_files_hold_only_declarations() {
    for module in import_table().keys() {
        let file = root().join(format!("src/{module}/mod.rs"));
        let text =
            fs::read_to_string(&file).unwrap_or_else(|_| panic!("{} is in the table but not there", file.display()));
        assert!(
            !text.contains("\nfn ") && !text.contains("\nimpl "),
            "{} holds code: move it to a file of its own",
            file.display()
        );
    }
}

#[test]
fn only_the_cli_prints_and_only_main_ends_the_program() {
    let mut breaches = Vec::new();
    for file in rust_files(&root().join("src")) {
        let module = module_of(&file);
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            let code = line.trim_start();
            if code.starts_with("//") {
                continue;
            }
            let prints = ["println!(", "print!("].iter().any(|word| code.contains(word));
            if prints && module != "cli" {
                breaches.push(format!("{}:{}: prints", file.display(), number + 1));
            }
            if code.contains("process::exit(") || code.contains("process::abort(") {
                breaches.push(format!("{}:{}: ends the program", file.display(), number + 1));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    for file in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//!"), "{} does not open with its purpose", file.display());
    }
}

#[test]
fn paths_that_the_documents_name_exist() {
    let mut documents: Vec<PathBuf> =
        fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    documents.push(root().join("README.md"));
    for document in documents.iter().filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
        let text = fs::read_to_string(document).unwrap();
        for word in text.split('`').skip(1).step_by(2) {
            let named = ["src/", "tests/", "docs/", "benches/", ".ci/", "service-templates/", "installer/"]
                .iter()
                .any(|start| word.starts_with(start));
            if named && !word.contains([' ', '*', '{', '<']) {
                assert!(root().join(word).exists(), "{} names `{word}`, which does not exist", document.display());
            }
        }
    }
}
