//! TypeScript of the contract, in one file.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use ts_rs::{Config, TS, TypeVisitor};

use crate::wire::{Progress, WireError};

/// Collects commands and every type they mention.
pub(super) struct Declarations {
    config: Config,
    types: BTreeMap<String, String>,
    seen: Vec<TypeId>,
    commands: String,
}

impl Declarations {
    /// Adds a command and the types of its params and result.
    pub(super) fn command<P: TS + 'static, R: TS + 'static>(&mut self, name: &str, doc: &[&str]) {
        let doc = doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        let params = P::name(&self.config);
        let result = R::name(&self.config);
        let _ =
            writeln!(self.commands, "  /** {doc} */\n  {name}: {{ params: {params}; result: {result} }};");
        self.visit::<P>();
        self.visit::<R>();
    }
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if self.seen.contains(&TypeId::of::<T>()) {
            return;
        }
        self.seen.push(TypeId::of::<T>());
        if T::output_path().is_some() {
            let docs = T::docs().unwrap_or_default();
            let declaration = format!("{}export {}\n", docs, T::decl(&self.config));
            self.types.insert(T::ident(&self.config), declaration);
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// The generated file's text: types, commands, error codes.
pub fn typescript() -> String {
    let mut all = Declarations {
        config: Config::new().with_large_int("number"),
        types: BTreeMap::new(),
        seen: Vec::new(),
        commands: String::new(),
    };
    super::declare(&mut all);
    all.visit::<WireError>();
    all.visit::<Progress>();
    let types = all.types.into_values().collect::<Vec<_>>().join("\n");
    let codes: String = super::ERROR_CODES.iter().fold(String::new(), |mut text, code| {
        let _ = writeln!(text, "  \"{code}\",");
        text
    });
    format!(
        "// Generated from src-tauri/crates/engine/src/contract.rs by `cargo xtask generate`. Do not edit.\n\n{types}\n\
         /** Every command, by name. */\nexport interface Commands {{\n{}}}\n\n\
         /** Every code that a WireError can carry. */\nexport const ERROR_CODES = [\n{codes}] as const;\n",
        all.commands
    )
}
