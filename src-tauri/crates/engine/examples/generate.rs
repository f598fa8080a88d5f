//! Writes the TypeScript of the contract, or with `--check` fails when the committed file is stale.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/lib/api/generated.ts");
    let fresh = engine::contract::typescript();
    if std::env::args().any(|argument| argument == "--check") {
        if std::fs::read_to_string(&path).is_ok_and(|committed| committed == fresh) {
            return ExitCode::SUCCESS;
        }
        eprintln!("ui/src/lib/api/generated.ts is stale: run cargo xtask generate and commit it");
        return ExitCode::FAILURE;
    }
    match std::fs::write(&path, fresh) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{} cannot be written: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}
