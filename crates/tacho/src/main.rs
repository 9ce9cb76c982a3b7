//! The `tacho` program.
fn main() {}
