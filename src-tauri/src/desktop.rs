//! What the desktop is told outside the window: that an alarm fires.

use std::time::Duration;

use engine::{Notice, Watcher};
use tauri::{AppHandle, Emitter};

/// A desktop that does not take a notification within this time does not show it.
const TAKEN: Duration = Duration::from_secs(10);

/// Tells the page that there is something new, and the desktop that something is wrong.
pub struct Desktop(pub AppHandle);

impl Watcher for Desktop {
    fn looked(&self, dir: &str) {
        // A window that closed meanwhile wants no news.
        let _ = self.0.emit("monitored", serde_json::json!({ "dir": dir }));
    }

    fn wants_notices(&self) -> bool {
        true
    }

    fn notice(&self, notice: &Notice) {
        let (title, body) = (notice.title.clone(), notice.body.clone());
        tauri::async_runtime::spawn(async move {
            // Off the async threads: the desktop's bus is asked with a call that blocks.
            let show = move || {
                let mut notification = notify_rust::Notification::new();
                notification.appname("Jalon").summary(&title).body(&body).icon("jalon").show().map(drop)
            };
            match tokio::time::timeout(TAKEN, tauri::async_runtime::spawn_blocking(show)).await {
                Ok(Ok(Ok(()))) => {}
                // A desktop without notifications is no fault of Jalon's; the window shows the alarm all the same.
                Ok(Ok(Err(error))) => eprintln!("jalon: the desktop shows no notification: {error}"),
                Ok(Err(_)) | Err(_) => eprintln!("jalon: the desktop takes no notification"),
            }
        });
    }
}
