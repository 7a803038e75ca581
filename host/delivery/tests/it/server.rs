//! A server that does whatever it is told to.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use groundswell_delivery::{KEY_HEADER, SIGNATURE_HEADER, Webhook};

use super::key;

/// What it is asked.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The how manieth it is, from 0.
    pub(crate) number: usize,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .next()
            .unwrap_or("")
    }

    pub(crate) fn key(&self) -> &str {
        self.header(KEY_HEADER)
    }

    pub(crate) fn signature(&self) -> &str {
        self.header(SIGNATURE_HEADER)
    }
}

/// What it does.
#[derive(Clone, Debug)]
pub(crate) enum Does {
    /// Accepts, and says so.
    Accept,
    /// Accepts twice, and says so twice.
    AcceptTwice,
    /// Accepts, and says it with a body of so many bytes, or without an end.
    AcceptAtLength(u64),
    /// Accepts, and says so in a body that comes byte by byte.
    AcceptDripping,
    /// Says this: everything from the status's number on.
    Say(String),
    /// Writes this, which may be anything.
    Write(Vec<u8>),
    /// Closes the connection without having accepted.
    Drop,
    /// Accepts, and closes the connection without a word.
    AcceptAndDrop,
    /// Never answers.
    Hang,
    /// Accepts, and never says so.
    AcceptAndHang,
    /// Answers byte by byte, without an end.
    Drip,
    /// Answers with a head that has no end.
    Flood,
    /// Accepts or not, and is no more: nobody listens, and no connection is answered.
    Die { accepts: bool },
}

/// A message that was accepted: its key and its body.
pub(crate) type Accepted = (String, String);

#[derive(Default)]
struct Shared {
    dead: AtomicBool,
    requests: AtomicUsize,
    connections: AtomicUsize,
}

/// A server on a port of its own.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepted: Arc<Mutex<Vec<Accepted>>>,
    listens: Option<JoinHandle<()>>,
}

type Act = dyn Fn(&Request) -> Does + Send + Sync;

/// One connection's needs.
#[derive(Clone)]
struct Host {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepted: Arc<Mutex<Vec<Accepted>>>,
    act: Arc<Act>,
}

impl Server {
    pub(crate) fn new(act: impl Fn(&Request) -> Does + Send + Sync + 'static) -> Self {
        Self::keeping(Arc::default(), None, act)
    }

    pub(crate) fn always(does: Does) -> Self {
        Self::new(move |_| does.clone())
    }

    pub(crate) fn says(text: &str) -> Self {
        Self::always(Does::Say(text.to_owned()))
    }

    /// One that writes down what it accepts where others did before it, and speaks TLS if it is told how.
    pub(crate) fn keeping(
        accepted: Arc<Mutex<Vec<Accepted>>>,
        tls: Option<Arc<rustls::ServerConfig>>,
        act: impl Fn(&Request) -> Does + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        let host = Host { address, shared: shared.clone(), accepted: accepted.clone(), act: Arc::new(act) };
        let listens = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if host.shared.dead.load(Ordering::SeqCst) {
                    break;
                }
                let (Ok(stream), host, tls) = (stream, host.clone(), tls.clone()) else { continue };
                host.shared.connections.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || match tls {
                    // What goes wrong in a conversation is the other side's to tell.
                    None => _ = host.serve(&stream),
                    Some(config) => {
                        let connection = rustls::ServerConnection::new(config).unwrap();
                        _ = host.serve_over(rustls::StreamOwned::new(connection, stream));
                    }
                });
            }
        });
        Self { address, shared, accepted, listens: Some(listens) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/awards?token=in-the-address", self.address)
    }

    pub(crate) fn https(&self) -> String {
        self.url().replace("http://", "https://")
    }

    pub(crate) fn webhook(&self) -> Webhook {
        Webhook::new(&self.url(), key()).unwrap()
    }

    /// One that does not wait for long.
    pub(crate) fn impatient(&self) -> Webhook {
        self.webhook().timeout(Duration::from_millis(250)).unwrap()
    }

    pub(crate) fn accepted(&self) -> Vec<Accepted> {
        self.accepted.lock().unwrap().clone()
    }

    pub(crate) fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.shared.dead.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        die(&self.shared, self.address);
        self.listens.take().unwrap().join().unwrap();
    }
}

