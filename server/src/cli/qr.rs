//! A link as a QR code in a terminal: two rows of modules a line, in half blocks.

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

/// Black on white, whatever the terminal's colours are: a phone reads no other as well.
const ON: &str = "\u{1b}[30;107m";
const OFF: &str = "\u{1b}[0m";

/// A link as lines of half blocks; nothing when it is too long for a code.
pub(super) fn drawn(link: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(link, EcLevel::M) else { return String::new() };
    let drawn = code.render::<Dense1x2>().dark_color(Dense1x2::Dark).light_color(Dense1x2::Light).build();
    drawn.lines().flat_map(|line| [ON, line, OFF, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: what is drawn is a square code with its quiet zone, in half blocks. Method: the lines of one.
    #[test]
    fn a_link_is_drawn_in_half_blocks() {
        let link = "https://portrea.example.org/join#OKeHW5T5VWp_zfyvpt7jIm8sCo8VPQuhYEx548-WkTM";
        let drawn = drawn(link);
        let lines: Vec<&str> =
            drawn.lines().filter_map(|line| line.strip_prefix(ON)?.strip_suffix(OFF)).collect();
        let width = lines.first().map_or(0, |line| line.chars().count());
        assert!(lines.iter().all(|line| line.chars().count() == width), "{drawn}");
        assert!(lines.iter().flat_map(|line| line.chars()).all(|it| " ▀▄█".contains(it)), "{drawn}");
        assert_eq!(lines.len(), width.div_ceil(2), "as high as wide");
        assert_eq!(super::drawn(&"x".repeat(10_000)), "");
    }
}
