//! What comes over a socket and is no request, or never becomes one.

use super::{Door, Siege};
use futures_util::future::join_all;
use reqwest::Method;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// All that the server says to `bytes`, until it closes or has been silent for a while.
async fn say(door: &Door, bytes: &[u8]) -> Vec<u8> {
    let stream = TcpStream::connect(door.address()).await.unwrap();
    let (mut from, mut to) = stream.into_split();
    let (_, answer) = tokio::join!(to.write_all(bytes), async {
        let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
        let patience = |begun: bool| Duration::from_millis(if begun { 500 } else { 20_000 });
        while let Ok(Ok(read @ 1..)) = tokio::time::timeout(patience(!answer.is_empty()), from.read(&mut piece)).await {
            answer.extend_from_slice(&piece[..read]);
        }
        answer
    });
    answer
}

fn status(answer: &[u8]) -> &str {
    std::str::from_utf8(answer.get(9..12).unwrap_or_default()).unwrap_or_default()
}

fn get(path: &str, headers: &str, door: &Door) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n{headers}\r\n", door.token)
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_make_no_sense_are_refused() {
    let siege = Siege::begin().await;
    for door in &siege.doors {
        let many: String = (0..10_000).map(|n| format!("x-h{n}: v\r\n")).collect();
        let wide = format!("x-wide: {}\r\n", "v".repeat(1 << 20));
        let long = format!("/v1/workspaces/{}", "a".repeat(1 << 20));
        let smuggled = "Content-Length: 5\r\nContent-Length: 6\r\n";
        let both = "Content-Length: 3\r\nTransfer-Encoding: gzip\r\n";
        let bare = format!("GET /v1/workspaces HTTP/1.1\r\nAuthorization: Bearer {}\r\n\r\n", door.token);
        for (name, request) in [
            ("ten thousand headers", get("/v1/workspaces", &many, door).into_bytes()),
            ("a header of a megabyte", get("/v1/workspaces", &wide, door).into_bytes()),
            ("a path of a megabyte", get(&long, "", door).into_bytes()),
            ("two lengths", get("/v1/workspaces", smuggled, door).into_bytes()),
            ("an unknown transfer coding", get("/v1/workspaces", both, door).into_bytes()),
            ("no host", bare.into_bytes()),
            ("two hosts", get("/v1/workspaces", "Host: localhost\r\n", door).into_bytes()),
            ("another host", get("/v1/workspaces", "", door).replace("localhost", "evil.example").into_bytes()),
            ("a page of another origin", get("/v1/workspaces", "Origin: https://evil.example\r\n", door).into_bytes()),
            ("an origin without a name", get("/v1/workspaces", "Origin: null\r\n", door).into_bytes()),
            ("from another site", get("/v1/workspaces", "Sec-Fetch-Site: cross-site\r\n", door).into_bytes()),
            ("a proxy's request", get("http://evil.example/v1/workspaces", "", door).into_bytes()),
            ("a header with an escape", get("/v1/workspaces", "x-a: \x1b[2J\r\n", door).into_bytes()),
            ("a name with an escape", get("/v1/workspaces", "x\x1b: a\r\n", door).into_bytes()),
            (
                "a token without UTF-8",
                [&b"GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \xff\xfe\r\n\r\n"[..]].concat(),
            ),
            ("an upgrade", get("/v1/nowhere", "Connection: upgrade\r\nUpgrade: websocket\r\n", door).into_bytes()),
            ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
            ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(10)),
            ("zeros", vec![0; 100_000]),
            ("noise", (0..100_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()),
            ("CONNECT", b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec()),
            ("TRACE", get("/v1/workspaces", "", door).replace("GET", "TRACE").into_bytes()),
            ("a made up method", get("/v1/workspaces", "", door).replace("GET", "FROBNICATE").into_bytes()),
            ("the asterisk", get("*", "", door).replace("GET", "OPTIONS").into_bytes()),
        ] {
            let answer = say(door, &request).await;
            let shown = String::from_utf8_lossy(&answer);
            // Where no head was understood, the connection may be closed without a word.
            assert!(answer.is_empty() || status(&answer).starts_with('4'), "{name} at {}: {shown}", door.what);
            assert!(!shown.contains('\x1b'), "{name}: {shown:?}");
        }
    }
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_behind_a_request_spoils_only_itself() {
    let siege = Siege::begin().await;
    for door in &siege.doors {
        let good = "GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let answer = say(door, format!("{good}{good}\u{1}\u{2}\u{3} garbage\r\n\r\n{good}").as_bytes()).await;
        let text = String::from_utf8_lossy(&answer);
        assert_eq!((text.matches("HTTP/1.1 200 ").count(), text.matches("HTTP/1.1 400 ").count()), (2, 1), "{text}");
        // A thousand requests without waiting for one answer.
        let answer = say(door, good.repeat(1000).as_bytes()).await;
        assert_eq!(String::from_utf8_lossy(&answer).matches("HTTP/1.1 200 ").count(), 1000);
        // What follows a refused body is not taken for a request.
        let smuggle = "POST /v1/workspaces HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
        let answer = say(door, format!("{smuggle}{good}").as_bytes()).await;
        let text = String::from_utf8_lossy(&answer);
        assert!(text.starts_with("HTTP/1.1 4") && !text.contains("HTTP/1.1 200 "), "{text}");
    }
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_is_none_is_refused_wherever_it_stands() {
    let siege = Siege::begin().await;
    for door in &siege.doors {
        for path in [
            "/v1/workspaces/%ff%fe",
            "/v1/workspaces/w/execute?background=%ff",
            "/v1/jobs/%00",
            "/v1/workspaces/%1b%5b2J",
        ] {
            for method in [Method::GET, Method::POST, Method::DELETE] {
                let (_, detail) = door.refusal(path, door.request(method, path).json(&serde_json::json!({}))).await;
                assert!(!detail.contains(char::is_control), "{path}: {detail:?}");
            }
        }
        let raw = get("/v1/workspaces/\u{e9}\u{200b}", "", door);
        assert!(["", "400", "404"].contains(&status(&say(door, raw.as_bytes()).await)));
        let raw = b"GET /v1/workspaces/\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n";
        assert!(["", "400", "404", "401"].contains(&status(&say(door, raw).await)));
    }
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_slow_waits_alone_and_is_cut_off() {
    let siege = Siege::begin().await;
    // Both at once: it takes as long as the server waits.
    let besieged = siege.doors.iter().map(async |door| {
        let head =
            format!("GET /v1/workspaces HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n", door.token);
        let begun = format!(
            "POST /v1/workspaces HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Length: 100\r\n\r\n{{",
            door.token
        );
        let mut slow = Vec::new();
        for number in 0..400 {
            let mut stream = TcpStream::connect(door.address()).await.unwrap();
            let start = if number % 2 == 0 { &head } else { &begun };
            stream.write_all(start.as_bytes()).await.unwrap();
            slow.push((number % 2 == 0, stream));
        }
        // Meanwhile everybody else is answered.
        for _ in 0..20 {
            assert_eq!(door.call(door.request(Method::GET, "/v1/workspaces")).await.0, 200);
        }
        let ends = slow.into_iter().map(|(is_head, mut stream)| async move {
            let mut answer = Vec::new();
            let drip = async {
                // A header now and then does not make it last: the head as a whole has a limit.
                let (mut from, mut to) = stream.split();
                let more = async {
                    while is_head && to.write_all(b"x-slow: 1\r\n").await.is_ok() {
                        tokio::time::sleep(Duration::from_secs(2)).await;
                    }
                    std::future::pending::<()>().await;
                };
                tokio::select! { _ = from.read_to_end(&mut answer) => {}, () = more => {} }
            };
            let cut = tokio::time::timeout(Duration::from_secs(90), drip).await.is_ok();
            (is_head, cut, String::from_utf8_lossy(&answer).into_owned())
        });
        for (is_head, cut, answer) in join_all(ends).await {
            if is_head {
                assert!(cut && (answer.is_empty() || answer.starts_with("HTTP/1.1 4")), "{}: {answer}", door.what);
            } else {
                assert!(
                    answer.starts_with("HTTP/1.1 400 ") && answer.contains("not complete"),
                    "{}: {answer}",
                    door.what
                );
            }
        }
        assert!(door.peak() < 300, "{} MiB", door.peak());
    });
    join_all(besieged).await;
    siege.end().await;
}
