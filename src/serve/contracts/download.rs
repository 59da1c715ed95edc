//! The download of contract A: the stricter of the caller's numbers and the policy, ranges, and the file's own digest in the headers.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body as Sent;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE,
    RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt as _;
use serde::Deserialize;
use tokio::time::Instant;

use super::egress::{fields, file_of, is_location, named};
use crate::domain::egress::{CaseState, EgressItem};
use crate::serve::App;
use crate::serve::fault::{Answered, Fault, Kind};
use crate::serve::input::{Body, Ids, Query, read_as};
use crate::serve::routes::Asker;
use crate::service::{Outgoing, Service};

/// How long a download waits for a release that is on its way.
const RELEASE: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    destination: String,
    required_approvals: i64,
    files_location: String,
    max_file_size: i64,
    user_id: Option<String>,
    #[expect(dead_code, reason = "the contract has it, and nothing is decided by it")]
    comment: Option<String>,
}

pub async fn file(
    State(app): State<App>,
    Extension(caller): Asker,
    ids: Ids,
    query: Query,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    if method == Method::HEAD {
        return Err(Fault::new(Kind::Method, "This address has no such method."));
    }
    let wanted: Wanted = read_as(fields(body, &query)?)?;
    if wanted.required_approvals < 1 || wanted.max_file_size < 0 {
        return Err(Fault::invalid("required_approvals is at least 1 and max_file_size at least 0."));
    }
    // Without a person it is booked under the credential's own.
    let service = match &wanted.user_id {
        Some(login) => named(&caller, login)?,
        None => caller.acting(caller.own()?)?,
    };
    let item = file_of(&service, &ids).await?;
    is_location(&service, ids.at(0), &wanted.files_location).await?;
    if item.size > wanted.max_file_size.unsigned_abs() {
        return Err(Fault::invalid(format!("The file has {} bytes, more than max_file_size.", item.size)));
    }
    let item = released(&service, item, &wanted, &ids).await?;
    let sha256 = item.sha256.clone().and_then(|hash| hex::decode(hash).ok());
    let sha256 = sha256.ok_or_else(|| Fault::invalid("Its bytes were never read."))?;
    let tag = format!("\"{}\"", hex::encode(&sha256));
    if headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return head(StatusCode::NOT_MODIFIED, &item, &tag, &sha256, None);
    }
    let range = range(&headers, item.size, &tag)?;
    let share = app.limits.hold(caller.key(), "downloads", app.config.downloads_at_once);
    let share = share.ok_or_else(|| Fault::too_many("You have too many downloads. Wait until one of them ends.", 1))?;
    let place = Arc::clone(&app.downloads).try_acquire_owned();
    let place = place.map_err(|_| Fault::new(Kind::Busy, "Too many downloads at this moment. Try again later."))?;
    let whole = range.clone().unwrap_or(0..item.size);
    let status = if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut answer = head(status, &item, &tag, &sha256, range.as_ref())?;
    answer.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(whole.end - whole.start));
    // A stop waits for it, too, until its end is journalled.
    let held = (share, place, app.sending.token());
    let patience = Duration::from_secs(app.config.read_seconds);
    let pieces = Arc::new(service).outgoing(Outgoing { item, range: whole, patience, held }).await?;
    let pieces =
        futures::stream::unfold(pieces, |mut pieces| async { pieces.recv().await.map(|piece| (piece, pieces)) });
    *answer.body_mut() = Sent::from_stream(pieces.boxed());
    Ok(answer)
}

