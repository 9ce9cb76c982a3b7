//! A report becomes SVG and CSV bytes: pure.
