//! Deadlines in tables.

use super::deadlines::labelled;
use super::headings::numbered;
use super::sections::{self, Section};
use crate::dates;

/// A date found in a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// The stage its row names, if it names one.
    pub stage: Option<u32>,
    /// The cell's text.
    pub text: String,
    /// The label or column heading.
    pub label: String,
}

/// Deadlines of a table: a row `Deadline | 10 November`, or a column headed `Deadline`. Of a column, only
/// rows that name their stage count, unless it has but one row.
pub(super) fn deadlines(rows: &[Vec<String>]) -> Vec<Cell> {
    let mut cells = Vec::new();
    let Some((head, body)) = rows.split_first() else {
        return cells;
    };
    let column = head.iter().position(|cell| is_label(cell)).filter(|column| {
        // A table without a heading of its own may open with the labelled row itself.
        head.get(column + 1).is_none_or(|next| dates::find(next).is_none())
    });
    for row in rows {
        for (i, cell) in row.iter().enumerate() {
            let found = if is_label(cell) {
                row.get(i + 1)
                    .filter(|next| dates::find(next).is_some())
                    .map(|next| (next.clone(), cell.clone()))
            } else {
                labelled(cell, &[]).filter(|l| l.leads && l.when.is_some()).map(|l| (l.text, l.label))
            };
            if let Some((text, label)) = found {
                cells.push(Cell { stage: None, text, label });
            }
        }
    }
    if let Some(column) = column {
        for row in body {
            let stage = row.iter().take(column).find_map(|cell| stage(cell));
            let text = row.get(column).filter(|text| dates::find(text).is_some());
            if let Some(text) = text.filter(|_| stage.is_some() || body.len() == 1) {
                cells.push(Cell { stage, text: text.clone(), label: head[column].clone() });
            }
        }
    }
    cells
}

fn is_label(cell: &str) -> bool {
    sections::exact(cell) == Some(Section::Deadline)
}

/// The stage that a cell names: `Stage 3: …` or just `3`.
fn stage(cell: &str) -> Option<u32> {
    numbered(cell).map(|(_, number, _)| number).or_else(|| cell.trim().parse().ok().filter(|n| *n < 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    #[test]
    fn rows_and_columns() {
        let labelled = deadlines(&rows(&[&["What", "Value"], &["Échéance", "10/11/2024"]]));
        assert_eq!(labelled.len(), 1);
        assert_eq!((labelled[0].stage, labelled[0].text.as_str()), (None, "10/11/2024"));
        let one = deadlines(&rows(&[&["Deadline"], &["10/11/2024"]]));
        assert_eq!(one[0].text, "10/11/2024");
        let many =
            deadlines(&rows(&[&["Stage", "Deadline"], &["Stage 1: x", "1/2/2024"], &["2", "2/2/2024"]]));
        assert_eq!(many.iter().map(|c| c.stage).collect::<Vec<_>>(), [Some(1), Some(2)]);
        let unnamed =
            deadlines(&rows(&[&["Part", "Deadline"], &["Report", "1/2/2024"], &["Talk", "2/2/2024"]]));
        assert_eq!(unnamed, []);
    }
}
