//! `-v` and `-vv`: what the library traces, on stderr and for people. It traces no bodies, values or
//! credentials.

use std::io;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::args::OutputArgs;
use crate::render::Style;

/// Prints operations for `-v`, and their messages as well for `-vv`.
pub(crate) fn start(args: &OutputArgs) {
    let level = match args.verbose {
        0 => return,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(Style::of(args, &io::stderr()).is_on())
        .with_target(false)
        .without_time();
    let subscriber = tracing_subscriber::registry()
        .with(Targets::new().with_target("wsman", level))
        .with(layer);
    // The program starts it once.
    let _ = subscriber.try_init();
}
