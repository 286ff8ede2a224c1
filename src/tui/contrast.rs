//! Whether every theme can be read: the palettes of common terminals, and the WCAG contrast of every
//! cell of every screen on them.

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};

use super::theme::{Background, Theme};

/// Red, green and blue.
type Rgb = (u8, u8, u8);

const fn rgb(value: u32) -> Rgb {
    let [_, red, green, blue] = value.to_be_bytes();
    (red, green, blue)
}

/// The default text, the background and the sixteen named colours of a terminal, as it ships.
struct Palette {
    name: &'static str,
    background: Background,
    text: u32,
    ground: u32,
    colours: [u32; 16],
    /// How the terminal shows dim text.
    dim: Dim,
}

#[derive(Clone, Copy)]
enum Dim {
    /// Each component times this, as xterm and VTE do with two thirds, Windows Terminal with a half.
    Darker(f64),
    /// One fixed colour, as the Linux console does.
    Fixed(u32),
}

const XTERM: [u32; 16] = [
    0x00_0000, 0xcd_0000, 0x00_cd00, 0xcd_cd00, 0x00_00ee, 0xcd_00cd, 0x00_cdcd, 0xe5_e5e5,
    0x7f_7f7f, 0xff_0000, 0x00_ff00, 0xff_ff00, 0x5c_5cff, 0xff_00ff, 0x00_ffff, 0xff_ffff,
];
const GNOME: [u32; 16] = [
    0x17_1421, 0xc0_1c28, 0x26_a269, 0xa2_734c, 0x12_488b, 0xa3_47ba, 0x2a_a1b3, 0xd0_cfcc,
    0x5e_5c64, 0xf6_6151, 0x33_da7a, 0xe9_ad0c, 0x2a_7bde, 0xc0_61cb, 0x33_c7de, 0xff_ffff,
];
const SOLARIZED: [u32; 16] = [
    0x07_3642, 0xdc_322f, 0x85_9900, 0xb5_8900, 0x26_8bd2, 0xd3_3682, 0x2a_a198, 0xee_e8d5,
    0x00_2b36, 0xcb_4b16, 0x58_6e75, 0x65_7b83, 0x83_9496, 0x6c_71c4, 0x93_a1a1, 0xfd_f6e3,
];
const CAMPBELL: [u32; 16] = [
    0x0c_0c0c, 0xc5_0f1f, 0x13_a10e, 0xc1_9c00, 0x00_37da, 0x88_1798, 0x3a_96dd, 0xcc_cccc,
    0x76_7676, 0xe7_4856, 0x16_c60c, 0xf9_f1a5, 0x3b_78ff, 0xb4_009e, 0x61_d6d6, 0xf2_f2f2,
];
const CONSOLE: [u32; 16] = [
    0x00_0000, 0xaa_0000, 0x00_aa00, 0xaa_5500, 0x00_00aa, 0xaa_00aa, 0x00_aaaa, 0xaa_aaaa,
    0x55_5555, 0xff_5555, 0x55_ff55, 0xff_ff55, 0x55_55ff, 0xff_55ff, 0x55_ffff, 0xff_ffff,
];

const VTE: Dim = Dim::Darker(2.0 / 3.0);

const PALETTES: [Palette; 8] = [
    Palette {
        name: "xterm, dark",
        background: Background::Dark,
        text: 0xe5_e5e5,
        ground: 0x00_0000,
        colours: XTERM,
        dim: VTE,
    },
    Palette {
        name: "xterm",
        background: Background::Light,
        text: 0x00_0000,
        ground: 0xff_ffff,
        colours: XTERM,
        dim: VTE,
    },
    Palette {
        name: "GNOME dark",
        background: Background::Dark,
        text: 0xd0_cfcc,
        ground: 0x17_1421,
        colours: GNOME,
        dim: VTE,
    },
    Palette {
        name: "GNOME light",
        background: Background::Light,
        text: 0x17_1421,
        ground: 0xff_ffff,
        colours: GNOME,
        dim: VTE,
    },
    Palette {
        name: "Solarized dark",
        background: Background::Dark,
        text: 0x83_9496,
        ground: 0x00_2b36,
        colours: SOLARIZED,
        dim: VTE,
    },
    Palette {
        name: "Solarized light",
        background: Background::Light,
        text: 0x65_7b83,
        ground: 0xfd_f6e3,
        colours: SOLARIZED,
        dim: VTE,
    },
    Palette {
        name: "Windows Terminal Campbell",
        background: Background::Dark,
        text: 0xcc_cccc,
        ground: 0x0c_0c0c,
        colours: CAMPBELL,
        dim: Dim::Darker(0.5),
    },
    Palette {
        name: "Linux console",
        background: Background::Dark,
        text: 0xaa_aaaa,
        ground: 0x00_0000,
        colours: CONSOLE,
        dim: Dim::Fixed(0x55_5555),
    },
];

