//! The `Link` header (RFC 8288), as far as pagination needs it.

/// Target of the link with `rel="next"`.
pub(crate) fn next(header: &str) -> Option<&str> {
    header.split(',').find_map(|link| {
        let (target, params) = link.split_once(';')?;
        let target = target.trim().strip_prefix('<')?.strip_suffix('>')?;
        params
            .split(';')
            .filter_map(|param| param.trim().split_once('='))
            .any(|(name, value)| {
                name.eq_ignore_ascii_case("rel")
                    && value.trim_matches('"').split(' ').any(|rel| rel == "next")
            })
            .then_some(target)
    })
}

/// Number of the last page, from the link with `rel="last"`: for progress only.
pub(crate) fn last_page(header: &str) -> Option<u32> {
    let link = header.split(',').find(|link| link.contains("rel=\"last\""))?;
    let target = link.trim().strip_prefix('<')?.split('>').next()?;
    url::Url::parse(target).ok()?.query_pairs().find(|(name, _)| name == "page")?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_and_last() {
        let header = "<https://api.github.com/x?page=2>; rel=\"next\", <https://api.github.com/x?page=9>; rel=\"last\"";
        assert_eq!(next(header), Some("https://api.github.com/x?page=2"));
        assert_eq!(last_page(header), Some(9));
        let end = "<https://api.github.com/x?page=1>; rel=\"first\"";
        assert_eq!((next(end), last_page(end)), (None, None));
        assert_eq!(next("nonsense"), None);
        assert_eq!(next(""), None);
    }
}
