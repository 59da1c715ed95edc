//! Signatures of the real `ssh-keygen`, judged here, and ours judged by it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use exeat::domain::signed::{AllowedSigners, Flaw, VoterKey, armored, signer, to_sign};
use sha2::{Digest as _, Sha256};

use crate::support::ssh::{Key, verifies};

const TEXT: &str = "exeat-vote-1 one\nexeat-vote-1 two\n";

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

#[test]
fn what_ssh_keygen_signs_is_good_and_nothing_else_is() {
    for kind in ["ed25519", "ecdsa -b 256", "rsa -b 3072"] {
        let key = Key::new(kind);
        let good = key.sign(TEXT);
        let by = signer(TEXT, &good).unwrap();
        assert_eq!((by.line().unwrap(), by.fingerprint()), (key.public(), key.fingerprint()), "{kind}");
        assert_eq!(signer("exeat-vote-1 one\n", &good), Err(Flaw::Wrong), "{kind}");
        let other = key.sign_for(TEXT, "file", "sha512");
        assert_eq!(signer(TEXT, &other), Err(Flaw::Namespace("file".into())), "{kind}");
        assert_eq!(signer(TEXT, &key.sign_for(TEXT, "vote@exeat", "sha256")), Err(Flaw::Digest), "{kind}");
        assert!(matches!(signer(TEXT, ""), Err(Flaw::Unreadable(_))));
        let blob = STANDARD.decode(good.lines().filter(|line| !line.starts_with("---")).collect::<String>()).unwrap();
        for at in 0..blob.len() {
            let mut changed = blob.clone();
            changed[at] ^= 1;
            let lines: Vec<String> = STANDARD
                .encode(&changed)
                .as_bytes()
                .chunks(70)
                .map(|line| String::from_utf8(line.to_vec()).unwrap())
                .collect();
            let changed = format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"));
            assert!(signer(TEXT, &changed).is_err(), "{kind}: byte {at}");
        }
    }
}

#[test]
fn weak_and_unknown_kinds_sign_no_votes() {
    for kind in ["rsa -b 2048", "ecdsa -b 384", "dsa"] {
        let key = Key::new(kind);
        assert!(matches!(signer(TEXT, &key.sign(TEXT)), Err(Flaw::Key(_) | Flaw::Unreadable(_))), "{kind}");
        assert!(VoterKey::parse(&key.public()).is_err(), "{kind}");
    }
}

/// What a security key answers, made by hand: key and signature are its own, application, flags and counter are signed with the text.
struct SecurityKey {
    public: VoterKey,
    sign: Box<dyn Fn(&[u8]) -> Vec<u8>>,
    kind: &'static str,
}

impl SecurityKey {
    fn all() -> [Self; 2] {
        let (ed, rng) = (Ed25519KeyPair::generate().unwrap(), SystemRandom::new());
        let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let kind = "sk-ssh-ed25519@openssh.com";
        let blob = [string(kind.as_bytes()), string(ed.public_key().as_ref()), string(b"ssh:")].concat();
        let one = Self {
            public: VoterKey::of_blob(&blob).unwrap(),
            sign: Box::new(move |data| ed.sign(data).as_ref().to_vec()),
            kind,
        };
        let kind = "sk-ecdsa-sha2-nistp256@openssh.com";
        let point = string(ec.public_key().as_ref());
        let blob = [string(kind.as_bytes()), string(b"nistp256"), point, string(b"ssh:")].concat();
        let number = |half: &[u8]| {
            let half = &half[half.iter().take_while(|byte| **byte == 0).count()..];
            let zero: &[u8] = if half[0] & 0x80 == 0 { b"" } else { b"\0" };
            string(&[zero, half].concat())
        };
        let other = Self {
            public: VoterKey::of_blob(&blob).unwrap(),
            sign: Box::new(move |data| {
                let both = ec.sign(&rng, data).unwrap();
                [number(&both.as_ref()[..32]), number(&both.as_ref()[32..])].concat()
            }),
            kind,
        };
        [one, other]
    }

