//! A sample whose indicators are quick, and what goes wrong in it.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};

use serde_json::json;

use crate::process::LIMIT;
use crate::site::Site;

/// Seconds between two looks: on a busy machine one takes a while, and three that are missed are a sleep.
pub const INTERVAL: &str = "2";

/// The sample whose indicators are quick, with two releases in dev.
pub fn site() -> Site {
    let site = Site::new();
    change(&site, &[("[1m]", "[10s]"), ("for = \"30s\"", "for = \"2s\""), ("for = \"1m\"", "for = \"2s\"")]);
    for version in ["v1.0.0", "v1.1.0"] {
        site.done(&format!("deploy campus --env dev --version {version}"));
    }
    site
}

/// Changes the text of jalon.toml; each text that is replaced must be there.
pub fn change(site: &Site, pairs: &[(&str, &str)]) {
    let path = site.dir().join("jalon.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    for (from, to) in pairs {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    std::fs::write(path, text).unwrap();
}

/// Breaks the service in dev while it runs, or mends it.
pub fn fault(site: &Site, fault: &str) {
    let port = site.port("dev");
    let body = json!({ "fault": fault }).to_string();
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    write!(
        stream,
        "POST /fault HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
}
