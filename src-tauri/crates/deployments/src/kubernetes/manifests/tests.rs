use super::super::{digest, from_recorded, images, pin, recorded, recorded_masked, remembered};
use super::*;

fn read_all(files: &[(&str, &str)]) -> Result<Vec<Manifest>> {
    let files: Vec<(String, String)> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let variables = BTreeMap::from([("IMAGE".to_owned(), "web:1".to_owned())]);
    let secrets = BTreeSet::from(["PASSWORD".to_owned()]);
    let place = Place { environment: "dev", namespace: "shop", variables: &variables, secrets: &secrets };
    read(&files, &place)
}

fn read_one(text: &str) -> Result<Vec<Manifest>> {
    read_all(&[("k8s/web.yaml", text)])
}

fn refused(text: &str) -> String {
    read_one(text).unwrap_err().to_string()
}

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

#[test]
fn documents_lists_and_variables_become_objects_with_their_place() {
    let text = format!(
        "# only a comment\n---\n{MAP}data: {{env: '{{environment}}', shell: '$${{HOME}}', image: '${{IMAGE}}', mode: 0644}}\n---\n\n---\napiVersion: v1\nkind: List\nitems:\n- {{apiVersion: v1, kind: Service, metadata: {{name: b}}}}\n- {{apiVersion: apps/v1, kind: Deployment, metadata: {{name: c, namespace: shop}}}}\n...\n"
    );
    let all = read_one(&text).unwrap();
    let seen: Vec<String> = all.iter().map(|manifest| format!("{} {}", manifest.id(), manifest.at)).collect();
    assert_eq!(
        seen,
        [
            "ConfigMap/a k8s/web.yaml:3",
            "Service/b k8s/web.yaml:10 (item 1)",
            "Deployment/c k8s/web.yaml:10 (item 2)"
        ]
    );
    // 0644 is octal, as Kubernetes itself reads it.
    let data = json!({ "env": "dev", "shell": "${HOME}", "image": "web:1", "mode": 420 });
    assert_eq!(all[0].object["data"], data);
    assert!(all[2].is_workload() && !all[1].is_workload());
    assert_eq!(read_one("").unwrap(), []);
}

#[test]
fn what_is_no_manifest_is_told_with_its_place() {
    let tab = refused("apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: a\n");
    assert!(tab.starts_with("k8s/web.yaml:4:1: ") && tab.contains("tab"), "{tab}");
    let tab = refused(&format!("{MAP}data:\n  a: b\n\tc: d\n"));
    assert!(tab.starts_with("k8s/web.yaml:6:1: ") && tab.contains("tab"), "{tab}");
    let open = refused(&format!("{MAP}data: {{a: [1, 2\n"));
    assert!(open.starts_with("k8s/web.yaml:") && open.contains("no YAML"), "{open}");
    let twice = refused(&format!("{MAP}data: {{a: 1, a: 2}}\n"));
    assert!(twice.starts_with("k8s/web.yaml:4:") && twice.contains('a'), "{twice}");
    for (text, words) in [
        ("kind: ConfigMap\nmetadata: {name: a}\n", "k8s/web.yaml:1: apiVersion is missing"),
        ("\napiVersion: v1\nmetadata: {name: a}\n", "k8s/web.yaml:2: kind is missing"),
        ("apiVersion: v1\nkind: ConfigMap\n", "k8s/web.yaml:1: metadata.name is missing"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a-}\n", "generateName"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a/../b}\n", "cannot name an object"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ..}\n", "cannot name an object"),
        ("just text\n", "a manifest is a mapping"),
        ("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n", "does not hold its namespace"),
        ("a: 1\nb: ${NOT_SET}\n", "k8s/web.yaml:2: variable NOT_SET is not set"),
    ] {
        let said = refused(text);
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn an_object_stands_once_and_in_its_namespace() {
    let error = read_all(&[("a.yaml", MAP), ("b.yaml", &format!("---\n{MAP}"))]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ConfigMap/a stands twice, in a.yaml:1 and in b.yaml:2: the second would undo the first"
    );
    let error = read_one(&MAP.replace("{name: a}", "{name: a, namespace: prod}")).unwrap_err();
    assert_eq!((error.code(), error.is_refusal()), ("other_namespace", true));
    assert!(
        error.to_string().starts_with("k8s/web.yaml:1: ConfigMap/a names the namespace \"prod\""),
        "{error}"
    );
}

#[test]
fn too_much_is_not_read() {
    let large = format!("{MAP}data: {{a: \"{}\"}}\n", "x".repeat(LARGEST_FILE));
    assert_eq!(read_one(&large).unwrap_err().code(), "too_large");
    let many: String = (0..=MOST_OBJECTS)
        .map(|n| format!("---\n{}", MAP.replace("name: a", &format!("name: a{n}"))))
        .collect();
    assert_eq!(read_one(&many).unwrap_err().code(), "too_large");
    // Aliases of aliases: a few lines that would fill the memory.
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let one = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", [one.as_str(); 10].join(", ")));
    }
    assert_eq!(read_one(&bomb).unwrap_err().code(), "manifest");
}

