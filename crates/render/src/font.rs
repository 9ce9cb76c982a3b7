//! The font that documents and pictures are set in. It travels in the program: nothing is read from the machine they are made on.

/// The family's name, as pictures and documents ask for it.
pub(crate) const FAMILY: &str = "Inter";

/// The font files: regular, bold.
pub(crate) const FILES: [&[u8]; 2] = [include_bytes!("../fonts/Inter-Regular.otf"), include_bytes!("../fonts/Inter-Bold.otf")];
