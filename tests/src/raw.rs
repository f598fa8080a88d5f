//! A server that sends bytes as they are and then closes or hangs: answers no library would let pass.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};

/// What follows the bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The connection is closed.
    Close,
    /// Nothing, for as long as the client stays.
    Hang,
}

/// Serves the bytes to every connection; ends with the test's process. Returns the base address.
pub fn serve(answer: &'static [u8], then: Then) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            std::thread::spawn(move || {
                let mut request = [0; 8192];
                let _ = stream.read(&mut request);
                let _ = stream.write_all(answer);
                if then == Then::Hang {
                    while stream.read(&mut request).is_ok_and(|n| n > 0) {}
                }
            });
        }
    });
    format!("http://127.0.0.1:{port}")
}