#[test]
fn booleans_are_those_of_kubectl_and_helm() {
    // `kubectl annotate --local -o json` and `helm template` say the same of each (1.36, 3.21).
    let text = format!("{MAP}data: {{a: y, b: N, c: yes, d: on, e: 'y', f: \"no\", g: yn}}\n");
    let wanted = json!({
        "a": true, "b": false, "c": true, "d": true, "e": "y", "f": "no", "g": "yn",
    });
    assert_eq!(read_one(&text).unwrap()[0].object["data"], wanted);
}

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n";

#[test]
fn secrets_are_references_and_stand_where_nobody_reads_them() {
    let url = format!("{SECRET}stringData: {{url: 'db://u:${{PASSWORD}}@h', empty: ''}}\n");
    let all = read_one(&url).unwrap();
    let values = BTreeMap::from([("PASSWORD".to_owned(), credentials::Secret::new("hunter22".into()))]);
    let sent = references::resolved(&all[0], &values).unwrap();
    assert_eq!(sent["data"], json!({ "url": "ZGI6Ly91Omh1bnRlcjIyQGg=", "empty": "" }));
    assert_eq!(sent.get("stringData"), None);
    assert_eq!(references::resolved(&all[0], &BTreeMap::new()).unwrap_err().code(), "secret_missing");

    let error = read_one(&format!("{MAP}data: {{p: '${{PASSWORD}}'}}\n")).unwrap_err();
    assert!(
        matches!(&error, Error::SecretOutside { name, path, .. } if name == "PASSWORD" && path == "data.p"),
        "{error}"
    );
    for text in ["data: {p: '${PASSWORD}'}\n", "type: '${PASSWORD}'\n"] {
        assert_eq!(read_one(&format!("{SECRET}{text}")).unwrap_err().code(), "secret_outside");
    }
    for text in ["stringData: {p: hunter22}\n", "data: {p: aHVudGVyMjI=}\n", "stringData: {p: 1}\n"] {
        let error = read_one(&format!("{SECRET}{text}")).unwrap_err();
        assert!(error.code() == "secret_in_text" && !error.to_string().contains("hunter"), "{error}");
    }
    assert!(read_one(&format!("{SECRET}type: Opaque\n")).is_ok());
    assert!(
        refused(&format!("{MAP}data: {{a: '\u{E000}PASSWORD\u{E001}'}}\n"))
            .starts_with("k8s/web.yaml:4: it holds")
    );
}

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: null}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers: [{name: i, image: 'init:1'}]
      containers: [{name: a, image: 'web:1'}, {name: b, image: 'web:2@sha256:00'}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: clean}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: 'web:1'}]}}}}}
";

