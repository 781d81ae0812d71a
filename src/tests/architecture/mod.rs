//! Each module imports only what the table below allows. (Cargo checks the imports between
//! packages.) Only `queries` fills `views`: a statement or a command knows no page.

mod lengths;
mod seeds;
mod words;

use std::{collections::BTreeSet, fs, path::Path};

/// A module, and the other modules of this crate that it may use.
const MAY: [(&str, &[&str]); 21] = [
    ("client_address", &[]),
    ("clock", &["domain"]),
    ("hashing", &[]),
    ("joint_reads", &[]),
    ("lease", &["clock", "store"]),
    ("config", &["client_address", "db", "domain", "channels", "oidc", "scalekit", "telemetry"]),
    ("db", &["domain", "clock"]),
    ("store", &["domain", "db"]),
    ("scalekit", &["domain", "clock"]),
    ("channels", &["domain", "config"]),
    ("health", &["domain", "clock"]),
    ("oidc", &["domain", "channels", "clock"]),
    ("metrics", &["domain", "scalekit"]),
    (
        "commands",
        &[
            "client_address",
            "domain",
            "db",
            "store",
            "scalekit",
            "channels",
            "clock",
            "hashing",
            "oidc",
            "state",
            "throttle",
        ],
    ),
    (
        "queries",
        &[
            "views",
            "domain",
            "db",
            "store",
            "scalekit",
            "channels",
            "clock",
            "joint_reads",
            "state",
            "commands",
            "metrics",
        ],
    ),
    ("ingest", &["commands", "db", "domain", "state", "clock"]),
    (
        "jobs",
        &["commands", "queries", "store", "db", "domain", "channels", "state", "clock", "health"],
    ),
    (
        "http",
        &[
            "client_address",
            "commands",
            "queries",
            "domain",
            "scalekit",
            "ingest",
            "state",
            "db",
            "store",
            "clock",
            "metrics",
            "shares",
        ],
    ),
    ("shares", &["domain"]),
    (
        "state",
        &[
            "channels",
            "clock",
            "config",
            "db",
            "domain",
            "hashing",
            "health",
            "joint_reads",
            "lease",
            "metrics",
            "oidc",
            "scalekit",
            "shares",
            "throttle",
        ],
    ),
    ("throttle", &["domain"]),
];

/// What a query imports from `commands`: the error, and for a preview the transaction that is
/// rolled back and, of decisions by hand, what is decided in it.
const OF_COMMANDS: [&str; 3] = [
    "commands::Error",
    "commands::{Cause, Error, SeatTransaction}",
    "Decided, DecidedByHand, Error, SeatTransaction, carry_out,",
];

#[test]
fn every_module_imports_only_what_it_may() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();

    for (module, may) in MAY {
        for (file, text) in files(&src, module) {
            for (number, used) in imports(&text) {
                let own = used == module;
                let of_sessions =
                    used == "store" && module == "http" && !file.ends_with("session/mod.rs");
                let of_commands = module == "queries"
                    && used == "commands"
                    && !OF_COMMANDS.iter().any(|names| text.contains(names));
                if !own && (!may.contains(&used) || of_sessions || of_commands) {
                    wrong.push(format!("{file}:{number} uses {used}, which {module} may not"));
                }
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn files(src: &Path, module: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Vec<_> = [src.join(module), src.join(format!("{module}.rs"))]
        .into_iter()
        .filter(|path| path.exists())
        .collect();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().flatten().map(|entry| entry.path()));
        } else if path.extension().is_some_and(|kind| kind == "rs")
            && !path
                .components()
                .any(|part| ["tests", "tests.rs"].iter().any(|test| part.as_os_str() == *test))
        {
            found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// The packages that this one exports again, so that `crate::views` and `views` are the same.
const PACKAGES: [&str; 2] = ["domain", "views"];

/// The first name after `crate::` of each import, with its line number, also in the nested form
/// `use crate::{a, b::c}`, and each of the packages. Tests at the end of a file may import
/// anything.
fn imports(text: &str) -> Vec<(usize, &str)> {
    let text = text.split("#[cfg(test)]").next().unwrap_or(text);
    let mut found = Vec::new();
    let mut in_braces = false;
    for (number, line) in (1..).zip(text.lines()) {
        let packages = PACKAGES.iter().filter(|package| names(line, package));
        found.extend(packages.map(|package| (number, *package)));
        if line.starts_with("use crate::{") {
            in_braces = !line.ends_with("};");
            let inner = line.trim_start_matches("use crate::{").trim_end_matches("};");
            found.extend(split_top(inner).map(|name| (number, name)));
        } else if in_braces {
            if line == "};" {
                in_braces = false;
            } else if line.starts_with("    ")
                && !line.starts_with("     ")
                && !line.trim().starts_with('}')
            {
                found.extend(split_top(line.trim()).map(|name| (number, name)));
            }
        } else {
            for (at, _) in
                line.match_indices("crate::").filter(|_| !line.trim_start().starts_with("//"))
            {
                found.extend(
                    first(&line[at + 7..]).filter(|name| *name != "$").map(|name| (number, name)),
                );
            }
        }
    }
    found
}

/// Whether a line has a path that begins with the package.
fn names(line: &str, package: &str) -> bool {
    let begins = |at: usize| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == ':'))
            || line[..at].ends_with(" ::")
    };
    !line.trim_start().starts_with("//")
        && line.match_indices(&format!("{package}::")).any(|(at, _)| begins(at))
}

