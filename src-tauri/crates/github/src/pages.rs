//! Pages of a list, one after the other, and what belongs into an address.

use bytes::Bytes;

use crate::{Client, Error, Result, link};

/// Most pages that are followed: a list that never ends must not run for ever.
const MOST: usize = 100;

/// A list's pages.
pub(crate) struct Pages<'a> {
    client: &'a Client,
    next: Option<String>,
    what: String,
    read: usize,
}

impl<'a> Pages<'a> {
    /// The list that begins at a path; `what` names it in errors.
    pub(crate) fn new(client: &'a Client, path: &str, what: String) -> Self {
        Self { client, next: Some(client.endpoint().url(path)), what, read: 0 }
    }

    /// Body of the next page; none after the last one.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>> {
        let Some(address) = self.next.take() else { return Ok(None) };
        if self.read == MOST {
            let reason = format!("the list of {} has more than {MOST} pages", self.what);
            return Err(Error::NotJson { host: self.client.endpoint().host(), reason });
        }
        let answer = self.client.get(&address, &self.what, None).await?;
        self.read += 1;
        self.next = answer.link.as_deref().and_then(link::next).map(str::to_owned);
        Ok(Some(answer.body))
    }
}

/// A text as one segment of a path or one value of a query: branches have slashes in their names.
pub(crate) fn segment(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::segment;

    #[test]
    fn nothing_leaves_its_segment() {
        assert_eq!(segment("feature/é x"), "feature%2F%C3%A9%20x");
        assert_eq!(segment("v1.2-rc_3~"), "v1.2-rc_3~");
    }
}
