//! What scripts rely on: exit codes, and what an error says.

mod classes;
mod deadlines;
mod faults;
mod usage;
