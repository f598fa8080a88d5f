//! The real window, driven by WebKitWebDriver alone.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use thirtyfour::prelude::*;
use thirtyfour::{Capabilities, Key};

use crate::npm;
use crate::process::{LIMIT, Running, alive, built, descendants, free_port, root, until};
use crate::project::Bench;

/// Answers once an element is in the same place for two frames.
const AT_REST: &str = "const [element, done] = arguments;
    const look = (last) => requestAnimationFrame(() => {
        const place = JSON.stringify(element.getBoundingClientRect());
        if (place === last) done(null);
        else look(place);
    });
    look(null);";

/// An open window; [`Window::close`] ends it.
pub struct Window {
    /// WebDriver's session.
    pub driver: WebDriver,
    server: Running,
}

impl Window {
    /// Opens the window of a bench against a GitHub. `variables` come on top of the bench's own.
    pub async fn open(bench: &Bench, api: &str, variables: &[(&str, &str)]) -> Self {
        let port = free_port();
        let mut command = Command::new("WebKitWebDriver");
        command.args([format!("--port={port}"), "--host=127.0.0.1".into()]);
        command.envs(bench.variables(api)).envs(variables.iter().copied());
        // What WebKit itself keeps is searched for secrets, too.
        for folder in ["DATA", "CACHE", "CONFIG", "STATE"] {
            command.env(format!("XDG_{folder}_HOME"), bench.path().join("xdg").join(folder.to_lowercase()));
        }
        // Without it the session waits for ever; without a network the address is never asked for.
        command.env("TAURI_WEBVIEW_AUTOMATION", "true");
        let mut server = Running::start(&mut command, bench.path());
        server.listening(port);
        let mut capabilities = Capabilities::new();
        let options = serde_json::json!({ "binary": built("jalon"), "args": [] });
        capabilities.set("webkitgtk:browserOptions", options).unwrap();
        let address = format!("http://127.0.0.1:{port}");
        let session = WebDriver::new(&address, capabilities);
        let driver = tokio::time::timeout(LIMIT, session).await.expect("the window opens in time").unwrap();
        driver.set_script_timeout(Duration::from_secs(30)).await.unwrap();
        Self { driver, server }
    }

    /// Opens a project that has a jalon.toml, from the first start.
    pub async fn enter(&self, bench: &Bench) {
        self.click("first-open").await;
        self.fill("folder-input", &bench.dir()).await;
        self.click("folder-continue").await;
        self.find("nav-overview").await;
    }

    /// Chooses language and theme, on the settings' screen.
    pub async fn look(&self, language: &str, theme: &str) {
        self.click("nav-settings").await;
        self.click("settings-look").await;
        self.click(&format!("lang-{language}")).await;
        self.click(&format!("theme-{theme}")).await;
    }

    /// Process id of the driver, whose child the window is.
    pub fn server_id(&self) -> u32 {
        self.server.id()
    }

    /// The element with a test id, as soon as it is there.
    pub async fn find(&self, id: &str) -> WebElement {
        self.css(&format!("[data-testid=\"{id}\"]")).await
    }

    /// The first element that a selector matches, as soon as it is there.
    pub async fn css(&self, selector: &str) -> WebElement {
        let query = self.driver.query(By::Css(selector)).wait(LIMIT, Duration::from_millis(50));
        match query.first().await {
            Ok(element) => element,
            Err(_) => panic!("{selector} did not appear; the window shows:\n{}", self.text().await),
        }
    }

    /// Whether an element with a test id is there now.
    pub async fn has(&self, id: &str) -> bool {
        let by = By::Css(format!("[data-testid=\"{id}\"]"));
        !self.driver.find_all(by).await.unwrap().is_empty()
    }

    /// Waits until no element has a test id.
    pub async fn gone(&self, id: &str) {
        let start = tokio::time::Instant::now();
        while self.has(id).await {
            assert!(start.elapsed() < LIMIT, "{id} stayed; the window shows:\n{}", self.text().await);
        }
    }

    /// Clicks the element with a test id.
    pub async fn click(&self, id: &str) {
        let element = self.find(id).await;
        element.scroll_into_view().await.unwrap();
        // A click goes to where the element was a moment ago: it is waited for until it stays where it is.
        self.driver.execute_async(AT_REST, vec![element.to_json().unwrap()]).await.unwrap();
        element.click().await.unwrap();
    }

    /// Replaces the text of a field.
    pub async fn fill(&self, id: &str, text: &str) {
        let element = self.find(id).await;
        element.clear().await.unwrap();
        element.send_keys(text).await.unwrap();
    }

