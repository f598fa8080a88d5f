//! Tables: widths are fixed, heads repeat on every page, no row is torn.

use super::body::{self, Ids};
use super::model::{Cell, Table, Twips};
use crate::xml::Xml;

/// Writes a table.
pub(crate) fn write(x: &mut Xml, table: &Table, ids: &mut Ids) {
    x.tag("w:tbl").with(|x| {
        x.tag("w:tblPr").with(|x| {
            x.tag("w:tblStyle").attr("w:val", table.look.style()).empty();
            x.tag("w:tblW").attr("w:w", table.widths.iter().sum::<Twips>()).attr("w:type", "dxa").empty();
            x.tag("w:tblLayout").attr("w:type", "fixed").empty();
            let headed = u8::from(!table.head.is_empty());
            x.tag("w:tblLook")
                .attr("w:val", if headed == 1 { "0020" } else { "0000" })
                .attr("w:firstRow", headed)
                .attr("w:lastRow", 0)
                .attr("w:firstColumn", 0)
                .attr("w:lastColumn", 0)
                .attr("w:noHBand", 1)
                .attr("w:noVBand", 1)
                .empty();
        });
        x.tag("w:tblGrid").with(|x| {
            for width in &table.widths {
                x.tag("w:gridCol").attr("w:w", width).empty();
            }
        });
        if !table.head.is_empty() {
            row(x, &table.head, &table.widths, true, ids);
        }
        for cells in &table.rows {
            row(x, cells, &table.widths, false, ids);
        }
    });
}

fn row(x: &mut Xml, cells: &[Cell], widths: &[Twips], head: bool, ids: &mut Ids) {
    x.tag("w:tr").with(|x| {
        x.tag("w:trPr").with(|x| {
            x.tag("w:cantSplit").empty();
            if head {
                x.tag("w:tblHeader").empty();
            }
        });
        for (cell, width) in cells.iter().zip(widths) {
            x.tag("w:tc").with(|x| {
                x.tag("w:tcPr").with(|x| {
                    x.tag("w:tcW").attr("w:w", width).attr("w:type", "dxa").empty();
                    if head {
                        x.tag("w:vAlign").attr("w:val", "bottom").empty();
                    }
                });
                for paragraph in cell {
                    body::paragraph(x, paragraph, ids);
                }
            });
        }
    });
}
