//! The files that a page needs are inside the binary, so it can run in any folder.

use std::{collections::BTreeSet, path::Path};

use super::support::Server;

#[test]
fn whatever_a_page_names_is_there_and_is_what_it_is_named_as() {
    let server =
        Server::new().account("sam.staff@seats.test", "staff", &[]).organization("org_1").serving();
    let cookie = server.signed_in("sam.staff@seats.test");

    let named: BTreeSet<String> = [
        "/sign-in",
        "/organizations",
        "/organizations/org_1",
        "/organizations/org_1/limit",
        "/nothing/like/it",
    ]
    .iter()
    .flat_map(|path| files(&server.page(path, &cookie).body))
    // a list is no file, and only people who may see the page may read it
    .filter(|file| Path::new(file).extension() != Some("csv".as_ref()))
    .collect();

    for ending in ["css", "js", "wasm", "woff2", "svg"] {
        assert!(
            named.iter().any(|file| file.ends_with(&format!(".{ending}"))),
            "no .{ending} in {named:?}"
        );
    }
    for file in &named {
        let answer = server.page(file, "");
        assert_eq!(
            answer.status, 200,
            "{file} is not in the binary; `cargo xtask build` puts it there"
        );
        let kind = match file.rsplit('.').next().unwrap() {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "wasm" => "application/wasm",
            "woff2" => "font/woff2",
            "svg" => "image/svg+xml",
            other => panic!("what is a .{other}?"),
        };
        assert_eq!(answer.header("content-type"), Some(kind), "{file}");
        assert!(!answer.body.is_empty(), "{file}");
    }
    assert!(!server.log().contains("not in this binary"), "{}", server.log());
}

/// All texts between quotation marks that name a file of this site.
fn files(page: &str) -> Vec<String> {
    let quoted = page
        .split(['"', '\'', '`'])
        .filter(|text| text.starts_with('/') && !text.contains(char::is_whitespace));
    quoted
        .filter(|text| text.rsplit('/').next().is_some_and(|name| name.contains('.')))
        .map(str::to_owned)
        .collect()
}
