//! The processor time of child processes.

use std::fs;
use std::time::Duration;

use super::Outcome;

/// The unit of `/proc/self/stat`: Linux shows a hundredth of a second on every platform (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// The places of `cutime` and `cstime` behind the name of the program (proc_pid_stat(5)).
const USER: usize = 13;
const KERNEL: usize = 14;

/// Returns the processor time of all children that have ended, in user mode and in the kernel.
pub(super) fn of_ended_children() -> Outcome<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, numbers) = stat.rsplit_once(')').ok_or("/proc/self/stat has no name")?;
    let numbers: Vec<&str> = numbers.split_whitespace().collect();
    let mut ticks = 0;
    for place in [USER, KERNEL] {
        let number = numbers.get(place).ok_or("/proc/self/stat is too short")?;
        ticks += number.parse::<u32>()?;
    }
    Ok(TICK * ticks)
}
