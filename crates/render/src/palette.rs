//! The colours, in one place: what pages take as variables and what pictures outside a page have resolved.
//! Series colours follow Okabe and Ito, moved until each stands 3:1 on page and box and no two look the same to
//! protanopes and deuteranopes.

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark marks on white.
    Light,
    /// Light marks on near black.
    Dark,
}

/// A colour by the name of its variable, without the dashes, as `#rrggbb`.
pub(crate) type Colour = (&'static str, &'static str);

const LIGHT: [Colour; 25] = [
    ("page", "#f7f7f5"),
    ("box", "#ffffff"),
    ("line", "#e3e3de"),
    ("text", "#1b1d21"),
    ("soft", "#5c6068"),
    ("accent", "#1f5fbf"),
    ("on-accent", "#ffffff"),
    ("good", "#1b7a4b"),
    ("warn", "#8a5a00"),
    ("bad", "#b3261e"),
    ("control", "#8b9097"),
    ("series-0", "#0f75b5"),
    ("series-1", "#ca520c"),
    ("series-2", "#147c56"),
    ("series-3", "#953e76"),
    ("series-4", "#55470c"),
    ("series-5", "#5e5ad7"),
    ("series-6", "#8e898a"),
    ("series-7", "#93703b"),
    ("heat-0", "#ebebe6"),
    ("heat-1", "#b9d3f0"),
    ("heat-2", "#7fafe0"),
    ("heat-3", "#3c7fca"),
    ("heat-4", "#174a92"),
    ("stripe", "#1b1d21"),
];

const DARK: [Colour; 25] = [
    ("page", "#111315"),
    ("box", "#191c1f"),
    ("line", "#2c3136"),
    ("text", "#e8e9eb"),
    ("soft", "#a0a6ae"),
    ("accent", "#7db2ff"),
    ("on-accent", "#0d1420"),
    ("good", "#5cc98f"),
    ("warn", "#e0b050"),
    ("bad", "#ff8a80"),
    ("control", "#6b727b"),
    ("series-0", "#7dc1f9"),
    ("series-1", "#fb914a"),
    ("series-2", "#0fb78e"),
    ("series-3", "#d18dbc"),
    ("series-4", "#f0bd2f"),
    ("series-5", "#9396f7"),
    ("series-6", "#d0c5ca"),
    ("series-7", "#c79a65"),
    ("heat-0", "#25292d"),
    ("heat-1", "#1d3f6b"),
    ("heat-2", "#2c62a8"),
    ("heat-3", "#4c8fe0"),
    ("heat-4", "#a5cdff"),
    ("stripe", "#e8e9eb"),
];

/// How many colours series have; the ninth looks like the first.
pub(crate) const SERIES: u8 = 8;

impl Theme {
    /// Its colours.
    pub(crate) const fn colours(self) -> &'static [Colour] {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
        }
    }

    /// The colour of that name.
    pub(crate) fn colour(self, name: &str) -> Option<&'static str> {
        self.colours().iter().find(|(known, _)| *known == name).map(|(_, colour)| *colour)
    }
}

