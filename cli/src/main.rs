//! `recourse`: the command line. All code is in the library, so that its documentation is one page.

use std::process::ExitCode;

fn main() -> ExitCode {
    recourse_cli::main()
}
