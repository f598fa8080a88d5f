//! Structure, labels, no data, determinism, exports.

use super::*;

#[test]
fn every_plot_is_a_well_formed_named_picture() {
    for (name, look, plot) in GALLERY.iter() {
        let svg = Document::parse(&plot.svg).unwrap_or_else(|e| panic!("{name}: {e}"));
        let root = svg.root_element();
        assert_eq!(root.tag_name().name(), "svg", "{name}");
        assert_eq!(root.attribute("role"), Some("img"), "{name}");
        assert_eq!(
            (number(&root, "width"), number(&root, "height")),
            (f64::from(look.width), f64::from(look.height))
        );
        let first = root.first_element_child().unwrap();
        assert_eq!((first.tag_name().name(), first.text()), ("title", Some(plot.title.as_str())), "{name}");
        assert!(plot.alt.ends_with('.') && plot.alt.len() > 20, "{name}: {}", plot.alt);
        // Several plots stand in one page: an id would be there twice.
        assert!(svg.descendants().all(|node| node.attribute("id").is_none()), "{name}");
        for (rows, kind) in [(&plot.table, "table"), (&plot.records, "records")] {
            let columns = rows.first().unwrap().len();
            assert!(rows.iter().all(|row| row.len() == columns), "{name}: {kind} of different lengths");
        }
        assert_eq!(plot.table.len(), plot.records.len(), "{name}");
    }
}

#[test]
fn labels_stay_inside_and_apart() {
    for (name, look, plot) in GALLERY.iter() {
        let svg = Document::parse(&plot.svg).unwrap();
        let labels = labels(&svg, look.widening());
        assert!(!labels.is_empty(), "{name}");
        let (width, height) = (f64::from(look.width), f64::from(look.height));
        for (i, a) in labels.iter().enumerate() {
            assert!(
                a.left >= 0.0 && a.right <= width && a.top >= 0.0 && a.bottom <= height,
                "{name}: {a:?} is cut off"
            );
            for b in &labels[i + 1..] {
                let touches = a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
                assert!(!touches, "{name}: {a:?} over {b:?}");
            }
        }
    }
}

#[test]
fn shapes_and_points_stay_inside() {
    for (name, look, plot) in GALLERY.iter() {
        let (width, height) = (f64::from(look.width), f64::from(look.height));
        for point in &plot.points {
            let inside = (0.0..=width).contains(&point.x) && (0.0..=height).contains(&point.y);
            assert!(inside, "{name}: {point:?}");
        }
        assert!(plot.points.is_sorted_by(|a, b| a.x <= b.x), "{name}: points are walked from left to right");
        let svg = Document::parse(&plot.svg).unwrap();
        for path in svg.descendants().filter_map(|node| node.attribute("d")) {
            for pair in path.split(['M', 'L', 'Z']).filter(|pair| !pair.is_empty()) {
                let (x, y) = pair.split_once(' ').unwrap();
                let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
                assert!((0.0..=width).contains(&x) && (0.0..=height).contains(&y), "{name}: {pair}");
            }
        }
    }
}

#[test]
fn the_same_data_gives_the_same_bytes() {
    for ((name, _, a), (_, _, b)) in GALLERY.iter().zip(&gallery()) {
        assert!(a == b, "{name} differs between two runs");
    }
    let plot = cycles(12, &Look::document(Language::Fr));
    assert_eq!(to_png(&plot, 1.5).unwrap(), to_png(&plot, 1.5).unwrap());
}

fn texts(plot: &Plot) -> Vec<String> {
    let svg = Document::parse(&plot.svg).unwrap();
    labels(&svg, 1.0).into_iter().map(|label| label.text.replace(['\u{a0}', '\u{202f}'], " ")).collect()
}

