//! Every metric, by name; the only file that names them.

use metrics::{counter, describe_counter, describe_gauge, gauge};
use portrea_protocol::wire::refusal::Refusal;

/// Describes the metrics, once at the start.
pub fn describe() {
    describe_gauge!("portrea_territories_open", "territories held in memory");
    describe_gauge!("portrea_connections", "websocket connections");
    describe_counter!("portrea_batches_total", "batches merged and made durable");
    describe_counter!("portrea_merged_bytes_total", "bytes of changes merged");
    describe_counter!("portrea_feed_events_total", "feed events kept");
    describe_counter!("portrea_frames_in_total", "frames received");
    describe_counter!("portrea_frames_out_total", "frames sent");
    describe_counter!("portrea_refusals_total", "peers turned away, by code");
    describe_counter!(
        "portrea_peers_behind_total",
        "times a slow peer was resynchronised instead of buffered"
    );
    describe_counter!(
        "portrea_slowed_total",
        "times a contributor who sent changes too fast was made to wait"
    );
    describe_counter!("portrea_sign_ins_total", "devices signed in");
}

/// A territory was opened.
pub fn territory_opened() {
    gauge!("portrea_territories_open").increment(1.0);
}

/// A territory was let go.
pub fn territory_closed() {
    gauge!("portrea_territories_open").decrement(1.0);
}

/// A connection was accepted.
pub fn connected() {
    gauge!("portrea_connections").increment(1.0);
}

/// A connection ended.
pub fn disconnected() {
    gauge!("portrea_connections").decrement(1.0);
}

/// A batch is about to be kept.
pub fn merged(bytes: usize, events: usize) {
    counter!("portrea_batches_total").increment(1);
    counter!("portrea_merged_bytes_total").increment(bytes as u64);
    counter!("portrea_feed_events_total").increment(events as u64);
}

/// A frame arrived.
pub fn frame_in() {
    counter!("portrea_frames_in_total").increment(1);
}

/// A frame left.
pub fn frame_out() {
    counter!("portrea_frames_out_total").increment(1);
}

/// A peer was turned away.
pub fn refused(refusal: Refusal) {
    counter!("portrea_refusals_total", "code" => refusal.code()).increment(1);
}

/// A slow peer's queue was full.
pub fn peer_behind() {
    counter!("portrea_peers_behind_total").increment(1);
}

/// A contributor sent changes too fast.
pub fn slowed() {
    counter!("portrea_slowed_total").increment(1);
}

/// A device signed in.
pub fn signed_in() {
    counter!("portrea_sign_ins_total").increment(1);
}
