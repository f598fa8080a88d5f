//! Reading what a target exposes: some 1 MB, the size of a large application's metrics.

use monitoring::exposition::{Format, parse};

fn main() {
    divan::main();
}

fn megabyte() -> String {
    let mut text = String::from("# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\n");
    for i in 0..10_000 {
        let (route, code, pod) = (i % 50, 200 + i % 5, i / 250);
        text.push_str(&format!(
            "http_requests_total{{route=\"/items/{{id}}/{route}\",code=\"{code}\",pod=\"campus-{pod}\",method=\"GET\"}} {}\n",
            i * 17
        ));
    }
    text
}

#[divan::bench]
fn ten_thousand_series(bencher: divan::Bencher) {
    let text = megabyte();
    let count = divan::counter::BytesCount::of_str(&text);
    bencher.counter(count).bench(|| parse(Format::Text, text.as_bytes(), 100_000));
}
