//! A way to PostgreSQL whose answers a test can delay or hold back altogether.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Answers are held back until something else is set.
pub const FOR_EVER: u64 = u64::MAX;

/// The proxy; its socket's folder is the `host` of a configuration.
pub struct Slow {
    pub dir: tempfile::TempDir,
    delay: Arc<AtomicU64>,
    is_cut: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<UnixStream>>>,
}

impl Slow {
    pub fn before(host: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(dir.path().join(".s.PGSQL.5432")).unwrap();
        let target = Path::new(host).join(".s.PGSQL.5432");
        let delay = Arc::new(AtomicU64::new(0));
        let (is_cut, open) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (slow, cut, streams) = (Arc::clone(&delay), Arc::clone(&is_cut), Arc::clone(&open));
        std::thread::spawn(move || {
            for near in listener.incoming() {
                let Ok(near) = near else { break };
                if cut.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(far) = UnixStream::connect(&target) else { continue };
                let (asks, answers) = (near.try_clone().unwrap(), far.try_clone().unwrap());
                streams.lock().unwrap().extend([near.try_clone().unwrap(), far.try_clone().unwrap()]);
                std::thread::spawn(move || pass(asks, far, &AtomicU64::new(0)));
                let slow = Arc::clone(&slow);
                std::thread::spawn(move || pass(answers, near, &slow));
            }
        });
        Self { dir, delay, is_cut, open }
    }

    /// Milliseconds every piece of an answer takes from now on.
    pub fn set(&self, milliseconds: u64) {
        self.delay.store(milliseconds, Ordering::SeqCst);
    }

    /// Ends every connection and lets no new one through, or lets them through again.
    pub fn cut(&self, cut: bool) {
        self.is_cut.store(cut, Ordering::SeqCst);
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn pass(mut from: UnixStream, mut to: UnixStream, delay: &AtomicU64) {
    let mut buffer = vec![0; 65536];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let mut waited = 0;
        while waited < delay.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(10));
            waited += 10;
        }
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