    /// Presses keys wherever the focus is.
    pub async fn press(&self, keys: impl Into<thirtyfour::TypingData>) {
        self.driver.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Presses Escape.
    pub async fn escape(&self) {
        self.driver.active_element().await.unwrap().send_keys(Key::Escape + "").await.unwrap();
    }

    /// Everything that can be read.
    pub async fn text(&self) -> String {
        // WebDriver's own notion of visible text is empty for a page that scrolls inside its body.
        let text = self.driver.execute("return document.body.innerText", vec![]).await.unwrap();
        text.convert().unwrap()
    }

    /// What can be read of the element with a test id.
    pub async fn text_of(&self, id: &str) -> String {
        self.find(id).await.prop("innerText").await.unwrap().unwrap_or_default()
    }

    /// What can be read there now, in one question: an element that is found may be gone before it is asked.
    async fn text_now(&self, id: &str) -> Option<String> {
        let script = "return document.querySelector(`[data-testid=\"${arguments[0]}\"]`)?.innerText ?? null";
        let text = self.driver.execute(script, vec![serde_json::json!(id)]).await.unwrap();
        text.json().as_str().map(str::to_owned)
    }

    /// Waits until a text can be read.
    pub async fn see(&self, words: &str) {
        let start = tokio::time::Instant::now();
        loop {
            let text = self.text().await;
            if text.contains(words) {
                return;
            }
            assert!(start.elapsed() < LIMIT, "{words:?} did not appear; the window shows:\n{text}");
        }
    }

    /// Waits until the element with a test id says something.
    pub async fn says(&self, id: &str, words: &str) {
        self.says_within(LIMIT, id, words).await;
    }

    /// The same, with a limit of its own.
    pub async fn says_within(&self, limit: Duration, id: &str, words: &str) {
        let start = tokio::time::Instant::now();
        loop {
            let text = self.text_now(id).await;
            if text.as_ref().is_some_and(|text| text.contains(words)) {
                return;
            }
            assert!(
                start.elapsed() < limit,
                "{id} says {text:?}, not {words:?}; the window shows:\n{}",
                self.text().await
            );
        }
    }

    /// Sets the window's inner size, and waits until the page has it.
    pub async fn resize(&self, width: u32, height: u32) {
        self.driver.set_window_rect(0, 0, width, height).await.unwrap();
        let script = "const [width, height, done] = arguments;\
            const check = () => innerWidth === width && innerHeight === height\
            ? requestAnimationFrame(() => requestAnimationFrame(() => done(true))) : setTimeout(check, 20); check();";
        let size = vec![serde_json::json!(width), serde_json::json!(height)];
        self.driver.execute_async(script, size).await.unwrap();
    }

    /// Keeps a picture in `artefacts/screens`, where it can be looked at.
    pub async fn picture(&self, name: &str) -> PathBuf {
        let folder = root().join("artefacts/screens");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{name}.png"));
        self.settle().await;
        self.driver.screenshot(Path::new(&path)).await.unwrap();
        path
    }

    /// Waits until fonts are loaded, running transitions have ended and two frames are painted, so that a picture shows
    /// what the page says; a window that paints no frame is left after a second.
    async fn settle(&self) {
        let script = "const done = arguments[arguments.length - 1];\
            document.fonts.ready.then(() => Promise.allSettled(document.getAnimations()\
            .filter((a) => a.effect?.getComputedTiming().iterations !== Infinity)\
            .map((a) => a.finished))).then(() => {\
            const frames = () => requestAnimationFrame(() => requestAnimationFrame(() => done(true)));\
            setTimeout(() => done(true), 1000); frames(); });";
        self.driver.execute_async(script, vec![]).await.unwrap();
    }

    /// Runs axe over the page; every violation fails, with the elements named.
    pub async fn accessible(&self, name: &str) {
        let axe = std::fs::read_to_string(npm::file("axe-core/axe.min.js")).unwrap();
        self.settle().await;
        self.driver.execute(&axe, vec![]).await.unwrap();
        let script = "const done = arguments[arguments.length - 1];\
            axe.run(document, { resultTypes: ['violations'] }).then((r) => done(r.violations.map((v) => \
            v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join(' | '))));";
        let found = self.driver.execute_async(script, vec![]).await.unwrap();
        let found: Vec<String> = found.convert().unwrap();
        assert!(found.is_empty(), "{name} has accessibility violations:\n{}", found.join("\n"));
    }

    /// Closes the window and its driver, and waits until the app's processes are gone.
    pub async fn close(self) {
        let below = descendants(self.server.id());
        assert!(!below.is_empty(), "the window is a process of its own");
        self.driver.quit().await.unwrap();
        until("the end of the window's processes", || below.iter().all(|id| !alive(*id)));
    }
}
