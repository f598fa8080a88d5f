//! Flapping after Nagios (<https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/flapping.html>): of the
//! last 21 looks there are 20 possible changes; a recent change weighs more than an old one.

/// Looks that are remembered.
pub const MOST_CHECKS: usize = 21;
/// From this share of changes on it flaps.
const START: f64 = 0.30;
/// Down to this share it goes on.
const STOP: f64 = 0.20;

/// What the last looks found, a letter each, oldest first: `r` raised, `c` clear, `n` no data, `e` an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks(String);

impl Checks {
    /// Reads what was stored.
    pub fn parse(text: &str) -> Self {
        let mut checks = Self::default();
        for letter in text.chars().filter(|letter| "rcne".contains(*letter)) {
            checks.note(Some(letter));
        }
        checks
    }

    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Notes one look; none between the two thresholds, where it is still what it was.
    pub(super) fn note(&mut self, letter: Option<char>) {
        let Some(letter) = letter.or_else(|| self.0.chars().next_back()) else { return };
        self.0.push(letter);
        if self.0.len() > MOST_CHECKS {
            self.0.remove(0);
        }
    }

    /// Share of changes, weighted from 0.75 for the oldest to 1.25 for the newest; 0 until there are two looks.
    pub fn share(&self) -> f64 {
        let letters = self.0.as_bytes();
        // The newest possible change is the last one, however few there are yet.
        let first = MOST_CHECKS - letters.len().min(MOST_CHECKS);
        let weighted = letters.windows(2).enumerate().filter(|(_, pair)| pair[0] != pair[1]);
        #[expect(clippy::cast_precision_loss, reason = "twenty at most")]
        let weight = |index: usize| 0.75 + 0.5 * (first + index) as f64 / 19.0;
        weighted.map(|(index, _)| weight(index)).sum::<f64>() / 20.0
    }

    /// Whether it flaps, given whether it did.
    pub(super) fn flapping(&self, before: bool) -> bool {
        let share = self.share();
        if before { share > STOP } else { share >= START }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_nagios_own() {
        assert!((Checks::parse(&"rc".repeat(11)).share() - 1.0).abs() < 1e-9, "all twenty changes weigh 20");
        let oldest = Checks::parse(&format!("r{}", "c".repeat(20)));
        let newest = Checks::parse(&format!("{}r", "c".repeat(20)));
        assert!((oldest.share() - 0.75 / 20.0).abs() < 1e-9);
        assert!((newest.share() - 1.25 / 20.0).abs() < 1e-9);
        assert_eq!(Checks::parse("r").share(), 0.0);
        assert_eq!(Checks::default().share(), 0.0);
    }

    #[test]
    fn it_starts_at_30_percent_and_stops_at_20() {
        let mut checks = Checks::parse(&"c".repeat(21));
        let mut flapping = false;
        let mut steady = 0;
        for (index, letter) in "rcrcr".chars().chain("c".repeat(40).chars()).enumerate() {
            checks.note(Some(letter));
            flapping = checks.flapping(flapping);
            match index {
                0..=3 => assert!(!flapping, "{index}: {}", checks.share()),
                // The fifth change brings it to 0.29, the way back to 0.35.
                5 => assert!(flapping, "{}", checks.share()),
                _ => steady += u32::from(flapping),
            }
        }
        assert!(!flapping, "what is quiet for long does not flap");
        assert!(steady > 5, "it goes on between the two thresholds: {steady}");
    }

    #[test]
    fn between_the_thresholds_it_is_what_it_was() {
        let mut checks = Checks::default();
        checks.note(None);
        assert_eq!(checks.as_str(), "");
        checks.note(Some('r'));
        checks.note(None);
        assert_eq!(checks.as_str(), "rr");
        assert_eq!(Checks::parse("rx\u{e9}cn").as_str(), "rcn");
    }
}
