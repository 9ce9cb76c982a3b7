//! A picture as PNG, for slides and previews. Text is set in the embedded font; a picture cannot fetch or read anything.

use crate::font;
use crate::press::PressError;
use resvg::usvg::{self, fontdb};
use resvg::{render, tiny_skia};
use std::sync::{Arc, LazyLock};

/// More pixels than this are refused: 64 MB of memory for one picture.
const MOST_PIXELS: u64 = 16_000_000;

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    for file in font::FILES {
        fonts.load_font_data(file.to_vec());
    }
    fonts.set_sans_serif_family(font::FAMILY);
    Arc::new(fonts)
});

/// Draws a standalone picture, `scale` pixels for each of its own.
///
/// # Errors
/// When the text is not SVG, or the picture would be larger than 16 million pixels.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, PressError> {
    let tree = usvg::Tree::from_str(svg, &options()).map_err(|error| PressError::Picture(error.to_string()))?;
    let (width, height) = (pixels(tree.size().width(), scale)?, pixels(tree.size().height(), scale)?);
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(PressError::Picture(format!("{width} by {height} pixels are too many")));
    }
    let mut canvas = tiny_skia::Pixmap::new(width, height).ok_or_else(|| PressError::Picture("it has no size".into()))?;
    render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut canvas.as_mut());
    canvas.encode_png().map_err(|error| PressError::Picture(error.to_string()))
}

/// Reads nothing from the machine: no fonts, no images.
fn options() -> usvg::Options<'static> {
    usvg::Options {
        font_family: font::FAMILY.to_owned(),
        fontdb: Arc::clone(&FONTS),
        image_href_resolver: usvg::ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..usvg::Options::default()
    }
}

fn pixels(length: f32, scale: f32) -> Result<u32, PressError> {
    let scaled = (length * scale).ceil();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 65,536, which was just checked")]
    if (1.0..=65_536.0).contains(&scaled) { Ok(scaled as u32) } else { Err(PressError::Picture("it has no size to draw".into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: &str =
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="10" height="20"><rect width="10" height="20" fill="#f00"/></svg>"##;

    fn size(png: &[u8]) -> (u32, u32) {
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        (number(16), number(20))
    }

    fn decoded(svg: &str) -> tiny_skia::Pixmap {
        tiny_skia::Pixmap::decode_png(&png(svg, 1.0).unwrap()).unwrap()
    }

    #[test]
    fn a_picture_is_as_large_as_asked() {
        assert_eq!(size(&png(SQUARE, 1.0).unwrap()), (10, 20));
        assert_eq!(size(&png(SQUARE, 2.5).unwrap()), (25, 50));
    }

    #[test]
    fn text_is_drawn_in_the_embedded_font() {
        let text = |family: &str| {
            decoded(&format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text x="2" y="15" font-family="{family}">Łódź</text></svg>"#
            ))
        };
        let inked = |picture: &tiny_skia::Pixmap| picture.pixels().iter().filter(|pixel| pixel.alpha() > 100).count();
        assert!(inked(&text("Inter, sans-serif")) > 50);
        // A family that is not there gives way to the embedded one.
        assert!(inked(&text("system-ui, sans-serif")) > 50);
    }

    #[test]
    fn nothing_is_read_from_the_machine() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/press/pictures/red.svg");
        assert!(std::path::Path::new(file).exists());
        for address in [file.to_owned(), format!("file://{file}"), format!("data:image/svg+xml,{}", SQUARE.replace('#', "%23"))] {
            let address = address.replace('"', "'").replace('<', "&lt;");
            let outer = format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9"><image width="9" height="9" href="{address}" xlink:href="{address}"/></svg>"#
            );
            assert!(decoded(&outer).pixels().iter().all(|pixel| pixel.alpha() == 0), "{address}");
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        let huge = SQUARE.replacen(r#"width="10" height="20""#, r#"width="9000" height="9000""#, 1);
        for svg in ["", "not a picture", "<svg", &huge] {
            assert!(matches!(png(svg, 1.0), Err(PressError::Picture(_))), "{svg}");
        }
        for scale in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert!(png(SQUARE, scale).is_err(), "{scale}");
        }
    }
}
