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
        .register_uri_scheme_protocol("blank", |_context, _request| {
            let page = b"<!doctype html><title>empty</title><p>empty</p>".to_vec();
            let mut response = tauri::http::Response::new(page);
            response.headers_mut().insert("content-type", tauri::http::HeaderValue::from_static("text/html"));
            response
        })
        .setup(|app| {
            let page = "blank://localhost/".parse().map(WebviewUrl::CustomProtocol)?;
            let script = "addEventListener('DOMContentLoaded', () => requestAnimationFrame(() => \
                          window.__TAURI_INTERNALS__.invoke('ready')))";
            WebviewWindowBuilder::new(app, "main", page)
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
