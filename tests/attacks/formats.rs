//! Formats that turn on who looks: a file that makes one panic, loop or ask without end is shown as bytes, and nothing else
//! is lost.

use exeat::domain::egress::VersionId;
use exeat::inspect::{Body, FORMATS, Fact, Format, Need, Page, PreviewRequest};
use exeat::service::ObjectReader;

use crate::service::still::{checker, registered};
use crate::support::s3::local;

/// Of the file below: as many bytes as a page may need, and more.
const SIZE: usize = 12 << 20;

/// A test's own format, which takes every file for its own.
const OWN: Format = Format {
    id: "own",
    words: "a file of the test",
    media: &["application/octet-stream"],
    names: &["own"],
    is: |_| Some("application/x-own"),
    page: |held, asked| Ok(asked.page(held)),
    scan: |scope| (FORMATS[0].scan)(scope),
};

static PANICS: Format = Format { page: |held, _| panic!("on purpose, at {}", held.total()), ..OWN };
static LOOPS: Format = Format {
    page: |_, _| loop {
        std::thread::sleep(std::time::Duration::from_millis(1));
    },
    ..OWN
};
static KNOWS_NEVER: Format = Format { media: &["application/x-own"], is: |_| panic!("on purpose"), ..OWN };
/// One byte more, and one more.
static ASKS_ON: Format = Format {
    page: |held, asked| {
        let next = held.total() - held.read() - 1;
        held.get(next..next + 1)?;
        Ok(asked.page(held))
    },
    ..OWN
};
static ASKS_AGAIN: Format = Format { page: |_, _| Err(Need(vec![0..10, 5..15])), ..OWN };
static ASKS_NOTHING: Format = Format { page: |_, _| Err(Need(Vec::new())), ..OWN };
static ASKS_BACKWARDS: Format = Format {
    #[expect(clippy::reversed_empty_ranges, reason = "on purpose")]
    page: |_, _| Err(Need(vec![10..5, u64::MAX..0, u64::MAX - 1..u64::MAX])),
    ..OWN
};
static ASKS_ALL: Format = Format { page: |_, _| Err(Need(vec![0..u64::MAX, 1..u64::MAX])), ..OWN };
static ASKS_BITS: Format = Format { page: |_, _| Err(Need((0..1_000_000).map(|n| n * 8..n * 8 + 1).collect())), ..OWN };
/// What stands at the end says where the rest is, as in Parquet: two ranges, then a page.
static FOOTED: Format = Format {
    page: |held, asked| {
        let total = held.total();
        let footer = u64::from(held.get(total - 1..total)?[0]);
        let named = held.get(footer..footer + 2)?.to_vec();
        let mut page = asked.page(held);
        page.facts.push(Fact::new("named", hex::encode(named)));
        page.body = Body::Nothing { reason: "No more.".to_owned() };
        Ok(page)
    },
    ..OWN
};

fn file() -> Vec<u8> {
    (0..SIZE).map(|n| u8::try_from(n % 251).unwrap()).collect()
}

async fn page(reader: &ObjectReader<'_>, formats: &'static [&'static Format], offset: u64) -> Page {
    let request = PreviewRequest { rows: 2, offset, carried: None };
    reader.preview_by(formats, &request).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_format_that_fails_costs_its_own_preview() {
    let bytes = file();
    let (site, VersionId(id)) = registered(local(), &bytes).await;
    let worker = site.start();
    let service = checker(&site);
    let reader = service.open_version(VersionId(id)).await.unwrap();
    let cases: [(&'static Format, &str); 9] = [
        (&PANICS, "failed over this one"),
        (&KNOWS_NEVER, "failed over this one"),
        (&LOOPS, "came to no end with this one"),
        (&ASKS_ON, "asked for more"),
        (&ASKS_AGAIN, "asked for more"),
        (&ASKS_NOTHING, "asked for more"),
        (&ASKS_BACKWARDS, "asked for more"),
        (&ASKS_ALL, "asked for more"),
        (&ASKS_BITS, "asked for more"),
    ];
    for (format, why) in cases {
        let formats = vec![format].leak();
        for offset in [0, 1000] {
            let page = page(&reader, formats, offset).await;
            let at = usize::try_from(offset).unwrap();
            assert_eq!(page.body, Body::Hex { offset, bytes: bytes[at..at + 32].to_vec() }, "{why}");
            assert!(page.notes[0].raw().contains(why), "{why}: {:?}", page.notes);
            assert_eq!(page.next, Some(offset + 32), "{why}");
        }
    }
    let footed = page(&reader, vec![&FOOTED].leak(), 0).await;
    let footer = usize::from(*bytes.last().unwrap());
    assert_eq!(footed.facts[0].value.raw(), hex::encode(&bytes[footer..footer + 2]));
    assert_eq!((footed.read_bytes, footed.notes.len()), (3, 0), "only what it asked for was read");
    // The same reader goes on with the formats there are.
    assert_eq!(page(&reader, FORMATS, 0).await.kind, "binary");
    drop(reader);
    worker.end().await;
}
