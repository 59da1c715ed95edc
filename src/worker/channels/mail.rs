//! Mails: plain text from the templates in `assets/templates`, through the site's SMTP server.
//!
//! The subject and the headers hold no word of a stranger but accession and number, and nothing in the text can pass for
//! a line of ours: names and titles stay on their line, and a note's lines are quoted.

use std::time::Duration;

use async_trait::async_trait;
use chrono::DateTime;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::{self, authentication::Credentials, extension::ClientId};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use serde_json::Value;

use super::{Channel, Kind, NotSent, WorkerError};
use crate::config::MailConfig;
use crate::db::Delivery;
use crate::text::{Untrusted, shown, shown_lines};
use crate::worker::host;

pub(super) const KIND: Kind = Kind {
    name: "mail",
    carries: "mails",
    open: |config| config.mail.iter().map(|mail| Ok(Box::new(Mail::new(mail)?) as _)).collect(),
};

/// By topic and recipient: the subject on the first line, an empty one, the text.
const TEMPLATES: &[(&str, &str, &str)] = &[
    ("access.requested", "requester", include_str!("../../../assets/templates/access.requested.requester.txt")),
    ("access.requested", "stewards", include_str!("../../../assets/templates/access.requested.stewards.txt")),
    ("access.requested", "dac", include_str!("../../../assets/templates/access.requested.dac.txt")),
    ("access.noted", "requester", include_str!("../../../assets/templates/access.noted.requester.txt")),
    ("access.allowed", "requester", include_str!("../../../assets/templates/access.allowed.requester.txt")),
    ("access.denied", "requester", include_str!("../../../assets/templates/access.denied.requester.txt")),
    ("grant.created", "requester", include_str!("../../../assets/templates/grant.created.requester.txt")),
    ("grant.amended", "requester", include_str!("../../../assets/templates/grant.amended.requester.txt")),
    ("permit.status.updated", "team", include_str!("../../../assets/templates/permit.status.updated.team.txt")),
    ("egress.alarm", "alarms", include_str!("../../../assets/templates/egress.alarm.alarms.txt")),
    ("grant.revoked", "requester", include_str!("../../../assets/templates/grant.revoked.requester.txt")),
];

/// A mail server; each mail has a connection of its own.
struct Mail {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
}

impl Mail {
    fn new(config: &MailConfig) -> Result<Self, WorkerError> {
        let wrong = |why: String| WorkerError::Delivery(format!("[mail] cannot work: {why}"));
        let tls = match (config.server.starts_with("smtps:"), &config.user) {
            (true, _) => "",
            (false, Some(_)) => "?tls=required",
            (false, None) => "?tls=opportunistic",
        };
        let address = format!("{}{tls}", config.server.trim_end_matches('/'));
        let mut server = AsyncSmtpTransport::<Tokio1Executor>::from_url(&address)
            .map_err(|error| wrong(error.to_string()))?
            .hello_name(ClientId::Domain(host()))
            .timeout(Some(Duration::from_secs(20)));
        if let (Some(user), Some(password)) = (&config.user, &config.password) {
            server = server.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        let from = config.from.parse().map_err(|error| wrong(format!("{error}")))?;
        Ok(Self { server: server.build(), from })
    }

    fn written(&self, delivery: &Delivery) -> Result<Message, NotSent> {
        let refused = |why: String| NotSent::Refused(format!("no mail can be made of it: {why}"));
        let (subject, text) =
            words(delivery).ok_or_else(|| refused(format!("there is no template for {}", delivery.topic)))?;
        let to = delivery.address.parse::<Address>().map_err(|error| refused(error.to_string()))?;
        let id = delivery.payload.get("event_id").and_then(Value::as_str).unwrap_or_default();
        Message::builder()
            .from(Mailbox::new(None, self.from.clone()))
            .to(Mailbox::new(None, to))
            .subject(subject)
            .message_id(Some(format!("<{id}.{}@{}>", delivery.recipient, self.from.domain())))
            // RFC 3834: nobody's absence answers it
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .singlepart(SinglePart::plain(text))
            .map_err(|error| refused(error.to_string()))
    }
}

#[async_trait]
impl Channel for Mail {
    fn name(&self) -> &str {
        KIND.name
    }

    async fn deliver(&mut self, message: &Delivery) -> Result<(), NotSent> {
        let mail = self.written(message)?;
        self.server.send(mail).await.map(drop).map_err(|error| not_sent(&error))
    }

    async fn check(&mut self) -> Result<(), NotSent> {
        let there = self.server.test_connection().await.map_err(|error| not_sent(&error))?;
        if there { Ok(()) } else { Err(NotSent::Unreached("it hung up".to_owned())) }
    }
}

/// With its causes, for they say what the server said.
fn not_sent(error: &smtp::Error) -> NotSent {
    let mut why = error.to_string();
    if let Some(cause) = std::error::Error::source(error) {
        why = format!("{why}: {cause}");
    }
    if error.is_permanent() || error.is_transient() { NotSent::Refused(why) } else { NotSent::Unreached(why) }
}

/// Subject and text; none where there is no template.
fn words(delivery: &Delivery) -> Option<(String, String)> {
    let (_, _, template) =
        TEMPLATES.iter().find(|(topic, recipient, _)| *topic == delivery.topic && *recipient == delivery.recipient)?;
    let (subject, text) = template.split_once('\n')?;
    Some((filled(subject, &delivery.payload), filled(text, &delivery.payload).trim().to_owned() + "\n"))
}

/// The template with the payload's words, in one pass: what a word says is never filled in again.
fn filled(template: &str, payload: &Value) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, name, after)) =
        rest.split_once('{').and_then(|(before, rest)| rest.split_once('}').map(|(name, after)| (before, name, after)))
    {
        out.push_str(before);
        // An end that is a day's is that day.
        let named = if name == "valid_until" { payload.get("last_day").filter(|day| !day.is_null()) } else { None };
        out.push_str(&word(name, named.or_else(|| payload.get(name)).and_then(Value::as_str).unwrap_or_default()));
        rest = after;
    }
    out + rest
}

fn word(name: &str, raw: &str) -> String {
    let text = Untrusted::new(raw);
    match name {
        "note" if raw.is_empty() => String::new(),
        "note" => shown_lines(&text).iter().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n"),
        "valid_from" | "valid_until" => DateTime::parse_from_rfc3339(raw)
            .map_or_else(|_| shown(&text), |at| at.to_utc().format("%Y-%m-%d %H:%M:%S UTC").to_string()),
        _ => shown(&text),
    }
}