#[test]
fn nothing_is_hatched_and_said_never_drawn_as_zero() {
    let look = Look::window(Theme::Light, Language::En, 592, 168);
    let nothing = RateWeek { label_date: monday(0), rate: None, partial: false };
    let zero_of_zero = Rate { succeeded: 0, finished: 0, interval: None };
    let plots = [
        attempts_a_week(&[], &look).unwrap(),
        cycles(0, &look),
        success_rate(&[], None, &look).unwrap(),
        success_rate(&[nothing], None, &look).unwrap(),
        success_rate(&[RateWeek { rate: Some(zero_of_zero), ..nothing }], Some(zero_of_zero), &look).unwrap(),
    ];
    for plot in plots {
        let texts = texts(&plot);
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert_eq!(texts[0], "no data");
        assert!(!texts.iter().any(|text| text.contains(|c: char| c.is_ascii_digit())), "{texts:?}");
        assert!(plot.svg.matches("<path").count() > 20, "not hatched");
        assert!(plot.points.is_empty() && plot.table.len() == 1);
        assert!(plot.alt.contains("no data"), "{}", plot.alt);
    }
}

#[test]
fn a_week_without_attempts_is_a_zero_of_attempts_but_no_rate() {
    let look = Look::window(Theme::Light, Language::En, 592, 168);
    let bars = attempts_a_week(&weeks(4), &look).unwrap();
    assert_eq!(
        texts(&bars).iter().filter(|text| *text == "0").count(),
        2,
        "one on the axis, one for the week"
    );
    assert_eq!(bars.table[1][1..3], ["0", "0"]);
    assert!(bars.points[0].label.contains("0 succeeded, 0 failed"), "{}", bars.points[0].label);

    let rate = success_rate(&rates(4), overall(), &look).unwrap();
    assert!(
        texts(&rate).iter().filter(|text| *text == "no data").count() == 2,
        "in the key and on the hatching"
    );
    assert_eq!(rate.table[1][3], "no data");
    assert_eq!(rate.records[1][1..6], ["0", "0", "", "", ""]);
    assert!(rate.points[0].label.ends_with("no data"), "{}", rate.points[0].label);
    assert!(rate.alt.contains("without data in 1 week"), "{}", rate.alt);
}

#[test]
fn bars_carry_their_counts_and_part_weeks_their_name() {
    for (language, part) in [(Language::En, "part week"), (Language::Fr, "semaine entamée")] {
        let plot = attempts_a_week(&weeks(4), &Look::document(language)).unwrap();
        let texts = texts(&plot);
        for expected in ["3", "5", "12", "1", "2"] {
            assert!(texts.iter().any(|text| text == expected), "{expected} in {texts:?}");
        }
        assert_eq!(texts.iter().filter(|text| *text == part).count(), 2, "{texts:?}");
    }
}

#[test]
fn few_points_are_hollow_and_have_no_band() {
    let look = Look::window(Theme::Light, Language::En, 592, 168);
    let band = "#dfe7fb";
    let five = cycle_times(&points(5), Some(356.0), Some((9.0, 1530.0)), &TimeZone::UTC, &look).unwrap();
    assert!(!five.svg.contains(band), "an interval below n = 6 is not drawn even if there is one");
    assert!(texts(&five).iter().any(|text| text == "no interval below n = 6"), "{:?}", texts(&five));
    assert!(five.svg.matches("stroke=\"#2b54c9\"").count() >= 5, "hollow dots");
    assert!(cycles(6, &look).svg.contains(band));
}

#[test]
fn a_narrow_interval_is_still_over_six_pixels_high() {
    for look in [Look::window(Theme::Light, Language::En, 592, 168), Look::document(Language::En)] {
        let interval = Some((355.9, 356.1));
        let plot = cycle_times(&points(12), Some(356.0), interval, &TimeZone::UTC, &look).unwrap();
        let svg = Document::parse(&plot.svg).unwrap();
        let bands = svg.descendants().filter(|node| node.attribute("fill") == Some("#dfe7fb"));
        let heights = bands.map(|node| {
            let ys =
                node.attribute("d").unwrap().split(['M', 'L', 'Z']).filter_map(|pair| pair.split_once(' '));
            let ys: Vec<f64> = ys.map(|(_, y)| y.parse().unwrap()).collect();
            ys.iter().copied().fold(0.0, f64::max) - ys.iter().copied().fold(f64::MAX, f64::min)
        });
        // Its outline, 1 px wide and within it, is drawn along its middle.
        let least = heights.fold(f64::MAX, f64::min) / look.scale();
        assert!(least >= 6.0, "{least}");
    }
}

