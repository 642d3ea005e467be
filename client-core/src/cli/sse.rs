//! Server-sent events: lines in, events out. Nothing of the network is known here.

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sent {
    /// Its id, as `Last-Event-ID` gives it back; empty when it has none.
    pub(super) id: String,
    /// Its lines of data, joined.
    pub(super) data: String,
}

/// Gathers lines until an event is whole.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    event: Sent,
    has_data: bool,
}

impl Gathering {
    /// Takes a line without its end; gives the event that an empty line completes.
    pub(super) fn line(&mut self, line: &str) -> Option<Sent> {
        if line.is_empty() {
            let whole = std::mem::take(self);
            return whole.has_data.then_some(whole.event);
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" => value.clone_into(&mut self.event.id),
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            // Comments keep the line alive; retries and event names say nothing to us.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Gathering, Sent};

    /// Goal: events are read as the standard says. Method: a whole stream as text.
    #[test]
    fn a_stream_is_read_event_by_event() {
        let stream = ": hello\n\nid: 7\ndata: {\"a\":1}\n\nid:8\nevent: feed\ndata:one\ndata: two\n\nid: 9\n\ndata: last\n";
        let mut gathering = Gathering::default();
        let events: Vec<Sent> = stream.lines().filter_map(|line| gathering.line(line)).collect();
        let sent = |id: &str, data: &str| Sent { id: id.into(), data: data.into() };
        assert_eq!(events, [sent("7", "{\"a\":1}"), sent("8", "one\ntwo")]);
    }
}
