# Words of the written report and the slides. Same keys as fr.ftl; a test compares them.

## Things to fill in
fill-in = [to fill in: { $what }]
fill-title = title of the subject
fill-candidate = surname and first name
fill-tutor = tutor
fill-school = school
fill-company = company
fill-course = course
fill-cohort = year of the cohort
fill-thanks = who helped you, and with what
fill-competences = which of them your project covers, and on which pages
fill-chapter = this chapter
untitled = Untitled chapter
image-missing = [picture left out: { $path }]

## Cover
report-kind = Project report
candidate = Candidate
tutor = Tutor
course = Course
cohort = Cohort
school = School
company = Company
repository = Repository
exported = Data as of { $at } ({ $zone })

## Front matter and captions
thanks = Acknowledgements
contents = Contents
figure = Figure
table = Table
page = Page

## Competences
competences = Competences of the certification
competences-intro = The certification “{ $name }” is made of { $activities } types of activity and { $n } competences. A project must cover those marked as compulsory.
number-short = No.
competence = Competence
compulsory = compulsory

## Stages
milestones = Milestones against deadlines
milestones-caption = Stages of the plan, their deadlines and their milestones
milestones-source = Deadlines: declared in the plan. Milestones and their issues: third party (GitHub), number by number. State as of { $at }.
stage = Stage
deadline = Deadline
milestone = Milestone
milestone-number = #{ $number }
milestone-issues = { $closed } of { $total } closed
milestone-bare = no issues
finished = Finished
state = State
none = –
no-deadline = no deadline
no-milestone = none
state-done = Done
state-under-way = Under way
state-at-risk = At risk
state-overdue = Overdue
state-to-come = To come
state-unknown = Unknown
late-by = { $n ->
    [one] { $n } day late
   *[other] { $n } days late
}
share-done = { $share } done
stages-none = The plan has no stages.
stages-done = { $n ->
    [0] None of the { $total } stages is finished
    [one] { $n } of { $total } stages is finished
   *[other] { $n } of { $total } stages are finished
}
stages-done-parts = { $done }: { $parts }.
stages-on-time = { $n } by the deadline
stages-late = { $n } late, by { $worst ->
    [one] { $worst } day
   *[other] { $worst } days
} at most
stages-overdue = { $n ->
    [one] { $n } stage is past its deadline and not finished.
   *[other] { $n } stages are past their deadlines and not finished.
}
stages-unknown = { $n ->
    [one] For { $n } stage, nothing tells whether it is finished.
   *[other] For { $n } stages, nothing tells whether they are finished.
}
stages-undated = { $n ->
    [one] { $n } stage has no deadline.
   *[other] { $n } stages have no deadline.
}

## Deployments and KPIs
deployments-and-kpis = Deployments and KPIs
where = What runs where
where-caption = Environments and the releases that run there
where-none = No environment is set up.
environment = Environment
service = Service
target = Target
release = Release
health = Health
healthy = healthy
unhealthy = unhealthy
not-asked = not asked
nothing-deployed = nothing deployed
production = production
deployments = Deployments
deployments-none = No deployment is recorded.
deployments-count = { $n ->
    [one] { $n } deployment is recorded (succeeded: { $succeeded }, failed: { $failed }, cancelled: { $cancelled }).
   *[other] { $n } deployments are recorded (succeeded: { $succeeded }, failed: { $failed }, cancelled: { $cancelled }).
}
deployments-other = { $n ->
    [one] { $n } other has not ended or was interrupted.
   *[other] { $n } others have not ended or were interrupted.
}
deployments-rollbacks = { $n ->
    [one] { $n } rollback is counted apart.
   *[other] { $n } rollbacks are counted apart.
}
deployments-where = The appendix lists every run.
kpis = KPIs
kpis-none = No KPI is set up.
kpis-caption = KPIs with their intervals and numbers of events
kpi = KPI
value = Value
interval = Interval
events = n
excluded = Left out
evidence = Evidence
no-data = no data
no-interval = no interval
nothing-excluded = nothing
kpi-detail = {" "}({ $interval }; n{"\u00A0"}={"\u00A0"}{ $n }).
kpi-no-data = No data: there is no event to compute it from.
kpi-excluded = Left out: { $excluded }.
evidence-third-party = Third party
evidence-observed = Observed
evidence-declared = Declared

