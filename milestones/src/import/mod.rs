//! Reading a planning document: bytes → text → blocks → roles of headings → stages → deadlines.

mod blocks;
mod build;
mod deadlines;
mod finish;
mod headings;
mod inline;
mod links;
mod lists;
mod opening;
mod sections;
mod tables;
mod text;
mod titles;

use serde::Serialize;

use crate::diagnostics::{Diagnostic, DiagnosticCode};
use crate::model::Plan;
use text::{Decoded, Lines};

/// Largest document that is read, in bytes.
pub const MAX_BYTES: usize = 5_000_000;

/// What a document says, and what is odd about it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Import {
    /// The plan; without stages where none could be read.
    pub plan: Plan,
    /// Oddities, in the document's order.
    pub diagnostics: Vec<Diagnostic>,
}

/// What is known about the project beside the document.
#[derive(Debug, Clone, Copy, Default)]
pub struct ImportOptions<'a> {
    /// The project's repository, `owner/name`. Without it, the repository that most milestone links name
    /// counts as the project's.
    pub repository: Option<&'a str>,
}

/// Reads a Markdown planning document, French or English.
///
/// Never fails and never panics: a document that cannot be read gives a plan without stages and a
/// diagnostic that says why. Everything the document says is in the result: what fits no field is a note.
/// Takes time linear in the document; over [`MAX_BYTES`] nothing is read.
pub fn import(bytes: &[u8], options: &ImportOptions<'_>) -> Import {
    if bytes.len() > MAX_BYTES {
        let message = format!(
            "The document is larger than the {MAX_BYTES} bytes a plan may have. \
             Check that it is the planning document, or split it."
        );
        return refused(DiagnosticCode::TooLarge, message);
    }
    let (text, invalid) = match text::decode(bytes) {
        Decoded::Empty => {
            let message = "The document is empty. Write the plan's stages into it, or start from a template.";
            return refused(DiagnosticCode::Empty, message.to_owned());
        }
        Decoded::Binary => {
            let message = "The file is not text. Choose the planning document's Markdown file.";
            return refused(DiagnosticCode::Binary, message.to_owned());
        }
        Decoded::Text { text, invalid } => (text, invalid),
    };
    let lines = Lines::new(&text);
    let mut import = read(&text, &lines, options);
    if let Some(offset) = invalid {
        let (line, column) = lines.position(offset);
        let message = "The document is not UTF-8; its accents were guessed. Save it as UTF-8.".to_owned();
        let code = DiagnosticCode::NotUtf8;
        import.diagnostics.push(Diagnostic { code, message, excerpt: String::new(), line, column });
    }
    import.diagnostics.sort_by_key(|d| (d.line, d.column));
    import
}

fn read(text: &str, lines: &Lines<'_>, options: &ImportOptions<'_>) -> Import {
    let (front_matter, base) =
        text::front_matter(text).map_or((None, 0), |(front, base)| (Some(front), base));
    let blocks = blocks::read(text, base, lines);
    let roles = headings::roles(&blocks);
    let mut draft = build::build(text, lines, blocks, roles);
    draft.front_matter = front_matter.map(blocks::plain_source);
    finish::finish(draft, text, lines, options)
}

fn refused(code: DiagnosticCode, message: String) -> Import {
    Import {
        plan: Plan::default(),
        diagnostics: vec![Diagnostic { code, message, excerpt: String::new(), line: 1, column: 1 }],
    }
}
