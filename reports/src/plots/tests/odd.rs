//! Values nobody expects: an error or a picture, never a panic, and what is drawn stays inside.

use super::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn seconds() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..1e5_f64,
        1 => any::<f64>(),
        2 => prop::sample::select(vec![
            0.0, -0.0, 1e-300, 1e-4, 0.001, 3.2e9, 3.3e9, f64::MAX, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY,
        ]),
    ]
}

fn instants() -> impl Strategy<Value = Timestamp> {
    let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    prop_oneof![
        4 => 1_700_000_000..1_800_000_000_i64,
        2 => Just(1_762_070_400_i64),
        1 => first..=last,
        1 => prop::sample::select(vec![first, last]),
    ]
    .prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn look() -> impl Strategy<Value = Look> {
    let theme = prop::sample::select(vec![Theme::Light, Theme::Dark, Theme::Print]);
    let language = prop::sample::select(vec![Language::En, Language::Fr]);
    let medium = prop::sample::select(vec![Medium::Window, Medium::Document]);
    (theme, language, medium, 100_u32..1500, 100_u32..800)
        .prop_map(|(theme, language, medium, width, height)| Look { theme, language, medium, width, height })
}

fn zone() -> impl Strategy<Value = TimeZone> {
    prop::sample::select(vec![
        "UTC",
        "Europe/Paris",
        "Pacific/Apia",
        "America/Sao_Paulo",
        "Australia/Lord_Howe",
    ])
    .prop_map(|name| TimeZone::get(name).unwrap())
}

/// What holds for anything that was drawn at all.
fn sound(plot: &Plot) -> Result<(), TestCaseError> {
    let svg = Document::parse(&plot.svg).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert!(!plot.svg.contains("NaN") && !plot.svg.contains("inf"));
    let (width, height) = (f64::from(plot.width), f64::from(plot.height));
    for label in labels(&svg, 1.0) {
        let inside = label.left >= -0.01 && label.right <= width + 0.01;
        prop_assert!(inside && label.top >= 0.0 && label.bottom <= height, "{label:?} in {width} × {height}");
    }
    for point in &plot.points {
        prop_assert!((0.0..=width).contains(&point.x) && (0.0..=height).contains(&point.y), "{point:?}");
    }
    Ok(())
}

fn config() -> ProptestConfig {
    let seed = RngSeed::Fixed(2025);
    ProptestConfig { cases: 200, failure_persistence: None, rng_seed: seed, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_cycle_times(
        values in prop::collection::vec((instants(), seconds(), ".{0,12}"), 0..40),
        median in prop::option::of(seconds()),
        interval in prop::option::of((seconds(), seconds())),
        zone in zone(),
        look in look(),
    ) {
        let points: Vec<Point> = values
            .into_iter()
            .map(|(at, seconds, label)| Point { at, seconds, id: label.clone(), label })
            .collect();
        let possible = |value: f64| (0.0..=3.2e9).contains(&value);
        let all = points.iter().map(|point| point.seconds).chain(median);
        let possible = all.chain(interval.into_iter().flat_map(|(low, high)| [low, high])).all(possible)
            && interval.is_none_or(|(low, high)| low <= high);
        match cycle_times(&points, median, interval, &zone, &look) {
            Ok(plot) => {
                prop_assert!(possible);
                prop_assert_eq!(plot.points.len(), points.len());
                sound(&plot)?;
            }
            Err(Error::Value { .. }) => prop_assert!(!possible),
            Err(Error::Size { .. }) => prop_assert!(look.check().is_err()),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn any_counts(counts in prop::collection::vec((0_u32..9, prop_oneof![0_u32..4, any::<u32>()], any::<bool>()), 0..70), look in look()) {
        let weeks: Vec<Week> = counts
            .iter()
            .enumerate()
            .map(|(i, (succeeded, failed, partial))| Week {
                label_date: monday(i),
                succeeded: *succeeded,
                failed: *failed,
                partial: *partial,
            })
            .collect();
        match attempts_a_week(&weeks, &look) {
            Ok(plot) => {
                prop_assert_eq!(plot.points.len(), weeks.len());
                sound(&plot)?;
            }
            Err(Error::Size { .. }) => prop_assert!(look.check().is_err()),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn any_rates(
        values in prop::collection::vec((0_u32..20, 0_u32..20, prop::option::of((share(), share())), any::<bool>()), 0..40),
        look in look(),
    ) {
        let weeks: Vec<RateWeek> = values
            .iter()
            .enumerate()
            .map(|(i, (succeeded, finished, interval, partial))| RateWeek {
                label_date: monday(i),
                rate: Some(Rate { succeeded: *succeeded, finished: *finished, interval: *interval }),
                partial: *partial,
            })
            .collect();
        let sane = |rate: Rate| {
            rate.succeeded <= rate.finished
                && rate.interval.is_none_or(|(low, high)| 0.0 <= low && low <= high && high <= 1.0)
        };
        match success_rate(&weeks, weeks.first().and_then(|week| week.rate), &look) {
            Ok(plot) => {
                prop_assert!(weeks.iter().filter_map(|week| week.rate).all(sane));
                sound(&plot)?;
            }
            Err(Error::Value { .. }) => prop_assert!(!weeks.iter().filter_map(|week| week.rate).all(sane)),
            Err(Error::Size { .. }) => prop_assert!(look.check().is_err()),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}

fn share() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => 0.0..=1.0_f64,
        1 => prop::sample::select(vec![0.0, 1.0, -0.1, 1.1, f64::NAN, f64::INFINITY]),
    ]
}

#[test]
fn a_wrong_number_is_named() {
    let look = Look::document(Language::En);
    let mut points = points(3);
    points[1].seconds = -4.0;
    let error = cycle_times(&points, None, None, &TimeZone::UTC, &look).unwrap_err();
    assert_eq!(error.to_string(), "the cycle time of v0.1 is -4, which is not 0 s to a hundred years");
    let rate = Rate { succeeded: 3, finished: 2, interval: None };
    let week = RateWeek { label_date: monday(0), rate: Some(rate), partial: false };
    let error = success_rate(&[week], None, &look).unwrap_err().to_string();
    assert!(error.contains("the week of 2025-10-27 is 3"), "{error}");
}
