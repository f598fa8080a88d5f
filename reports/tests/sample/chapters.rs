//! Chapters in the words of no one.

type Chapter = (&'static str, &'static str);

/// Title and Markdown of every chapter.
pub fn chapters(fr: bool) -> Vec<Chapter> {
    if fr { french() } else { english() }
}

fn french() -> Vec<Chapter> {
    vec![
        (
            "Introduction",
            r#"# Introduction

Une équipe livre d’abord pour elle-même : tant que la mise en production reste un geste rare, chacun la redoute et la repousse. Ce dossier raconte comment ce geste est devenu ordinaire, et par quels chiffres nous pouvons le dire.

## Contexte et environnement technique

Le service étudié est une **API d’utilisateurs et de cours**, écrite en Python avec [FastAPI](https://fastapi.tiangolo.com/). Elle tourne dans deux environnements, `dev` et `prod`. La production n’est ouverte qu’aux versions dont les tests ont réussi.

> La fréquence de livraison n’est pas un but. C’est la trace que laisse une équipe qui sait revenir en arrière.

## Termes utilisés

| Terme | Sens dans ce dossier | Unité |
|---|---|---:|
| Durée du cycle | temps entre la demande d’un déploiement et son succès | s |
| Fréquence | déploiements réussis en production, rapportés à la période | /sem. |
| Taux de réussite | part des déploiements terminés qui ont réussi | % |

## Plan

Le cahier des charges précède les spécifications ; viennent ensuite la démarche, les réalisations, puis une situation de recherche. Les mesures ferment la marche, avec leurs limites.
"#,
        ),
        (
            "Cahier des charges",
            r#"## Besoins

1. Livrer une version en moins de dix minutes, sans intervention sur le serveur.
2. Revenir à la version précédente en une action :
   - sans reconstruire d’image ;
   - sans perdre de requête en cours.
3. Savoir, à tout moment, **quelle version tourne où**.

## Contraintes

Les secrets restent dans le trousseau du poste ou dans celui de la plateforme[^1]. Aucun ne figure dans le dépôt.

[^1]: Voir la documentation de [GitHub](https://docs.github.com/actions/security-guides) sur les secrets chiffrés.

### Ce qui est exclu

Le projet ne couvre ni la haute disponibilité de la base de données, ni la reprise sur un second site. Ces deux sujets sont renvoyés à l’ouverture.

## Livrables attendus

- le code de l’infrastructure et celui du service ;
- la chaîne d’intégration et de déploiement ;
- un tableau de bord, des alertes, et la procédure qui les accompagne ;
- ce dossier.
"#,
        ),
        (
            "Spécifications techniques",
            r#"## Vue d’ensemble

![Schéma de l’infrastructure : deux environnements et la chaîne qui les relie](schema.png)

Le déploiement suit un modèle *bleu-vert* : la nouvelle version démarre à côté de l’ancienne, répond à une vérification de santé, puis reçoit le trafic d’un seul coup.

## Vérification de santé

```python
@app.get("/health")
async def health(session: Session = Depends(session)) -> dict[str, str]:
    """Répond quand la base répond, et seulement alors."""
    await session.execute(text("SELECT 1"))
    return {"status": "ok", "version": settings.version}
```

Le choix d’interroger la base est discuté : une panne de la base rend alors *toutes* les instances malades à la fois. Nous l’avons gardé parce qu’une instance sans base ne peut servir aucune route utile.

## Ordre des opérations

| Étape | Ce qui est fait | Condition pour continuer |
|---|---|---|
| 1 | démarrer la version sur un port libre | le processus vit encore après 2 s |
| 2 | interroger `/health` | une réponse 200 en moins de 30 s |
| 3 | basculer le mandataire | – |
| 4 | laisser finir les requêtes en cours | aucune, ou 10 s |
| 5 | arrêter l’ancienne version | – |

### Variables

Toutes les variables viennent de `jalon.toml` ; une variable absente est une erreur, et l’erreur nomme le fichier et la ligne.
"#,
        ),
        (
            "Réalisations",
            r#"## La chaîne de déploiement

La chaîne tient en un fichier. Chaque étape échoue d’elle-même : rien n’est rattrapé en silence.

```yaml
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pip install --require-hashes -r requirements.txt
      - run: pytest --maxfail=1 --cov=app --cov-fail-under=85
  image:
    needs: test
    permissions: { contents: read, packages: write }
    steps:
      - run: docker build --tag "$IMAGE:$GITHUB_SHA" .
      - run: docker push "$IMAGE:$GITHUB_SHA"
```

Le choix de `--require-hashes` a coûté une demi-journée et nous en a épargné plusieurs : deux fois, une dépendance indirecte avait changé sans changer de numéro.

## Retour arrière

Le retour arrière **ne reconstruit rien** : l’image est désignée par son empreinte, les manifestes sont ceux qui avaient été rendus. Les secrets, eux, sont relus au moment de l’action.

## Une situation de recherche

Une version se déclarait saine puis s’arrêtait après quelques secondes. La cause : le délai de démarrage de la base, plus long que celui de la vérification. La documentation de [Kubernetes](https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes) distingue trois sondes ; nous n’en utilisions qu’une.

1. Reproduire, avec une base ralentie.
2. Lire, puis écrire l’hypothèse avant de la vérifier.
3. Corriger, et garder le cas comme test.
"#,
        ),
        (
            "Conclusion et ouverture",
            "Cette partie reste à écrire par le candidat.\n\n## Préconisations\n\n- court terme : une sonde de démarrage ;\n- moyen terme : un second site ;\n- long terme : mesurer le coût par requête.\n",
        ),
    ]
}

fn english() -> Vec<Chapter> {
    vec![
        (
            "Introduction",
            r#"# Introduction

A team delivers to itself first: as long as going to production is a rare act, everybody fears it and puts it off. This report tells how the act became ordinary, and by which figures we can say so.

## Context and technical environment

The service is an **API of users and courses**, written in Python with [FastAPI](https://fastapi.tiangolo.com/). It runs in two environments, `dev` and `prod`. Production is open only to releases whose tests passed.

> Delivery frequency is not a goal. It is the trace left by a team that knows how to go back.

## Terms

| Term | Meaning in this report | Unit |
|---|---|---:|
| Cycle time | time from the request of a deployment to its success | s |
| Frequency | successful deployments to production over the period | /week |
| Success rate | share of finished deployments that succeeded | % |
"#,
        ),
        (
            "Statement of needs",
            r#"## Needs

1. Deliver a release in less than ten minutes, without touching the server.
2. Go back to the previous release in one action:
   - without building an image again;
   - without losing a request.
3. Know at any time **which release runs where**.

## Constraints

Secrets stay in the keychain of the machine or of the platform[^1]. None is in the repository.

[^1]: See the documentation of [GitHub](https://docs.github.com/actions/security-guides) on encrypted secrets.
"#,
        ),
        (
            "Technical specifications",
            r#"## Overview

![Infrastructure: two environments and the chain between them](schema.png)

Deployment is *blue-green*: the new release starts beside the old one, answers a health check, then takes the traffic at once.

## Health check

```python
@app.get("/health")
async def health(session: Session = Depends(session)) -> dict[str, str]:
    """Answers when the database answers, and only then."""
    await session.execute(text("SELECT 1"))
    return {"status": "ok", "version": settings.version}
```

Asking the database is disputed: when it is down, *all* instances are ill at once. We kept it, because an instance without a database can serve no useful route.
"#,
        ),
        ("Conclusion and outlook", "This part is the candidate's to write.\n"),
    ]
}