#[test]
fn marks_leave_the_pods_alone() {
    let mut all = read_one(&format!("{WEB}---\n{MAP}")).unwrap();
    let (before, named) = (all[0].object["spec"].clone(), digest(&all));
    label(
        &mut all,
        &Labels {
            service: "the shop",
            release: "7",
            version: "v1.2",
            commit: Some("ab"),
            brought: "t",
            environment: "dev",
        },
    );
    assert_eq!(all[0].object["spec"], before);
    assert_eq!(all[0].object["metadata"]["labels"], json!({ MANAGED_BY: "jalon", SERVICE: "the-shop" }));
    assert_eq!(
        all[0].object["metadata"]["annotations"],
        json!({ RELEASE: "7", VERSION: "v1.2", COMMIT: "ab", BROUGHT: "t", ENVIRONMENT: "dev" })
    );
    assert_eq!(all[2].object["metadata"].get("annotations"), None);
    // What a release is marked with is no part of what it is.
    let marked = digest(&all);
    label(
        &mut all,
        &Labels {
            service: "the shop",
            release: "8",
            version: "v1.3",
            commit: None,
            brought: "u",
            environment: "dev",
        },
    );
    assert_eq!(digest(&all), marked);
    assert_ne!(digest(&all[..1]), marked);
    assert!(named.starts_with("sha256:") && named.len() == 71);
    assert_eq!(label_value(&format!("-{}.", "é".repeat(80))), "");
}

#[test]
fn images_are_found_and_pinned() {
    let mut all = read_one(WEB).unwrap();
    assert_eq!(images(&all), ["init:1", "web:1", "web:2@sha256:00"]);
    let digests =
        BTreeMap::from([("web:1".to_owned(), "sha256:11".to_owned()), ("web:2".into(), "sha256:22".into())]);
    assert_eq!(pin(&mut all, &digests), 2);
    assert_eq!(images(&all), ["init:1", "web:1@sha256:11", "web:2@sha256:00"]);
}

#[test]
fn a_record_comes_back_as_it_was_without_any_value() {
    let nasty = format!(
        "{MAP}data: {{a: 'yes', b: \"0644\", c: '${{IMAGE}}', d: '$${{X}}', e: \"1\\n\\t\", f: 'null'}}\n"
    );
    let mut all = read_one(&format!("{nasty}---\n{SECRET}stringData: {{p: '${{PASSWORD}}'}}\n")).unwrap();
    all.push(secret("env", &BTreeSet::from(["PASSWORD".to_owned()])));
    all[2].object["metadata"]["name"] = "env".into();
    let text = recorded(&all);
    assert_eq!(from_recorded(&text).unwrap(), all);
    // What Helm rendered may hold values: they are masked, and then there is no way back through a record.
    let rendered = read_rendered(
        "web",
        &format!("---\n# Source: web/templates/s.yaml\n{SECRET}data: {{p: aHVudGVyMjI=}}\n"),
    )
    .unwrap();
    assert_eq!(rendered[0].at, "web/templates/s.yaml");
    let text = recorded(&rendered);
    assert!(!text.contains("aHVudGVyMjI"), "{text}");
    assert!(from_recorded(&text).unwrap_err().to_string().contains("Secret/a"));
    // What there was is known all the same.
    assert_eq!(remembered(&text).unwrap()[0].id(), rendered[0].id());
    let anywhere = read_rendered("web", "---\n# Source: web/templates/m.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {url: 'db://u:hunter22@db'}\n").unwrap();
    let text = recorded_masked(&anywhere, &credentials::Masker::new(["hunter22"]));
    assert!(!text.contains("hunter22"), "{text}");
    assert_eq!(remembered(&text).unwrap()[0].id().name, "m");
    for wrong in ["", "{}", "{\"format\":2,\"manifests\":[]}"] {
        assert_eq!(from_recorded(wrong).unwrap_err().code(), "recorded");
    }
}
