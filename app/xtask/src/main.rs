//! `cargo xtask <dev|build|test|e2e>`: builds the browser bundle and the server.
use anyhow::{Context, Result, bail, ensure};
use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant, SystemTime},
};

const NAME: &str = "seatkeeper";
const TARGET: &str = "wasm32-unknown-unknown";

fn main() -> Result<()> {
    env::set_current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))?;
    let args: Vec<String> = env::args().skip(1).collect();
    let flag = |f: &str| args.iter().any(|a| a == f);
    let release = flag("--release");
    let features = if flag("--islands") { Some("islands") } else { None };
    match args.first().map(String::as_str) {
        Some("build") => {
            front(release, features)?;
            server(release, features).map(|_| ())
        }
        Some("dev") => dev(release, features, flag("--watch")),
        Some("test") => {
            // never --workspace: features are unified over everything selected, and with the
            // browser crate among it the server would be compiled with `hydrate` too
            run(cargo(&["test", "-p", NAME, "-p", "app"]))?;
            e2e(release, features)
        }
        Some("e2e") => e2e(release, features),
        _ => bail!("usage: cargo xtask <build|dev|test|e2e> [--release] [--islands] [--watch]"),
    }
}

fn cargo(args: &[&str]) -> Command {
    let mut c = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    c.args(args);
    c
}

fn run(mut c: Command) -> Result<()> {
    let status = c.status().with_context(|| format!("starting {c:?}"))?;
    ensure!(status.success(), "{c:?}: {status}");
    Ok(())
}

fn ensure_wasm_target() -> Result<()> {
    let out = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output()?;
    let dir = PathBuf::from(String::from_utf8(out.stdout)?.trim());
    let there = fs::read_dir(&dir).map(|d| d.flatten().any(|e| e.file_name().to_string_lossy().starts_with("libstd-"))).unwrap_or(false);
    if there {
        return Ok(());
    }
    let mut c = Command::new("bash");
    c.arg("app/xtask/wasm-target.sh");
    run(c)
}

fn front(release: bool, features: Option<&str>) -> Result<()> {
    ensure_wasm_target()?;
    let profile = if release { "wasm-release" } else { "dev" };
    let mut c = cargo(&["build", "-p", "frontend", "--target", TARGET, "--profile", profile]);
    if let Some(f) = features {
        c.args(["--features", f]);
    }
    run(c)?;
    let dir = if release { "wasm-release" } else { "debug" };
    let wasm = Path::new("target").join(TARGET).join(dir).join("frontend.wasm");
    let pkg = Path::new("target/site/pkg");
    let _ = fs::remove_dir_all(pkg);
    fs::create_dir_all(pkg)?;
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(&wasm)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .debug(!release)
        .remove_name_section(release)
        .remove_producers_section(release)
        .generate(pkg)?;
    // leptos asks for <name>_bg.wasm unless it was compiled by cargo-leptos
    let out = pkg.join(format!("{NAME}_bg.wasm"));
    if release {
        wasm_opt(&out)?;
    }
    fs::copy("style/main.css", pkg.join(format!("{NAME}.css")))?;
    copy_dir(Path::new("public"), Path::new("target/site"))?;
    if release {
        for e in fs::read_dir(pkg)?.flatten() {
            compress(&e.path())?;
        }
    }
    Ok(())
}

/// Smaller still where binaryen is installed; never needed.
fn wasm_opt(wasm: &Path) -> Result<()> {
    let local = Path::new("end2end/node_modules/.bin/wasm-opt");
    let tool = if local.exists() { local.to_path_buf() } else { PathBuf::from("wasm-opt") };
    match Command::new(&tool).arg("-Oz").arg("--all-features").arg(wasm).arg("-o").arg(wasm).status() {
        Ok(s) => ensure!(s.success(), "wasm-opt: {s}"),
        Err(_) => println!("wasm-opt is not installed; the bundle stays as the compiler made it"),
    }
    Ok(())
}

fn compress(path: &Path) -> Result<()> {
    let data = fs::read(path)?;
    let ext = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let mut gz = flate2::write::GzEncoder::new(fs::File::create(path.with_extension(format!("{ext}.gz")))?, flate2::Compression::best());
    gz.write_all(&data)?;
    gz.finish()?;
    let mut br = fs::File::create(path.with_extension(format!("{ext}.br")))?;
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut data.as_slice(), &mut br, &params)?;
    Ok(())
}

fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for e in fs::read_dir(from)?.flatten() {
        let dest = to.join(e.file_name());
        if e.file_type()?.is_dir() {
            copy_dir(&e.path(), &dest)?;
        } else {
            fs::copy(e.path(), dest)?;
        }
    }
    Ok(())
}

fn server(release: bool, features: Option<&str>) -> Result<PathBuf> {
    let mut c = cargo(&["build", "-p", NAME]);
    if release {
        c.arg("--release");
    }
    if let Some(f) = features {
        c.args(["--features", f]);
    }
    run(c)?;
    Ok(Path::new("target").join(if release { "release" } else { "debug" }).join(NAME))
}

fn dev(release: bool, features: Option<&str>, watch: bool) -> Result<()> {
    front(release, features)?;
    let bin = server(release, features)?;
    if !watch {
        return run(Command::new(bin));
    }
    let mut child: Option<Child> = Some(Command::new(&bin).spawn()?);
    let mut seen = newest(&["src", "app", "style", "public", "migrations", "Cargo.toml"]);
    loop {
        std::thread::sleep(Duration::from_millis(300));
        let now = newest(&["src", "app", "style", "public", "migrations", "Cargo.toml"]);
        if now == seen {
            continue;
        }
        seen = now;
        let t = Instant::now();
        if front(release, features).and_then(|_| server(release, features).map(|_| ())).is_ok() {
            if let Some(mut c) = child.take() {
                let _ = c.kill();
                let _ = c.wait();
            }
            child = Some(Command::new(&bin).spawn()?);
            println!("rebuilt in {:?}", t.elapsed());
        }
    }
}

fn newest(paths: &[&str]) -> SystemTime {
    fn walk(p: &Path, best: &mut SystemTime) {
        let Ok(m) = fs::metadata(p) else { return };
        if m.is_dir() {
            for e in fs::read_dir(p).into_iter().flatten().flatten() {
                walk(&e.path(), best);
            }
        } else if let Ok(t) = m.modified() {
            *best = (*best).max(t);
        }
    }
    let mut best = SystemTime::UNIX_EPOCH;
    paths.iter().for_each(|p| walk(Path::new(p), &mut best));
    best
}

fn e2e(release: bool, features: Option<&str>) -> Result<()> {
    front(release, features)?;
    server(release, features)?;
    if !Path::new("end2end/node_modules").exists() {
        let mut c = Command::new("npm");
        c.args(["ci", "--no-audit", "--no-fund"]).current_dir("end2end").env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        run(c)?;
    }
    let mut c = Command::new("npx");
    c.args(["playwright", "test"])
        .current_dir("end2end")
        .env("DASH_BIN", format!("../target/{}/{NAME}", if release { "release" } else { "debug" }));
    run(c)
}
