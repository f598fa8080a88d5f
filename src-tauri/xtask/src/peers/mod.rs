//! Programs that tests drive: a Kubernetes control plane, Helm, OpenTofu, Prometheus. Each is taken from where it is (the
//! folder that `KUBEBUILDER_ASSETS` names, the cache that all clones share, the search path), or built into the cache.

mod cache;
mod go;
mod package;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::failure::Failure;
use crate::place::Place;
use crate::processes;
use crate::stages::{Note, shown};
use cache::Cache;

/// What comes from one place and is built at once.
struct Bundle {
    /// Its name in the cache; for a Go module also its folder in `tests/peers`.
    name: &'static str,
    source: Source,
    programs: &'static [Program],
}

enum Source {
    /// A Go module of ours that names programs; the version is that of the module that it requires under this name.
    Go {
        required: &'static str,
        /// Variables of the programs that hold their version.
        stamped: &'static [&'static str],
    },
    /// A package of Debian and Ubuntu that is unpacked and not installed, so that no service starts.
    Package,
}

struct Program {
    /// What tests call it.
    name: &'static str,
    /// Its names on the search path and in a package, best first.
    known_as: &'static [&'static str],
    /// Go's path of it, if it is built.
    package: &'static str,
    /// What makes it say its version.
    ask: &'static [&'static str],
    /// The oldest that will do, major and minor.
    least: (u32, u32),
    /// Whether `KUBEBUILDER_ASSETS` may hold it.
    asset: bool,
}

const fn kubernetes(name: &'static str, known_as: &'static [&'static str], package: &'static str) -> Program {
    Program { name, known_as, package, ask: &["--version"], least: (1, 36), asset: true }
}

const fn other(
    name: &'static str,
    known_as: &'static [&'static str],
    package: &'static str,
    ask: &'static [&'static str],
    least: (u32, u32),
) -> Program {
    Program { name, known_as, package, ask, least, asset: false }
}

const COMMON: &[&str] = &["github.com/prometheus/common/version.Version"];

const PROVIDER_LOCAL: &str = "github.com/terraform-providers/terraform-provider-local";

const BUNDLES: &[Bundle] = &[
    Bundle {
        name: "kubernetes",
        source: Source::Go {
            required: "k8s.io/kubernetes",
            stamped: &[
                "k8s.io/component-base/version.gitVersion",
                "k8s.io/component-base/version.gitMajor",
                "k8s.io/component-base/version.gitMinor",
                "k8s.io/client-go/pkg/version.gitVersion",
            ],
        },
        programs: &[
            Program { least: (3, 4), ..kubernetes("etcd", &["etcd"], "go.etcd.io/etcd/server/v3") },
            kubernetes("kube-apiserver", &["kube-apiserver"], "k8s.io/kubernetes/cmd/kube-apiserver"),
            kubernetes(
                "kube-controller-manager",
                &["kube-controller-manager"],
                "k8s.io/kubernetes/cmd/kube-controller-manager",
            ),
            kubernetes("kube-scheduler", &["kube-scheduler"], "k8s.io/kubernetes/cmd/kube-scheduler"),
            Program {
                ask: &["version", "--client"],
                least: (1, 30),
                ..kubernetes("kubectl", &["kubectl"], "k8s.io/kubernetes/cmd/kubectl")
            },
        ],
    },
    Bundle {
        name: "kwok",
        source: Source::Go {
            required: "sigs.k8s.io/kwok",
            stamped: &["sigs.k8s.io/kwok/pkg/consts.Version"],
        },
        programs: &[other("kwok", &["kwok"], "sigs.k8s.io/kwok/cmd/kwok", &["--version"], (0, 7))],
    },
    Bundle {
        name: "helm",
        source: Source::Go {
            required: "helm.sh/helm/v3",
            stamped: &["helm.sh/helm/v3/internal/version.version"],
        },
        programs: &[other("helm", &["helm"], "helm.sh/helm/v3/cmd/helm", &["version", "--short"], (3, 16))],
    },
    Bundle {
        name: "opentofu",
        source: Source::Go { required: "github.com/opentofu/opentofu", stamped: &[] },
        programs: &[other(
            "tofu",
            &["tofu", "terraform"],
            "github.com/opentofu/opentofu/cmd/tofu",
            &["version"],
            (1, 5),
        )],
    },
    // Its resources are files: a test can change the world behind a state's back.
    Bundle {
        name: "provider-local",
        source: Source::Go { required: PROVIDER_LOCAL, stamped: &[] },
        programs: &[other("terraform-provider-local", &[], PROVIDER_LOCAL, &[], (0, 0))],
    },
    Bundle {
        name: "prometheus",
        source: Source::Package,
        programs: &[
            other("prometheus", &["prometheus"], "", &["--version"], (2, 40)),
            // Makes the blocks that a bench asks.
            other("promtool", &["promtool"], "", &["--version"], (2, 40)),
        ],
    },
    Bundle {
        name: "prometheus-node-exporter",
        source: Source::Package,
        programs: &[other(
            "node_exporter",
            &["node_exporter", "prometheus-node-exporter"],
            "",
            &["--version"],
            (1, 3),
        )],
    },
    Bundle {
        name: "alertmanager",
        source: Source::Go { required: "github.com/prometheus/alertmanager", stamped: COMMON },
        programs: &[other(
            "alertmanager",
            &["alertmanager", "prometheus-alertmanager"],
            "github.com/prometheus/alertmanager/cmd/alertmanager",
            &["--version"],
            (0, 25),
        )],
    },
];

