//! The slides as a PowerPoint presentation (ECMA-376, transitional), written part by part.

mod architecture;
mod closing;
mod deck;
mod deployments;
mod fit;
mod kpis;
mod master;
mod model;
mod notes;
mod opening;
mod presentation;
mod shapes;
mod stages;
mod table;

use crate::Error;
use crate::content::Content;
use crate::measure::Fonts;
use crate::words::Words;

use deck::Deck;

/// Writes the slides: title, stages, architecture, deployments, KPIs, limits, conclusion, with notes for the speaker.
///
/// The same content gives the same bytes. What does not fit on a slide goes on on the next one; no words are smaller than
/// 12 points. What only the student can write is a marked placeholder.
///
/// # Errors
/// [`Error::Picture`] for a logo or plot that is no PNG; everything else would be a fault of this crate.
pub fn pptx(content: &Content) -> Result<Vec<u8>, Error> {
    let words = Words::new(content.language)?;
    let fonts = Fonts::read()?;
    let mut deck = Deck::new(content, &words, &fonts);
    opening::add(&mut deck)?;
    stages::add(&mut deck);
    architecture::add(&mut deck);
    deployments::add(&mut deck);
    kpis::add(&mut deck)?;
    closing::limits(&mut deck);
    closing::conclusion(&mut deck);
    let bytes = presentation::write(deck)?;
    words.complete()?;
    Ok(bytes)
}
