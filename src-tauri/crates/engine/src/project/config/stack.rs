//! `[[stack]]`: what provisioning creates.

use toml_edit::TableLike;

use super::{Source, stays_inside, tables};
use crate::Result;

/// A stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stack {
    /// Name.
    pub name: String,
    /// Tool.
    pub tool: Tool,
    /// Folder of its configuration, relative, with `/`; may hold `{environment}`.
    pub dir: String,
    /// Workspace that owns its state, where jalon.toml names one.
    pub hcp: Option<Hcp>,
}

/// A provisioning tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tool {
    /// HashiCorp's.
    Terraform,
    /// OpenTofu.
    Tofu,
    /// Ansible.
    Ansible,
    /// Vagrant.
    Vagrant,
}

/// A workspace of HCP Terraform; both may hold `{environment}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hcp {
    /// Organization.
    pub organization: Option<String>,
    /// Workspace.
    pub workspace: String,
}

impl Tool {
    /// As jalon.toml names it, and as its program is called.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Terraform => "terraform",
            Self::Tofu => "tofu",
            Self::Ansible => "ansible",
            Self::Vagrant => "vagrant",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Terraform, Self::Tofu, Self::Ansible, Self::Vagrant]
            .into_iter()
            .find(|tool| tool.as_str() == text)
    }
}

impl Source<'_> {
    pub(super) fn stacks(&self, root: &dyn TableLike) -> Result<Vec<Stack>> {
        let mut all: Vec<Stack> = Vec::new();
        for table in tables(root, "stack") {
            let stack = self.stack(table)?;
            if all.iter().any(|other| other.name == stack.name) {
                return Err(self.at_key(table, "name", format!("two stacks are called {:?}", stack.name)));
            }
            all.push(stack);
        }
        Ok(all)
    }

    fn stack(&self, table: &dyn TableLike) -> Result<Stack> {
        let name = self.name(table, "stack")?;
        let tool = match self.text(table, "tool")? {
            None => Tool::Terraform,
            Some(text) => Tool::parse(&text).ok_or_else(|| {
                let reason =
                    format!("tool {text:?} is none of \"terraform\", \"tofu\", \"ansible\", \"vagrant\"");
                self.at_key(table, "tool", reason)
            })?,
        };
        let dir = self.text(table, "dir")?;
        let dir = dir.ok_or_else(|| self.at_key(table, "name", format!("stack {name:?} has no dir")))?;
        if !stays_inside(&dir) {
            return Err(self.at_key(table, "dir", format!("{dir:?} leads out of the project")));
        }
        let hcp = match self.part(table, "hcp", &["organization", "workspace"])? {
            None => None,
            Some(part) => {
                let organization = self.text(part, "organization")?;
                let workspace = self.text(part, "workspace")?;
                let workspace = workspace
                    .ok_or_else(|| self.at_key(table, "hcp", "hcp names no workspace".to_owned()))?;
                Some(Hcp { organization, workspace })
            }
        };
        Ok(Stack { name, tool, dir, hcp })
    }
}
