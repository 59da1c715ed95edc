//! A way to a store that a test can cut (connections are closed and new ones refused until it is mended) or slow down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

pub struct Proxy {
    pub endpoint: String,
    is_cut: Arc<AtomicBool>,
    delay: Arc<AtomicU64>,
}

impl Proxy {
    pub async fn start(endpoint: &str) -> Self {
        let target = endpoint.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let is_cut = Arc::new(AtomicBool::new(false));
        let delay = Arc::new(AtomicU64::new(0));
        let (cut, slow) = (is_cut.clone(), delay.clone());
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (target, cut, slow) = (target.clone(), cut.clone(), slow.clone());
                tokio::spawn(async move {
                    if cut.load(Ordering::Relaxed) {
                        return;
                    }
                    let far = TcpStream::connect(target).await.unwrap();
                    let ((asks, near), (answers, mut far)) = (near.into_split(), far.into_split());
                    let mut asks = asks;
                    let broken = async {
                        while !cut.load(Ordering::Relaxed) {
                            tokio::time::sleep(Duration::from_millis(20)).await;
                        }
                    };
                    tokio::select! {
                        _ = tokio::io::copy(&mut asks, &mut far) => {}
                        () = pass(answers, near, &slow) => {}
                        () = broken => {}
                    }
                });
            }
        });
        Self { endpoint, is_cut, delay }
    }

    /// Milliseconds every piece of an answer takes from now on.
    pub fn slow(&self, milliseconds: u64) {
        self.delay.store(milliseconds, Ordering::Relaxed);
    }

    pub fn cut(&self, cut: bool) {
        self.is_cut.store(cut, Ordering::Relaxed);
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay: &AtomicU64) {
    let mut buffer = vec![0; 65536];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let mut waited = 0;
        while waited < delay.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(10)).await;
            waited += 10;
        }
        if to.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
}