#[test]
fn an_import_is_found_in_each_form() {
    for text in [
        "use crate::views::People;",
        "use crate::{\n    db::Tx,\n    views::People,\n};",
        "use crate::{db::Tx, views::People};",
        "use views::People;",
        "    fn f() -> views::People {",
        "    ::views::People",
        "fn f() -> crate::views::People {",
    ] {
        assert!(imports(text).iter().any(|(_, used)| *used == "views"), "{text}");
    }
    for text in ["// views::People", "use crate::reviews::People;", "let x = app::views::f();"] {
        assert!(imports(text).iter().all(|(_, used)| *used != "views"), "{text}");
    }
}

fn split_top(line: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    line.split(move |c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    })
    .filter_map(|part| first(part.trim()))
}

fn first(path: &str) -> Option<&str> {
    path.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().filter(|name| !name.is_empty())
}

/// What decides about seats, or writes them: organizations, users, decisions, memberships and their
/// changes, alerts about seats, and access that ends.
const WRITES_SEATS: [&str; 26] = [
    "seats::decide(",
    "seats::identify_placeholder(",
    "seats::merge_placeholder(",
    "organizations::add(",
    "organizations::save(",
    "organizations::save_details(",
    "organizations::note_limit_set(",
    "organizations::note_archived(",
    "directory_users::save(",
    "directory_users::merge_placeholder(",
    "decisions::add(",
    "decisions::merge_placeholder(",
    "limit_decisions::add(",
    "limit_decisions::begin(",
    "seat_history::add_days(",
    "seat_history::add_points(",
    "seat_history::begin(",
    "accounts::merge_placeholder(",
    "former_addresses::add(",
    "organization_seen::add(",
    "groups::apply_update(",
    "groups::mention(",
    "groups::write_memberships(",
    "membership_changes::add(",
    "revoke_access(",
    "update_alerts(",
];

#[test]
fn seats_are_written_by_the_seat_transaction_alone() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut found = BTreeSet::new();

    for (module, _) in MAY.iter().filter(|(module, _)| *module != "store") {
        for (file, text) in files(&src, module) {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (number, line) in (1..).zip(code.lines()).filter(|(_, line)| !line.contains("fn "))
            {
                for call in WRITES_SEATS.iter().filter(|call| calls(line, call)) {
                    if file.contains("commands/seat_transaction/") {
                        found.insert(*call);
                    } else {
                        wrong.push(format!("{file}:{number} calls {call}…), which only commands/seat_transaction may"));
                    }
                }
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(found, WRITES_SEATS.into_iter().collect(), "each function exists under this name");
}

/// The scope of an organization is a right. Without a viewer, only a row that the store has locked
/// gives one.
#[test]
fn only_the_store_makes_a_scope_without_a_viewer() {
    const MAKES: &str = "of_locked_row";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut makers = BTreeSet::new();

    for folder in ["src", "app/src"] {
        for (file, text) in files(root, folder) {
            if text.contains(MAKES) {
                makers.insert(file);
            }
        }
    }

    let (of_store, others): (Vec<_>, Vec<_>) =
        makers.iter().partition(|file| file.contains("src/store/"));
    assert!(!of_store.is_empty());
    assert!(others.len() == 1 && others[0].ends_with("src/domain/access.rs"), "{others:?}");
}

/// Whether a line calls a function, and not one whose name ends in the same way.
fn calls(line: &str, call: &str) -> bool {
    line.match_indices(call)
        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.'))
}

/// One module makes all files and folders, and lets only our own user read them.
#[test]
fn one_module_makes_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let making =
        ["File::create", "fs::write", "create_dir", "OpenOptions", "DirBuilder", "fs::copy"];
    let mut wrong = Vec::new();

    for folder in [root.join("src"), root.join("app/src")] {
        for (file, text) in files(&folder, "") {
            let made = text.split("#[cfg(test)]").next().unwrap_or_default();
            let is_ours =
                !["/benches/", "/fuzz/", "/tests/", "tests.rs", "build.rs", "db/private.rs"]
                    .iter()
                    .any(|part| file.contains(part));
            if is_ours && making.iter().any(|word| made.contains(word)) {
                wrong.push(file);
            }
        }
    }

    assert!(wrong.is_empty(), "db/private.rs makes files, and nothing else does: {wrong:?}");
}

/// Everything that a person reads: sources with their tests, templates, styles, browser tests and
/// documents.
fn texts(root: &Path) -> Vec<(String, String)> {
    const FOLDERS: [&str; 8] =
        ["src", "app", "end2end", "migrations", "style", "public", ".github", "README.md"];
    const KINDS: [&str; 8] = ["rs", "sql", "ts", "css", "js", "html", "txt", "md"];
    const FOREIGN: [&str; 6] = ["node_modules", "vendor", "fonts", "target", "corpus", "artifacts"];
    /// They name the old words.
    const LISTS: [&str; 3] =
        ["src/tests/architecture/words.rs", ".github/docs/glossary.md", ".github/CHANGELOG.md"];

    let mut found = Vec::new();
    let mut open: Vec<_> = FOLDERS.iter().map(|folder| root.join(folder)).collect();
    while let Some(path) = open.pop() {
        let is = |names: &[&str]| {
            path.file_name().is_some_and(|own| names.iter().any(|name| own == *name))
        };
        if path.is_dir() && !is(&FOREIGN) {
            open.extend(fs::read_dir(&path).unwrap().flatten().map(|entry| entry.path()));
        } else if path.is_file()
            && path.extension().is_some_and(|kind| KINDS.iter().any(|known| kind == *known))
        {
            let file = path.strip_prefix(root).unwrap().display().to_string();
            if !LISTS.contains(&file.as_str()) {
                found.push((file, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}
