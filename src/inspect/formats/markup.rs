//! Web pages, drawings and other documents in HTML or XML, shown as the text they are.

use crate::inspect::format::Format;
use crate::inspect::head::Head;
use crate::inspect::lines;
use crate::inspect::scan::LineScan;
use crate::inspect::values::contains;

/// What stands before data embedded in markup.
pub(super) const EMBEDDED: &str = ";base64,";

/// A web page.
pub(super) static HTML: Format = Format {
    id: "html",
    words: "a web page",
    media: &["text/html"],
    names: &["html", "htm", "xhtml", "xml"],
    is: |head| is(head, Markup::Html).then_some("text/html"),
    page: lines::page,
    scan: |scope| Box::new(LineScan::new(scope, &[EMBEDDED])),
};

/// A drawing in XML.
pub(super) static SVG: Format = Format {
    id: "svg",
    words: "an SVG drawing",
    media: &["image/svg+xml"],
    names: &["svg", "xml"],
    is: |head| is(head, Markup::Svg).then_some("image/svg+xml"),
    page: lines::page,
    scan: |scope| Box::new(LineScan::new(scope, &[EMBEDDED])),
};

/// Other XML.
pub(super) static XML: Format = Format {
    id: "xml",
    words: "XML",
    media: &["text/xml", "application/xml"],
    names: &["xml", "html", "htm", "xhtml"],
    is: |head| is(head, Markup::Xml).then_some("text/xml"),
    page: lines::page,
    scan: |scope| Box::new(LineScan::new(scope, &[EMBEDDED])),
};

#[derive(PartialEq)]
enum Markup {
    Html,
    Svg,
    Xml,
}

fn is(head: &Head, what: Markup) -> bool {
    head.is_textual() && markup(head.text().trim_ascii_start()) == Some(what)
}

fn markup(start: &[u8]) -> Option<Markup> {
    let lower = start[..start.len().min(4096)].to_ascii_lowercase();
    if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") {
        return Some(Markup::Html);
    }
    let xml = lower.starts_with(b"<?xml") || lower.starts_with(b"<!--") || lower.starts_with(b"<!doctype");
    if lower.starts_with(b"<svg") || xml && contains(&lower, b"<svg") {
        return Some(Markup::Svg);
    }
    if xml && contains(&lower, b"<html") {
        return Some(Markup::Html);
    }
    lower.starts_with(b"<?xml").then_some(Markup::Xml)
}
