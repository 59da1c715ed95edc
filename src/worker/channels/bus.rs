//! Events for others on a message bus: a topic exchange, the event's name as the routing key, persistent, confirmed by the
//! broker before they count as delivered.

use std::sync::Arc;

use amqprs::callbacks::ChannelCallback;
use amqprs::channel::{BasicPublishArguments, Channel, ConfirmSelectArguments, ExchangeDeclareArguments};
use amqprs::connection::{Connection, OpenConnectionArguments};
use amqprs::security::SecurityCredentials;
use amqprs::tls::TlsAdaptor;
use amqprs::{Ack, BasicProperties, Cancel, CloseChannel, Nack, Return};
use async_trait::async_trait;
use hyper_rustls::ConfigBuilderExt as _;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_rustls::rustls::{ClientConfig, crypto::aws_lc_rs};

use super::{Kind, NotSent, WorkerError};
use crate::config::BusConfig;
use crate::db::Delivery;

pub(super) const KIND: Kind = Kind {
    name: "bus",
    carries: "events",
    open: |config| config.bus.iter().map(|bus| Ok(Box::new(Bus::new(bus)?) as _)).collect(),
};

/// A message bus: one connection, one channel of it, one message in flight.
struct Bus {
    open: OpenConnectionArguments,
    exchange: String,
    line: Option<Line>,
}

struct Line {
    connection: Connection,
    channel: Channel,
    /// What the broker says of what was published.
    said: mpsc::UnboundedReceiver<Said>,
    /// The broker counts what is published on a channel.
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
        Ok(Self { open, exchange: config.exchange.clone(), line: None })
    }

    async fn connect(&self) -> Result<Line, amqprs::error::Error> {
        let connection = Connection::open(&self.open).await?;
        let channel = connection.open_channel(None).await?;
        let (tell, said) = mpsc::unbounded_channel();
        channel.register_callback(Hears(tell)).await?;
        let exchange = ExchangeDeclareArguments::new(&self.exchange, "topic").durable(true).finish();
        channel.exchange_declare(exchange).await?;
        channel.confirm_select(ConfirmSelectArguments::default()).await?;
        Ok(Line { connection, channel, said, sent: 0 })
    }
}

#[async_trait]
impl super::Channel for Bus {
    fn name(&self) -> &str {
        KIND.name
    }

    async fn deliver(&mut self, message: &Delivery) -> Result<(), NotSent> {
        let mut line = match self.line.take().filter(|line| line.connection.is_open() && line.channel.is_open()) {
            Some(line) => line,
            None => self.connect().await.map_err(unreached)?,
        };
        let sent = line.publish(&self.exchange, message).await;
        // One that failed, or that was given up in the middle, is not used again: what it still says is of another message.
        if !matches!(sent, Err(NotSent::Unreached(_))) {
            self.line = Some(line);
        }
        sent
    }

    async fn check(&mut self) -> Result<(), NotSent> {
        Connection::open(&self.open).await.map_err(unreached)?.close().await.map_err(unreached)
    }
}

impl Line {
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
        self.sent += 1;
        self.channel.basic_publish(properties, message.payload.to_string().into(), to).await.map_err(unreached)?;
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

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreached(error: amqprs::error::Error) -> NotSent {
    NotSent::Unreached(error.to_string())
}

/// Passes on what the broker says; nobody listens any more where the line was given up.
struct Hears(mpsc::UnboundedSender<Said>);

#[async_trait]
impl ChannelCallback for Hears {
    async fn close(&mut self, _: &Channel, close: CloseChannel) -> Result<(), amqprs::error::Error> {
        let _ = self.0.send(Said::Closed(close.to_string()));
        Ok(())
    }

    async fn cancel(&mut self, _: &Channel, _: Cancel) -> Result<(), amqprs::error::Error> {
        Ok(())
    }

    async fn flow(&mut self, _: &Channel, active: bool) -> Result<bool, amqprs::error::Error> {
        Ok(active)
    }

    async fn publish_ack(&mut self, _: &Channel, ack: Ack) {
        let _ = self.0.send(Said::Has(ack.delivery_tag()));
    }

    async fn publish_nack(&mut self, _: &Channel, _: Nack) {
        let _ = self.0.send(Said::Refuses);
    }

    async fn publish_return(&mut self, _: &Channel, _: Return, _: BasicProperties, _: Vec<u8>) {}
}
