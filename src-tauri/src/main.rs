//! The window. It carries calls to the engine and answers back; it decides nothing.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod desktop;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use engine::{Engine, Fallback, Surroundings, background};
use tauri::{AppHandle, Emitter, Manager};
use tokio_util::sync::CancellationToken;

use commands::App;
use desktop::Desktop;

/// A window that never says it is ready is shown all the same, so that its error can be seen.
const SHOWN_AT_LAST: Duration = Duration::from_secs(5);

/// The window is left alone for so long before anything is watched.
const SETTLED: Duration = Duration::from_secs(2);

/// What shells expect of a program that Ctrl-C ended: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    if let Some(code) = engine::reenter(std::env::args_os(), surroundings) {
        return code;
    }
    window();
    ExitCode::SUCCESS
}

fn window() {
    let engine = surroundings().and_then(Engine::open).map(Arc::new).map_err(|error| error.to_wire());
    let stop = CancellationToken::new();
    let running = stop.clone();
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .manage(App::new(engine.clone()))
        .invoke_handler(tauri::generate_handler![commands::call, commands::cancel, commands::window_ready])
        .setup(move |app| {
            if let Some(window) = app.get_webview_window("main") {
                tauri::async_runtime::spawn(async move {
                    if tokio::time::timeout(SHOWN_AT_LAST, std::future::pending::<()>()).await.is_err() {
                        let _ = window.show();
                    }
                });
            }
            let handle = app.handle().clone();
            tauri::async_runtime::spawn(end_on_ctrl_c(handle.clone()));
            if let Ok(engine) = engine {
                let (watching, desktop, watched) = (engine.clone(), Desktop(handle.clone()), running.clone());
                tauri::async_runtime::spawn(async move {
                    // The first frame goes before.
                    let _ = tokio::time::timeout(SETTLED, watched.cancelled()).await;
                    if let Err(error) = engine::watch(&watching, None, &desktop, &watched).await {
                        eprintln!("jalon: nothing is watched: {error}");
                    }
                });
                tauri::async_runtime::spawn(async move {
                    let tell = |dir: &str| drop(handle.emit("synced", serde_json::json!({ "dir": dir })));
                    background::run(&engine, &running, tell).await;
                });
            }
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => app.run(move |_app, event| {
            if matches!(event, tauri::RunEvent::Exit) {
                stop.cancel();
            }
        }),
        Err(error) => {
            eprintln!("the window cannot be opened: {error}");
            std::process::exit(1);
        }
    }
}

/// Ctrl-C in the terminal that the window was started from ends it in order, and a second one at once. It has to be asked for:
/// what starts a program for a cluster catches the signal for the whole process, and then it ends nothing by itself any more.
async fn end_on_ctrl_c(app: AppHandle) {
    if tokio::signal::ctrl_c().await.is_ok() {
        app.exit(INTERRUPTED);
    }
    // A window that does not answer does not end in order, either.
    if tokio::signal::ctrl_c().await.is_ok() {
        std::process::exit(INTERRUPTED);
    }
}

fn surroundings() -> Result<Surroundings, engine::Error> {
    let home = directories::ProjectDirs::from("", "", "jalon").map(|dirs| dirs.data_dir().to_path_buf());
    Surroundings::read(std::env::vars_os(), home, Fallback::Memory)
}
