//! A real SMTP server for a test: aiosmtpd, which keeps every mail as Python's own mail parser reads it. It may be stopped
//! and started again on its port, and made to keep a mail without saying so.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Ends with the pipe of its standard input, so also when the test program is killed.
const SERVER: &str = r"
import asyncio, email, email.policy, json, os, sys, threading
from aiosmtpd.smtp import SMTP
port, folder = int(sys.argv[1]), sys.argv[2]
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
class Keep:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('refused'):
            return '550 nobody here has that name'
        envelope.rcpt_tos.append(address)
        return '250 OK'
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        kept = {'envelope_from': envelope.mail_from, 'envelope_to': envelope.rcpt_tos, 'headers': sorted(k.lower() for k in mail.keys()),
            'to': mail['to'], 'from': mail['from'], 'subject': mail['subject'], 'id': mail['message-id'], 'type': mail.get_content_type(),
            'text': mail.get_content()}
        with open(folder + '/mails', 'a') as f:
            f.write(json.dumps(kept) + '\n')
        while os.path.exists(folder + '/silent'):
            await asyncio.sleep(0.02)
        return '250 OK'
async def main():
    await asyncio.get_running_loop().create_server(lambda: SMTP(Keep()), '127.0.0.1', port)
    await asyncio.Event().wait()
asyncio.run(main())
";

pub struct Smtp {
    pub port: u16,
    folder: tempfile::TempDir,
    server: Option<Child>,
}

impl Smtp {
    /// A server that does not run yet, on a port nobody listens at.
    pub fn down() -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        Self { port, folder: tempfile::tempdir().unwrap(), server: None }
    }

    /// How a worker reaches it.
    pub fn config(&self) -> exeat::config::MailConfig {
        let server = format!("smtp://127.0.0.1:{}", self.port);
        exeat::config::MailConfig { server, from: "exeat@tre.example".into(), user: None, password: None }
    }

    pub fn start(&mut self) {
        let mut command = Command::new("python3");
        command.args(["-c", SERVER, &self.port.to_string()]).arg(self.folder.path()).stdin(Stdio::piped());
        let mut server = command.spawn().unwrap();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(server.try_wait().unwrap().is_none(), "aiosmtpd ended: is it installed? `make engines` does that.");
            assert!(begun.elapsed() < Duration::from_mins(1), "aiosmtpd does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        self.server = Some(server);
    }

    /// Whether it keeps what it gets without an answer.
    pub fn silent(&self, silent: bool) {
        let file = self.folder.path().join("silent");
        if silent { std::fs::write(file, "").unwrap() } else { std::fs::remove_file(file).unwrap() }
    }

    /// Every mail so far, in the order they came.
    pub fn mails(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("mails")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}
