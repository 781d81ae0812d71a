//! The release binary carries the site (bundle, styles, fonts) inside itself; cargo has to be told when it changes.
fn main() {
    println!("cargo::rerun-if-changed=../target/site");
}
