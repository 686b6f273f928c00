//! Stands between the adapter and the server, and sees what is sent.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;

/// Passes bytes on to `target`, after `on_sent` has seen those that are sent to it. Gives the address to use instead.
pub fn proxy(target: String, on_sent: impl Fn(&[u8]) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let on_sent = Arc::new(on_sent);
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            // When the server is away, the client sees its connection closed.
            let Ok(server) = TcpStream::connect(&target) else { continue };
            let (up, down) = ((client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client));
            let on_sent = on_sent.clone();
            std::thread::spawn(move || pass(up, |bytes| on_sent(bytes)));
            std::thread::spawn(move || pass(down, |_| ()));
        }
    });
    address
}

fn pass((mut from, mut to): (TcpStream, TcpStream), see: impl Fn(&[u8])) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        see(&buffer[..n]);
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
