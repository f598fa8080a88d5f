//! Links to GitHub milestones.

use crate::model::MilestoneLink;

/// Reads `https://github.com/owner/name/milestone/N`, also of an enterprise host such as
/// `github.example.com`; a query, a fragment or a closing slash does not matter.
pub(super) fn milestone(url: &str) -> Option<MilestoneLink> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let path = rest.split(['?', '#']).next()?;
    let mut parts = path.split('/');
    let host = parts.next()?.to_ascii_lowercase();
    if !matches!(host.as_str(), "github.com" | "www.github.com") && !host.starts_with("github.") {
        return None;
    }
    let (owner, name) = (parts.next()?, parts.next()?);
    if parts.next()? != "milestone" || owner.is_empty() || name.is_empty() {
        return None;
    }
    let number = parts.next()?;
    if !number.bytes().all(|b| b.is_ascii_digit()) || parts.next().is_some_and(|tail| !tail.is_empty()) {
        return None;
    }
    let number = number.parse().ok()?;
    Some(MilestoneLink { repository: format!("{owner}/{name}"), number, url: url.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_milestones_count() {
        let read = |url| milestone(url).map(|m| (m.repository, m.number));
        let expected = Some(("team/app".to_owned(), 12));
        assert_eq!(read("https://github.com/team/app/milestone/12"), expected);
        assert_eq!(read("http://www.github.com/team/app/milestone/12/?closed=1#top"), expected);
        assert_eq!(read("https://github.school.example/team/app/milestone/12"), expected);
        for url in [
            "https://github.com/team/app/milestones",
            "https://github.com/team/app/milestone/x",
            "https://github.com/team/app/milestone/",
            "https://github.com/team/app/milestone/99999999999",
            "https://github.com/team/app/issues/12",
            "https://gitlab.com/team/app/milestone/12",
            "https://example.com/github.com/team/milestone/1",
            "../milestone/12",
        ] {
            assert_eq!(read(url), None, "{url}");
        }
    }
}