## Limits
limits = Limits of the data
limits-as-of = All figures stand as of { $at } (time zone { $zone }). Days and times are printed in that zone.
limits-left-out = What was left out
limits-none = Nothing is reported as left out.
limits-evidence = Who vouches for what
limits-evidence-intro = Every fact in this report carries one of three labels, from the strongest to the weakest.
limits-evidence-caption = Labels of evidence
label = Label
meaning = Meaning
here = In this report
meaning-third-party = Anyone can check it without Jalon: a number at GitHub, a digest in a registry.
meaning-observed = Jalon measured or recorded it while it happened.
meaning-declared = A person says so, in the plan or by hand.
here-third-party = milestones and issues
here-observed = runs, KPIs, health
here-declared = deadlines, and what the chapters say

## Appendix
appendices = Appendices
appendix = Appendix { $letter }
appendix-contents = Contents of the appendices
runs-in = { $n ->
    [one] { $n } run in { $environment }
   *[other] { $n } runs in { $environment }
}
runs-elsewhere = { $n ->
    [one] { $n } run without an environment
   *[other] { $n } runs without an environment
}
runs-none = No run is recorded.
runs-source = Every run, observed by Jalon while it happened, the newest first. Times: { $zone }. The last column is its id in Jalon.
requested = Requested
kind = Kind
version = Version
commit = Commit
by = By
duration = Duration
run = Run
running = not ended
kind-deploy = Deployment
kind-rollback = Rollback
kind-provision = Provisioning
kind-backup = Backup
kind-action = Action
run-planned = ○ planned
run-waiting_for_confirmation = ○ waiting
run-running = ► running
run-succeeded = ● succeeded
run-failed = ■ failed
run-cancelled = ◊ cancelled
run-interrupted = ▲ interrupted

## Slides
layout-opening = Title
layout-content = Title and content
layout-free = Title only
slide-page = { $title } ({ $page } of { $pages })
slide-as-of = As of { $at }
slide-n = n{"\u00A0"}={"\u00A0"}{ $n }
slide-stages = { $done } of { $total } stages finished
slide-stages-late = { $n } overdue
slide-stages-unknown = { $n } unknown
slide-no-stages = No stages
slide-architecture = What runs where
slide-no-environments = No environment
slide-gate = gate
slide-before = see the slide before
slide-no-services = no services
slide-promoted = promoted from { $environment }
slide-deployments = { $n ->
    [one] { $n } deployment, { $succeeded } succeeded
   *[other] { $n } deployments, { $succeeded } succeeded
}
slide-no-deployments = No deployment
slide-recent = { $n ->
    [one] The newest deployment (↓ rollback)
   *[other] The newest { $n } deployments (↓ rollbacks)
}
slide-succeeded = succeeded
slide-failed = failed
slide-cancelled = cancelled or refused
slide-interrupted = interrupted
slide-other = not ended
slide-rollbacks = { $n ->
    [one] rollback, apart
   *[other] rollbacks, apart
}
slide-kpis = KPIs
slide-no-kpis = No KPI
definition = Definition
slide-labels = Every fact on these slides carries one of three labels, from the strongest to the weakest.
slide-here = On these slides
slide-here-declared = deadlines, names, environments
slide-conclusion = Conclusion
slide-answer = Answer to the project’s question
slide-satisfactions = Satisfactions
slide-difficulties = Difficulties
slide-benefits = Benefits
slide-outlook = Outlook
slide-fill-answer = what answers the question that was asked, and by which evidence
slide-fill-satisfactions = what you are satisfied with, and why
slide-fill-difficulties = what was difficult, and what you did about it
slide-fill-benefits = what the project brought, and to whom
slide-fill-outlook = what you recommend next, step by step
slide-fill-note = These lines are yours to write: Jalon never writes an argument.
note-source = Evidence for this slide: { $evidence }. As of { $at } ({ $zone }).
note-stages = Deadlines are declared in the plan; milestones and issues are a third party’s (GitHub).
note-runs = Runs are observed by Jalon. Rollbacks are counted apart; what has not ended is not counted as a success.
note-gate = From { $from } to { $to }, a release passes a gate.
note-conclusion = Replace every marked line before the defence.
