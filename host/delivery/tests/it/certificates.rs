//! Who answers has to show who they are, before anything is sent.

use std::sync::Arc;

use groundswell_delivery::Webhook;
use insta::assert_snapshot;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::server::{Does, Server};
use super::{attempt, key};

/// Who vouches for servers: their certificate in PEM, and how they sign.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// How a server speaks TLS that this one vouches for, as `change` would have it.
    pub(crate) fn vouches(&self, change: impl Fn(&mut CertificateParams)) -> Arc<rustls::ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = for_this_machine();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        config(certificate.der().clone(), &key)
    }
}

fn for_this_machine() -> CertificateParams {
    CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap()
}

fn config(certificate: CertificateDer<'static>, key: &KeyPair) -> Arc<rustls::ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Arc::new(config.unwrap().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap())
}

/// What becomes of a message to a server with this certificate, and how many requests the server got.
fn met(config: Arc<rustls::ServerConfig>, trusted: Option<&str>) -> (String, usize) {
    let server = Server::keeping(Arc::default(), Some(config), |_| Does::Accept);
    let webhook = Webhook::new(&server.https(), key()).unwrap();
    let webhook = match trusted {
        Some(pem) => webhook.trust_only(pem.as_bytes()).unwrap(),
        None => webhook,
    };
    (attempt(webhook), server.requests())
}

#[test]
fn a_server_that_a_trusted_authority_vouches_for_is_handed_awards() {
    let authority = Authority::new();
    let (told, requests) = met(authority.vouches(|_| {}), Some(&authority.pem));
    assert_eq!((told.as_str(), requests), ("delivered", 1));
    let both = format!("{}{}", Authority::new().pem, authority.pem);
    assert_eq!(met(authority.vouches(|_| {}), Some(&both)).0, "delivered", "one of several is enough");
}

#[test]
fn a_certificate_that_is_not_good_is_refused_before_anything_is_sent() {
    let authority = Authority::new();
    let refused = |config, trusted| {
        let (told, requests) = met(config, trusted);
        assert_eq!(requests, 0, "{told}");
        told
    };
    let pem = Some(authority.pem.as_str());
    let own = KeyPair::generate().unwrap();
    let self_signed = || config(for_this_machine().self_signed(&own).unwrap().der().clone(), &own);
    assert_snapshot!(refused(self_signed(), pem), @"waits: its certificate was refused, and nothing was sent: it names somebody who is trusted here, and they did not sign it");
    assert_snapshot!(refused(self_signed(), None), @"waits: its certificate was refused, and nothing was sent: nobody who is trusted here vouches for it");
    assert_snapshot!(refused(authority.vouches(|_| {}), None), @"waits: its certificate was refused, and nothing was sent: nobody who is trusted here vouches for it");
    let expired = authority.vouches(|params| {
        (params.not_before, params.not_after) = (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1));
    });
    assert_snapshot!(refused(expired, pem), @"waits: its certificate was refused, and nothing was sent: it has expired; is this machine's clock right?");
    let to_come = authority.vouches(|params| {
        (params.not_before, params.not_after) = (date_time_ymd(2901, 1, 1), date_time_ymd(2902, 1, 1));
    });
    assert_snapshot!(refused(to_come, pem), @"waits: its certificate was refused, and nothing was sent: it is not valid yet; is this machine's clock right?");
    let other = authority.vouches(|params| {
        *params = CertificateParams::new(vec!["platform.example.com".to_owned()]).unwrap();
    });
    assert_snapshot!(refused(other, pem), @"waits: its certificate was refused, and nothing was sent: it is for another host");
}

#[test]
fn a_server_that_speaks_no_tls_is_sent_nothing() {
    let server = Server::always(Does::Accept);
    let webhook = Webhook::new(&server.https(), key()).unwrap().timeout(std::time::Duration::from_secs(5));
    let told = attempt(webhook.unwrap());
    assert!(told.starts_with("waits: "), "{told}");
    assert_eq!(server.requests(), 0);
    let garbage = garbling(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    assert_snapshot!(attempt(Webhook::new(&garbage, key()).unwrap()), @"waits: no encrypted connection came about; does it speak TLS? It is told as “received corrupt message of type InvalidContentType”");
}

#[test]
fn a_handshake_byte_by_byte_is_left_after_its_time() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // The head of a record of 16,000 bytes, which then comes drop by drop.
        let mut bytes = [0x16, 3, 3, 0x3e, 0x80].into_iter().chain(std::iter::repeat(0));
        while std::io::Write::write_all(&mut stream, &[bytes.next().unwrap()]).is_ok() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    });
    let webhook = Webhook::new(&url, key()).unwrap().timeout(std::time::Duration::from_millis(250));
    assert_eq!(attempt(webhook.unwrap()), "waits: no whole answer within 250 ms");
}

/// The address of somebody who answers the first bytes that come with these, whatever they are.
fn garbling(bytes: &'static [u8]) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        _ = std::io::Read::read(&mut stream, &mut [0; 4096]);
        _ = std::io::Write::write_all(&mut stream, bytes);
        _ = std::io::Read::read(&mut stream, &mut [0; 4096]);
    });
    url
}