/// Finds or builds every program, and writes where they are into `peers.txt` of the build folder: lines `name=path`.
pub(crate) fn install(place: &Place) -> Result<Note, Failure> {
    let cache = Cache::of_this_user()?;
    let mut lines = String::new();
    let mut built = 0;
    for bundle in BUNDLES {
        let begun = Instant::now();
        let (paths, how) = prepare(place, &cache, bundle)?;
        built += usize::from(how != Origin::Found);
        println!("{:26} {:>9}  {}", bundle.name, shown(begun.elapsed()), how.told());
        for (program, path) in bundle.programs.iter().zip(paths) {
            lines.push_str(&format!("{}={}\n", program.name, path.display()));
        }
    }
    let list = place.target.join("peers.txt");
    fs::write(&list, lines).map_err(|error| Failure::file(&list, &error))?;
    Ok(if built == 0 { "all programs were there".to_owned() } else { format!("{built} new in the cache") })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Found,
    Built,
    Unpacked,
}

impl Origin {
    fn told(self) -> &'static str {
        match self {
            Self::Found => "was there",
            Self::Built => "built",
            Self::Unpacked => "unpacked",
        }
    }
}

/// Where the programs of a bundle are, in its order.
fn prepare(place: &Place, cache: &Cache, bundle: &Bundle) -> Result<(Vec<PathBuf>, Origin), Failure> {
    let assets = std::env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from);
    let look = || {
        let find = |program| find(place, cache, assets.as_deref(), bundle, program);
        bundle.programs.iter().map(find).collect::<Vec<_>>()
    };
    if let Some(all) = look().into_iter().collect() {
        return Ok((all, Origin::Found));
    }
    // Another clone may be building the same.
    let _lock = cache.lock(bundle.name)?;
    let there = look();
    let missing: Vec<&Program> = bundle
        .programs
        .iter()
        .zip(&there)
        .filter(|(_, path)| path.is_none())
        .map(|(program, _)| program)
        .collect();
    let origin = match bundle.source {
        _ if missing.is_empty() => Origin::Found,
        Source::Package => {
            package::unpack(place, cache, bundle.name, &missing)?;
            Origin::Unpacked
        }
        Source::Go { required, stamped } => {
            go::build(place, cache, bundle.name, required, stamped, &missing)?;
            Origin::Built
        }
    };
    look().into_iter().collect::<Option<Vec<_>>>().map(|all| (all, origin)).ok_or_else(|| {
        Failure::new(
            format!("{} was made and is not in {}", bundle.name, cache.path().display()),
            "remove that folder and start again",
        )
    })
}

