use super::*;

#[test]
fn a_scrape_is_stored_with_the_targets_labels_and_its_own_figures() {
    let store = in_memory();
    let scrape = scraped(0, "# TYPE r counter\nr{route=\"/a/{id}\"} 5\nr{job=\"other\"} 6\n");
    let recorded = store.record(&scope(), &target(), &scrape).unwrap();
    assert_eq!(recorded, Recorded { stored: 5, dropped: 0, stale: 0 });
    assert_eq!(values(&store, "up", 0), [1.0]);
    assert_eq!(values(&store, "scrape_samples_scraped{job=\"campus\"}", 0), [2.0]);
    assert_eq!(values(&store, "scrape_duration_seconds", 0), [0.02]);
    assert_eq!(values(&store, "r{route=\"/a/{id}\",job=\"campus\",instance=\"127.0.0.1:8080\"}", 0), [5.0]);
    assert_eq!(values(&store, "r{exported_job=\"other\",job=\"campus\"}", 0), [6.0]);
    let source = &store.sources(&scope()).unwrap()[0];
    assert_eq!((source.last, source.samples, source.error.as_deref()), (0, 2, None));
    assert_eq!(source.labels, target().labels);
}

#[test]
fn what_is_gone_ends_at_once_and_may_come_back() {
    let store = in_memory();
    let record = |scrape| store.record(&scope(), &target(), &scrape).unwrap();
    record(scraped(0, "a 1\nb 2\nwith_time 3 0\n"));
    assert_eq!(record(scraped(15 * SECOND, "a 1\n")).stale, 1);
    assert!(values(&store, "b", 15 * SECOND).is_empty());
    assert_eq!(values(&store, "b", 15 * SECOND - 1), [2.0]);
    // It came with a time of its own, so it ends by that.
    assert_eq!(values(&store, "with_time", 15 * SECOND), [3.0]);
    assert_eq!(record(scraped(30 * SECOND, "a 1\n")).stale, 0);
    record(scraped(45 * SECOND, "a 1\nb 4\n"));
    assert_eq!(values(&store, "b", 45 * SECOND), [4.0]);
}

#[test]
fn a_failed_scrape_is_told_and_ends_all_series() {
    let store = in_memory();
    store.record(&scope(), &target(), &scraped(0, "a 1\nb 2\n")).unwrap();
    let recorded = store.record(&scope(), &target(), &failed(15 * SECOND)).unwrap();
    assert_eq!(recorded.stale, 2);
    assert_eq!(values(&store, "up", 15 * SECOND), [0.0]);
    assert_eq!(values(&store, "scrape_samples_scraped", 15 * SECOND), [0.0]);
    assert!(values(&store, "{__name__=~\"a|b\"}", 15 * SECOND).is_empty());
    let source = &store.sources(&scope()).unwrap()[0];
    assert!(source.error.as_ref().unwrap().contains("connection refused"));
    assert_eq!(store.record(&scope(), &target(), &failed(30 * SECOND)).unwrap().stale, 0);
}

#[test]
fn two_targets_don_t_end_each_others_series() {
    let store = in_memory();
    let mut other = target();
    other.labels.insert("instance".into(), "other".into());
    store.record(&scope(), &target(), &scraped(0, "a 1\n")).unwrap();
    store.record(&scope(), &other, &scraped(0, "a 2\n")).unwrap();
    assert_eq!(store.record(&scope(), &other, &failed(1)).unwrap().stale, 1);
    assert_eq!(values(&store, "a", 1), [1.0]);
}

#[test]
fn scopes_don_t_see_each_other() {
    let store = in_memory();
    store.append(&scope(), 0, &[(labels(&[("__name__", "a")]), 1.0)]).unwrap();
    let other = Scope { environment: "prod".into(), ..scope() };
    assert_eq!(Own::new(store, other).instant("a", 0).unwrap(), Answer::Vector(vec![]));
}

#[test]
fn samples_that_are_late_or_double_are_dropped_and_counted() {
    let store = in_memory();
    let a = labels(&[("__name__", "a")]);
    let append = |at, value| store.append(&scope(), at, &[(a.clone(), value)]).unwrap();
    assert_eq!(append(10, 1.0), Recorded { stored: 1, dropped: 0, stale: 0 });
    assert_eq!(append(10, 2.0), Recorded { stored: 0, dropped: 1, stale: 0 });
    assert_eq!(append(9, 2.0).dropped, 1);
    assert_eq!(append(11, 3.0).stored, 1);
    let points = samples(&store, "a[1m]", 100);
    assert_eq!(points, [vec![Point { at: 10, value: 1.0 }, Point { at: 11, value: 3.0 }]]);
    // A series that stands twice in one text, and one whose clock was set back.
    let twice = store.record(&scope(), &target(), &scraped(50, "x 1\nx 2\n")).unwrap();
    assert_eq!(twice.dropped, 1);
    let back = store.record(&scope(), &target(), &scraped(40, "x 1\n")).unwrap();
    assert_eq!((back.stored, back.dropped), (0, 4));
}

