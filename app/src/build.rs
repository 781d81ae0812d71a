//! The release binary embeds the site (bundle, styles, fonts), so cargo must know when the site
//! changes.
fn main() {
    println!("cargo::rerun-if-changed=../target/site");
}
