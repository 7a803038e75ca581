//! Awards by HTTP.

use std::fmt;
use std::io::Read;
use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use ureq::http::{Response, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

use crate::excerpt::{MOST_PROBLEM, plain, quoted};
use crate::hearing::Hearing;
use crate::verdict::{Says, Verdict, says};
use crate::{Error, KEY_HEADER, Message, SIGNATURE_HEADER, Secret, retry_after, sign};

/// So much of an answer's body is read at most, in bytes.
const MOST_SAID: u64 = 4 * 1024;
/// The longest head of an answer, in bytes.
const MOST_HEAD: usize = 16 * 1024;
/// The longest address, in bytes.
const MOST_URL: usize = 2048;
/// The longest time limit.
const LONGEST: Duration = Duration::from_secs(300);

/// A platform that takes awards by HTTP: `POST`, one message a request, the message's body as its body.
///
/// Beside `content-type: application/json` a request has the headers `idempotency-key`, which is the same at every attempt,
/// and `groundswell-signature`, by which the platform [verifies](crate::verify) who sent it and when.
///
/// # What a request does not do
///
/// It follows no redirect: the platform's answer does not decide who is handed awards. It asks no proxy, whatever the
/// environment says. It sends no cookie and takes no compressed answer. Its connection serves no other request, so that no
/// answer can be taken for another one's. Over `https` nothing is sent before the server has shown a certificate for its
/// name that one of Mozilla's roots vouches for, which come with this crate and are the same on every machine, in a
/// container without any files, too; [`Webhook::trust_only`] takes others in their place. `http` goes to this machine alone
/// (`localhost`, `127.0.0.0/8`, `[::1]`), unless [`Webhook::unencrypted`] made it.
///
/// # Time
///
/// From looking up the name to the last byte of the answer a request has 10 seconds, or what [`Webhook::timeout`] says,
/// however slowly bytes drip.
///
/// `Debug` shows scheme, host and port: paths and queries can have secrets in them.
pub struct Webhook {
    url: String,
    /// Scheme, host and port.
    origin: String,
    key: Secret,
    timeout: Duration,
    roots: RootCerts,
    agent: Agent,
}

impl Webhook {
    /// A webhook at `https://…`, or at `http://…` of this machine.
    ///
    /// # Errors
    ///
    /// [`Error::Plain`] for `http` to another machine; [`Error::Url`] for what is no absolute URL of `http` or `https`, has
    /// a user or a password in it, or is longer than 2 KiB.
    pub fn new(url: &str, key: Secret) -> Result<Self, Error> {
        let webhook = Self::unencrypted(url, key)?;
        let uri: Uri = url.parse().unwrap_or_default();
        if uri.scheme_str() == Some("http") && !uri.host().is_some_and(is_loopback) {
            return Err(Error::Plain { url: webhook.origin });
        }
        Ok(webhook)
    }

    /// As [`Webhook::new`], where `http` to any machine is meant. Everybody on the way can read the awards, and hold them
    /// back; they cannot change them, since they are signed.
    ///
    /// # Errors
    ///
    /// [`Error::Url`], as there.
    pub fn unencrypted(url: &str, key: Secret) -> Result<Self, Error> {
        let origin = origin(url)?;
        let (timeout, roots) = (Duration::from_secs(10), RootCerts::WebPki);
        let agent = agent(timeout, &roots);
        Ok(Self { url: url.to_owned(), origin, key, timeout, roots, agent })
    }

    /// One that sends nothing to anybody: each of its requests is answered by these bytes, so many at a time. For fuzzing.
    #[doc(hidden)]
    pub fn hearing(said: &[u8], step: usize, key: Secret) -> Result<Self, Error> {
        let mut webhook = Self::new("https://hearing.invalid/awards", key)?;
        let hearing = Hearing { said: said.into(), step: step.max(1) };
        let config = webhook.agent.config().clone();
        webhook.agent = Agent::with_parts(config, hearing.clone(), hearing);
        Ok(webhook)
    }

    /// How long a request may take, all in all.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`] unless it is from 1 ms to 5 minutes.
    pub fn timeout(mut self, timeout: Duration) -> Result<Self, Error> {
        if timeout < Duration::from_millis(1) || timeout > LONGEST {
            return Err(Error::Timeout { millis: timeout.as_millis() });
        }
        self.timeout = timeout;
        self.agent = agent(self.timeout, &self.roots);
        Ok(self)
    }

    /// Takes certificates that these vouch for, in PEM, and no others: for a platform with an authority of its own.
    ///
    /// # Errors
    ///
    /// [`Error::Certificates`] where there is none among them, or one that cannot be read.
    pub fn trust_only(mut self, pem: &[u8]) -> Result<Self, Error> {
        let failed = |problem: &str| Error::Certificates { problem: problem.to_owned() };
        let mut certificates = Vec::new();
        for item in parse_pem(pem) {
            match item.map_err(|_| failed("it is no PEM"))? {
                PemItem::Certificate(certificate) => certificates.push(certificate),
                _ => {
                    return Err(failed("there is a private key among them, which belongs nowhere near here"));
                }
            }
        }
        if certificates.is_empty() {
            return Err(failed("there is none"));
        }
        if !certificates.iter().all(is_readable) {
            return Err(failed("one of them is no certificate"));
        }
        self.roots = RootCerts::new_with_certs(&certificates);
        self.agent = agent(self.timeout, &self.roots);
        Ok(self)
    }

    /// One attempt.
    pub(crate) fn send(&self, message: &Message, now: Timestamp) -> Verdict {
        let request = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .header("connection", "close")
            .header(KEY_HEADER, &message.key)
            .header(SIGNATURE_HEADER, sign(&message.body, &self.key, now));
        match request.send(message.body.as_slice()) {
            Ok(answer) => self.read(answer, message, now),
            Err(error) => {
                let problem = plain(&self.trouble(&error, message), MOST_PROBLEM);
                Verdict::Failed { problem, wait: None }
            }
        }
    }

    fn read(&self, answer: Response<Body>, message: &Message, now: Timestamp) -> Verdict {
        let (head, body) = answer.into_parts();
        let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
        let wait = header("retry-after").and_then(|value| retry_after::wait(value, now));
        let location = header("location");
        let mut said = Vec::new();
        // What cannot be read of it changes nothing about the status; a server that is being read is closed politely.
        _ = body.into_reader().take(MOST_SAID).read_to_end(&mut said);
        let status = head.status;
        let answered = format!("answered {} {}", status.as_u16(), status.canonical_reason().unwrap_or(""))
            .trim()
            .to_owned();
        let problem = match says(status.as_u16()) {
            Says::Taken => return Verdict::Taken,
            Says::Refused | Says::Failed => {
                let asks = wait.map(|wait| format!(", and asks for {} s of peace", wait.as_secs()));
                let said = quoted(&said, message, &self.key);
                format!("{answered}, and said {said}{}", asks.unwrap_or_default())
            }
            Says::Elsewhere => {
                let to = match location.map(|location| (location, origin(location))) {
                    Some((_, Ok(origin))) => quoted(origin.as_bytes(), message, &self.key),
                    Some((path, _)) if path.starts_with('/') && !path.starts_with("//") => {
                        "another path of the same host".to_owned()
                    }
                    Some(_) => "what is no address".to_owned(),
                    None => "nowhere".to_owned(),
                };
                format!(
                    "{answered} and points to {to}; redirects are not followed: name the last address itself"
                )
            }
        };
        let problem = plain(&problem, MOST_PROBLEM);
        match says(status.as_u16()) {
            Says::Refused => Verdict::Refused(problem),
            _ => Verdict::Failed { problem, wait },
        }
    }

    /// What is wrong where there is no answer.
    fn trouble(&self, error: &ureq::Error, message: &Message) -> String {
        match error {
            ureq::Error::Timeout(_) => {
                format!("no whole answer within {} ms", self.timeout.as_millis())
            }
            ureq::Error::HostNotFound => "its host is not known".to_owned(),
            ureq::Error::LargeResponseHeader(..) => {
                format!("the head of its answer has more than {MOST_HEAD} bytes")
            }
            ureq::Error::Rustls(error) => self.untrusted(error, message),
            ureq::Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref()) {
                Some(error) => self.untrusted(error, message),
                None => io_trouble(error),
            },
            ureq::Error::Protocol(error) => {
                format!("its answer is no HTTP: {}", quoted(error.to_string().as_bytes(), message, &self.key))
            }
            error => {
                format!("it could not be asked: {}", quoted(error.to_string().as_bytes(), message, &self.key))
            }
        }
    }

    /// What is wrong with who answers. Nothing of the message has been sent by then.
    fn untrusted(&self, error: &rustls::Error, message: &Message) -> String {
        use rustls::CertificateError as Bad;

        let rustls::Error::InvalidCertificate(bad) = error else {
            let said = quoted(error.to_string().as_bytes(), message, &self.key);
            return format!("no encrypted connection came about; does it speak TLS? It is told as {said}");
        };
        let why = match bad {
            Bad::Expired | Bad::ExpiredContext { .. } => {
                "it has expired; is this machine's clock right?".to_owned()
            }
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
                "it is not valid yet; is this machine's clock right?".to_owned()
            }
            Bad::BadSignature => "it names somebody who is trusted here, and they did not sign it".to_owned(),
            Bad::UnknownIssuer => "nobody who is trusted here vouches for it".to_owned(),
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => "it is for another host".to_owned(),
            other => quoted(other.to_string().as_bytes(), message, &self.key),
        };
        format!("its certificate was refused, and nothing was sent: {why}")
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Webhook")
            .field("origin", &self.origin)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

fn io_trouble(error: &std::io::Error) -> String {
    use std::io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, NotConnected, UnexpectedEof,
    };

    match error.kind() {
        ConnectionRefused => "nobody listens there".to_owned(),
        BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof => {
            "the connection was dropped before there was an answer".to_owned()
        }
        _ => format!("the connection failed: {error}"),
    }
}

