# Mots du dossier et des diapositives. Mêmes clés que en.ftl ; un test les compare.
# Les espaces devant : ; ? ! » % et après « deviennent fines et insécables à la lecture de ce fichier.

## À compléter
fill-in = [à compléter : { $what }]
fill-title = titre du sujet
fill-candidate = nom et prénom
fill-tutor = tuteur
fill-school = école
fill-company = entreprise
fill-course = intitulé du cursus
fill-cohort = année de la promotion
fill-thanks = qui vous a aidé, et en quoi
fill-competences = lesquelles votre projet couvre, et à quelles pages
fill-chapter = ce chapitre
untitled = Chapitre sans titre
image-missing = [image non incluse : { $path }]

## Page de garde
report-kind = Dossier de projet
candidate = Candidat
tutor = Tuteur
course = Cursus
cohort = Promotion
school = École
company = Entreprise
repository = Dépôt
exported = Données au { $at } ({ $zone })

## Pages liminaires et légendes
thanks = Remerciements
contents = Sommaire
figure = Figure
table = Tableau
page = Page

## Compétences
competences = Compétences du titre
competences-intro = Le titre « { $name } » compte { $activities } activités types et { $n } compétences. Un projet doit couvrir celles qui sont marquées obligatoires.
number-short = N°
competence = Compétence
compulsory = obligatoire

## Étapes
milestones = Jalons et échéances
milestones-caption = Étapes du plan, échéances et jalons
milestones-source = Échéances : déclarées dans le plan. Jalons et tickets : tiers (GitHub), numéro par numéro. État au { $at }.
stage = Étape
deadline = Échéance
milestone = Jalon
milestone-number = n°{"\u00A0"}{ $number }
milestone-issues = { $closed } sur { $total } fermés
milestone-bare = aucun ticket
finished = Terminée
state = État
none = –
no-deadline = sans échéance
no-milestone = aucun
state-done = Terminée
state-under-way = En cours
state-at-risk = À risque
state-overdue = En retard
state-to-come = À venir
state-unknown = Inconnu
late-by = { $n ->
    [one] { $n } jour de retard
   *[other] { $n } jours de retard
}
share-done = { $share } fait
stages-none = Le plan ne compte aucune étape.
stages-done = { $n ->
    [0] Aucune des { $total } étapes n’est terminée
    [one] { $n } étape sur { $total } est terminée
   *[other] { $n } étapes sur { $total } sont terminées
}
stages-done-parts = { $done } : { $parts }.
stages-on-time = { $n } dans les délais
stages-late = { $n } en retard, de { $worst ->
    [one] { $worst } jour
   *[other] { $worst } jours
} au plus
stages-overdue = { $n ->
    [one] { $n } étape a dépassé son échéance sans être terminée.
   *[other] { $n } étapes ont dépassé leur échéance sans être terminées.
}
stages-unknown = { $n ->
    [one] Pour { $n } étape, rien ne dit si elle est terminée.
   *[other] Pour { $n } étapes, rien ne dit si elles sont terminées.
}
stages-undated = { $n ->
    [one] { $n } étape n’a pas d’échéance.
   *[other] { $n } étapes n’ont pas d’échéance.
}

## Déploiements et KPI
deployments-and-kpis = Déploiements et KPI
where = Ce qui tourne, et où
where-caption = Environnements et versions en service
where-none = Aucun environnement n’est défini.
environment = Environnement
service = Service
target = Cible
release = Version
health = Santé
healthy = sain
unhealthy = défaillant
not-asked = non vérifiée
nothing-deployed = rien de déployé
production = production
deployments = Déploiements
deployments-none = Aucun déploiement n’est enregistré.
deployments-count = { $n ->
    [one] { $n } déploiement est enregistré (réussis : { $succeeded }, échoués : { $failed }, annulés : { $cancelled }).
   *[other] { $n } déploiements sont enregistrés (réussis : { $succeeded }, échoués : { $failed }, annulés : { $cancelled }).
}
deployments-other = { $n ->
    [one] { $n } autre n’a pas pris fin ou a été interrompu.
   *[other] { $n } autres n’ont pas pris fin ou ont été interrompus.
}
deployments-rollbacks = { $n ->
    [one] { $n } retour à une version antérieure est compté à part.
   *[other] { $n } retours à une version antérieure sont comptés à part.
}
deployments-where = L’annexe donne la liste de toutes les exécutions.
kpis = KPI
kpis-none = Aucun KPI n’est défini.
kpis-caption = KPI, leurs intervalles et le nombre d’événements
kpi = KPI
value = Valeur
interval = Intervalle
events = n
excluded = Écartés
evidence = Preuve
no-data = aucune donnée
no-interval = pas d’intervalle
nothing-excluded = rien
kpi-detail = {" "}({ $interval } ; n{"\u00A0"}={"\u00A0"}{ $n }).
kpi-no-data = Aucune donnée : aucun événement ne permet de le calculer.
kpi-excluded = Écartés : { $excluded }.
evidence-third-party = Tiers
evidence-observed = Observé
evidence-declared = Déclaré

