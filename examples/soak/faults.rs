//! What the server does wrong, drawn from a seed.

use std::time::Duration;

use wsman::cim::CimStatus;
use wsman::simulator::{Knob, RawAnswer};

/// Numbers that are reproducible for a seed (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u32) -> Self {
        Self(u64::from(seed))
    }

    /// Returns a number below a limit.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// Returns true for this percentage of the numbers.
    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn millis(&mut self, limit: u64) -> Duration {
        Duration::from_millis(self.below(limit))
    }

    fn bytes(&mut self, limit: u64) -> usize {
        usize::try_from(self.below(limit)).unwrap_or_default()
    }
}

/// Longer than a session waits for an answer.
pub(crate) const TOO_LATE: Duration = Duration::from_secs(4);

/// Draws a fault for the next request. The answer of a server that nothing protects is not altered: a
/// client cannot tell it from another answer.
pub(crate) fn fault(dice: &mut Dice) -> Knob {
    match dice.below(24) {
        0 | 1 => Knob::CloseBeforeReading,
        2..5 => Knob::CutRequestAt(dice.bytes(1500)),
        5..9 => Knob::DropAnswer,
        9 | 10 => Knob::CutAnswerAt(dice.bytes(1000)),
        11 | 12 => Knob::CloseAfterAnswer,
        13 => Knob::RepeatAnswer,
        14 => Knob::OldAnswer,
        15 => Knob::Unauthorized,
        16 | 17 => Knob::Delay(dice.millis(30)),
        18 => Knob::Delay(TOO_LATE),
        19 => Knob::Fault(CimStatus::Failed),
        20 => Knob::TimedOut,
        21 => Knob::Answer(RawAnswer::new(503)),
        22 => Knob::Answer(RawAnswer::new(500).with_body("<html>busy</html>")),
        _ => Knob::ExpireEnumerations,
    }
}
