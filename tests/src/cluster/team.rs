//! A team that deploys a service to the control plane by `jalonctl`.

use std::process::Command;

use crate::cluster::Cluster;
use crate::process::run;
use crate::project::Bench;
use crate::site::Site;

/// The value of the environments' secret `DATABASE_URL`.
pub const CANARY: &str = "canary-7f3a91c2d5";

/// A ConfigMap and a Deployment with two pods of the image `IMAGE`, which read the environment's secrets.
pub const MANIFESTS: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  greeting: ${GREETING:-hello}
  environment: '{environment}'
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: IMAGE
          envFrom:
            - secretRef:
                name: web-secrets
";

/// A team's repository, and two namespaces to bring its versions to.
pub struct Team {
    /// Repository and data folder.
    pub site: Site,
    /// Namespace of dev.
    pub dev: String,
    /// Namespace of prod, which is protected.
    pub prod: String,
    /// Where both are.
    pub cluster: &'static Cluster,
}

impl Team {
    /// A repository without a commit; `service` says what the service `web` consists of, and whatever follows it.
    pub async fn new(service: &str) -> Self {
        let cluster = Cluster::shared().await;
        let (dev, prod) = (cluster.namespace("dev").await, cluster.namespace("prod").await);
        let bench = Bench::new();
        bench.write(
            "jalon.toml",
            &format!(
                "[project]\nname = \"app\"\n\
                 [[environment]]\nname = \"dev\"\nsecrets = [\"DATABASE_URL\"]\n\
                 target = {{ kind = \"kubernetes\", context = \"jalon-test\", namespace = \"{dev}\" }}\n\
                 [[environment]]\nname = \"prod\"\nproduction = true\npromotes_from = \"dev\"\nsecrets = [\"DATABASE_URL\"]\n\
                 protection = {{ checks = \"none\", confirm = \"name\" }}\n\
                 target = {{ kind = \"kubernetes\", context = \"jalon-test\", namespace = \"{prod}\" }}\n\
                 [[service]]\nname = \"web\"\n{service}\n"
            ),
        );
        let kubeconfig = cluster.kubeconfig().display().to_string();
        let path = std::env::var("PATH").unwrap();
        let helm = crate::programs::helm();
        let path = format!("{}:{path}", helm.parent().unwrap().display());
        let variables = vec![
            ("KUBECONFIG", kubeconfig),
            ("JALON_SECRET_DATABASE_URL", CANARY.to_owned()),
            ("PATH", path),
        ];
        let team = Self { site: Site::of(bench, variables), dev, prod, cluster };
        team.git(&["init", "--quiet", "--initial-branch", "main"]);
        team
    }

    /// Puts the project on a GitHub, whose required checks production asks for, and signs in.
    pub fn on_github(&mut self, api: &str) {
        let path = self.site.dir().join("jalon.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text
            .replacen("name = \"app\"\n", "name = \"app\"\ngithub = \"team/app\"\n", 1)
            .replace("checks = \"none\"", "checks = \"required\"");
        std::fs::write(path, text).unwrap();
        self.site.variables.push(("JALON_GITHUB_API", api.to_owned()));
        self.site.variables.push(("JALON_GITHUB_TOKEN", crate::github::TOKEN.to_owned()));
    }

    /// The commit of a tag.
    pub fn commit(&self, tag: &str) -> String {
        let mut command = Command::new("git");
        let output = run(command.args(["rev-parse", tag]).current_dir(self.site.dir()), "");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=student-a", "-c", "user.email=student-a@example.org"]).args(arguments);
        let output = run(command.current_dir(self.site.dir()), "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Commits what is there, under a tag.
    pub fn version(&self, tag: &str) {
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", tag]);
        self.git(&["tag", tag]);
    }

    /// A version whose Deployment `web` runs an image.
    pub fn manifests(&self, image: &str, tag: &str) {
        self.site.bench.write("k8s/web.yaml", &MANIFESTS.replace("IMAGE", image));
        self.version(tag);
    }

    /// What kubectl says, as text.
    pub fn kubectl(&self, namespace: &str, words: &str) -> String {
        let mut arguments = vec!["--namespace", namespace];
        arguments.extend(words.split(' '));
        let output = run(&mut self.cluster.kubectl(&arguments), "");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The image that the Deployment `web` is to run; empty where there is none.
    pub fn image(&self, namespace: &str) -> String {
        self.kubectl(namespace, "get deployment web -o jsonpath={.spec.template.spec.containers[0].image}")
    }
}