/// The file once it is released for the destination; a release that is on its way is waited for.
async fn released(service: &Service, mut item: EgressItem, wanted: &Wanted, ids: &Ids) -> Result<EgressItem, Fault> {
    let begun = Instant::now();
    loop {
        let case = item.destinations.get(&wanted.destination);
        let case = case.ok_or_else(|| Fault::invalid(format!("It has no approvals for {}.", wanted.destination)))?;
        let (count, required) = (i64::from(case.count), wanted.required_approvals.max(i64::from(case.required)));
        if count < required {
            let sentence = format!("Too few approvals for {}: {count} of {required}.", wanted.destination);
            return Err(Fault::invalid(sentence));
        }
        match case.state {
            CaseState::Released => return Ok(item),
            CaseState::Approved | CaseState::Releasing if begun.elapsed() < RELEASE => {}
            state => {
                let why = case.why_not.get("download").and_then(Option::as_ref);
                let sentence =
                    why.map_or_else(|| format!("It is not released: it is {state}."), |why| why.message.clone());
                return Err(Fault::invalid(sentence));
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        item = file_of(service, ids).await?;
    }
}

fn head(
    status: StatusCode,
    item: &EgressItem,
    tag: &str,
    sha256: &[u8],
    range: Option<&Range<u64>>,
) -> Answered<Response<Sent>> {
    let digest = STANDARD.encode(sha256);
    let mut answer = Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/octet-stream")
        .header(CONTENT_DISPOSITION, disposition(item.key.raw()))
        .header(ACCEPT_RANGES, "bytes")
        .header(ETAG, tag)
        // RFC 3230 and, of the whole file whatever the range, RFC 9530.
        .header(HeaderName::from_static("digest"), format!("sha-256={digest}"))
        .header(HeaderName::from_static("repr-digest"), format!("sha-256=:{digest}:"));
    if let Some(range) = range {
        let said = format!("bytes {}-{}/{}", range.start, range.end.saturating_sub(1), item.size);
        answer = answer.header(CONTENT_RANGE, said);
    }
    answer.body(Sent::empty()).map_err(|why| Fault::new(Kind::Failed, why.to_string()))
}

/// The file's own name as a header may have it: whatever a researcher wrote, it is one word of ASCII. Older clients read the plain one,
/// in which nothing leads out of a folder, hides or looks like an option.
fn disposition(key: &str) -> String {
    let name = key.rsplit('/').next().unwrap_or_default();
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let name = || name.bytes().take(255).enumerate();
    let plain: String = name()
        .map(|(n, byte)| if fine(byte) && (n > 0 || byte.is_ascii_alphanumeric()) { char::from(byte) } else { '_' })
        .collect();
    let quoted: String = name()
        .map(|(_, byte)| if fine(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{quoted}")
}

/// The range that is asked for; none for all of it, and for what is no range of one piece.
fn range(headers: &HeaderMap, size: u64, tag: &str) -> Result<Option<Range<u64>>, Fault> {
    let Some(asked) = headers.get(RANGE).and_then(|range| range.to_str().ok()) else { return Ok(None) };
    if headers.get(IF_RANGE).is_some_and(|known| known.as_bytes() != tag.as_bytes()) {
        return Ok(None);
    }
    let Some((from, to)) = asked.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Ok(None);
    };
    let range = match (from.trim().parse::<u64>(), to.trim().parse::<u64>()) {
        (Ok(from), Ok(to)) if from <= to => from..to.saturating_add(1).min(size),
        (Ok(from), Err(_)) if to.trim().is_empty() => from..size,
        (Err(_), Ok(last)) if from.trim().is_empty() => size.saturating_sub(last)..size,
        _ => return Ok(None),
    };
    if range.is_empty() {
        return Err(Fault::new(Kind::Range, format!("The file has {size} bytes, and none of them is asked for.")));
    }
    Ok(Some(range))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_of_one_piece_or_all() {
        let asked = |text: &str| {
            let headers = HeaderMap::from_iter([(RANGE, HeaderValue::from_str(text).unwrap())]);
            range(&headers, 10, "\"t\"").map_err(|fault| fault.kind)
        };
        assert_eq!(asked("bytes=0-3"), Ok(Some(0..4)));
        assert_eq!(asked("bytes=4-"), Ok(Some(4..10)));
        assert_eq!(asked("bytes=-3"), Ok(Some(7..10)));
        assert_eq!(asked("bytes=2-99"), Ok(Some(2..10)));
        for all in ["bytes=0-1,3-4", "rows=1-2", "bytes=x-", "bytes=5-2", "bytes=-"] {
            assert_eq!(asked(all), Ok(None), "{all}");
        }
        for none in ["bytes=10-", "bytes=-0", "bytes=10-12"] {
            assert_eq!(asked(none), Err(Kind::Range), "{none}");
        }
    }

    #[test]
    fn a_name_is_one_word_in_the_header() {
        for (key, plain, quoted) in [
            ("a/b c\r\nx: y.csv", "b_c__x__y.csv", "b%20c%0D%0Ax%3A%20y.csv"),
            ("a/..", "_.", ".."),
            ("-rf.csv", "_rf.csv", "-rf.csv"),
            ("\u{e4}\".csv", "___.csv", "%C3%A4%22.csv"),
        ] {
            assert_eq!(disposition(key), format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{quoted}"));
        }
    }
}
