//! The three commands of the window: call a use case, cancel it, say that the first frame is painted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::wire::{Progress, WireError};
use engine::{Engine, Reporter, Work, contract};
use serde_json::Value;
use tauri::ipc::Channel;
use tauri::{State, WebviewWindow};
use tokio_util::sync::CancellationToken;

/// What the window's process shares between calls.
pub struct App {
    engine: Result<Arc<Engine>, WireError>,
    running: Mutex<HashMap<u32, CancellationToken>>,
}

impl App {
    /// The engine, or why there is none: the first call tells the window.
    pub fn new(engine: Result<Arc<Engine>, WireError>) -> Self {
        Self { engine, running: Mutex::default() }
    }

    fn running(&self) -> MutexGuard<'_, HashMap<u32, CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct ToWindow(Channel<Progress>);

impl Reporter for ToWindow {
    fn progress(&self, progress: Progress) {
        // A window that closed meanwhile wants no progress.
        let _ = self.0.send(progress);
    }
}

/// Runs a use case by name; see `engine::contract`.
#[tauri::command]
pub async fn call(
    app: State<'_, App>,
    id: u32,
    name: String,
    params: Value,
    progress: Channel<Progress>,
) -> Result<Value, WireError> {
    let engine = app.engine.clone()?;
    let cancel = app.running().entry(id).or_default().clone();
    let work = Work { reporter: Arc::new(ToWindow(progress)), cancel };
    let result = contract::dispatch(&engine, &name, params, &work).await;
    app.running().remove(&id);
    result.map_err(|error| error.to_wire())
}

/// Asks a running call to cancel. One that has not begun yet is cancelled when it does.
#[tauri::command]
pub fn cancel(app: State<'_, App>, id: u32) {
    app.running().entry(id).or_default().cancel();
}

/// Shows the window: its first useful frame is painted.
#[tauri::command]
pub fn window_ready(window: WebviewWindow) -> Result<(), WireError> {
    // A window that cannot be shown or focused is the desktop's business.
    let _ = window.show().and_then(|()| window.set_focus());
    println!("jalon: window ready");
    Ok(())
}
