//! A way to a store where a test answers some requests itself: no room, no right, half an answer. Everything else passes.

use std::sync::{Arc, Mutex};

use futures::StreamExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::{Method, Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

type Body = UnsyncBoxBody<Bytes, std::io::Error>;
type Rule = Box<dyn Fn(&Method, &str) -> Option<Says> + Send + Sync>;

/// What the gate says instead of the store.
#[derive(Clone, Copy, Debug)]
pub enum Says {
    /// An error: its status and S3 code.
    No(u16, &'static str),
    /// What the store says, cut after half of its bytes.
    Half,
}

pub struct Gate {
    pub endpoint: String,
    rule: Arc<Mutex<Option<Rule>>>,
}

impl Gate {
    pub async fn before(endpoint: &str) -> Self {
        let target: Arc<str> = endpoint.trim_start_matches("http://").into();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let rule: Arc<Mutex<Option<Rule>>> = Arc::default();
        let client = Client::builder(TokioExecutor::new()).build_http::<Incoming>();
        let rules = rule.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (target, client, rules) = (target.clone(), client.clone(), rules.clone());
                let answer = move |request| answer(request, target.clone(), client.clone(), rules.clone());
                let service = hyper::service::service_fn(answer);
                tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(near), service));
            }
        });
        Self { endpoint, rule }
    }

    /// Decides by method, path and query what the gate answers itself.
    pub fn set(&self, rule: impl Fn(&Method, &str) -> Option<Says> + Send + Sync + 'static) {
        *self.rule.lock().unwrap() = Some(Box::new(rule));
    }

    /// Lets everything pass.
    pub fn open(&self) {
        *self.rule.lock().unwrap() = None;
    }
}

async fn answer(
    mut request: Request<Incoming>,
    target: Arc<str>,
    client: Client<HttpConnector, Incoming>,
    rules: Arc<Mutex<Option<Rule>>>,
) -> Result<Response<Body>, std::io::Error> {
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let says = rules.lock().unwrap().as_ref().and_then(|rule| rule(request.method(), &path));
    if let Some(Says::No(status, code)) = says {
        request.into_body().collect().await.map_err(std::io::Error::other)?;
        let text = format!("<Error><Code>{code}</Code><Message>The test says so.</Message></Error>");
        let body = Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync();
        return Ok(Response::builder().status(status).body(body).unwrap());
    }
    *request.uri_mut() = format!("http://{target}{path}").parse::<Uri>().unwrap();
    let (head, body) = client.request(request).await.map_err(std::io::Error::other)?.into_parts();
    let body = if matches!(says, Some(Says::Half)) {
        let whole = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
        let first = Ok(Frame::data(whole.slice(..whole.len() / 2)));
        let cut = async {
            // the first half goes out before the connection is cut
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            Err(std::io::Error::other("cut"))
        };
        StreamBody::new(futures::stream::iter([first]).chain(futures::stream::once(cut))).boxed_unsync()
    } else {
        body.map_err(std::io::Error::other).boxed_unsync()
    };
    Ok(Response::from_parts(head, body))
}