fn agent(timeout: Duration, roots: &RootCerts) -> Agent {
    Agent::config_builder()
        .timeout_global(Some(timeout))
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .max_idle_connections(0)
        .max_response_header_size(MOST_HEAD)
        .input_buffer_size(2 * MOST_HEAD)
        // Small, since a time limit is looked at between two of them.
        .output_buffer_size(MOST_HEAD)
        .user_agent(concat!("groundswell/", env!("CARGO_PKG_VERSION")))
        .tls_config(TlsConfig::builder().root_certs(roots.clone()).build())
        .build()
        .new_agent()
}

fn is_readable(certificate: &Certificate<'_>) -> bool {
    let mut store = rustls::RootCertStore::empty();
    store.add(certificate.der().into()).is_ok()
}

/// Scheme, host and port of an absolute URL.
fn origin(url: &str) -> Result<String, Error> {
    // None of it is repeated: it may have secrets in places where nobody looks for them.
    let failed = |url: &str, problem: &str| Error::Url { url: url.to_owned(), problem: problem.to_owned() };
    if url.len() > MOST_URL {
        return Err(failed(
            "the webhook's address",
            &format!("it has {} bytes, and {MOST_URL} at most are taken", url.len()),
        ));
    }
    let no_url = || failed("the webhook's address", "it is no URL, like https://example.com/awards");
    let uri: Uri = url.parse().map_err(|_| no_url())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(no_url()) };
    if authority.as_str().contains('@') {
        return Err(failed(
            "the webhook's address",
            "it has a user or a password in it, which end up in logs; requests are signed, and need neither",
        ));
    }
    if authority.host().is_empty() {
        return Err(no_url());
    }
    let origin = format!("{scheme}://{authority}");
    match scheme {
        "http" | "https" => Ok(origin),
        _ => Err(failed(&plain(&origin, 200), "awards are sent by https alone")),
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}
