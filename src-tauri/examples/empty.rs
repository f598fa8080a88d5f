//! An almost empty Tauri window: the floor that `cargo xtask bench` compares the real one with.

use tauri::{WebviewUrl, WebviewWindowBuilder};

#[tauri::command]
fn ready() {
    println!("empty: window ready");
}

fn main() {
    let mut context = tauri::generate_context!();
    context.config_mut().app.windows.clear();
    let built = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![ready])
        .setup(|app| {
            // The page of the real app is not loaded: a blank one paints, then calls back.
            let script = "addEventListener('DOMContentLoaded', () => requestAnimationFrame(() => \
                          window.__TAURI_INTERNALS__.invoke('ready')))";
            WebviewWindowBuilder::new(app, "main", WebviewUrl::App("empty.html".into()))
                .inner_size(1280.0, 800.0)
                .initialization_script(script)
                .build()?;
            Ok(())
        })
        .build(context);
    match built {
        Ok(app) => app.run(|_app, _event| {}),
        Err(error) => eprintln!("the window cannot be opened: {error}"),
    }
}
