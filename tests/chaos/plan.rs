//! The plan of a run, drawn from its seed.

use std::time::Duration;

use wsman::cim::CimStatus;
use wsman::simulator::{Knob, RawAnswer};

use crate::deed::Action;

/// Numbers that are reproducible for a seed (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.roll() % limit as u64) as usize
    }

    /// Returns true for this percentage of the numbers.
    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    fn millis(&mut self, limit: usize) -> Duration {
        Duration::from_millis(self.below(limit) as u64)
    }
}

/// One run.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The knobs for the requests, in order.
    pub(crate) knobs: Vec<Knob>,
    pub(crate) steps: Vec<Step>,
}

/// The concurrent operations.
#[derive(Debug)]
pub(crate) enum Step {
    AllAtOnce(Vec<Action>),
    /// The server restarts while it is idle.
    Restart,
}

/// A delay shorter than any time limit.
const FOR_EVER: Duration = Duration::from_secs(3600);

/// A time limit long enough that only endless delays exceed it.
pub(crate) const MUCH_TIME: Duration = Duration::from_secs(30);

/// The number of knobs in a plan: a few more than a run has requests.
const KNOBS: usize = 40;

impl Plan {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        // Ranges from runs without trouble to runs in which every other message meets some.
        let trouble = dice.below(6) * 10;
        let knobs = (0..KNOBS).map(|_| {
            if dice.percent(trouble) {
                some_trouble(&mut dice)
            } else {
                Knob::Pass
            }
        });
        let knobs = knobs.collect();
        let steps = (0..3).map(|_| Step::draw(&mut dice)).collect();
        Self { knobs, steps }
    }

    /// The time that the session waits for a response.
    pub(crate) fn patience(&self) -> Duration {
        if self.has_long_delay() {
            Duration::from_secs(1)
        } else {
            MUCH_TIME
        }
    }

    /// Returns whether the time limit of a message may expire.
    pub(crate) fn has_long_delay(&self) -> bool {
        self.has(|knob| matches!(knob, Knob::Delay(FOR_EVER)))
    }

    /// Returns whether a request may meet a knob that `is` accepts.
    pub(crate) fn has(&self, is: fn(&Knob) -> bool) -> bool {
        self.knobs.iter().any(is)
    }
}

impl Step {
    fn draw(dice: &mut Dice) -> Self {
        if dice.percent(10) {
            return Self::Restart;
        }
        let count = 1 + dice.below(3);
        Self::AllAtOnce((0..count).map(|_| some_deed(dice)).collect())
    }
}

fn some_deed(dice: &mut Dice) -> Action {
    match dice.below(7) {
        0 | 1 => Action::CreateOrUpdate,
        2 => Action::Create,
        3 => Action::Update,
        4 => Action::Delete,
        5 => Action::Get,
        _ => Action::CreateCancelled(dice.millis(20)),
    }
}

fn some_trouble(dice: &mut Dice) -> Knob {
    match dice.below(27) {
        0 | 1 => Knob::CloseBeforeReading,
        2 | 3 => Knob::CutRequestAt(dice.below(1000)),
        4..7 => Knob::DropAnswer,
        7 | 8 => Knob::CutAnswerAt(dice.below(1000)),
        9..12 => Knob::CloseAfterAnswer,
        12 | 13 => Knob::RepeatAnswer,
        14..17 => Knob::OldAnswer,
        17..20 => Knob::AlterAnswer(dice.below(1000)),
        20 => Knob::Restart,
        21 | 22 => Knob::Unauthorized,
        23 => Knob::Delay(dice.millis(30)),
        24 => Knob::Fault(CimStatus::Failed),
        25 => Knob::Answer(RawAnswer::new(503)),
        _ => {
            if dice.percent(20) {
                Knob::Delay(FOR_EVER)
            } else {
                Knob::Pass
            }
        }
    }
}
