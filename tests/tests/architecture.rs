//! The walls of the house: who may depend on whom.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;
use tests::process::{root, run};

/// Names of packages by id, and what each depends on for its ordinary build.
struct Graph {
    names: BTreeMap<String, String>,
    edges: BTreeMap<String, Vec<String>>,
    members: BTreeSet<String>,
    default_members: BTreeSet<String>,
}

impl Graph {
    fn read() -> Self {
        let mut command = Command::new(env!("CARGO"));
        command.args(["metadata", "--format-version", "1", "--locked"]).current_dir(root());
        let output = run(&mut command, "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let ids =
            |key: &str| -> BTreeSet<String> { metadata[key].as_array().unwrap().iter().map(text).collect() };
        let packages = metadata["packages"].as_array().unwrap();
        let names = packages.iter().map(|package| (text(&package["id"]), text(&package["name"]))).collect();
        let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
        let normal = |dependency: &&Value| {
            let kinds = dependency["dep_kinds"].as_array().unwrap();
            kinds.iter().any(|kind| kind["kind"] != "dev")
        };
        let below = |node: &Value| {
            node["deps"]
                .as_array()
                .unwrap()
                .iter()
                .filter(normal)
                .map(|d| text(&d["pkg"]))
                .collect::<Vec<_>>()
        };
        let edges = nodes.iter().map(|node| (text(&node["id"]), below(node))).collect();
        let (members, default_members) = (ids("workspace_members"), ids("workspace_default_members"));
        Self { names, edges, members, default_members }
    }

    fn id(&self, member: &str) -> &str {
        self.members.iter().find(|id| self.names[*id] == member).unwrap()
    }

    /// Everything that a member is built from.
    fn closure(&self, id: &str) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut rest = vec![id];
        while let Some(id) = rest.pop() {
            for next in &self.edges[id] {
                if seen.insert(self.names[next].as_str()) {
                    rest.push(next);
                }
            }
        }
        seen
    }

    /// The rooms of this workspace that a member names itself.
    fn rooms(&self, member: &str) -> BTreeSet<&str> {
        let own = self.edges[self.id(member)].iter().filter(|id| self.members.contains(*id));
        own.map(|id| self.names[id].as_str()).collect()
    }

    /// Members that name a crate themselves.
    fn users(&self, dependency: &str) -> BTreeSet<&str> {
        let uses = |id: &&String| self.edges[*id].iter().any(|used| self.names[used] == dependency);
        self.members.iter().filter(uses).map(|id| self.names[id].as_str()).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn default_members_need_no_window() {
    let graph = Graph::read();
    assert!(graph.closure(graph.id("jalon")).contains("tauri"), "the graph is read wrongly");
    assert!(!graph.default_members.contains(graph.id("jalon")));
    for id in &graph.default_members {
        let closure = graph.closure(id);
        for window in ["tauri", "wry", "gtk", "webkit2gtk"] {
            assert!(!closure.contains(window), "{} depends on {window}", graph.names[id]);
        }
    }
}

#[test]
fn rooms_depend_in_one_direction() {
    let graph = Graph::read();
    let expected: [(&str, &[&str]); 16] = [
        ("milestones", &[]),
        ("reports", &[]),
        ("kpis", &[]),
        ("git", &[]),
        ("store", &[]),
        ("credentials", &[]),
        ("xtask", &[]),
        ("github", &["credentials", "store"]),
        ("runs", &["credentials", "store"]),
        ("deployments", &["credentials"]),
        ("provisioning", &["credentials", "runs"]),
        ("monitoring", &["credentials", "store"]),
        ("sample", &["git"]),
        (
            "engine",
            &[
                "credentials",
                "deployments",
                "git",
                "github",
                "kpis",
                "milestones",
                "monitoring",
                "provisioning",
                "reports",
                "runs",
                "sample",
                "store",
            ],
        ),
        ("cli", &["engine"]),
        ("jalon", &["engine"]),
    ];
    for (member, rooms) in expected {
        assert_eq!(graph.rooms(member), rooms.iter().copied().collect(), "{member}");
    }
}

#[test]
fn each_concern_has_one_room() {
    let graph = Graph::read();
    let of = |names: &[&'static str]| names.iter().copied().collect::<BTreeSet<_>>();
    assert_eq!(graph.users("rusqlite"), of(&["store"]));
    assert_eq!(graph.users("keyring-core"), of(&["credentials"]));
    assert_eq!(graph.users("octocrab"), of(&["github"]));
    assert_eq!(graph.users("tauri"), of(&["jalon"]));
    assert_eq!(graph.users("kube"), of(&["deployments", "tests"]));
    for member in [
        "milestones",
        "reports",
        "kpis",
        "git",
        "store",
        "github",
        "credentials",
        "runs",
        "deployments",
        "provisioning",
        "monitoring",
    ] {
        let closure = graph.closure(graph.id(member));
        assert!(!closure.contains("ts-rs"), "{member} knows the wire");
    }
}