#[test]
fn jitter_is_moved_to_the_grid_and_a_delay_is_not() {
    let store = in_memory();
    for at in [3, 15_004, 30_001, 45_006, 60_003] {
        store.record(&scope(), &target(), &scraped(at, "a 1\n")).unwrap();
    }
    let times: Vec<i64> = samples(&store, "a[2m]", 60_003)[0].iter().map(|p| p.at).collect();
    // 45,006 is 3 ms late; what follows is on time for the scrapes before it, not for that one.
    assert_eq!(times, [3, 15_003, 30_003, 45_006, 60_003]);
}

#[test]
fn one_of_two_processes_scrapes() {
    let folder = tempfile::tempdir().unwrap();
    let [window, cli] = [(); 2].map(|()| SampleStore::new(Samples::open(folder.path()).unwrap()));
    assert!(window.claim(&scope(), &target(), 0).unwrap());
    assert!(!cli.claim(&scope(), &target(), 3 * SECOND).unwrap());
    assert!(!window.claim(&scope(), &target(), 7 * SECOND).unwrap());
    assert!(cli.claim(&scope(), &target(), 15 * SECOND).unwrap());
    // A clock that was set back holds nobody up.
    assert!(window.claim(&scope(), &target(), -100_000 * SECOND).unwrap());
}

#[test]
fn two_processes_write_and_read_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let open = || SampleStore::new(Samples::open(folder.path()).unwrap());
    let writers: Vec<_> = ["a", "b"]
        .map(|name| {
            let store = open();
            std::thread::spawn(move || {
                for at in 0..300 {
                    store
                        .append(&scope(), at, &[(labels(&[("__name__", "s"), ("of", name)]), at as f64)])
                        .unwrap();
                }
            })
        })
        .into_iter()
        .collect();
    let reader = open();
    while writers.iter().any(|writer| !writer.is_finished()) {
        let sum = values(&reader, "count_over_time(s[1h])", 400);
        assert!(sum.len() <= 2);
    }
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    assert_eq!(values(&reader, "count_over_time(s[1h])", 400), [300.0, 300.0]);
}

#[test]
fn chunks_are_closed_and_all_samples_are_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let a = labels(&[("__name__", "a")]);
    let points: Vec<Point> =
        (0..1000).map(|i| Point { at: i * 15_000, value: (i * i % 97) as f64 / 4.0 }).collect();
    let store = SampleStore::new(Samples::open(folder.path()).unwrap());
    for part in points.chunks(7) {
        store.append_series(&scope(), &[(a.clone(), part.to_vec())]).unwrap();
    }
    drop(store);
    let store = SampleStore::new(Samples::open(folder.path()).unwrap());
    assert_eq!(samples(&store, "a[30d]", 100_000_000), std::slice::from_ref(&points));
    for (from, to) in [(0, 1), (239, 241), (240, 480), (500, 501), (999, 1000)] {
        let range = format!("a[{}ms]", (to - from) * 15_000);
        assert_eq!(
            samples(&store, &range, (to as i64 - 1) * 15_000),
            [points[from..to].to_vec()],
            "{from}..{to}"
        );
    }
    assert_eq!(store.size().unwrap().0, 1000);
}

#[test]
fn a_damaged_chunk_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let a = labels(&[("__name__", "a")]);
    let file = Samples::open(folder.path()).unwrap();
    let store = SampleStore::new(Samples::open(folder.path()).unwrap());
    store.append(&scope(), 5, &[(a.clone(), 1.0)]).unwrap();
    let broken = store::samples::chunk::Chunk { t0: 5, t1: 5, n: 3, payload: vec![9, 9, 9] };
    file.write(|m| m.put_head(1, &broken, false)).unwrap();
    assert!(matches!(own(&store).instant("a", 5), Err(Error::Damaged { .. })));
    assert!(matches!(store.append(&scope(), 6, &[(a, 1.0)]), Err(Error::Damaged { .. })));
}
