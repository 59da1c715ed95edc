//! The store's HTTP server on a local address. Called by the supervisor's store process and by the tests.

use std::net::SocketAddr;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::Store;
use super::signed::OnlySigned;

/// A serving store; dropping it stops it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint to configure.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits for it to end, which it does only when dropped or when the listener fails.
    pub async fn ended(&mut self) {
        (&mut self.task).await.ok();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves `store` at `address`; port 0 takes a free one. Every request has to be signed by a key the store knows, with every
/// `x-amz-…` header it carries.
///
/// # Errors
/// If the address is taken.
pub async fn serve(store: Store, address: SocketAddr) -> std::io::Result<Server> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let mut builder = S3ServiceBuilder::new(store.clone());
    builder.set_auth((*store.rights).clone());
    builder.set_access(OnlySigned);
    let service = builder.build();
    let task = tokio::spawn(async move {
        let mut connections = tokio::task::JoinSet::new();
        loop {
            let (stream, _) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "the store could not accept a connection");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    continue;
                }
            };
            stream.set_nodelay(true).ok();
            let service = service.clone();
            connections.spawn(async move {
                let served = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
                if let Err(error) = served {
                    tracing::debug!(%error, "a connection to the store broke");
                }
            });
            while connections.try_join_next().is_some() {}
        }
    });
    Ok(Server { address, task })
}
