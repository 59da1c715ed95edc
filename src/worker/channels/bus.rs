//! Events for others on a message bus: a topic exchange, the event's name as the routing key, persistent, confirmed by the
//! broker before they count as delivered.

use std::sync::Arc;

use amqprs::callbacks::ChannelCallback;
use amqprs::channel::{BasicPublishArguments, Channel as Line, ConfirmSelectArguments, ExchangeDeclareArguments};
use amqprs::connection::{Connection, OpenConnectionArguments};
use amqprs::security::SecurityCredentials;
use amqprs::tls::TlsAdaptor;
use amqprs::{Ack, BasicProperties, Cancel, CloseChannel, Nack, Return};
use async_trait::async_trait;
use hyper_rustls::ConfigBuilderExt as _;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_rustls::rustls::{ClientConfig, crypto::aws_lc_rs};

use super::{Channel, Kind, NotSent, WorkerError};
use crate::config::BusConfig;
use crate::db::Delivery;

pub(super) const KIND: Kind = Kind {
    name: "bus",
    carries: "events",
    open: |config| config.bus.iter().map(|bus| Ok(Box::new(Bus::new(bus)?) as Box<dyn Channel>)).collect(),
};

/// A message bus: one connection, one message in flight.
struct Bus {
    url: String,
    open: OpenConnectionArguments,
    exchange: String,
    connected: Option<Connected>,
}

struct Connected {
    connection: Connection,
    line: Line,
    /// What the broker says of what was published.
    said: mpsc::UnboundedReceiver<Said>,
    /// The broker counts what is published on a line.
    sent: u64,
}

enum Said {
    /// It has all up to this one.
    Has(u64),
    /// It does not take it.
    Refuses,
    /// It closed the channel.
    Closed(String),
}

impl Bus {
    fn new(config: &BusConfig) -> Result<Self, WorkerError> {
        let wrong = |why: String| WorkerError::Delivery(format!("[bus] cannot work: {why}"));
        let mut open =
            OpenConnectionArguments::try_from(config.url.as_str()).map_err(|error| wrong(error.to_string()))?;
        open.connection_name("exeat worker");
        if let (Some(user), Some(password)) = (&config.user, &config.password) {
            open.credentials(SecurityCredentials::new_plain(user, password.expose()));
        }
        if config.url.starts_with("amqps:") {
            let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(|error| wrong(error.to_string()))?
                .with_native_roots()
                .map_err(|error| wrong(error.to_string()))?
                .with_no_client_auth();
            let host = open.get_host().to_owned();
            open.tls_adaptor(TlsAdaptor::new(Arc::new(tls).into(), host));
        }
        Ok(Self { url: config.url.clone(), open, exchange: config.exchange.clone(), connected: None })
    }

    async fn connect(&self) -> Result<Connected, amqprs::error::Error> {
        let connection = Connection::open(&self.open).await?;
        let line = connection.open_channel(None).await?;
        let (tell, said) = mpsc::unbounded_channel();
        line.register_callback(Hears(tell)).await?;
        let exchange = ExchangeDeclareArguments::new(&self.exchange, "topic").durable(true).finish();
        line.exchange_declare(exchange).await?;
        line.confirm_select(ConfirmSelectArguments::default()).await?;
        Ok(Connected { connection, line, said, sent: 0 })
    }
}

#[async_trait]
impl Channel for Bus {
    fn name(&self) -> &str {
        KIND.name
    }

    fn server(&self) -> &str {
        &self.url
    }

    async fn deliver(&mut self, message: &Delivery) -> Result<(), NotSent> {
        let there = self.connected.take().filter(|there| there.connection.is_open() && there.line.is_open());
        let mut there = match there {
            Some(there) => there,
            None => self.connect().await.map_err(unreached)?,
        };
        let sent = there.publish(&self.exchange, message).await;
        // A connection that was given up in the middle, or that failed, is not used again: what it still says is of another message.
        if !matches!(sent, Err(NotSent::Unreached(_))) {
            self.connected = Some(there);
        }
        sent
    }

    async fn check(&mut self) -> Result<(), NotSent> {
        Connection::open(&self.open).await.map_err(unreached)?.close().await.map_err(unreached)
    }
}

impl Connected {
    async fn publish(&mut self, exchange: &str, message: &Delivery) -> Result<(), NotSent> {
        let id = message.payload.get("event_id").and_then(Value::as_str).unwrap_or_default();
        let properties = BasicProperties::default()
            .with_content_type("application/json")
            .with_persistence(true)
            .with_message_id(id)
            .with_message_type(&message.topic)
            .with_app_id("exeat")
            .finish();
        let to = BasicPublishArguments::new(exchange, &message.topic);
        let body = message.payload.to_string().into_bytes();
        self.sent += 1;
        self.line.basic_publish(properties, body, to).await.map_err(unreached)?;
        loop {
            match self.said.recv().await {
                Some(Said::Has(upto)) if upto >= self.sent => return Ok(()),
                Some(Said::Has(_)) => {}
                Some(Said::Refuses) => return Err(NotSent::Refused("the bus did not take it".to_owned())),
                Some(Said::Closed(why)) => return Err(NotSent::Unreached(why)),
                None => return Err(NotSent::Unreached("the connection was lost".to_owned())),
            }
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn unreached(error: amqprs::error::Error) -> NotSent {
    NotSent::Unreached(error.to_string())
}

/// Passes on what the broker says; nobody listens any more where the connection was given up.
struct Hears(mpsc::UnboundedSender<Said>);

#[async_trait]
impl ChannelCallback for Hears {
    async fn close(&mut self, _: &Line, close: CloseChannel) -> Result<(), amqprs::error::Error> {
        let _ = self.0.send(Said::Closed(close.to_string()));
        Ok(())
    }

    async fn cancel(&mut self, _: &Line, _: Cancel) -> Result<(), amqprs::error::Error> {
        Ok(())
    }

    async fn flow(&mut self, _: &Line, active: bool) -> Result<bool, amqprs::error::Error> {
        Ok(active)
    }

    async fn publish_ack(&mut self, _: &Line, ack: Ack) {
        let _ = self.0.send(Said::Has(ack.delivery_tag()));
    }

    async fn publish_nack(&mut self, _: &Line, _: Nack) {
        let _ = self.0.send(Said::Refuses);
    }

    async fn publish_return(&mut self, _: &Line, _: Return, _: BasicProperties, _: Vec<u8>) {}
}
