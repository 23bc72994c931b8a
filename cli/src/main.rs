//! The program `wsman`.

use std::process::ExitCode;

fn main() -> ExitCode {
    wsman_cli::main()
}