/// The folder of assets goes before the cache, and the cache before the search path; what is too old is passed over.
fn find(
    place: &Place,
    cache: &Cache,
    assets: Option<&Path>,
    bundle: &Bundle,
    program: &Program,
) -> Option<PathBuf> {
    let suffix = std::env::consts::EXE_SUFFIX;
    let assets = assets.filter(|_| program.asset);
    let asset = assets.map(|folder| folder.join(format!("{}{suffix}", program.name)));
    let usable = |path: &PathBuf| path.is_file() && suits(place, path, program);
    asset
        .filter(&usable)
        .or_else(|| cache.program(bundle.name, &go::version(place, bundle).ok()?, program.name))
        .or_else(|| cache.unpacked(bundle.name, program.name))
        .or_else(|| program.known_as.iter().filter_map(|name| place.which(name)).find(usable))
}

fn suits(place: &Place, path: &Path, program: &Program) -> bool {
    let said = processes::answer(place.command(path).args(program.ask));
    let version = said.and_then(|said| version_in(&said));
    let suits = version.is_some_and(|version| version >= program.least);
    if !suits {
        let version = version.map_or("of no version".to_owned(), |(major, minor)| format!("{major}.{minor}"));
        let (major, minor) = program.least;
        println!("{} is {version} and passed over: {major}.{minor} is needed", path.display());
    }
    suits
}

/// The first thing in a text that looks like a version, as major and minor.
fn version_in(text: &str) -> Option<(u32, u32)> {
    text.split_whitespace().find_map(|word| {
        let mut numbers = word.trim_start_matches("go").trim_start_matches('v').split('.').map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_what_programs_say() {
        for (said, version) in [
            ("Kubernetes v1.36.3", (1, 36)),
            ("etcd Version: 3.6.8\nGit SHA: Not provided", (3, 6)),
            ("Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0", (1, 32)),
            ("Warning: a file is missing.\n\nOpenTofu v1.12.6\non linux_amd64", (1, 12)),
            ("prometheus, version 2.42.0+ds (branch: debian/sid)", (2, 42)),
            ("go version go1.26.6 linux/amd64", (1, 26)),
        ] {
            assert_eq!(version_in(said), Some(version), "{said}");
        }
        assert_eq!(version_in("no version at all."), None);
    }

    #[cfg(unix)]
    #[test]
    fn assets_go_before_the_cache_and_the_cache_before_the_search_path() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("xtask-peers-find-{}", std::process::id()));
        let program = |at: &str, version: &str| {
            let path = folder.join(at).join("jalon-peer");
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, format!("#!/bin/sh\necho {version}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            path
        };
        let mut place = Place::find().unwrap();
        place.prepend(folder.join("bin"));
        let cache = Cache::at(folder.clone());
        let peer = kubernetes("jalon-peer", &["jalon-peer"], "");
        let bundle = Bundle { name: "peer", source: Source::Package, programs: &[] };
        let found =
            |assets: &str, peer: &Program| find(&place, &cache, Some(&folder.join(assets)), &bundle, peer);
        let none = found("assets", &peer);
        let on_path = program("bin", "v1.36.0");
        let last = found("assets", &peer);
        let cached = program("peer-1.36.1", "v1.36.1");
        let second = found("assets", &peer);
        let asset = program("assets", "v1.37.0");
        let first = found("assets", &peer);
        let other = found("assets", &Program { asset: false, ..peer });
        program("old", "v1.35.9");
        let too_old = found("old", &peer);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(none, None);
        assert_eq!([last, second, first], [Some(on_path), Some(cached.clone()), Some(asset)]);
        assert_eq!([other, too_old], [Some(cached.clone()), Some(cached)]);
    }

    #[test]
    fn every_program_has_one_name() {
        let mut names: Vec<_> =
            BUNDLES.iter().flat_map(|bundle| bundle.programs).map(|program| program.name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
