//! What is not signed does not count. `s3s` checks the headers a signature names and serves every other one too, so that
//! `x-amz-copy-source`, put on an upload ticket, would read whatever the worker's key may read. As S3 itself does, a
//! request with any `x-amz-…` header outside its signature is refused. (A query is signed whole, and trailers count only in
//! a body whose chunks are signed by the key's owner.) Called by the server.

use hyper::{HeaderMap, Uri};
use s3s::access::{S3Access, S3AccessContext};
use s3s::{S3Result, s3_error};

/// Lets through what is signed, and only with headers that are.
pub struct OnlySigned;

#[async_trait::async_trait]
impl S3Access for OnlySigned {
    async fn check(&self, request: &mut S3AccessContext<'_>) -> S3Result<()> {
        if request.credentials().is_none() {
            return Err(s3_error!(AccessDenied, "Signature is required"));
        }
        // Other ways to sign (a form, version 2) name no headers: nothing of ours uses them.
        let Some(signed) = signed_headers(request.uri(), request.headers()) else {
            return Err(s3_error!(AccessDenied, "The signature does not name the headers it is for"));
        };
        let named = |name: &str| signed.split(';').any(|one| one == name);
        match request.headers().keys().find(|name| name.as_str().starts_with("x-amz-") && !named(name.as_str())) {
            None => Ok(()),
            Some(_) => Err(s3_error!(AccessDenied, "There were headers present in the request which were not signed")),
        }
    }
}

/// The names a signature is for, divided by `;`: from where `s3s` takes the signature it has checked, the query first.
fn signed_headers(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let query: Vec<(String, String)> = serde_urlencoded::from_str(uri.query().unwrap_or_default()).ok()?;
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    if value("X-Amz-Signature").is_some() {
        return value("X-Amz-SignedHeaders");
    }
    let text = headers.get("authorization")?.to_str().ok()?;
    text.split([',', ' ']).find_map(|part| part.strip_prefix("SignedHeaders=")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::signed_headers;
    use hyper::{HeaderMap, Uri};

    #[test]
    fn the_names_are_those_of_the_signature_that_was_checked() {
        let mut headers = HeaderMap::new();
        let of = |uri: &'static str, headers: &HeaderMap| signed_headers(&Uri::from_static(uri), headers);
        assert_eq!(of("/b/k", &headers), None);
        let given = "AWS4-HMAC-SHA256 Credential=K/d/r/s3/aws4_request,SignedHeaders=host;x-amz-date, Signature=0f";
        headers.insert("authorization", given.parse().unwrap());
        assert_eq!(of("/b/k?X-Amz-SignedHeaders=all", &headers).as_deref(), Some("host;x-amz-date"));
        let both = "/b/k?X-Amz-SignedHeaders=host%3Bx-amz-tagging&X%2DAmz-Signature=0f";
        assert_eq!(of(both, &headers).as_deref(), Some("host;x-amz-tagging"));
        assert_eq!(of("/b/k?X-Amz-Signature=0f", &headers), None);
    }
}
