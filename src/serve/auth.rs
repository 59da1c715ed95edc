//! Who asks: a program behind a credential (HTTP Basic), or a person with a token (bearer). Called by the routes before anything
//! of the request is looked at.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Instant;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::App;
use super::fault::{Fault, Kind};
use super::origin::Origin;
use crate::service::Service;

/// Who asks.
#[derive(Clone)]
pub struct Caller {
    service: Arc<Service>,
    rights: Vec<String>,
    is: Is,
}

#[derive(Clone)]
enum Is {
    /// A program, and whom it is by itself.
    Program { credential: String, acts_for: Vec<String>, own: Option<String> },
    /// A person, who is never anybody else.
    Person { login: String },
}

impl Caller {
    /// Finds out who asks, and from where.
    ///
    /// # Errors
    /// Nobody that is known here; too many wrong secrets came from there.
    pub async fn of(app: &App, headers: &HeaderMap, from: Option<Origin>) -> Result<Self, Fault> {
        let header = headers.get(AUTHORIZATION).ok_or_else(nobody)?.to_str().map_err(|_| nobody())?;
        let (scheme, word) = header.split_once(' ').ok_or_else(nobody)?;
        if scheme.eq_ignore_ascii_case("basic") {
            Self::of_credential(app, word.trim(), from).await
        } else if scheme.eq_ignore_ascii_case("bearer") {
            Self::of_token(app, word.trim()).await
        } else {
            Err(nobody())
        }
    }

    async fn of_credential(app: &App, word: &str, from: Option<Origin>) -> Result<Self, Fault> {
        let decoded = STANDARD.decode(word).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(nobody)?;
        let (name, secret) = decoded.split_once(':').ok_or_else(nobody)?;
        // No name of more can be one, and no secret: they are not even compared.
        if name.len() > 63 || secret.len() > 200 || name.contains('\0') {
            return Err(nobody());
        }
        // Who guesses is stopped before the database is asked.
        if !app.secrets.knows(name, secret) {
            look(app, from)?;
        }
        let found = app.service.credential(name).await?;
        if !fits(app, name, secret, found.as_ref().map(|found| found.secret.as_str()), from).await? {
            return Err(nobody());
        }
        let found = found.ok_or_else(nobody)?;
        let is = Is::Program { credential: name.to_owned(), acts_for: found.acts_for, own: found.login };
        Ok(Self { service: Arc::clone(&app.service), rights: found.rights, is })
    }

    async fn of_token(app: &App, token: &str) -> Result<Self, Fault> {
        let token = app.tokens.read(token).await.map_err(|why| {
            // As a text, which the log escapes: nobody who is not signed in writes lines of it.
            tracing::info!(target: "exeat::serve", why, "a token was refused");
            nobody()
        })?;
        // Whoever left is nobody, however long the token is good.
        let person = app.service.person(&token.subject).await?.ok_or_else(nobody)?;
        Ok(Self { service: Arc::clone(&app.service), rights: token.rights, is: Is::Person { login: person.login } })
    }

    /// Says no where the caller has not this right.
    ///
    /// # Errors
    /// It has not.
    pub fn needs(&self, right: &str) -> Result<(), Fault> {
        if self.rights.iter().any(|own| own == right) {
            return Ok(());
        }
        Err(Fault::new(Kind::Forbidden, format!("This needs the right {right}. An administrator gives rights.")))
    }

    /// The way in for a person.
    ///
    /// # Errors
    /// The caller may not act for them; the same for people there are and are not.
    pub fn acting(&self, login: &str) -> Result<Service, Fault> {
        match &self.is {
            Is::Person { login: own } if own == login => Ok(self.service.acting(login)),
            Is::Program { credential, acts_for, own } if own.as_deref() == Some(login) || names(acts_for, login) => {
                Ok(self.service.acting_by(login, Some(credential)))
            }
            _ => Err(Fault::new(Kind::Forbidden, format!("{} may not act for that person.", self.name()))),
        }
    }

    /// Whom the caller is where a request names nobody.
    ///
    /// # Errors
    /// It is nobody by itself.
    pub fn own(&self) -> Result<&str, Fault> {
        match &self.is {
            Is::Person { login } | Is::Program { own: Some(login), .. } => Ok(login),
            Is::Program { own: None, credential, .. } => {
                let sentence = format!("{credential} is nobody by itself: name the person it acts for.");
                Err(Fault::new(Kind::Forbidden, sentence))
            }
        }
    }

    /// The way in for the named person, or for the caller itself.
    ///
    /// # Errors
    /// See [`Caller::acting`] and [`Caller::own`].
    pub fn acting_or_own(&self, login: Option<&str>) -> Result<Service, Fault> {
        match login {
            Some(login) => self.acting(login),
            None => self.acting(self.own()?),
        }
    }

    /// The person of a token; none of a credential.
    #[must_use]
    pub fn person(&self) -> Option<&str> {
        match &self.is {
            Is::Person { login } => Some(login),
            Is::Program { .. } => None,
        }
    }

    /// The service, for what is asked for nobody.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// What tells one caller from another where they are counted.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.is {
            Is::Person { login } => format!("person {login}"),
            Is::Program { credential, .. } => format!("credential {credential}"),
        }
    }

    /// How the log calls it: a credential by its name, a person not at all.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.is {
            Is::Person { .. } => "a person's token",
            Is::Program { credential, .. } => credential,
        }
    }
}

/// Whether a secret fits. Who guesses is stopped where they are; what was good before goes on whoever guesses beside it.
async fn fits(app: &App, name: &str, secret: &str, hash: Option<&str>, from: Option<Origin>) -> Result<bool, Fault> {
    if app.secrets.remembers(name, secret, hash) {
        return Ok(true);
    }
    look(app, from)?;
    let fits = app.secrets.fits(name, secret, hash).await;
    let busy = || Fault::new(Kind::Busy, "Too many sign in at this moment. Try again in a moment.");
    let fits = fits.ok_or_else(busy)?;
    if let Some(Origin(from)) = from.filter(|_| !fits) {
        // Others may have come meanwhile: then this one is told so too.
        app.wrong.take(network(from), Instant::now()).map_err(too_many)?;
    }
    Ok(fits)
}

/// Says no where too many wrong secrets came from.
fn look(app: &App, from: Option<Origin>) -> Result<(), Fault> {
    from.map_or(Ok(()), |Origin(from)| app.wrong.look(&network(from), Instant::now())).map_err(too_many)
}

fn too_many(again: u64) -> Fault {
    Fault::too_many("Too many wrong secrets came from this address. Wait, and look which one is wrong.", again)
}

/// What counts as one address: of IPv6 the first 64 bits, as everybody has all addresses behind them.
fn network(from: IpAddr) -> IpAddr {
    match from {
        IpAddr::V4(_) => from,
        IpAddr::V6(from) => Ipv6Addr::from_bits(from.to_bits() >> 64 << 64).into(),
    }
}

fn names(acts_for: &[String], login: &str) -> bool {
    acts_for.iter().any(|name| name == "*" || name == login)
}

/// The same for every way of not being signed in.
fn nobody() -> Fault {
    Fault::new(Kind::NotSignedIn, "Sign in with a credential (HTTP Basic) or a bearer token that is good here.")
}
