//! Embeds configuration, icons and permissions.

fn main() {
    tauri_build::build();
}