## Limites
limits = Limites des données
limits-as-of = Tous les chiffres valent au { $at } (fuseau { $zone }). Les jours et les heures sont donnés dans ce fuseau.
limits-left-out = Ce qui a été écarté
limits-none = Rien n’est signalé comme écarté.
limits-evidence = Qui se porte garant de quoi
limits-evidence-intro = Chaque fait de ce dossier porte l’une de trois mentions, de la plus forte à la plus faible.
limits-evidence-caption = Mentions de preuve
label = Mention
meaning = Sens
here = Dans ce dossier
meaning-third-party = Chacun peut le vérifier sans Jalon : un numéro chez GitHub, une empreinte dans un registre.
meaning-observed = Jalon l’a mesuré ou enregistré au moment des faits.
meaning-declared = Une personne l’affirme, dans le plan ou à la main.
here-third-party = jalons et tickets
here-observed = exécutions, KPI, santé
here-declared = échéances, et ce que disent les chapitres

## Annexe
appendices = Annexes
appendix = Annexe { $letter }
appendix-contents = Sommaire des annexes
runs-in = { $n ->
    [one] { $n } exécution dans { $environment }
   *[other] { $n } exécutions dans { $environment }
}
runs-elsewhere = { $n ->
    [one] { $n } exécution hors environnement
   *[other] { $n } exécutions hors environnement
}
runs-none = Aucune exécution n’est enregistrée.
runs-source = Toutes les exécutions, observées par Jalon au moment des faits, la plus récente en premier. Heures : { $zone }. La dernière colonne est leur identifiant dans Jalon.
requested = Demandée
kind = Nature
version = Version
commit = Commit
by = Par
duration = Durée
run = Exécution
running = en cours
kind-deploy = Déploiement
kind-rollback = Retour arrière
kind-provision = Provisionnement
kind-backup = Sauvegarde
kind-action = Action
run-planned = ○ prévue
run-waiting_for_confirmation = ○ en attente
run-running = ► en cours
run-succeeded = ● réussie
run-failed = ■ échouée
run-cancelled = ◊ annulée
run-interrupted = ▲ interrompue

## Diapositives
layout-opening = Titre
layout-content = Titre et contenu
layout-free = Titre seul
slide-page = { $title } ({ $page } sur { $pages })
slide-as-of = Au { $at }
slide-n = n{"\u00A0"}={"\u00A0"}{ $n }
slide-stages = { $done ->
    [one] { $done } étape terminée sur { $total }
   *[other] { $done } étapes terminées sur { $total }
}
slide-stages-late = { $n } en retard
slide-stages-unknown = { $n ->
    [one] { $n } inconnue
   *[other] { $n } inconnues
}
slide-no-stages = Aucune étape
slide-architecture = Ce qui tourne, et où
slide-no-environments = Aucun environnement
slide-gate = contrôle
slide-before = voir la diapositive précédente
slide-no-services = aucun service
slide-promoted = promu depuis { $environment }
slide-deployments = { $n ->
    [one] { $n } déploiement, { $succeeded ->
        [one] { $succeeded } réussi
       *[other] { $succeeded } réussis
    }
   *[other] { $n } déploiements, { $succeeded ->
        [one] { $succeeded } réussi
       *[other] { $succeeded } réussis
    }
}
slide-no-deployments = Aucun déploiement
slide-recent = { $n ->
    [one] Le dernier déploiement (↓ retour arrière)
   *[other] Les { $n } derniers déploiements (↓ retours arrière)
}
slide-succeeded = { $n ->
    [one] réussi
   *[other] réussis
}
slide-failed = { $n ->
    [one] échoué
   *[other] échoués
}
slide-cancelled = { $n ->
    [one] annulé ou refusé
   *[other] annulés ou refusés
}
slide-interrupted = { $n ->
    [one] interrompu
   *[other] interrompus
}
slide-other = { $n ->
    [one] non terminé
   *[other] non terminés
}
slide-rollbacks = { $n ->
    [one] retour arrière, à part
   *[other] retours arrière, à part
}
slide-kpis = KPI
slide-no-kpis = Aucun KPI
definition = Définition
slide-labels = Chaque fait de ces diapositives porte l’une de trois mentions, de la plus forte à la plus faible.
slide-here = Dans ces diapositives
slide-here-declared = échéances, noms, environnements
slide-conclusion = Conclusion
slide-answer = Réponse à la question du projet
slide-satisfactions = Satisfactions
slide-difficulties = Difficultés
slide-benefits = Apports
slide-outlook = Perspectives
slide-fill-answer = ce qui répond à la question posée, et par quelle preuve
slide-fill-satisfactions = ce dont vous êtes satisfait, et pourquoi
slide-fill-difficulties = ce qui a été difficile, et ce que vous en avez fait
slide-fill-benefits = ce que le projet a apporté, et à qui
slide-fill-outlook = ce que vous préconisez ensuite, étape par étape
slide-fill-note = Ces lignes sont à écrire par vous : Jalon ne rédige jamais d’argument.
note-source = Preuves de cette diapositive : { $evidence }. État au { $at } ({ $zone }).
note-stages = Les échéances sont déclarées dans le plan ; jalons et tickets viennent d’un tiers (GitHub).
note-runs = Les exécutions sont observées par Jalon. Les retours arrière sont comptés à part ; ce qui n’a pas pris fin ne compte pas comme réussi.
note-gate = De { $from } vers { $to }, une version passe par un contrôle.
note-conclusion = Remplacez chaque ligne marquée avant la soutenance.
