use proptest::prelude::*;

use super::*;
use crate::samples::STALE;

fn round_trip(points: &[Point]) -> usize {
    let payload = encode(points);
    let (mut times, mut values) = (vec![-1], vec![-1.0]);
    decode(&payload, points[0].at, points.len(), &mut times, &mut values).unwrap();
    let expected: Vec<(i64, u64)> = std::iter::once((-1, (-1.0f64).to_bits()))
        .chain(points.iter().map(|p| (p.at, p.value.to_bits())))
        .collect();
    let found: Vec<(i64, u64)> = times.into_iter().zip(values.iter().map(|v| v.to_bits())).collect();
    assert_eq!(found, expected);
    payload.len()
}

fn series(value: impl Fn(i64) -> f64) -> Vec<Point> {
    (0..240).map(|i| Point { at: 1_700_000_000_000 + i * 15_000, value: value(i) }).collect()
}

#[test]
fn what_is_regular_is_short() {
    assert!(round_trip(&series(|_| 1.0)) <= 20);
    assert!(round_trip(&series(|_| f64::NAN)) <= 20);
    // A counter that grows by the same each time.
    assert!(round_trip(&series(|i| (i * 30) as f64)) <= 24);
    // One that grows by 0 to 31: five bits and a little.
    assert!(round_trip(&series(|i| (i * 31 + i * i * 7 % 31) as f64)) <= 240);
    // Decimals are whole numbers of a smaller unit.
    assert!(round_trip(&series(|i| ((i * 7919) % 100) as f64 / 100.0)) <= 260);
}

#[test]
fn a_gap_a_marker_and_jitter_cost_a_few_bytes() {
    let plain = series(|i| i as f64);
    let size = round_trip(&plain);
    let mut gap = plain.clone();
    gap.iter_mut().skip(100).for_each(|p| p.at += 3_600_000);
    assert!(round_trip(&gap) <= size + 8);
    let mut marked = plain.clone();
    marked[100].value = f64::from_bits(STALE);
    assert!(round_trip(&marked) <= size + 16);
    let mut jitter = plain;
    jitter.iter_mut().enumerate().for_each(|(i, p)| p.at += [0, 3, 1, 4, 2][i % 5]);
    assert!(round_trip(&jitter) <= size + 240 * 4 / 8 + 8);
}

#[test]
fn all_special_numbers_keep_their_bits() {
    let special =
        [f64::NAN, f64::from_bits(STALE), f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0, f64::MIN, 5e-324];
    round_trip(&series(|i| special[(i % 8) as usize]));
    round_trip(&series(|i| if i % 50 == 3 { special[(i % 8) as usize] } else { i as f64 / 4.0 }));
    round_trip(&[Point { at: i64::MIN, value: 1.0 }, Point { at: i64::MAX, value: 9_007_199_254_740_993.0 }]);
}

fn values() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        any::<u64>().prop_map(f64::from_bits),
        (-1000i64..1000).prop_map(|v| v as f64),
        (-100_000i64..100_000).prop_map(|v| v as f64 / 1000.0),
        Just(f64::from_bits(STALE)),
    ]
}

proptest! {
    #[test]
    fn nothing_is_lost(points in prop::collection::vec((any::<i64>(), values()), 1..300)) {
        round_trip(&points.into_iter().map(|(at, value)| Point { at, value }).collect::<Vec<_>>());
    }

    #[test]
    fn steps_of_one_kind_are_not_lost(start: i32, points in prop::collection::vec((1i64..20_000, values()), 1..300)) {
        let mut at = i64::from(start);
        let points: Vec<Point> = points.into_iter().map(|(step, value)| { at += step; Point { at, value } }).collect();
        round_trip(&points);
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200), n in 0usize..100_000,
    ) {
        let _ = decode(&bytes, 0, n, &mut Vec::new(), &mut Vec::new());
    }

    #[test]
    fn a_flipped_bit_is_no_panic(flip in 0usize..4000, n in 1usize..300) {
        let mut payload = encode(&series(|i| if i == 7 { f64::from_bits(STALE) } else { (i * i) as f64 / 10.0 }));
        let bits = payload.len() * 8;
        payload[flip % bits / 8] ^= 1 << (flip % 8);
        let _ = decode(&payload, 0, n, &mut Vec::new(), &mut Vec::new());
    }
}

#[test]
fn more_bytes_than_samples_are_damage() {
    let mut payload = encode(&series(|i| i as f64));
    payload.push(0);
    let damage = decode(&payload, 0, 240, &mut Vec::new(), &mut Vec::new());
    assert_eq!(damage, Err(Damaged("length")));
}
