//! A real RabbitMQ for a test, from the distribution's programs: on free ports of 127.0.0.1, with data of its own, which
//! outlive a kill and a new start.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use amqprs::BasicProperties;
use amqprs::channel::{
    BasicGetArguments, Channel, ExchangeDeclareArguments, QueueBindArguments, QueueDeclareArguments,
};
use amqprs::connection::{Connection, OpenConnectionArguments};

/// Ends with the pipe of its standard input, so also when the test program is killed. Erlang's port mapper is its own too.
const GUARD: &str = r#"
epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 & mapper=$!
/usr/lib/rabbitmq/bin/rabbitmq-server >"$HOME/out" 2>&1 & server=$!
read -r _
kill -9 "$(cat "$RABBITMQ_PID_FILE")" "$server" "$mapper"
"#;
const EXCHANGE: &str = "exeat.test";
const QUEUE: &str = "everything";

pub struct Rabbit {
    ports: [u16; 3],
    folder: tempfile::TempDir,
    guard: Option<Child>,
}

/// A message in the queue.
pub struct Kept {
    pub routing_key: String,
    pub properties: BasicProperties,
    pub body: serde_json::Value,
}

impl Rabbit {
    /// A running broker, with a queue that keeps every message of the exchange.
    pub async fn new() -> Self {
        let ports: [TcpListener; 3] = std::array::from_fn(|_| TcpListener::bind(("127.0.0.1", 0)).unwrap());
        let ports = ports.map(|port| port.local_addr().unwrap().port());
        let mut rabbit = Self { ports, folder: tempfile::tempdir().unwrap(), guard: None };
        rabbit.start().await;
        let (_connection, channel) = rabbit.channel().await.unwrap();
        let exchange = ExchangeDeclareArguments::new(EXCHANGE, "topic").durable(true).finish();
        channel.exchange_declare(exchange).await.unwrap();
        channel.queue_declare(QueueDeclareArguments::durable_client_named(QUEUE)).await.unwrap();
        channel.queue_bind(QueueBindArguments::new(QUEUE, EXCHANGE, "#")).await.unwrap();
        rabbit
    }

    pub fn config(&self) -> exeat::config::BusConfig {
        let url = format!("amqp://127.0.0.1:{}", self.ports[0]);
        exeat::config::BusConfig { url, exchange: EXCHANGE.into(), user: None, password: None }
    }

    pub async fn start(&mut self) {
        let [port, between, mapper] = self.ports.map(|port| port.to_string());
        let within = |name: &str| self.folder.path().join(name);
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        guard.env("HOME", self.folder.path()).env("ERL_EPMD_PORT", mapper).env("ERL_EPMD_ADDRESS", "127.0.0.1");
        guard.env("RABBITMQ_NODENAME", format!("exeat{port}@localhost")).env("RABBITMQ_NODE_PORT", port);
        guard.env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1").env("RABBITMQ_DIST_PORT", between);
        guard.env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
        for (name, file) in [
            ("RABBITMQ_MNESIA_BASE", "data"),
            ("RABBITMQ_LOG_BASE", "log"),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", "plugins"),
            ("RABBITMQ_CONFIG_FILE", "none"),
            ("RABBITMQ_CONF_ENV_FILE", "none.env"),
            ("RABBITMQ_PID_FILE", "pid"),
        ] {
            guard.env(name, within(file));
        }
        self.guard = Some(guard.spawn().unwrap());
        let begun = Instant::now();
        while self.channel().await.is_none() {
            let out = || std::fs::read_to_string(within("out")).unwrap_or_default();
            assert!(
                begun.elapsed() < Duration::from_mins(2),
                "RabbitMQ does not answer: is it installed? `make engines` does that. {}",
                out()
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Kills it; what it confirmed it still has after the next start.
    pub fn kill(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            let _ = guard.wait();
        }
    }

    async fn channel(&self) -> Option<(Connection, Channel)> {
        let open = OpenConnectionArguments::new("127.0.0.1", self.ports[0], "guest", "guest");
        let connection = Connection::open(&open).await.ok()?;
        let channel = connection.open_channel(None).await.ok()?;
        Some((connection, channel))
    }

    /// Takes every message out of the queue.
    pub async fn messages(&self) -> Vec<Kept> {
        let (_connection, channel) = self.channel().await.unwrap();
        let mut all = Vec::new();
        let next = || BasicGetArguments::new(QUEUE).no_ack(true).finish();
        while let Some((got, properties, body)) = channel.basic_get(next()).await.unwrap() {
            let body = serde_json::from_slice(&body).unwrap();
            all.push(Kept { routing_key: got.routing_key().clone(), properties, body });
        }
        all
    }
}

impl Drop for Rabbit {
    fn drop(&mut self) {
        self.kill();
    }
}
