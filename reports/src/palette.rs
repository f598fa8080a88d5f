//! Colours of the documents, the light theme's, as `RRGGBB`.

/// Main words.
pub(crate) const TEXT: &str = "1E1D1B";
/// Reasons, heads of tables.
pub(crate) const TEXT_2: &str = "56544F";
/// Sources, page numbers.
pub(crate) const TEXT_3: &str = "6B6862";
/// Line under the head of a table.
pub(crate) const LINE: &str = "8C8880";
/// Line between rows.
pub(crate) const HAIRLINE: &str = "D3D0C9";
/// Ground of code and of boxes.
pub(crate) const SUNKEN: &str = "F9F8F6";
/// The one accent.
pub(crate) const ACCENT: &str = "2B54C9";
/// Edge of what the accent marks.
pub(crate) const ACCENT_BORDER: &str = "BCCAF3";
/// What is well.
pub(crate) const OK: &str = "0A6B58";
/// What waits for the student.
pub(crate) const WARN: &str = "855000";
/// Ground behind what waits for the student.
pub(crate) const WARN_SOFT: &str = "FDF2DD";
/// What is not well.
pub(crate) const BAD: &str = "B02A0E";
/// What is still to be done of a stage.
pub(crate) const TRACK: &str = "E7E5E0";
/// Production.
pub(crate) const PROD: &str = "783186";
/// Ground of production.
pub(crate) const PROD_SOFT: &str = "F7EDF9";
/// Other environments.
pub(crate) const DEV: &str = "2F5D72";
/// Ground of other environments.
pub(crate) const DEV_SOFT: &str = "E8F1F5";
