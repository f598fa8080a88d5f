//! Tables on slides: hairlines between rows, nothing else.

use super::model::{Area, Emu, POINT, Paragraph, Row, Table, emu, points};
use super::{fit, shapes};
use crate::content::Language;
use crate::measure::Fonts;
use crate::palette;
use crate::xml::Xml;

/// Space above and below the words of a cell.
pub(crate) const CELL: Emu = 5 * POINT;
/// Space at the right of a cell.
pub(crate) const GUTTER: Emu = 12 * POINT;

/// A row as high as its words need.
pub(crate) fn row(fonts: &Fonts, cells: Vec<Vec<Paragraph>>, widths: &[Emu]) -> Row {
    let needed = cells.iter().zip(widths).map(|(cell, width)| fit::height(fonts, cell, width - GUTTER));
    let height = emu(needed.fold(0.0, f64::max) + points(2 * CELL));
    Row { height, cells }
}

/// Rows that fit below the heads, page by page; every page has at least one.
pub(crate) fn pages(rows: Vec<Row>, room: Emu) -> Vec<Vec<Row>> {
    let mut pages: Vec<Vec<Row>> = vec![Vec::new()];
    let mut used = 0;
    for row in rows {
        if let Some(page) = pages.last_mut()
            && (page.is_empty() || used + row.height <= room)
        {
            used += row.height;
            page.push(row);
            continue;
        }
        used = row.height;
        pages.push(vec![row]);
    }
    pages
}

/// Writes a table.
pub(crate) fn write(x: &mut Xml, table: &Table, id: usize, language: Language) {
    let height = table.rows.iter().map(|row| row.height).sum();
    let width = table.widths.iter().sum();
    x.tag("p:graphicFrame").with(|x| {
        x.tag("p:nvGraphicFramePr").with(|x| {
            x.tag("p:cNvPr").attr("id", id).attr("name", &table.name).attr("descr", &table.alt).empty();
            x.tag("p:cNvGraphicFramePr").with(|x| x.tag("a:graphicFrameLocks").attr("noGrp", 1).empty());
            x.tag("p:nvPr").empty();
        });
        let area = Area::new(table.x, table.y, width, height);
        x.tag("p:xfrm").with(|x| {
            x.tag("a:off").attr("x", area.x).attr("y", area.y).empty();
            x.tag("a:ext").attr("cx", area.width).attr("cy", area.height).empty();
        });
        x.tag("a:graphic").with(|x| {
            x.tag("a:graphicData")
                .attr("uri", "http://schemas.openxmlformats.org/drawingml/2006/table")
                .with(|x| {
                    x.tag("a:tbl").with(|x| {
                        x.tag("a:tblPr").attr("firstRow", 1).empty();
                        x.tag("a:tblGrid").with(|x| {
                            for width in &table.widths {
                                x.tag("a:gridCol").attr("w", width).empty();
                            }
                        });
                        for (index, row) in table.rows.iter().enumerate() {
                            write_row(x, row, index == 0, language);
                        }
                    });
                });
        });
    });
}

fn write_row(x: &mut Xml, row: &Row, head: bool, language: Language) {
    x.tag("a:tr").attr("h", row.height).with(|x| {
        for cell in &row.cells {
            x.tag("a:tc").with(|x| {
                x.tag("a:txBody").with(|x| {
                    x.tag("a:bodyPr").empty();
                    x.tag("a:lstStyle").empty();
                    shapes::paragraphs(x, cell, false, language);
                });
                let properties = x
                    .tag("a:tcPr")
                    .attr("marL", 0)
                    .attr("marR", GUTTER)
                    .attr("marT", CELL)
                    .attr("marB", CELL);
                properties.attr("anchor", if head { "b" } else { "t" }).with(|x| {
                    for side in ["a:lnL", "a:lnR", "a:lnT"] {
                        x.tag(side).attr("w", 0).with(|x| x.tag("a:noFill").empty());
                    }
                    let (width, color) =
                        if head { (12_700, palette::LINE) } else { (6_350, palette::HAIRLINE) };
                    x.tag("a:lnB").attr("w", width).with(|x| shapes::fill(x, color));
                    x.tag("a:noFill").empty();
                });
            });
        }
    });
}
