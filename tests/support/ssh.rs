//! OpenSSH itself: keys, signatures and agents of the real programs, each in a folder of its own that goes with it.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A key pair in a file.
pub struct Key {
    folder: tempfile::TempDir,
}

impl Key {
    /// A new one of a kind, such as `ed25519` or `rsa -b 3072`.
    pub fn new(kind: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = Self { folder };
        let mut make = Command::new("ssh-keygen");
        make.args(["-q", "-N", "", "-C", "a comment", "-t"]).args(kind.split(' ')).arg("-f").arg(key.file());
        assert!(make.status().unwrap().success());
        key
    }

    /// The private key's file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("key")
    }

    /// The public key's file.
    pub fn public_file(&self) -> PathBuf {
        self.folder.path().join("key.pub")
    }

    /// Kind and key, without the comment.
    pub fn public(&self) -> String {
        let line = std::fs::read_to_string(self.public_file()).unwrap();
        line.split(' ').take(2).collect::<Vec<_>>().join(" ")
    }

    /// As `ssh-keygen -l` says it.
    pub fn fingerprint(&self) -> String {
        let out = Command::new("ssh-keygen").arg("-lf").arg(self.public_file()).output().unwrap();
        String::from_utf8(out.stdout).unwrap().split(' ').nth(1).unwrap().to_owned()
    }

    /// What `ssh-keygen -Y sign` makes of a text for votes.
    pub fn sign(&self, text: &str) -> String {
        self.sign_for(text, "vote@exeat", "sha512")
    }

    /// The same for another namespace or with another digest.
    pub fn sign_for(&self, text: &str, namespace: &str, digest: &str) -> String {
        let mut sign = Command::new("ssh-keygen");
        sign.args(["-q", "-Y", "sign", "-n", namespace, "-O"]).arg(format!("hashalg={digest}")).arg("-f");
        given(sign.arg(self.file()), text).expect("ssh-keygen signs")
    }
}

/// What a program prints to whom a text was given; none where it failed.
fn given(command: &mut Command, text: &str) -> Option<String> {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("OpenSSH is there");
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    out.status.success().then(|| String::from_utf8(out.stdout).unwrap())
}

/// Whether `ssh-keygen -Y verify` finds it signed for votes by one of a file's signers.
pub fn verifies(allowed: &str, login: &str, text: &str, signature: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let (file, sig) = (folder.path().join("allowed"), folder.path().join("sig"));
    std::fs::write(&file, allowed).unwrap();
    std::fs::write(&sig, signature).unwrap();
    let mut verify = Command::new("ssh-keygen");
    verify.args(["-Y", "verify", "-n", "vote@exeat", "-I", login, "-f"]).arg(&file).arg("-s").arg(&sig);
    given(&mut verify, text).is_some()
}

/// A real `ssh-agent` of the test's own.
pub struct SshAgent {
    folder: tempfile::TempDir,
    child: Child,
}

impl SshAgent {
    /// One without keys.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("agent");
        let mut start = Command::new("ssh-agent");
        start.arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).stderr(Stdio::null());
        // What would ask a person says no.
        start.env("SSH_ASKPASS", "/bin/false").env("SSH_ASKPASS_REQUIRE", "force").env_remove("DISPLAY");
        let child = start.spawn().unwrap();
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        Self { folder, child }
    }

    /// One with a key.
    pub fn with(key: &Key) -> Self {
        let agent = Self::start();
        agent.add(key, &[]);
        agent
    }

    pub fn add(&self, key: &Key, options: &[&str]) {
        let file = key.file();
        self.ssh_add(&[options, &[file.to_str().unwrap()]].concat());
    }

    pub fn ssh_add(&self, args: &[&str]) {
        let done = Command::new("ssh-add").args(args).env("SSH_AUTH_SOCK", self.socket()).output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Locks it with a password, which only an agent's own message can do without a terminal.
    pub fn lock(&self) {
        use std::io::Read as _;
        let mut agent = std::os::unix::net::UnixStream::connect(self.path()).unwrap();
        agent.write_all(b"\0\0\0\x06\x16\0\0\0\x01x").unwrap();
        let mut answer = [0; 5];
        agent.read_exact(&mut answer).unwrap();
        assert_eq!(answer[4], 6, "locked");
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("agent")
    }

    /// For `SSH_AUTH_SOCK`.
    pub fn socket(&self) -> OsString {
        self.path().into()
    }
}

impl Drop for SshAgent {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// An agent that answers each request with what a function makes of it; no answer: it hangs.
pub struct FalseAgent {
    folder: tempfile::TempDir,
}

impl FalseAgent {
    pub fn start(answer: impl Fn(&[u8]) -> Option<Vec<u8>> + Send + 'static) -> Self {
        use std::io::Read as _;
        let folder = tempfile::tempdir().unwrap();
        let listener = std::os::unix::net::UnixListener::bind(folder.path().join("agent")).unwrap();
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut size = [0; 4];
                if stream.read_exact(&mut size).is_err() {
                    continue;
                }
                let mut request = vec![0; u32::from_be_bytes(size) as usize];
                stream.read_exact(&mut request).unwrap();
                match answer(&request) {
                    Some(answer) => drop(stream.write_all(&answer)),
                    None => kept.push(stream),
                }
            }
        });
        Self { folder }
    }

    /// For `SSH_AUTH_SOCK`.
    pub fn socket(&self) -> OsString {
        Path::new(self.folder.path()).join("agent").into()
    }
}
