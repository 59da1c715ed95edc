//! A confirmed dialog that waits for the person's key: votes are signed by their SSH agent before they go out. Nothing was sent
//! yet; Esc ends it. Called by `dialogs` and `update`.

use uuid::Uuid;

use super::dialog::{Dialog, Focus};
use super::layers::Layer;
use super::model::Model;
use super::msg::{Cmd, Order};
use super::words::Tone;
use crate::text::{Untrusted, shown};

/// The votes as they go out, and why they are not signed where that was only wanted.
pub type Countersigned = (Vec<Order>, Option<String>);

impl Model {
    /// Asks the key for the orders; the dialog stays until it answers.
    pub(super) fn wait_for_key(&mut self, mut dialog: Box<Dialog>, orders: Vec<Order>) -> Vec<Cmd> {
        dialog.waits = orders.first().map(|order| order.id);
        dialog.key_said = None;
        dialog.focus = Focus::No;
        self.layers.push(Layer::Dialog(dialog));
        vec![Cmd::Sign(orders)]
    }

    /// The key answered, or cannot: the dialog that waits for exactly these orders goes on. One that was closed meanwhile sends
    /// nothing, whatever was signed for it.
    pub(super) fn key_answered(&mut self, of: Uuid, answer: Result<Countersigned, String>) -> Vec<Cmd> {
        let waits = |layer: &Layer| matches!(layer, Layer::Dialog(dialog) if dialog.waits == Some(of));
        let Some(at) = self.layers.iter().position(waits) else { return Vec::new() };
        let Layer::Dialog(mut dialog) = self.layers.remove(at) else { return Vec::new() };
        dialog.waits = None;
        match answer {
            Ok((orders, unsigned)) => {
                let cmds = self.go_out(&dialog, orders);
                if let Some(why) = unsigned {
                    self.say(Tone::Warn, format!("Not signed: {}", shown(&Untrusted::new(why))));
                }
                cmds
            }
            Err(sentence) => {
                dialog.key_said = Some(shown(&Untrusted::new(sentence)));
                self.layers.insert(at, Layer::Dialog(dialog));
                Vec::new()
            }
        }
    }
}
