//! Probes: what an indicator can ask that no metric tells.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use crate::http::{Http, LIMIT};
use crate::{Error, Result};

/// 1 where an address answers with a status below 400, else 0; and in words what else happened.
pub async fn http(http: &Http, address: &Url) -> (f64, Option<String>) {
    match http.status(address).await {
        Ok(status) if status.as_u16() < 400 => (1.0, None),
        Ok(status) => (0.0, Some(format!("{address} answers with status {}", status.as_u16()))),
        Err(error) => (0.0, Some(error.to_string())),
    }
}

/// Seconds from `now` (since 1970) until the certificate ends that `place`, a `host:port`, presents; negative once it
/// has. Whether the certificate is trusted is another question: its end can be read all the same, and nothing is sent.
///
/// # Errors
/// The place is none, cannot be reached, or speaks no TLS.
pub async fn tls(place: &str, now: i64) -> Result<f64> {
    match tokio::time::timeout(LIMIT, ends(place)).await {
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit")]
        Ok(ends) => ends.map(|ends| (ends - now) as f64),
        Err(_) => Err(Error::TimedOut { address: place.to_owned(), seconds: LIMIT.as_secs() }),
    }
}

async fn ends(place: &str) -> Result<i64> {
    let bad = |reason: &str| Error::BadAddress { address: place.to_owned(), reason: reason.to_owned() };
    let not_there = |reason: String| Error::Unreachable { address: place.to_owned(), reason };
    let (host, port) = place.rsplit_once(':').ok_or_else(|| bad("write host:port"))?;
    let port: u16 = port.parse().map_err(|_| bad("its port is none"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host.to_owned()).map_err(|_| bad("its host is none"))?;
    let stream = TcpStream::connect((host, port)).await.map_err(|error| not_there(error.to_string()))?;
    let seen = Arc::new(Seen { provider: rustls::crypto::ring::default_provider(), first: Mutex::default() });
    let config = ClientConfig::builder_with_provider(Arc::new(seen.provider.clone()))
        .with_safe_default_protocol_versions()
        .map_err(|error| not_there(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(seen.clone())
        .with_no_client_auth();
    let shaken = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let first = seen.first.lock().unwrap_or_else(PoisonError::into_inner).take();
    // A server that wants a certificate of its clients refuses after it has shown its own.
    let first = match (first, shaken) {
        (Some(first), _) => first,
        (None, Err(error)) => return Err(not_there(format!("no TLS: {error}"))),
        (None, Ok(_)) => return Err(not_there("it presents no certificate".to_owned())),
    };
    let certificate = Certificate::from_der(&first)
        .map_err(|error| not_there(format!("its certificate is damaged: {error}")))?;
    let end: Duration = certificate.tbs_certificate().validity().not_after.to_unix_duration();
    Ok(i64::try_from(end.as_secs()).unwrap_or(i64::MAX))
}

/// Keeps the certificate that a server presents. Its signature over the handshake is checked: what is shown is its own.
#[derive(Debug)]
struct Seen {
    provider: CryptoProvider,
    first: Mutex<Option<Vec<u8>>>,
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        *self.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(end_entity.to_vec());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rustls::ServerConfig;
    use rustls::pki_types::PrivatePkcs8KeyDer;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;
    use crate::http::tests::{answer, server};

    /// Made for this test and nothing else: CN=localhost, ends at the second below.
    const CERTIFICATE: &[u8] = include_bytes!("probe/certificate.der");
    const KEY: &[u8] = include_bytes!("probe/key.der");
    const ENDS: i64 = 2426138223;

    #[tokio::test]
    async fn a_certificate_s_end_is_read_without_trusting_it() {
        let certificate = CertificateDer::from(CERTIFICATE);
        let key = PrivatePkcs8KeyDer::from(KEY).into();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap().to_string();
        let task = tokio::spawn(async move {
            for _ in 0..2 {
                let (stream, _) = listener.accept().await.unwrap();
                let _ = acceptor.accept(stream).await;
            }
        });
        assert_eq!(tls(&place, ENDS - 604_800).await.unwrap(), 604_800.0);
        assert_eq!(tls(&place, ENDS + 60).await.unwrap(), -60.0, "one that has ended says so");
        task.await.unwrap();
    }

    #[tokio::test]
    async fn what_speaks_no_tls_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap().to_string();
        let task = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
            // Closed once the other side is done: a reset would hide what was said.
            let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        });
        let error = tls(&place, 0).await.unwrap_err().to_string();
        task.await.unwrap();
        assert!(error.contains("no TLS"), "{error}");
        for wrong in ["localhost", "localhost:x", "a b:443"] {
            assert!(matches!(tls(wrong, 0).await, Err(Error::BadAddress { .. })), "{wrong}");
        }
    }

    #[tokio::test]
    async fn an_address_is_up_below_400() {
        let asked = |status: &'static str| async move {
            let (address, _server) = server(vec![answer(status, "text/plain", "x")]).await;
            http(&Http::default(), &format!("http://{address}/health").parse().unwrap()).await
        };
        assert_eq!(asked("204 No Content").await, (1.0, None));
        assert_eq!(asked("302 Found").await, (1.0, None));
        let (value, words) = asked("503 Service Unavailable").await;
        assert!(value == 0.0 && words.unwrap().contains("status 503"));
        let (value, words) = http(&Http::default(), &"http://127.0.0.1:1/".parse().unwrap()).await;
        assert!(value == 0.0 && words.unwrap().contains("cannot be reached"));
    }
}
