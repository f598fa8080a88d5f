//! Pictures in the line: every program shows the raster, newer ones the SVG beside it.

use super::model::Drawing;
use crate::office::one_line;
use crate::xml::Xml;

/// EMU a twip.
pub(crate) const EMU: i64 = 635;

/// Writes a picture.
pub(crate) fn write(x: &mut Xml, drawing: &Drawing, id: u32) {
    x.tag("w:drawing").with(|x| {
        let inline = x.tag("wp:inline").attr("distT", 0).attr("distB", 0).attr("distL", 0).attr("distR", 0);
        inline.with(|x| {
            x.tag("wp:extent").attr("cx", drawing.width).attr("cy", drawing.height).empty();
            x.tag("wp:effectExtent").attr("l", 0).attr("t", 0).attr("r", 0).attr("b", 0).empty();
            named(x, "wp:docPr", drawing, id);
            x.tag("wp:cNvGraphicFramePr")
                .with(|x| x.tag("a:graphicFrameLocks").attr("noChangeAspect", 1).empty());
            x.tag("a:graphic").with(|x| {
                let data = x
                    .tag("a:graphicData")
                    .attr("uri", "http://schemas.openxmlformats.org/drawingml/2006/picture");
                data.with(|x| picture(x, drawing, id));
            });
        });
    });
}

fn named(x: &mut Xml, name: &'static str, drawing: &Drawing, id: u32) {
    let descr = one_line(&drawing.alt);
    x.tag(name).attr("id", id).attr("name", format_args!("Picture {id}")).attr("descr", descr).empty();
}

fn picture(x: &mut Xml, drawing: &Drawing, id: u32) {
    x.tag("pic:pic").with(|x| {
        x.tag("pic:nvPicPr").with(|x| {
            named(x, "pic:cNvPr", drawing, id);
            x.tag("pic:cNvPicPr").empty();
        });
        x.tag("pic:blipFill").with(|x| {
            blip(x, &drawing.raster, drawing.svg.as_deref());
            x.tag("a:stretch").with(|x| x.tag("a:fillRect").empty());
        });
        x.tag("pic:spPr").with(|x| {
            x.tag("a:xfrm").with(|x| {
                x.tag("a:off").attr("x", 0).attr("y", 0).empty();
                x.tag("a:ext").attr("cx", drawing.width).attr("cy", drawing.height).empty();
            });
            x.tag("a:prstGeom").attr("prst", "rect").with(|x| x.tag("a:avLst").empty());
        });
    });
}

/// `a:blip`: the raster, and the SVG as the extension that Office 2016 brought ([MS-ODRAWXML] 2.6.4.1).
pub(crate) fn blip(x: &mut Xml, raster: &str, svg: Option<&str>) {
    x.tag("a:blip").attr("r:embed", raster).with(|x| {
        if let Some(svg) = svg {
            x.tag("a:extLst").with(|x| {
                x.tag("a:ext").attr("uri", "{96DAC541-7B7A-43D3-8B79-37D633B846F1}").with(|x| {
                    x.tag("asvg:svgBlip")
                        .attr("xmlns:asvg", "http://schemas.microsoft.com/office/drawing/2016/SVG/main")
                        .attr("r:embed", svg)
                        .empty();
                });
            });
        }
    });
}
