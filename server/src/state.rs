//! What every request and connection shares.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use portrea_protocol::ids::{DeviceId, PeerId};
use tokio::sync::{Semaphore, watch};

use crate::accounts::Accounts;
use crate::accounts::renewal::Lasting;
use crate::clock;
use crate::commit::Committer;
use crate::crowd::Crowd;
use crate::mail::Mail;
use crate::meters;
use crate::moved::Moved;
use crate::oidc::Oidc;
use crate::pace::Paces;
use crate::patience::Patience;
use crate::registry::Registry;
use crate::settings::Settings;
use crate::store::{Store, StoreError};

/// The running server.
pub struct State {
    /// Every knob and limit.
    pub settings: Arc<Settings>,
    /// Who may come in.
    pub accounts: Accounts,
    /// Territories and their keepers.
    pub registry: Registry,
    /// This process as an automerge-repo peer.
    pub peer: PeerId,
    /// Turns true once, when the server stops.
    pub stopping: watch::Sender<bool>,
    /// One permit a websocket connection.
    pub connections: Arc<Semaphore>,
    /// Websocket connections by address, and by signed-in device.
    pub crowds: (Crowd<IpAddr>, Crowd<DeviceId>),
    /// Proxies that are believed about where callers come from.
    pub trusted_proxies: Vec<IpAddr>,
    /// Signing in by a provider, where the settings name one.
    pub oidc: Option<Oidc>,
    /// The way to the mail server, if there is one.
    pub mail: Option<Mail>,
    /// How fast somebody may ask.
    pub paces: Paces,
    /// Who was turned away for what they sent.
    pub patience: Patience,
    /// Who was told that a document has moved.
    pub moved: Moved,
    /// The permit to unfold a change that may be large.
    pub unfolding: Semaphore,
    /// The permit to search for sites.
    pub solving: Semaphore,
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
}

impl State {
    /// Reads what the store knows.
    pub async fn open(store: Arc<dyn Store>, settings: Settings) -> Result<Self, StoreError> {
        let settings = Arc::new(settings);
        let committer = Committer::spawn(Arc::clone(&store));
        let accounts = Accounts::load(store.as_ref(), committer.clone(), Lasting::of(&settings))?;
        let registry = Registry::new(committer, Arc::clone(&settings)).await?;
        let peer = PeerId::from(format!("portrea-server-{}", clock::uuid()));
        let (stopping, _) = watch::channel(false);
        let connections = Arc::new(Semaphore::new(settings.connections_max));
        let crowds =
            (Crowd::new(settings.address_connections_max), Crowd::new(settings.device_connections_max));
        // Whoever starts a server looked at them already.
        let trusted_proxies = settings.trusted_proxies().unwrap_or_default();
        let provider = settings.provider().unwrap_or_default();
        let oidc = provider.map(|provider| Oidc::new(provider, &settings.base_url()));
        let mail = Mail::of(&settings).unwrap_or_default();
        let paces = Paces::of(&settings);
        let patience = Patience::new(Duration::from_millis(settings.refused_ms));
        let (unfolding, solving, metrics) = (Semaphore::new(1), Semaphore::new(1), recorder());
        Ok(Self {
            settings,
            accounts,
            registry,
            peer,
            stopping,
            connections,
            crowds,
            trusted_proxies,
            oidc,
            mail,
            paces,
            patience,
            moved: Moved::default(),
            unfolding,
            solving,
            metrics,
        })
    }
}

/// The process' one recorder of metrics, installed by whoever asks first.
fn recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            // Somebody else's recorder may stand already in a test; then ours stays empty.
            drop(metrics::set_global_recorder(recorder));
            meters::describe();
            handle
        })
        .clone()
}