#[test]
fn french_has_commas_narrow_spaces_and_its_own_words() {
    let plot = success_rate(&rates(12), overall(), &Look::document(Language::Fr)).unwrap();
    assert!(plot.svg.contains("85,7\u{202f}%") && !plot.svg.contains("85.7"));
    let plot = cycles(12, &Look::document(Language::Fr));
    let texts = texts(&plot);
    assert!(texts.iter().any(|text| text == "10 min"), "{texts:?}");
    assert!(texts.iter().any(|text| text.ends_with("nov.")), "{texts:?}");
    assert!(texts.iter().any(|text| text == "de 4 min 58 s à 6 min 40 s"), "{texts:?}");
}

#[test]
fn many_points_become_spans_and_say_so() {
    let look = Look::window(Theme::Light, Language::En, 592, 168);
    let plot = cycles(100_000, &look);
    assert!(plot.points.len() <= 592 && plot.table.len() == plot.points.len() + 1);
    assert!(plot.svg.len() < 40_000, "{} bytes", plot.svg.len());
    assert!(texts(&plot).iter().any(|text| text == "shortest to longest"));
    assert!(plot.alt.starts_with("100,000 deployments"), "{}", plot.alt);
}

#[test]
fn png_is_drawn_with_the_embedded_font_at_its_scale() {
    for look in looks().into_iter().skip(1).step_by(5) {
        let plot = cycles(12, &look);
        let png = to_png(&plot, 2.0).unwrap();
        let size = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        assert_eq!((&png[1..4], size(16), size(20)), (&b"PNG"[..], 2 * look.width, 2 * look.height));
        let pixels = resvg::tiny_skia::Pixmap::decode_png(&png).unwrap();
        // The key's words: without a font this corner would be blank beside its dot.
        let ground = pixels.pixel(2 * look.width - 1, 2 * look.height - 1).unwrap();
        let (left, right) = ((22.0 * 2.0 * look.scale()) as u32, (80.0 * 2.0 * look.scale()) as u32);
        let rows = (17.0 * 2.0 * look.scale()) as u32;
        let inked = (left..right).any(|x| (0..rows).any(|y| pixels.pixel(x, y).unwrap() != ground));
        assert!(inked, "no words in {look:?}");
    }
    let plot = cycles(12, &Look::document(Language::En));
    for scale in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e-6, 1000.0] {
        assert!(matches!(to_png(&plot, scale), Err(Error::Scale { .. })), "{scale}");
    }
}

#[test]
fn csv_is_for_programs_and_no_formula() {
    let look = Look::window(Theme::Light, Language::Fr, 592, 168);
    let csv = to_csv(&success_rate(&rates(2), overall(), &look).unwrap());
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!(lines[0], "week,succeeded,finished,rate,low,high,partial");
    assert_eq!(lines[1], "2025-10-27,0,0,,,,true");
    assert_eq!(lines[2], "2025-11-03,4,4,1,0.7,1,true");
    assert!(lines[3].starts_with("overall,12,14,0.857") && lines[4].is_empty());

    let mut odd = points(2);
    odd[0].label = "=HYPERLINK(\"http://x\",\"y\")".to_owned();
    odd[1].label = "a,\"b\"\nc".to_owned();
    let csv = to_csv(&cycle_times(&odd, None, None, &TimeZone::UTC, &look).unwrap());
    assert!(csv.contains(",\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",356\r\n"), "{csv}");
    assert!(csv.contains(",\"a,\"\"b\"\"\nc\",298\r\n"), "{csv}");
}
