//! Looking inside: a page at a time, made of the few ranges a format asks for. Called by `cli::egress`; the desk keeps its own
//! reader open and pages through it.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::apart::{Lost, apart};
use super::{ObjectReader, Result, Service};
use crate::domain::egress::{CaseState, EgressItem, VersionId};
use crate::inspect::{Body, FORMATS, Format, Held, Need, Page, PreviewRequest, preview_with, raw_page};

/// Rows of one page that is only passed over.
const SKIPPED_AT_ONCE: u32 = 100_000;
/// How often a format may ask for bytes to make one page. 4: where the listing is, the listing, what it names, and one more.
const ROUNDS: usize = 4;
/// Ranges it may ask for at once.
const RANGES: usize = 16;
/// Bytes read for one page at most.
const BYTES: u64 = 8 << 20;
/// How long it may take over one page, reading not counted.
const LIMIT: Duration = Duration::from_secs(2);

impl Service {
    /// One page of what is inside, after so many rows or lines; the opening is journalled.
    ///
    /// # Errors
    /// A refusal; no worker or store; see [`super::ServiceError`].
    pub async fn preview(&self, id: VersionId, skip: u64, request: &PreviewRequest) -> Result<Page> {
        let reader = self.open_version(id).await?;
        let mut request = request.clone();
        let (rows, mut skip) = (request.rows, skip);
        while skip > 0 {
            request.rows = u32::try_from(skip).unwrap_or(SKIPPED_AT_ONCE).min(SKIPPED_AT_ONCE);
            let passed = reader.preview(&request).await?;
            // Past the end there is nothing: the page then begins there.
            request.offset = passed.next.unwrap_or(passed.total_bytes);
            skip = if passed.next.is_some() { skip.saturating_sub(passed.body.rows()) } else { 0 };
            request.carried = passed.carried;
        }
        request.rows = rows;
        reader.preview(&request).await
    }
}

impl ObjectReader<'_> {
    /// One page of what is inside.
    ///
    /// # Errors
    /// See [`ObjectReader::read`].
    pub async fn preview(&self, request: &PreviewRequest) -> Result<Page> {
        self.preview_by(FORMATS, request).await
    }

    /// The same by a table of formats. A format that fails, takes too long or asks for too much gets its file shown as bytes.
    ///
    /// # Errors
    /// See [`ObjectReader::read`].
    pub async fn preview_by(&self, formats: &'static [&'static Format], request: &PreviewRequest) -> Result<Page> {
        let mut page = match self.made(formats, request).await? {
            Ok(page) => page,
            Err(why) => self.raw(request, why).await?,
        };
        page.sha256.clone_from(&self.item().sha256);
        if self.is_loose() {
            page.note(
                "The bucket keeps no versions and the file is too large to be compared whole: what is shown has the ETag and the \
                 time of the file that was registered, its sha256 is compared at the release.",
            );
        }
        if matches!(page.body, Body::Hex { .. })
            && let Some(note) = how_to_look(self.item())
        {
            page.note(note);
        }
        Ok(page)
    }

    /// The page a format makes; the inner error says why it made none.
    async fn made(
        &self,
        formats: &'static [&'static Format],
        request: &PreviewRequest,
    ) -> Result<std::result::Result<Page, &'static str>> {
        let mut held = Held::of(self.size());
        let mut left = LIMIT;
        for round in 0..=ROUNDS {
            let began = Instant::now();
            let (request, media_type) = (request.clone(), self.item().media_type.clone());
            let work = move || {
                let answer = preview_with(formats, &held, &request, media_type.as_deref());
                (answer, held)
            };
            let needed = match apart(left, work).await {
                Ok((Ok(page), _)) => return Ok(Ok(page)),
                Ok((Err(need), same)) => {
                    held = same;
                    need
                }
                Err(Lost::Failed) => return Ok(Err("What reads such files failed over this one")),
                Err(Lost::Late) => return Ok(Err("What reads such files came to no end with this one")),
            };
            left = left.saturating_sub(began.elapsed());
            let Some(ranges) = allowed(&held, needed).filter(|_| round < ROUNDS) else { break };
            self.fill(&mut held, ranges).await?;
        }
        Ok(Err("What reads such files asked for more of this one than is read for a page"))
    }

    /// The bytes as they are, and why they are shown.
    async fn raw(&self, request: &PreviewRequest, why: &str) -> Result<Page> {
        let mut held = Held::of(self.size());
        let media_type = self.item().media_type.as_deref();
        let mut page = loop {
            match raw_page(&held, request, media_type) {
                Ok(page) => break page,
                Err(Need(ranges)) => self.fill(&mut held, ranges).await?,
            }
        };
        page.note(format!("{why}: these are its bytes. Whoever runs exeat should know of it."));
        Ok(page)
    }

    async fn fill(&self, held: &mut Held, ranges: Vec<Range<u64>>) -> Result<()> {
        for range in ranges {
            let offset = range.start;
            held.take(offset, self.read(range).await?);
        }
        Ok(())
    }
}

/// The ranges to read of those asked for, cut at the end of the file; none if that is too much or nothing new.
fn allowed(held: &Held, Need(ranges): Need) -> Option<Vec<Range<u64>>> {
    let new = |range: &Range<u64>| held.get(range.clone()).is_err();
    let cut = |range: Range<u64>| range.start..range.end.min(held.total());
    let ranges: Vec<_> = ranges.into_iter().take(RANGES + 1).filter(new).map(cut).collect();
    let bytes: u64 = ranges.iter().map(|range| range.end - range.start).fold(held.read(), u64::saturating_add);
    (!ranges.is_empty() && ranges.len() <= RANGES && bytes <= BYTES).then_some(ranges)
}

/// What a checker can do about bytes that are not drawn.
fn how_to_look(item: &EgressItem) -> Option<String> {
    let may =
        |command: &str| item.destinations.values().any(|case| case.why_not.get(command).is_some_and(Option::is_none));
    if may("download") {
        let released = item.destinations.values().any(|case| case.state == CaseState::Released);
        let only = if released { "" } else { ", for looking only: it is not released" };
        return Some(format!("d, or `exeat egress download {} --to DIR`, fetches it{only}.", item.id));
    }
    // Of no use to who checks nothing here.
    let (destination, case) = item.destinations.first_key_value()?;
    let checks = case.why_not.get("approve").is_none_or(|why| why.as_ref().is_none_or(|why| why.code != "not_checker"));
    checks.then(|| {
        format!(
            "An administrator can let checkers fetch such files for looking: `exeat policies set {} {destination} --inspection-downloads true`.",
            item.project
        )
    })
}
