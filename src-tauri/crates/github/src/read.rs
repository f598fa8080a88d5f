//! Reads all milestones and issues of a repository, page by page, asking only for pages that changed.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use store::issue::Issue;
use store::milestone::Milestone;
use store::page::Page;
use store::repository::RepositoryId;
use store::{RepositorySnapshot, Store};
use tokio_util::sync::CancellationToken;

use crate::model::{IssueAnswer, MilestoneAnswer};
use crate::{Client, Error, Result, link};

/// GitHub's largest page.
const PER_PAGE: usize = 100;
/// Most pages that are followed: a list that never ends must not run for ever.
const MOST_PAGES: u32 = 1000;

/// What is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Milestones.
    Milestones,
    /// Issues and pull requests.
    Issues,
}

/// Told about each page.
pub trait Reporter: Send + Sync {
    /// `done` pages of `total`, where GitHub said how many there are.
    fn pages(&self, step: Step, done: u32, total: Option<u32>);
}

/// A repository's state, read from GitHub but not stored yet.
#[derive(Debug, Default)]
pub struct Fetched {
    /// Milestones and issues.
    pub snapshot: RepositorySnapshot,
    /// ETags for the next time.
    pub pages: Vec<Page>,
    /// Pages that GitHub sent.
    pub read: u32,
    /// Pages that GitHub called unchanged; they cost nothing of the limit.
    pub unchanged: u32,
}

/// Reads milestones and issues of a repository. Nothing is written: the caller stores all of it or none.
///
/// # Errors
/// See [`Error`]; a single page that fails fails the whole.
pub async fn read_repository(
    client: &Client,
    store: &Store,
    id: &RepositoryId,
    reporter: &dyn Reporter,
    cancel: &CancellationToken,
) -> Result<Fetched> {
    let (known, pages) = store.repository_pages(id, client.owner())?;
    let milestones: HashMap<u32, Milestone> = known.milestones.into_iter().map(|m| (m.number, m)).collect();
    let issues: HashMap<u32, Issue> = known.issues.into_iter().map(|i| (i.number, i)).collect();
    let mut fetched = Fetched::default();
    let name = &id.full_name;

    let start = format!("/repos/{name}/milestones?state=all&sort=due_on&direction=asc&per_page={PER_PAGE}");
    let list = List { client, pages: &pages, id, step: Step::Milestones, reporter, cancel };
    fetched.snapshot.milestones =
        list.read::<MilestoneAnswer, _>(&start, &milestones, |m| m.number, &mut fetched).await?;

    // Oldest first: what is new lands on the last page, so the pages before it stay as they were.
    let start = format!("/repos/{name}/issues?state=all&sort=created&direction=asc&per_page={PER_PAGE}");
    let list = List { step: Step::Issues, ..list };
    fetched.snapshot.issues =
        list.read::<IssueAnswer, _>(&start, &issues, |i| i.number, &mut fetched).await?;

    fetched.snapshot.milestones.sort_by_key(|m| m.number);
    fetched.snapshot.milestones.dedup_by_key(|m| m.number);
    fetched.snapshot.issues.sort_by_key(|i| i.number);
    fetched.snapshot.issues.dedup_by_key(|i| i.number);
    Ok(fetched)
}

/// One paginated list.
#[derive(Clone, Copy)]
struct List<'a> {
    client: &'a Client,
    pages: &'a HashMap<String, Page>,
    id: &'a RepositoryId,
    step: Step,
    reporter: &'a dyn Reporter,
    cancel: &'a CancellationToken,
}

impl List<'_> {
    async fn read<A, R>(
        &self,
        start: &str,
        known: &HashMap<u32, R>,
        number: impl Fn(&R) -> u32,
        fetched: &mut Fetched,
    ) -> Result<Vec<R>>
    where
        A: DeserializeOwned + Into<R>,
        R: Clone,
    {
        let mut rows = Vec::new();
        let mut total = None;
        let mut next = Some(self.client.endpoint().url(start));
        let mut done = 0;
        while let Some(url) = next {
            // Usable only if every row it stands for is still stored.
            let before =
                self.pages.get(&url).filter(|page| page.numbers.iter().all(|n| known.contains_key(n)));
            let etag = before.map(|page| page.etag.as_str());
            let what = format!("repository {}", self.id.full_name);
            let answer = tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Err(Error::Cancelled),
                answer = self.client.get(&url, &what, etag) => answer?,
            };
            let linked = answer.link.as_deref().and_then(link::next).map(str::to_owned);
            total = answer.link.as_deref().and_then(link::last_page).or(total);
            let page = match before {
                Some(before) if answer.unchanged => {
                    fetched.unchanged += 1;
                    rows.extend(before.numbers.iter().filter_map(|n| known.get(n)).cloned());
                    // The body of a full last page stays the same when a page after it appears.
                    let guess = || (before.numbers.len() == PER_PAGE).then(|| following(&url)).flatten();
                    let next = linked.or_else(|| before.next.clone()).or_else(guess);
                    Page { next, etag: answer.etag.unwrap_or_else(|| before.etag.clone()), ..before.clone() }
                }
                _ => {
                    fetched.read += 1;
                    let read: Vec<A> = self.client.parse(&answer.body)?;
                    let read: Vec<R> = read.into_iter().map(Into::into).collect();
                    let numbers = read.iter().map(&number).collect();
                    rows.extend(read);
                    let owner = self.client.owner().to_owned();
                    Page { url, owner, etag: answer.etag.unwrap_or_default(), next: linked, numbers }
                }
            };
            done += 1;
            self.reporter.pages(self.step, done, total.map(|total| total.max(done)));
            next = page.next.clone().filter(|_| done < MOST_PAGES);
            if !page.etag.is_empty() {
                fetched.pages.push(page);
            }
        }
        Ok(rows)
    }
}

/// The address of the page after this one.
fn following(address: &str) -> Option<String> {
    let mut url = url::Url::parse(address).ok()?;
    let page: u32 = url
        .query_pairs()
        .find(|(name, _)| name == "page")
        .map_or(Some(1), |(_, value)| value.parse().ok())?;
    let others: Vec<(String, String)> =
        url.query_pairs().filter(|(name, _)| name != "page").map(|(n, v)| (n.into(), v.into())).collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair("page", &(page + 1).to_string());
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::following;

    #[test]
    fn the_page_after() {
        assert_eq!(following("http://x/i?state=all").as_deref(), Some("http://x/i?state=all&page=2"));
        assert_eq!(following("http://x/i?page=2&a=b").as_deref(), Some("http://x/i?a=b&page=3"));
        assert_eq!(following("http://x/i?page=z"), None);
    }
}
