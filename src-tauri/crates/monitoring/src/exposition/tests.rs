use proptest::prelude::*;

use super::*;

fn text(body: &str) -> Vec<Sample> {
    parse(Format::Text, body.as_bytes(), 1000).unwrap()
}

fn open(body: &str) -> Vec<Sample> {
    parse(Format::OpenMetrics, body.as_bytes(), 1000).unwrap()
}

fn refused(format: Format, body: &str) -> String {
    parse(format, body.as_bytes(), 1000).unwrap_err().to_string()
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn prometheus_text_is_read() {
    let samples = text(
        "# HELP requests Requests, with \\n in it.\n# TYPE requests counter\n\
         requests{method=\"post\",code=\"200\"} 1027 1395066363000\n\
         requests { method = \"post\" , code=\"400\", } 3\n\
         \n# just a comment\n  metric_without_timestamp_and_labels\t12.47  \n\
         something_weird{problem=\"division by zero\"} +Inf -3982045\nn NaN\nm -Inf\ne 1.5e-3\r\n",
    );
    let values: Vec<f64> = samples.iter().map(|s| s.value).collect();
    assert_eq!(values[..4], [1027.0, 3.0, 12.47, f64::INFINITY]);
    assert!(values[4].is_nan());
    assert_eq!(values[5..], [f64::NEG_INFINITY, 0.0015]);
    assert_eq!(samples[0].at, Some(1_395_066_363_000));
    assert_eq!(samples[1].labels, labels(&[("__name__", "requests"), ("code", "400"), ("method", "post")]));
    assert_eq!(samples[3].at, Some(-3_982_045));
    assert_eq!(samples[0].kind, Kind::Counter);
    assert_eq!(samples[2].kind, Kind::Unknown);
}

/// What prometheus-parse 0.2.5 drops or spoils.
#[test]
fn braces_commas_and_quotes_in_labels_are_kept() {
    let samples = text(r#"r{route="/a/{id}",list="a,b=\"c\"",path="C:\\x\n",odd="\d"} 1"#);
    let expected =
        [("__name__", "r"), ("list", "a,b=\"c\""), ("odd", "\\d"), ("path", "C:\\x\n"), ("route", "/a/{id}")];
    assert_eq!(samples[0].labels, labels(&expected));
}

#[test]
fn quoted_names_may_be_any_text() {
    let samples = text("# TYPE \"my.metric é\" gauge\n{\"my.metric é\",\"the label\"=\"x\",plain=\"y\"} 2\n");
    assert_eq!(samples[0].labels, labels(&[("__name__", "my.metric é"), ("the label", "x"), ("plain", "y")]));
    assert_eq!(samples[0].kind, Kind::Gauge);
}

#[test]
fn open_metrics_is_read() {
    let samples = open(
        "# TYPE foo counter\n# UNIT foo seconds\n# HELP foo x\nfoo_total 17.0 1520879607.789 # {trace=\"a b\"} 0.5 1520879607\n\
         foo_created 1520872607.123\nfoo_bare 1 # {} 0.67\n# TYPE h histogram\nh_bucket{le=\"0.1\"} 8 # {t=\"x\"} 0.05\nh_sum 3\n\
         # EOF\n",
    );
    assert_eq!(samples[0].at, Some(1_520_879_607_789));
    let kinds: Vec<Kind> = samples.iter().map(|s| s.kind).collect();
    assert_eq!(kinds, [Kind::Counter, Kind::Gauge, Kind::Unknown, Kind::Histogram, Kind::Histogram]);
    assert_eq!(samples[2].at, None);
}

#[test]
fn an_end_is_required_where_the_format_has_one() {
    assert!(refused(Format::OpenMetrics, "a 1\nb 2\n").contains("without # EOF"));
    assert!(refused(Format::OpenMetrics, "").contains("without # EOF"));
    assert!(refused(Format::OpenMetrics, "# EOF\na 1\n").contains("line 2"));
    assert_eq!(text("# EOF\na 1"), text("a 1"));
    assert!(text("").is_empty());
}

#[test]
fn a_suffix_says_nothing_without_a_type() {
    let samples = text("a_total 1\na_bucket{le=\"1\"} 1\n# TYPE b counter\nb_other 1\nb_total 1\n");
    let kinds: Vec<Kind> = samples.iter().map(|s| s.kind).collect();
    assert_eq!(kinds, [Kind::Unknown, Kind::Unknown, Kind::Unknown, Kind::Counter]);
    // Two in a row without a type are what openmetrics-parser 0.5.1 refuses.
    assert_eq!(open("a 1\nb 2\n# EOF").len(), 2);
}

#[test]
fn other_things_are_named() {
    for (body, found) in [
        ("<!DOCTYPE html><html>", "a web page"),
        ("\n  <html>", "a web page"),
        ("{\"status\":\"ok\"}", "JSON"),
        ("{}", "JSON"),
        ("[1]", "JSON"),
        ("\u{1f}\u{8b}", "compressed"),
    ] {
        let said = refused(Format::Text, body);
        assert!(said.contains(found) && said.contains("/metrics"), "{said}");
    }
}

#[test]
fn a_wrong_line_is_named() {
    for (line, reason) in [
        ("a{b=\"c} 1", "does not end"),
        ("a{b=c} 1", "without quotes"),
        ("a{b=\"1\" c=\"2\"} 1", "do not end"),
        ("a{b=\"1\",b=\"2\"} 1", "twice"),
        ("a{b} 1", "has no value"),
        ("a{", "has no value"),
        ("a{b=\"\\", "does not end"),
        ("1a 1", "no name of a metric"),
        ("{b=\"1\"} 1", "no name"),
        ("a{0=\"1\"} 1", "no name of a label"),
        ("a{__name__=\"b\"} 1", "__name__"),
        ("{\"a\",\"b\"} 1", "two names"),
        ("a", "no value"),
        ("a one", "no number"),
        ("a 1 soon", "no timestamp"),
        ("a 1 1 1", "after the timestamp"),
        ("# TYPE a counterfeit", "no type"),
        ("# TYPE a", "without a type"),
    ] {
        let said = refused(Format::Text, &format!("fine 1\n{line}\n"));
        assert!(said.contains("line 2") && said.contains(reason), "{line}: {said}");
    }
    let said = parse(Format::Text, b"a 1\nb 2\n\xff", 9).unwrap_err().to_string();
    assert!(said.contains("line 3") && said.contains("UTF-8"), "{said}");
    assert!(refused(Format::Text, &format!("{} x", "a".repeat(100_000))).len() < 200);
}

#[test]
fn too_many_series_are_refused() {
    let body: String = (0..11).map(|i| format!("a{{i=\"{i}\"}} 1\n")).collect();
    assert_eq!(parse(Format::Text, body.as_bytes(), 11).unwrap().len(), 11);
    assert!(matches!(parse(Format::Text, body.as_bytes(), 10), Err(Error::TooManySeries { limit: 10 })));
}

#[test]
fn the_content_type_says_the_format() {
    for (kind, format) in [
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", Format::OpenMetrics),
        ("text/plain; version=0.0.4", Format::Text),
        ("", Format::Text),
    ] {
        assert_eq!(Format::of(kind), format);
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

proptest! {
    #[test]
    fn nothing_panics(body in "\\PC{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        for format in [Format::Text, Format::OpenMetrics] {
            let _ = parse(format, body.as_bytes(), 10);
            let _ = parse(format, &bytes, 10);
        }
    }

    #[test]
    fn what_looks_like_metrics_does_not_panic(body in "([a-c_:\"{}=,\\\\# \n\t0-9.eINa+-]|# TYPE |# EOF){0,60}") {
        for format in [Format::Text, Format::OpenMetrics] {
            let _ = parse(format, body.as_bytes(), 10);
        }
    }

    #[test]
    fn what_is_written_is_read(
        name in "\\PC{1,20}",
        pairs in prop::collection::btree_map("[a-z][a-z0-9_]{0,8}|\\PC{1,10}", "(\\PC|[\\\\\"\n{},]){1,20}", 0..5),
        value in any::<f64>(),
        at in prop::option::of(-9_000_000_000_000i64..9_000_000_000_000),
    ) {
        prop_assume!(!pairs.contains_key(NAME));
        let mut body = format!("{{\"{}\"", escaped(&name));
        for (label, value) in &pairs {
            body.push_str(&format!(",\"{}\"=\"{}\"", escaped(label), escaped(value)));
        }
        let mut expected: Labels = pairs;
        expected.insert(NAME.to_owned(), name);
        let value_text = crate::answer::number(value);
        let text_time = at.map(|at| format!(" {at}")).unwrap_or_default();
        let open_time = at.map(|at| format!(" {}", at as f64 / 1000.0)).unwrap_or_default();
        for (format, body) in [
            (Format::Text, format!("{body}}} {value_text}{text_time}\n")),
            (Format::OpenMetrics, format!("{body}}} {value_text}{open_time} # {{x=\"y\"}} 1\n# EOF\n")),
        ] {
            let samples = parse(format, body.as_bytes(), 10).unwrap();
            prop_assert_eq!(samples.len(), 1);
            prop_assert_eq!(&samples[0].labels, &expected);
            prop_assert!(samples[0].value == value || samples[0].value.is_nan() && value.is_nan());
            prop_assert_eq!(samples[0].at, at);
        }
    }
}