/// The class of a place in the series palette.
pub(crate) fn series_class(colour: u8) -> String {
    format!("series-{}", colour % SERIES)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A colour's parts in linear light.
    fn linear(colour: &str) -> [f64; 3] {
        let part = |at: usize| f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        [1, 3, 5].map(|at| match part(at) {
            part if part <= 0.04045 => part / 12.92,
            part => ((part + 0.055) / 1.055).powf(2.4),
        })
    }

    /// WCAG 2.2: relative luminance.
    fn luminance(colour: &str) -> f64 {
        let [red, green, blue] = linear(colour);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// WCAG 2.2: contrast ratio.
    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    /// How eyes of a kind see linear light: Machado, Oliveira and Fernandes 2009, severity 1.
    const EYES: [(&str, [[f64; 3]; 3]); 3] = [
        ("all cones", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "protanopia",
            [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
        ),
        (
            "deuteranopia",
            [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
        ),
    ];

    /// CIE L*a*b* (D65) of a colour as such eyes see it.
    fn seen(colour: &str, eyes: &[[f64; 3]; 3]) -> [f64; 3] {
        let light = linear(colour);
        let [red, green, blue] =
            eyes.map(|row| row.iter().zip(light).map(|(weight, part)| weight * part).sum::<f64>().clamp(0.0, 1.0));
        let x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.950_47;
        let y = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        let z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.088_83;
        let [x, y, z] = [x, y, z].map(|t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 });
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    fn distance(one: [f64; 3], other: [f64; 3]) -> f64 {
        one.iter().zip(other).map(|(one, other)| (one - other).powi(2)).sum::<f64>().sqrt()
    }

    fn series(theme: Theme) -> Vec<&'static str> {
        (0..SERIES).map(|place| theme.colour(&series_class(place)).unwrap()).collect()
    }

    #[test]
    fn contrast_is_measured_as_wcag_does() {
        assert!((contrast("#ffffff", "#000000") - 21.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
    }

    #[test]
    fn every_series_stands_three_to_one_on_page_and_box() {
        for theme in [Theme::Light, Theme::Dark] {
            for ground in ["page", "box"].map(|name| theme.colour(name).unwrap()) {
                for colour in series(theme) {
                    assert!(contrast(colour, ground) >= 3.0, "{theme:?}: {colour} on {ground}: {}", contrast(colour, ground));
                }
                for name in ["good", "warn", "bad", "accent"] {
                    let colour = theme.colour(name).unwrap();
                    assert!(contrast(colour, ground) >= 3.0, "{theme:?}: {name} on {ground}");
                }
                for name in ["text", "soft"] {
                    assert!(contrast(theme.colour(name).unwrap(), ground) >= 4.5, "{theme:?}: {name} on {ground}");
                }
            }
        }
    }

    #[test]
    fn no_two_series_look_alike_to_eyes_that_lack_a_cone() {
        for theme in [Theme::Light, Theme::Dark] {
            for (kind, eyes) in &EYES {
                let seen: Vec<[f64; 3]> = series(theme).into_iter().map(|colour| seen(colour, eyes)).collect();
                for one in 0..seen.len() {
                    for other in 0..one {
                        let distance = distance(seen[one], seen[other]);
                        assert!(distance >= 15.0, "{theme:?}, {kind}: series {other} and {one} are {distance:.1} apart");
                    }
                }
            }
        }
    }

    #[test]
    fn levels_go_one_way_from_the_ground() {
        for theme in [Theme::Light, Theme::Dark] {
            let ground = theme.colour("box").unwrap();
            let levels: Vec<f64> =
                (0..5).map(|level| contrast(theme.colour(&format!("heat-{level}")).unwrap(), ground)).collect();
            assert!(levels.windows(2).all(|pair| pair[1] > pair[0] * 1.15), "{theme:?}: {levels:?}");
        }
    }

    /// The variables of a rule of the stylesheet.
    fn variables(rule: &str) -> Vec<(&str, &str)> {
        rule.split(';').filter_map(|one| one.trim().strip_prefix("--")?.split_once(": ")).collect()
    }

    #[test]
    fn the_stylesheet_has_these_colours() {
        let sheet = include_str!("../../web/assets/tacho.css");
        let rules = [
            (Theme::Light, ":root, :root[data-theme=\"light\"] {", 1),
            (Theme::Dark, ":root[data-theme=\"system\"] {", 1),
            (Theme::Dark, "\n:root[data-theme=\"dark\"] {", 1),
        ];
        for (theme, selector, count) in rules {
            let bodies: Vec<&str> = sheet.split(selector).skip(1).filter_map(|rest| rest.split('}').next()).collect();
            assert_eq!(bodies.len(), count, "{selector}");
            let plain = bodies[0].replace("*/", "*/;");
            let known = variables(&plain);
            for (name, colour) in theme.colours() {
                let found = known.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
                assert_eq!(found, Some(*colour), "{selector} --{name}");
            }
        }
    }
}