fn die(shared: &Shared, address: SocketAddr) {
    if !shared.dead.swap(true, Ordering::SeqCst) {
        // Wakes the thread that listens, so that it sees.
        drop(TcpStream::connect(address));
    }
}

impl Host {
    fn serve(&self, stream: &TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream);
        let request = self.read(&mut reader)?;
        self.answer(&request, &mut &*stream, &mut reader)
    }

    fn serve_over(&self, stream: impl Read + Write) -> io::Result<()> {
        let mut reader = BufReader::new(stream);
        let request = self.read(&mut reader)?;
        let mut writer = Vec::new();
        let told = self.answer(&request, &mut writer, &mut io::empty());
        reader.get_mut().write_all(&writer)?;
        reader.get_mut().flush()?;
        told
    }

    fn read(&self, reader: &mut impl BufRead) -> io::Result<Request> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let mut request = Request { number: 0, head, body: String::new() };
        let mut body = vec![0; request.header("content-length").parse().unwrap()];
        reader.read_exact(&mut body)?;
        request.body = String::from_utf8(body).unwrap();
        request.number = self.shared.requests.fetch_add(1, Ordering::SeqCst);
        Ok(request)
    }

    fn accept(&self, request: &Request) {
        let accepted = (request.key().to_owned(), request.body.clone());
        self.accepted.lock().unwrap().push(accepted);
    }

    fn answer(&self, request: &Request, to: &mut impl Write, from: &mut impl Read) -> io::Result<()> {
        const YES: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

        // The dead answer nothing, and take nothing.
        if self.shared.dead.load(Ordering::SeqCst) {
            return Ok(());
        }
        match (self.act)(request) {
            Does::Accept => {
                self.accept(request);
                // It may have died meanwhile.
                if self.shared.dead.load(Ordering::SeqCst) { Ok(()) } else { to.write_all(YES.as_bytes()) }
            }
            Does::AcceptTwice => {
                self.accept(request);
                self.accept(request);
                to.write_all(YES.repeat(2).as_bytes())?;
                // Whoever wants to may ask again here.
                gone(from)
            }
            Does::AcceptAtLength(bytes) => {
                self.accept(request);
                to.write_all(format!("HTTP/1.1 201 Created\r\ncontent-length: {bytes}\r\n\r\n").as_bytes())?;
                io::copy(&mut io::repeat(b'x').take(bytes), to).map(drop)
            }
            Does::AcceptDripping => {
                self.accept(request);
                to.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")?;
                self.drip(to)
            }
            Does::Say(text) => to.write_all(format!("HTTP/1.1 {text}").as_bytes()),
            Does::Write(bytes) => to.write_all(&bytes),
            Does::Drop => Ok(()),
            Does::AcceptAndDrop => {
                self.accept(request);
                Ok(())
            }
            Does::Hang => gone(from),
            Does::AcceptAndHang => {
                self.accept(request);
                gone(from)
            }
            Does::Drip => {
                to.write_all(b"HTTP/1.1 200 OK\r\nx-drip: ")?;
                self.drip(to)
            }
            Does::Flood => {
                to.write_all(b"HTTP/1.1 200 OK\r\nx-flood: ")?;
                io::copy(&mut io::repeat(b'x').take(64 << 20), to).map(drop)
            }
            Does::Die { accepts } => {
                if accepts {
                    self.accept(request);
                }
                die(&self.shared, self.address);
                Ok(())
            }
        }
    }

    /// A byte at a time, until nobody reads any more.
    fn drip(&self, to: &mut impl Write) -> io::Result<()> {
        while !self.shared.dead.load(Ordering::SeqCst) {
            to.write_all(b"x")?;
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

/// Waits until the other side goes away.
fn gone(from: &mut impl Read) -> io::Result<()> {
    io::copy(from, &mut io::sink()).map(drop)
}
