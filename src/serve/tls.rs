//! TLS, where the server ends it itself: certificate and key are read again when their files change, and what cannot be read changes
//! nothing. Used by `mod`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::{ServeSection, read_private_file, settings_text};

/// Between two looks at the files.
const EVERY: Duration = Duration::from_secs(2);

/// What connections are made with now.
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    now: Mutex<Read>,
}

/// When the files last changed.
type Changed = (Option<SystemTime>, Option<SystemTime>);

struct Read {
    acceptor: TlsAcceptor,
    changed: Changed,
}

impl Tls {
    /// Reads certificate and key; none where the configuration names none.
    ///
    /// # Errors
    /// A file cannot be read, others may read the key, or the two do not go together.
    pub fn new(config: &ServeSection) -> anyhow::Result<Option<Arc<Self>>> {
        let (Some(certificate), Some(key)) = (&config.certificate, &config.private_key) else { return Ok(None) };
        let changed = changed(certificate, key);
        let now = Mutex::new(Read { acceptor: read(certificate, key)?, changed });
        Ok(Some(Arc::new(Self { certificate: certificate.clone(), key: key.clone(), now })))
    }

    /// What a new connection is made with.
    pub fn acceptor(&self) -> TlsAcceptor {
        self.now().acceptor.clone()
    }

    /// Reads the files again whenever they changed, without end.
    pub async fn follow(&self) {
        loop {
            tokio::time::sleep(EVERY).await;
            let changed = changed(&self.certificate, &self.key);
            if changed == self.now().changed {
                continue;
            }
            match read(&self.certificate, &self.key) {
                Ok(acceptor) => {
                    *self.now() = Read { acceptor, changed };
                    tracing::info!(target: "exeat::serve", "certificate and key were read again");
                }
                Err(why) => {
                    self.now().changed = changed;
                    tracing::error!(target: "exeat::serve", %why, "the certificate before goes on");
                }
            }
        }
    }

    fn now(&self) -> std::sync::MutexGuard<'_, Read> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn changed(certificate: &Path, key: &Path) -> Changed {
    let of = |file: &Path| std::fs::metadata(file).and_then(|found| found.modified()).ok();
    (of(certificate), of(key))
}

fn read(certificate: &Path, key: &Path) -> anyhow::Result<TlsAcceptor> {
    let wrong = |file: &Path, why: &dyn std::fmt::Display| {
        anyhow::anyhow!("{} cannot be used for TLS ({why}): name a PEM file of its kind.", file.display())
    };
    let text = settings_text(certificate).map_err(|why| wrong(certificate, &why))?;
    let chain: Vec<CertificateDer> = CertificateDer::pem_slice_iter(text.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|why| wrong(certificate, &why))?;
    let text = read_private_file(key, "the server's key")?;
    let own = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|why| wrong(key, &why))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, own)
        .map_err(|why| wrong(certificate, &why))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
