//! Figures: PNG images with an encoder of our own (stored deflate, so the bytes never depend on a library's version), and
//! SVG. Called by [`super::batches`].

use std::fmt::Write as _;

use super::SampleFile;
use super::numbers::Numbers;

/// CRC-32 as PNG, gzip and zip use it.
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut table = [0_u32; 256];
    for (entry, n) in table.iter_mut().zip(0_u32..) {
        *entry = (0..8).fold(n, |c, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 });
    }
    !bytes.iter().fold(!0_u32, |crc, byte| table[usize::from(crc.to_le_bytes()[0] ^ byte)] ^ (crc >> 8))
}

/// The Adler-32 of zlib.
pub fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}

/// Deflate without compression: blocks of at most 65,535 bytes, the last one marked.
pub fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 60_000 * 5 + 5);
    let mut blocks = bytes.chunks(65_535).peekable();
    if blocks.peek().is_none() {
        out.extend([1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out
}

/// An image of up to eight colours, a byte a pixel.
struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

/// White, black, grey, blue, orange, green, red, pale blue.
const COLOURS: [[u8; 3]; 8] = [
    [255, 255, 255],
    [20, 20, 20],
    [200, 200, 200],
    [31, 119, 180],
    [255, 127, 14],
    [44, 160, 44],
    [214, 39, 40],
    [198, 219, 239],
];

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        let mut canvas = Self { width, height, pixels: vec![0; width * height] };
        canvas.fill(40, 10, 2, height - 40, 1);
        canvas.fill(40, height - 30, width - 50, 2, 1);
        for line in 1..5 {
            canvas.fill(42, 10 + line * (height - 40) / 5, width - 52, 1, 2);
        }
        canvas
    }

    fn fill(&mut self, left: usize, top: usize, width: usize, height: usize, colour: u8) {
        for row in self.pixels.chunks_mut(self.width).skip(top).take(height) {
            row.iter_mut().skip(left).take(width).for_each(|pixel| *pixel = colour);
        }
    }

    fn png(&self, note: Option<(&str, &str)>) -> Vec<u8> {
        let mut lines = Vec::with_capacity(self.pixels.len() + self.height);
        for row in self.pixels.chunks(self.width) {
            lines.push(0);
            lines.extend(row);
        }
        let mut zlib = vec![0x78, 0x01];
        zlib.extend(stored(&lines));
        zlib.extend(adler32(&lines).to_be_bytes());
        let mut header = Vec::new();
        for side in [self.width, self.height] {
            header.extend(u32::try_from(side).unwrap_or_default().to_be_bytes());
        }
        header.extend([8, 3, 0, 0, 0]);
        let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
        chunk(&mut out, *b"IHDR", &header);
        chunk(&mut out, *b"PLTE", COLOURS.as_flattened());
        if let Some((keyword, text)) = note {
            chunk(&mut out, *b"tEXt", &[keyword.as_bytes(), text.as_bytes()].join(&0));
        }
        chunk(&mut out, *b"IDAT", &zlib);
        chunk(&mut out, *b"IEND", &[]);
        out
    }
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    let from = out.len();
    out.extend(kind);
    out.extend(data);
    let crc = crc32(&out[from..]);
    out.extend(crc.to_be_bytes());
}

/// Survival curves of two arms. At the end of one each step is a single person.
fn survival(name: &str) -> Canvas {
    let mut numbers = Numbers::of(name);
    let mut canvas = Canvas::new(480, 320);
    for colour in [3, 4] {
        let mut height = 14;
        for x in (42..430).step_by(4) {
            let drop = usize::from(numbers.byte()) % if colour == 3 { 6 } else { 4 };
            canvas.fill(x, height, 4, 2, colour);
            canvas.fill(x + 3, height, 2, drop + 2, colour);
            height = (height + drop).min(286);
        }
    }
    canvas
}

/// A histogram; the last bars are a few people each.
fn histogram(name: &str, bars: usize) -> Canvas {
    let mut numbers = Numbers::of(name);
    let mut canvas = Canvas::new(480, 320);
    let wide = 420 / bars;
    for bar in 0..bars {
        let high = 250 * (bars - bar) / bars + usize::from(numbers.byte()) % 20;
        canvas.fill(46 + bar * wide, 290 - high.min(270), wide - 2, high.min(270), if bar + 3 > bars { 6 } else { 3 });
    }
    canvas
}

/// A point for every person: a scatter plot is row-level data.
fn scatter(name: &str) -> Canvas {
    let mut numbers = Numbers::of(name);
    let mut canvas = Canvas::new(480, 320);
    for _ in 0..600 {
        let x = 46 + usize::from(numbers.byte()) * 16 / 10;
        let y = 270 - x / 2 + usize::from(numbers.byte() % 48);
        canvas.fill(x, y.clamp(12, 286), 2, 2, 5);
    }
    canvas
}

/// The figures of both projects: PNG images with and without notes inside, one with a table after its end.
pub fn heart() -> Vec<SampleFile> {
    let mut after = histogram("figures/admissions_hist.png", 14).png(None);
    after.extend(b"patient_id,dob,lvef\nP00017,1944-11-02,31\nP00018,1952-07-19,28\nP00023,1939-01-30,22\n");
    vec![
        SampleFile::new(
            "figures/km_curve.png",
            survival("figures/km_curve.png").png(Some(("Software", "R 4.4.1, ggplot2 3.5.1"))),
        ),
        SampleFile::new("figures/admissions_hist.png", after),
        SampleFile::new("figures/lvef_scatter.png", scatter("figures/lvef_scatter.png").png(None)),
        SampleFile::new(
            "figures/calibration.png",
            scatter("figures/calibration.png")
                .png(Some(("Comment", "drawn from /data/raw/linked/P00001..P11320, do not share"))),
        ),
        forest("figures/forest_plot.svg"),
    ]
}

/// As above, of `lungs`.
pub fn lungs() -> Vec<SampleFile> {
    vec![
        SampleFile::new("figures/fev1_decline.png", survival("figures/fev1_decline.png").png(None)),
        SampleFile::new("figures/exacerbations_hist.png", histogram("figures/exacerbations_hist.png", 21).png(None)),
        forest("figures/odds_ratios.svg"),
    ]
}

/// A forest plot; the numbers under each bar are kept in titles that no viewer shows.
fn forest(key: &str) -> SampleFile {
    let mut numbers = Numbers::of(key);
    let mut text = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"480\" height=\"240\" font-family=\"sans-serif\" font-size=\"11\">\n".to_owned();
    for (row, label) in
        ["Age (per 10 years)", "Male sex", "Diabetes", "Atrial fibrillation", "eGFR < 30", "Prior admission"]
            .iter()
            .enumerate()
    {
        let (x, y, n) = (160 + numbers.between(0, 200), 24 + row * 34, numbers.between(4, 900));
        let _ = writeln!(
            text,
            "  <g><title>events: {n}</title><text x=\"8\" y=\"{}\">{label}</text><path d=\"M{} {y}H{}\" stroke=\"#333\"/><rect x=\"{}\" y=\"{}\" width=\"8\" height=\"8\"/></g>",
            y + 4,
            x - 30,
            x + 42,
            x - 4,
            y - 4
        );
    }
    text.push_str("  <script>/* made interactive by the plotting library */</script>\n</svg>\n");
    SampleFile::text(key, text)
}
