//! From bytes to a page: which format a file is taken for, and what every page has in common. It is asked with the bytes read
//! so far and answers with the page or with what has to be read first: whoever asks, here or in another process, hands over
//! ranges of bytes and gets a page back. Called by `service::preview`.

use serde::{Deserialize, Serialize};

use super::format::{Asked, Format, Held, Need, WINDOW};
use super::formats::{FORMATS, bytes};
use super::head::stands_for;
use super::page::{Body, Carried, Page};
use super::sniff::{head_of, sniff_head};

/// Rows or lines of one page where nobody says how many.
pub const PAGE_ROWS: u32 = 200;

/// What to show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PreviewRequest {
    /// Rows, lines or lines of hex at most.
    pub rows: u32,
    /// Where to begin: 0, or `next` of the page before. Any other offset works too; the first line is then cut.
    pub offset: u64,
    /// `carried` of the page before, so that numbers, names and encoding go on; without it this page stands alone.
    pub carried: Option<Carried>,
}

impl Default for PreviewRequest {
    fn default() -> Self {
        Self { rows: PAGE_ROWS, offset: 0, carried: None }
    }
}

impl Page {
    /// The request for the page after this one.
    #[must_use]
    pub fn next_request(&self, rows: u32) -> Option<PreviewRequest> {
        Some(PreviewRequest { rows, offset: self.next?, carried: self.carried.clone() })
    }
}

/// A page of a file. `media_type` is what the database says of it.
///
/// # Errors
/// The ranges that have to be read first.
pub fn preview(held: &Held, request: &PreviewRequest, media_type: Option<&str>) -> Result<Page, Need> {
    preview_with(FORMATS, held, request, media_type)
}

/// [`preview`] by a table of formats.
///
/// # Errors
/// The ranges that have to be read first.
pub fn preview_with(
    formats: &[&'static Format],
    held: &Held,
    request: &PreviewRequest,
    media_type: Option<&str>,
) -> Result<Page, Need> {
    with(formats, held, request, media_type, |asked| {
        if asked.offset < held.total() {
            return (asked.format.page)(held, asked);
        }
        let empty = held.total() == 0;
        let reason = if empty { "The file is empty." } else { "The file has no bytes behind this place." };
        let mut page = asked.page(held);
        page.body = Body::Nothing { reason: reason.to_owned() };
        Ok(page)
    })
}

/// A page of a file's bytes as they are, where its format did not make one: no format's code is run.
///
/// # Errors
/// The ranges that have to be read first.
pub fn raw_page(held: &Held, request: &PreviewRequest, media_type: Option<&str>) -> Result<Page, Need> {
    with(&[], held, request, media_type, |asked| {
        let mut page = asked.page(held);
        bytes::show(&mut page, &asked.window(held)?, asked);
        Ok(page)
    })
}

fn with(
    formats: &[&'static Format],
    held: &Held,
    request: &PreviewRequest,
    media_type: Option<&str>,
    make: impl FnOnce(&Asked) -> Result<Page, Need>,
) -> Result<Page, Need> {
    let carried = request.carried.as_ref();
    let offset = request.offset.min(held.total());
    let known = carried
        .and_then(|carried| formats.iter().find(|format| format.id == carried.kind).copied())
        .or_else(|| of_media_type(formats, media_type?));
    let rows = usize::try_from(request.rows.max(1)).unwrap_or(usize::MAX);
    let asked = |format: &'static Format, media_type: &str| make(&Asked { format, media_type, rows, offset, carried });
    if let Some(format) = known {
        return asked(format, media_type.unwrap_or(format.media[0]));
    }
    let window = held.get(offset..offset.saturating_add(WINDOW))?;
    let sniffed = sniff_head(formats, &head_of(formats, window, ""));
    asked(sniffed.format, media_type.unwrap_or(&sniffed.media_type))
}

/// The format a media type of the database stands for; none for types that are not given here. One that is named is meant
/// before one of a family.
fn of_media_type(formats: &[&'static Format], media_type: &str) -> Option<&'static Format> {
    let bare = media_type.split(';').next().unwrap_or_default().trim();
    let named = |format: &&&Format| format.media.contains(&bare);
    let family = |format: &&&Format| format.media.iter().any(|entry| stands_for(entry, bare));
    formats.iter().find(named).or_else(|| formats.iter().find(family)).copied()
}
