//! The sections of `worker.toml` that say where messages leave to, one for each kind of channel. Read by `worker` of this room;
//! each is used by the file of its name in `worker::channels`.

use serde::{Deserialize, Serialize};

use super::Secret;

/// `[mail]`: the server mails go through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// `smtps://host:465`, or `smtp://host:25` with STARTTLS where the server offers it; with a user always.
    pub server: String,
    /// The sender's address.
    pub from: String,
    /// Whom the server knows us as; nobody where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The user's password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
}

/// `[bus]`: the message bus events go to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusConfig {
    /// `amqps://host:5671/vhost` or `amqp://host:5672/vhost`; the vhost `/` where none is named.
    pub url: String,
    /// The topic exchange; it is made where it is missing.
    pub exchange: String,
    /// Whom the bus knows us as; `guest` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The user's password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
}

/// Which setting is wrong, and why.
pub(super) type Wrong = (&'static [&'static str], String);

/// A channel's section.
pub(super) trait Section {
    /// Whether its settings can work.
    fn check(&self) -> Result<(), Wrong>;

    /// What is not to be shown of it.
    fn secret(&mut self) -> Option<&mut Secret>;
}

impl Section for MailConfig {
    fn check(&self) -> Result<(), Wrong> {
        if !is_server(&self.server, ["smtp", "smtps"]) || self.server.matches('/').count() > 2 {
            let sentence = "server must look like smtp://mail.site:25 or smtps://mail.site:465, with user and password as settings of their own.";
            return Err((&["mail", "server"], sentence.to_owned()));
        }
        if self.from.parse::<lettre::Address>().is_err() {
            return Err((&["mail", "from"], "from must be a mail address, such as exeat@site.example.".to_owned()));
        }
        together(&["mail", "user"], self.user.as_ref(), self.password.as_ref())
    }

    fn secret(&mut self) -> Option<&mut Secret> {
        self.password.as_mut()
    }
}

impl Section for BusConfig {
    fn check(&self) -> Result<(), Wrong> {
        if !is_server(&self.url, ["amqp", "amqps"]) {
            let sentence = "url must look like amqp://bus.site:5672 or amqps://bus.site:5671/vhost, with user and password as settings of their own.";
            return Err((&["bus", "url"], sentence.to_owned()));
        }
        if self.exchange.is_empty() || self.exchange.len() > 127 || self.exchange.chars().any(char::is_control) {
            return Err((&["bus", "exchange"], "exchange must be a name of 1 to 127 bytes.".to_owned()));
        }
        together(&["bus", "user"], self.user.as_ref(), self.password.as_ref())
    }

    fn secret(&mut self) -> Option<&mut Secret> {
        self.password.as_mut()
    }
}

fn together(path: &'static [&'static str], user: Option<&String>, password: Option<&Secret>) -> Result<(), Wrong> {
    if user.is_some() == password.is_some() {
        return Ok(());
    }
    Err((path, "user and password belong together; name both or neither.".to_owned()))
}

/// Whether it is `scheme://host`, perhaps with a port and a path, and nobody's name in it.
fn is_server(address: &str, schemes: [&str; 2]) -> bool {
    address.parse::<hyper::Uri>().is_ok_and(|uri| {
        uri.scheme_str().is_some_and(|scheme| schemes.contains(&scheme))
            && uri.query().is_none()
            && uri.authority().is_some_and(|host| !host.host().is_empty() && !host.as_str().contains('@'))
    })
}
