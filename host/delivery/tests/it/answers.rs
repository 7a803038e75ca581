//! What becomes of a message, by what a server does.

use std::net::TcpListener;

use groundswell_delivery::{Error, Webhook, verify};
use insta::assert_snapshot;

use super::server::{Does, Server};
use super::{attempt, key};

fn told(text: &str) -> String {
    attempt(Server::says(text).webhook())
}

#[test]
fn a_request_is_a_post_of_the_body_with_its_key_and_a_signature_that_the_receiver_can_verify() {
    let server = Server::new(|request| {
        let now = "2026-07-01T00:00:07Z".parse().unwrap();
        let tolerance = std::time::Duration::from_secs(300);
        let good = verify(request.signature(), request.body.as_bytes(), &key(), now, tolerance) == Ok(())
            && request.head.starts_with("POST /awards?token=in-the-address HTTP/1.1\r\n")
            && request.header("content-type") == "application/json"
            && request.header("accept-encoding").is_empty()
            && request.key() == "key-1";
        if good { Does::Accept } else { Does::Say(format!("400 Bad Request\r\n\r\n{}", request.head)) }
    });
    assert_eq!(attempt(server.webhook()), "delivered");
    assert_eq!(
        server.accepted(),
        [("key-1".to_owned(), r#"{"number":1,"reason":"answered forty questions"}"#.to_owned())]
    );
}

#[test]
fn whatever_2xx_is_taken() {
    assert_eq!(told("200 OK\r\ncontent-length: 0\r\n\r\n"), "delivered");
    assert_eq!(told("202 Accepted\r\n\r\nsome time"), "delivered");
    assert_eq!(told("204 No Content\r\n\r\n"), "delivered");
    assert_eq!(told("200 OK\r\ncontent-length: 9\r\n\r\ncut"), "delivered");
    assert_eq!(
        told("103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        "delivered"
    );
}

#[test]
fn what_will_never_do_is_dead_at_once_with_the_servers_words() {
    assert_snapshot!(told("400 Bad Request\r\n\r\nno such kind: medal"), @"dead: answered 400 Bad Request, and said “no such kind: medal”");
    assert_snapshot!(told("413 Content Too Large\r\n\r\n"), @"dead: answered 413 Payload Too Large, and said nothing");
    assert_snapshot!(told("415 Unsupported Media Type\r\n\r\n"), @"dead: answered 415 Unsupported Media Type, and said nothing");
    assert_snapshot!(told("422 Unprocessable Entity\r\n\r\n\u{1b}[2J{\"error\":\"unknown\"}"), @r#"dead: answered 422 Unprocessable Entity, and said “\u{1b}[2J{"error":"unknown"}”"#);
}

#[test]
fn what_speaks_of_the_target_or_the_moment_is_tried_again() {
    assert_snapshot!(told("500 Internal Server Error\r\n\r\noops"), @"waits: answered 500 Internal Server Error, and said “oops”");
    assert_snapshot!(told("503 Service Unavailable\r\n\r\n"), @"waits: answered 503 Service Unavailable, and said nothing");
    assert_snapshot!(told("401 Unauthorized\r\n\r\nsignature?"), @"waits: answered 401 Unauthorized, and said “signature?”");
    assert_snapshot!(told("404 Not Found\r\n\r\n<html>"), @"waits: answered 404 Not Found, and said “<html>”");
    assert_snapshot!(told("408 Request Timeout\r\n\r\n"), @"waits: answered 408 Request Timeout, and said nothing");
    assert_snapshot!(told("409 Conflict\r\n\r\nin progress"), @"waits: answered 409 Conflict, and said “in progress”");
    assert_snapshot!(told("410 Gone\r\n\r\n"), @"waits: answered 410 Gone, and said nothing");
    assert_snapshot!(told("425 Too Early\r\n\r\n"), @"waits: answered 425 Too Early, and said nothing");
    assert_snapshot!(told("429 Too Many Requests\r\nretry-after: 7\r\n\r\n"), @"waits: answered 429 Too Many Requests, and said nothing, and asks for 7 s of peace");
    assert_snapshot!(told("999 \r\n\r\n"), @"waits: answered 999, and said nothing");
    assert_snapshot!(told("101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"), @"waits: answered 101 Switching Protocols, and said nothing");
}

#[test]
fn a_redirect_is_not_followed_and_names_where_it_points() {
    let elsewhere = Server::always(Does::Accept);
    let to = |location: &str| told(&format!("307 Temporary Redirect\r\nlocation: {location}\r\n\r\n"));
    let told_of = to(&elsewhere.url());
    let port = elsewhere.url().split(['/', ':']).nth(4).unwrap().to_owned();
    assert_snapshot!(told_of.replace(&port, "PORT"), @"waits: answered 307 Temporary Redirect and points to “http://127.0.0.1:PORT”; redirects are not followed: name the last address itself");
    assert_snapshot!(to("https://example.com/?key=1"), @"waits: answered 307 Temporary Redirect and points to “https://example.com”; redirects are not followed: name the last address itself");
    assert_snapshot!(to("/login"), @"waits: answered 307 Temporary Redirect and points to another path of the same host; redirects are not followed: name the last address itself");
    assert_snapshot!(to("//example.com"), @"waits: answered 307 Temporary Redirect and points to what is no address; redirects are not followed: name the last address itself");
    assert_snapshot!(told("301 Moved Permanently\r\nlocation: http://a/\r\ncontent-length: 3\r\n\r\nxyz"), @"waits: answered 301 Moved Permanently and points to “http://a”; redirects are not followed: name the last address itself");
    assert_snapshot!(told("304 Not Modified\r\n\r\n"), @"waits: answered 304 Not Modified and points to nowhere; redirects are not followed: name the last address itself");
    assert_eq!((elsewhere.connections(), elsewhere.accepted().len()), (0, 0), "nobody went there");
}

#[test]
fn a_server_without_end_or_haste_is_left_after_its_time() {
    for does in [Does::Hang, Does::AcceptAndHang, Does::Drip] {
        let server = Server::always(does.clone());
        assert_eq!(attempt(server.impatient()), "waits: no whole answer within 250 ms", "{does:?}");
    }
    let server = Server::always(Does::AcceptDripping);
    let patient = server.webhook().timeout(std::time::Duration::from_secs(2)).unwrap();
    assert_eq!(attempt(patient), "delivered", "the status says it, whatever its words are");
}

#[test]
fn megabytes_are_not_read() {
    assert_eq!(attempt(Server::always(Does::AcceptAtLength(64 << 20)).webhook()), "delivered");
    assert_snapshot!(attempt(Server::always(Does::Flood).webhook()), @"waits: the head of its answer has more than 16384 bytes");
    let long = format!("500 Internal Server Error\r\n\r\n{}", "lorem ".repeat(1_000_000));
    assert_snapshot!(told(&long), @"waits: answered 500 Internal Server Error, and said “lorem lorem lorem lorem lorem lorem lorem lorem lorem lorem lorem lorem lorem lorem lorem lorem lorem lorem lorem lorem …”");
}

#[test]
fn a_dropped_connection_is_tried_again_whether_the_message_was_accepted_or_not() {
    for (does, accepted) in [(Does::Drop, 0), (Does::AcceptAndDrop, 1)] {
        let server = Server::always(does);
        assert_eq!(attempt(server.webhook()), "waits: the connection was dropped before there was an answer");
        assert_eq!(server.accepted().len(), accepted);
    }
    assert_eq!(told("200 O"), "waits: the connection was dropped before there was an answer");
}

#[test]
fn what_is_no_http_is_tried_again() {
    let writes = |bytes: &[u8]| attempt(Server::always(Does::Write(bytes.to_vec())).webhook());
    assert_snapshot!(writes(b"220 smtp.example.com ESMTP\r\n\r\n"), @"waits: its answer is no HTTP: “http parse fail: invalid HTTP version”");
    assert_snapshot!(writes(b"\0\x01\x02\xff\xfe\r\n\r\n"), @"waits: its answer is no HTTP: “http parse fail: invalid HTTP version”");
    assert_snapshot!(writes(b"HTTP/1.1 2x0 OK\r\n\r\n"), @"waits: its answer is no HTTP: “http parse fail: invalid response status”");
    assert_snapshot!(writes(b"HTTP/2 200\r\n\r\n"), @"waits: its answer is no HTTP: “http parse fail: invalid HTTP version”");
    assert_snapshot!(writes(format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(2_000)).as_bytes()), @"waits: its answer is no HTTP: “http parse resulted in too many headers”");
    assert_snapshot!(writes(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n"), @"waits: its answer is no HTTP: “content-length header not a number”");
}

#[test]
fn a_second_answer_is_nobodys() {
    // A server that answers each request twice; the second answer must not be taken for the next request's.
    let server = Server::new(|request| match request.number {
        0 => Does::AcceptTwice,
        _ => Does::Say("503 Service Unavailable\r\n\r\n".to_owned()),
    });
    let mut outbox = groundswell_delivery::MemoryOutbox::new();
    outbox.push("platform", super::message(1, "a"));
    outbox.push("platform", super::message(2, "a"));
    let round = super::round(&mut super::courier(server.webhook(), &super::Hand::new()), &mut outbox);
    assert_eq!((round.delivered, round.failed, round.tally.waiting), (1, 1, 1));
    assert_eq!(server.connections(), 2, "a connection serves one request");
}

#[test]
fn where_nobody_listens_it_is_tried_again() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let webhook = Webhook::new(&format!("http://{address}/"), key()).unwrap();
    assert_eq!(attempt(webhook), "waits: nobody listens there");
}

#[test]
fn addresses_that_will_not_do_are_refused_without_repeating_what_may_be_secret_in_them() {
    let refused = |url: &str| {
        let error = Webhook::new(url, key()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        error.to_string()
    };
    assert_snapshot!(refused("http://example.com/hunter2"), @"http://example.com is not encrypted, and everybody on the way could read the awards; use https, or, where the network itself is private, say that plain HTTP is meant");
    assert_snapshot!(refused("http://10.0.0.7:8080/?hunter2"), @"http://10.0.0.7:8080 is not encrypted, and everybody on the way could read the awards; use https, or, where the network itself is private, say that plain HTTP is meant");
    assert_snapshot!(refused("http://localhost.example.com/"), @"http://localhost.example.com is not encrypted, and everybody on the way could read the awards; use https, or, where the network itself is private, say that plain HTTP is meant");
    assert_snapshot!(refused("https://me:hunter2@example.com/"), @"the webhook's address: it has a user or a password in it, which end up in logs; requests are signed, and need neither");
    assert_snapshot!(refused("ftp://example.com/hunter2"), @"ftp://example.com: awards are sent by https alone");
    assert_snapshot!(refused("example.com/hunter2"), @"the webhook's address: it is no URL, like https://example.com/awards");
    assert_snapshot!(refused("/hunter2"), @"the webhook's address: it is no URL, like https://example.com/awards");
    assert_snapshot!(refused("https://exa mple.com/hunter2"), @"the webhook's address: it is no URL, like https://example.com/awards");
    assert_snapshot!(refused("https://example.com/hunter2\r\nx: y"), @"the webhook's address: it is no URL, like https://example.com/awards");
    assert_snapshot!(refused(&format!("https://example.com/{}", "hunter2".repeat(300))), @"the webhook's address: it has 2120 bytes, and 2048 at most are taken");
    for url in ["http://localhost:1/", "http://127.9.9.9/", "http://[::1]:8080/x", "HTTPS://EXAMPLE.COM"] {
        assert!(Webhook::new(url, key()).is_ok(), "{url}");
    }
    assert!(Webhook::unencrypted("http://10.0.0.7:8080/", key()).is_ok());
}

#[test]
fn time_limits_have_a_range() {
    let with = |millis| {
        let webhook = Webhook::new("https://example.com", key()).unwrap();
        webhook.timeout(std::time::Duration::from_millis(millis)).map_err(|error| error.to_string())
    };
    assert!(with(1).is_ok() && with(300_000).is_ok());
    assert_snapshot!(with(0).unwrap_err(), @"a request's timeout is 0 ms; it must be from 1 ms to 300000 ms");
    assert!(with(300_001).is_err());
}

#[test]
fn certificates_to_trust_have_to_be_some() {
    let trusting = |pem: &str| {
        let error = Webhook::new("https://example.com", key()).unwrap().trust_only(pem.as_bytes());
        assert!(matches!(error, Err(Error::Certificates { .. })));
        error.unwrap_err().to_string()
    };
    assert_snapshot!(trusting(""), @"the certificates to trust cannot be read (there is none); they are PEM, each from BEGIN to END CERTIFICATE");
    assert_snapshot!(trusting("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), @"the certificates to trust cannot be read (one of them is no certificate); they are PEM, each from BEGIN to END CERTIFICATE");
    assert_snapshot!(trusting("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"), @"the certificates to trust cannot be read (it is no PEM); they are PEM, each from BEGIN to END CERTIFICATE");
    assert_snapshot!(trusting(&rcgen::KeyPair::generate().unwrap().serialize_pem()), @"the certificates to trust cannot be read (there is a private key among them, which belongs nowhere near here); they are PEM, each from BEGIN to END CERTIFICATE");
}

#[test]
fn no_proxy_of_the_environment_is_asked() {
    let proxy = Server::always(Does::Accept);
    let url = proxy.url();
    let origin = url.split("/awards").next().unwrap();
    // In a process of its own, since tests share their environment.
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "answers::whatever_2xx_is_taken"]).env_remove("NO_PROXY").env_remove("no_proxy");
    for name in ["ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"] {
        again.env(name, origin);
    }
    let output = again.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    assert_eq!(proxy.connections(), 0);
}
