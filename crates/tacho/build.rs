//! How the program is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // `tacho status` paints in a few milliseconds and little memory. Most of both would go into reading four megabytes of
    // relocations; packed they are a fiftieth. Understood by glibc 2.36 and later, and by its linker or not at all.
    #[expect(clippy::disallowed_methods, reason = "this is how Cargo tells a build script what it builds for")]
    let is_gnu_linux = std::env::var("TARGET").is_ok_and(|target| target.ends_with("-linux-gnu"));
    if is_gnu_linux {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
