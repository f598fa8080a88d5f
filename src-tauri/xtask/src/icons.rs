//! `cargo xtask icons`: every size of the app's icon from one drawing.

use std::fs;

use crate::failure::Failure;
use crate::place::Place;
use crate::processes::run;
use crate::system;
use crate::ui;

/// What the three desktops use; Tauri makes more, for phones and shops.
const KEPT: &[&str] = &["32x32.png", "128x128.png", "128x128@2x.png", "icon.png", "icon.icns", "icon.ico"];

/// Draws them anew into `icons/`.
pub(crate) fn icons(place: &mut Place) -> Result<(), Failure> {
    system::node(place)?;
    ui::install(place, &place.ui())?;
    let folder = place.root.join("icons");
    let drawn = place.target.join("icons");
    let (source, output) = (folder.join("jalon.svg"), drawn.to_string_lossy().into_owned());
    run(&mut place.tauri(&["icon", &source.to_string_lossy(), "--output", &output]))?;
    for name in KEPT {
        let to = folder.join(name);
        fs::copy(drawn.join(name), &to).map_err(|error| Failure::file(&to, &error))?;
    }
    fs::remove_dir_all(&drawn).map_err(|error| Failure::file(&drawn, &error))?;
    println!("{} files in {}", KEPT.len(), folder.display());
    Ok(())
}