impl Palette {
    /// Returns the colour on the glass; `default` is that of `Color::Reset`.
    fn resolve(&self, colour: Color, default: u32) -> Rgb {
        let named = |index: usize| rgb(self.colours[index]);
        match colour {
            Color::Reset => rgb(default),
            Color::Red => named(1),
            Color::Green => named(2),
            Color::Yellow => named(3),
            Color::Magenta => named(5),
            Color::Cyan => named(6),
            Color::LightRed => named(9),
            Color::LightMagenta => named(13),
            Color::Indexed(index @ 16..=231) => cube(index - 16),
            other => panic!("{other:?} is no colour of a theme"),
        }
    }

    /// Returns the contrast of a cell, and the least that it must have; `None` for a cell without text
    /// and for default text on the default background, which is the user's own choice.
    fn contrast(&self, cell: &Cell) -> Option<(f64, f64)> {
        if cell.symbol().trim().is_empty() {
            return None;
        }
        let mut text = self.resolve(cell.fg, self.text);
        let mut ground = self.resolve(cell.bg, self.ground);
        let dim = cell.modifier.contains(Modifier::DIM);
        if dim {
            assert_eq!(cell.fg, Color::Reset, "dim and coloured: {cell:?}");
            text = match self.dim {
                Dim::Fixed(value) => rgb(value),
                Dim::Darker(factor) => darker(text, factor),
            };
        }
        if cell.modifier.contains(Modifier::REVERSED) {
            (text, ground) = (ground, text);
        }
        let least = match (dim, cell.fg, cell.bg) {
            (true, _, _) => 2.3,
            (false, Color::Reset, Color::Reset) => return None,
            (false, _, _) => 3.0,
        };
        Some((ratio(text, ground), least))
    }
}

/// Returns a colour of the fixed cube of 6 x 6 x 6.
fn cube(index: u8) -> Rgb {
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    (level(index / 36), level(index / 6 % 6), level(index % 6))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a component times less than one is a component"
)]
fn darker((red, green, blue): Rgb, factor: f64) -> Rgb {
    let scale = |part: u8| (f64::from(part) * factor) as u8;
    (scale(red), scale(green), scale(blue))
}

/// Relative luminance, as WCAG 2.1 defines it.
fn luminance((red, green, blue): Rgb) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.03928 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

/// Contrast ratio, as WCAG 2.1 defines it.
fn ratio(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The themes that are meant for a background.
pub(super) const THEMES: [(Theme, Option<Background>); 4] = [
    (Theme::Dark, Some(Background::Dark)),
    (Theme::Light, Some(Background::Light)),
    (Theme::HighContrast, None),
    (Theme::Mono, None),
];

/// Fails on the first cell of a frame that is hard to read on a palette with this background.
pub(super) fn assert_legible(what: &str, background: Option<Background>, frame: &Buffer) {
    let fits = |palette: &&Palette| background.is_none_or(|it| it == palette.background);
    for palette in PALETTES.iter().filter(fits) {
        for (place, cell) in frame.content.iter().enumerate() {
            if let Some((contrast, least)) = palette.contrast(cell) {
                let (x, y) = frame.pos_of(place);
                assert!(
                    contrast >= least,
                    "{what} on {}: '{}' at {x},{y} has {contrast:.2}, not {least}: {cell:?}",
                    palette.name,
                    cell.symbol()
                );
            }
        }
    }
}

#[test]
fn the_ratio_is_that_of_wcag() {
    assert!((ratio((0, 0, 0), (255, 255, 255)) - 21.0).abs() < 0.01);
    assert!((ratio((0x77, 0x77, 0x77), (255, 255, 255)) - 4.48).abs() < 0.01);
    assert_eq!(cube(124 - 16), (175, 0, 0));
}
