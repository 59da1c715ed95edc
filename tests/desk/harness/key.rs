//! What the person's key answers, as the runtime would say it.

use exeat::domain::command::Command;
use exeat::domain::egress::VersionId;
use exeat::domain::vote::VoteKind;
use exeat::tui::app::msg::Order;
use exeat::tui::app::{Msg, Target};
use uuid::Uuid;

use super::Desk;

impl Desk {
    /// The key answered for an approval of the first file: signed, or why it goes out unsigned.
    pub fn key_signed(&mut self, id: Uuid, unsigned: Option<&str>) {
        let words = |words: &str| unsigned.is_none().then(|| words.to_owned());
        let command = Command::CastVote {
            version: VersionId(1),
            destination: Some("trusted".into()),
            kind: VoteKind::Approve,
            sha256: None,
            comment: None,
            seen_row_version: Some(7),
            coverage: None,
            signed: words("the text\n"),
            signature: words("the signature"),
        };
        let (destination, name) = ("trusted".to_owned(), "a.csv".into());
        let target = Target { id: 1, seen: 7, destination, sha256: String::new(), name };
        let order = Order { id, command, target };
        self.say(Msg::KeyAnswered(id, Ok((vec![order], unsigned.map(str::to_owned)))));
    }

    /// The key cannot sign.
    pub fn key_cannot(&mut self, id: Uuid, why: &str) {
        self.say(Msg::KeyAnswered(id, Err(why.to_owned())));
    }
}