    fn answer(&self, text: &str, flags: u8) -> String {
        let trailer = [&[flags], &7_u32.to_be_bytes()[..]].concat();
        let data = [&Sha256::digest("ssh:")[..], &trailer, &Sha256::digest(to_sign(text))[..]].concat();
        let signature = [string(self.kind.as_bytes()), string(&(self.sign)(&data)), trailer].concat();
        armored(&self.public, &signature).unwrap()
    }
}

/// OpenSSH takes one that was not touched where a key is marked so; here none is.
#[test]
fn a_security_key_has_to_be_touched() {
    for key in SecurityKey::all() {
        let line = key.public.line().unwrap();
        let touched = key.answer(TEXT, 1);
        assert!(
            verifies(&format!("checker1 {line}\n"), "checker1", TEXT, &touched),
            "{}: ssh-keygen takes it",
            key.kind
        );
        assert_eq!(signer(TEXT, &touched), Ok(key.public.clone()), "{}", key.kind);
        assert_eq!(signer("other\n", &touched), Err(Flaw::Wrong), "{}", key.kind);
        let untouched = key.answer(TEXT, 0);
        assert!(verifies(&format!("checker1 {line}\n"), "checker1", TEXT, &untouched), "{}: that one too", key.kind);
        assert_eq!(signer(TEXT, &untouched), Err(Flaw::Untouched), "{}", key.kind);
        assert!(signer(TEXT, &key.answer(TEXT, 5)).is_ok(), "{}: verified by PIN too", key.kind);
    }
}

/// Whoever is allowed by the file is allowed by `ssh-keygen` with it; what is not understood allows nobody.
#[test]
fn the_file_of_allowed_signers_means_what_it_means_to_ssh_keygen() {
    let (key, other) = (Key::new("ed25519"), Key::new("ed25519"));
    let signature = key.sign(TEXT);
    let (public, another) = (key.public(), other.public());
    let now: DateTime<Utc> = Utc::now();
    for (line, ours, theirs) in [
        (format!("checker1 {public}"), true, true),
        (format!("# a comment\n\n  checker1   {public}  of her laptop"), true, true),
        (format!("checker1 {another}"), false, false),
        (format!("checker2 {public}"), false, false),
        (format!("checker1x,checker {public}"), false, false),
        (format!("checker2,checker1 {public}"), true, true),
        (format!("check*,!checker1 {public}"), false, false),
        (format!("check* {public}"), true, true),
        (format!("c??cker? {public}"), true, true),
        (format!("\"checker1\" {public}"), true, true),
        (format!("checker1 namespaces=\"vote@exeat\" {public}"), true, true),
        (format!("checker1 namespaces=\"file,vote@*\" {public}"), true, true),
        (format!("checker1 namespaces=\"file\" {public}"), false, false),
        (format!("checker1 valid-after=\"20200101Z\",valid-before=\"29990101Z\" {public}"), true, true),
        (format!("checker1 valid-before=\"20200101Z\" {public}"), false, false),
        (format!("checker1 valid-after=\"299901010000Z\" {public}"), false, false),
        // Not understood here, so that it allows nobody: times of the machine's own zone, certificates.
        (format!("checker1 valid-after=\"20200101\" {public}"), false, true),
        (format!("checker1 cert-authority {public}"), false, false),
        (format!("checker1 who-knows {public}"), false, false),
        ("checker1".to_owned(), false, false),
    ] {
        let file = AllowedSigners::read(&line);
        assert_eq!(file.allows("checker1", &VoterKey::parse(&public).unwrap(), now), ours, "{line}: {:?}", file.faults);
        assert_eq!(verifies(&format!("{line}\n"), "checker1", TEXT, &signature), theirs, "{line}: ssh-keygen");
    }
}
