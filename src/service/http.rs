//! Requests with tickets. A ticket's address is sent as it was signed: the usual clients fold `..` in a path first, and
//! researchers name keys as they like. No redirect is followed and no proxy asked: a ticket is for one store. Used by
//! `bytes`, `submit` and `status`.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use http_body_util::{BodyExt as _, Empty, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, RANGE, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::{sleep, timeout};

use crate::objects::CHECKSUM;

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the other side may send, or take, nothing.
const SILENCE: Duration = Duration::from_secs(30);

type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, std::io::Error>;

/// What went wrong; it never names the address, which is a ticket.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub(super) struct HttpError {
    why: String,
    /// Nobody answers there at all.
    pub is_connect: bool,
}

/// The client; one a process.
pub(super) struct Http {
    plain: Client<HttpConnector, Body>,
    tls: std::io::Result<Client<HttpsConnector<HttpConnector>, Body>>,
}

impl Http {
    pub(super) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_nodelay(true);
        connector.set_keepalive(Some(SILENCE));
        let plain = Client::builder(TokioExecutor::new()).build(connector.clone());
        connector.enforce_http(false);
        // A host without any authority's certificate can still use a store that is not encrypted.
        let tls = HttpsConnectorBuilder::new().with_native_roots().map(|builder| {
            let connector = builder.https_or_http().enable_http1().wrap_connector(connector);
            Client::builder(TokioExecutor::new()).build(connector)
        });
        Self { plain, tls }
    }

    /// The head of an answer to a GET, of a range or of all.
    pub(super) async fn get(&self, address: &Uri, range: Option<Range<u64>>) -> Result<Response<Incoming>, HttpError> {
        let mut request = Request::builder().method(Method::GET).uri(address.clone()).header(USER_AGENT, AGENT);
        if let Some(range) = range {
            request = request.header(RANGE, format!("bytes={}-{}", range.start, range.end.saturating_sub(1)));
        }
        let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
        timeout(SILENCE, self.send(request.body(body), address)).await.unwrap_or_else(|_| Err(silent()))
    }

    /// The status a PUT of so many bytes ends with; `sum` is the checksum header the address was signed with.
    pub(super) async fn put(
        &self,
        address: &Uri,
        size: u64,
        sum: &str,
        bytes: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
    ) -> Result<StatusCode, HttpError> {
        let sent = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&sent);
        let counted = bytes.map(move |chunk| {
            counter.fetch_add(1, Ordering::Relaxed);
            chunk.map(Frame::data)
        });
        let request = Request::builder()
            .method(Method::PUT)
            .uri(address.clone())
            .header(USER_AGENT, AGENT)
            .header(CONTENT_LENGTH, size)
            .header(CHECKSUM, sum)
            .body(StreamBody::new(counted).boxed_unsync());
        tokio::select! {
            answer = self.send(request, address) => answer.map(|response| response.status()),
            () = stalls(&sent) => Err(silent()),
        }
    }

    async fn send(
        &self,
        request: hyper::http::Result<Request<Body>>,
        address: &Uri,
    ) -> Result<Response<Incoming>, HttpError> {
        let request = request.map_err(|why| HttpError { why: why.to_string(), is_connect: false })?;
        let sent = match (address.scheme_str(), &self.tls) {
            (Some("https"), Ok(client)) => client.request(request).await,
            (Some("https"), Err(why)) => {
                let why = format!("this host has no certificates of authorities ({why})");
                return Err(HttpError { why, is_connect: true });
            }
            _ => self.plain.request(request).await,
        };
        sent.map_err(|why| HttpError { is_connect: why.is_connect(), why: root(&why) })
    }
}

const AGENT: &str = concat!("exeat/", env!("CARGO_PKG_VERSION"));

/// The next bytes of an answer; none at its end.
pub(super) async fn next(response: &mut Response<Incoming>) -> Result<Option<Bytes>, HttpError> {
    loop {
        let frame = timeout(SILENCE, response.body_mut().frame()).await.map_err(|_| silent())?;
        match frame {
            None => return Ok(None),
            Some(Ok(frame)) => {
                if let Ok(bytes) = frame.into_data() {
                    return Ok(Some(bytes));
                }
            }
            Some(Err(why)) => return Err(HttpError { why: root(&why), is_connect: false }),
        }
    }
}

/// The beginning of an answer's text: an error's code stands there.
pub(super) async fn beginning(mut response: Response<Incoming>) -> String {
    let mut text = Vec::new();
    while let Ok(Some(bytes)) = next(&mut response).await {
        text.extend_from_slice(&bytes);
        if text.len() > 4096 {
            break;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Where an address leads, without what was signed.
pub(super) fn place(address: &Uri) -> String {
    let host = address.authority().map_or("", |authority| authority.as_str());
    format!("{}://{host}", address.scheme_str().unwrap_or("http"))
}

/// Ends when nothing was sent for a while. After the last byte the store may take four times as long to answer.
async fn stalls(sent: &AtomicU64) {
    let mut before = 0;
    let mut silent = 0;
    while silent < 4 {
        sleep(SILENCE).await;
        let now = sent.load(Ordering::Relaxed);
        silent = if now == before { silent + 1 } else { 0 };
        before = now;
    }
}

fn silent() -> HttpError {
    HttpError { why: "it went silent".to_owned(), is_connect: false }
}

/// The innermost cause: the outer ones only say that sending failed.
fn root(why: &dyn std::error::Error) -> String {
    let mut cause = why;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
