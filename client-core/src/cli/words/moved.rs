//! What the command says of a move to another document: what came along, and what could not.

use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::path::Address;
use portrea_protocol::schema::read;

use super::Lang;
use crate::replica::Replica;
use crate::shelf::{Crossed, Remnant};

impl Lang {
    /// After a move, in one sentence or two; what could not come along follows by [`Lang::left_behind`].
    pub(in crate::cli) fn moved(self, crossed: &Crossed) -> String {
        let moved = self.say(
            "Quelque chose a été effacé : l’annuaire continue dans un nouveau document, déjà sur cet appareil.",
            "Something was erased: the directory goes on in a new document, which is on this device by now.",
            &[],
        );
        if crossed.carried == 0 {
            return moved;
        }
        let carried = self.say(
            "Ce qui n’était pas encore envoyé a suivi : {}.",
            "What was not sent yet came along: {}.",
            &[&self.edits(crossed.carried)],
        );
        format!("{moved} {carried}")
    }

    /// What could not come along, line by line; empty when everything did.
    pub(in crate::cli) fn left_behind(self, crossed: &Crossed, replica: &Replica) -> Vec<String> {
        if crossed.left.is_empty() {
            return Vec::new();
        }
        let heading = self.say(
            "▲ N’ont pas pu suivre, car l’endroit où c’était écrit a été effacé (le texte reste sur cet appareil) :",
            "▲ Could not come along, for the place where it was written was erased (the text stays on this device):",
            &[],
        );
        let lines = crossed.left.iter().filter(|left| !left.said.is_empty());
        std::iter::once(heading).chain(lines.map(|left| self.remnant(left, replica))).collect()
    }

    fn remnant(self, left: &Remnant, replica: &Replica) -> String {
        let (id, path) = left.path.split_once('/').unwrap_or((&left.path, ""));
        let id = RecordId::from(id);
        let structure = read::structure(replica.doc(), &id);
        let place =
            structure.as_ref().map_or_else(|| id.to_string(), |structure| structure.name().to_owned());
        // A member of a set stands one step deeper than its field.
        let field = Address::parse(&id, path)
            .or_else(|| path.rsplit_once('/').and_then(|(above, _)| Address::parse(&id, above)));
        let label = field.map_or(path, |address| self.label(address.field));
        self.say("  {}, {} : {}", "  {}, {}: {}", &[&place, &label, &left.said.replace('\n', " ")])
    }
}
