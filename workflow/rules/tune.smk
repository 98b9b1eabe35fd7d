"""Tune: rounds of trials → results/<task>/models/<model>/tuning/best.json, trials.parquet and study.log.

Round r's proposals follow from the results of the rounds before it, so trials are jobs like any other: they run side by
side, are cached, and more rounds run only what is new. No path leads here from the test split.
"""


rule propose:
    input:
        known(search=True),
        history=lambda w: plan.tune.known(project, w.task, w.model, int(w.round)),
        start=lambda w: plan.tune.start(project, w.task, w.model, int(w.round)),
        pending=lambda w: plan.tune.pending(project, w.task, w.model, int(w.round)),
    output:
        paths.PROPOSALS,
    log:
        paths.log(paths.PROPOSALS),
    priority: FIRST["tune"]
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("tune"),
    params:
        spec=lambda w: plan.tune.propose(project, w.task, w.model, w.round),
        provenance=placed(paths.provenance(paths.PROPOSALS)),
    shell:
        "python -m snakeroot.tune.propose --spec {params.spec:q} --provenance {params.provenance:q}"
        " --history {input.history:q} --start {input.start:q} --pending {input.pending:q} --proposals {output:q} &> {log:q}"


rule trials:
    input:
        known(search=True),
        proposals=paths.PROPOSALS,
        train=lambda w: project.each_part(w.task, paths.SPLIT, labelled=True, split="train", fold="0"),
        validation=lambda w: project.each_part(w.task, paths.SPLIT, labelled=True, split="validation", fold="0"),
        normalisation=paths.NORMALISATION,
        scaling=paths.fill(paths.SCALING, fold="0"),
        reweighting=lambda w: plan.reweight.of_model(project, w.task, w.model, "0"),
        mixed=lambda w: plan.variations.trained_on(project, w.task, w.model, "0"),
        mixed_normalisations=lambda w: plan.variations.normalisations(project, w.task, w.model),
        initial=lambda w: ancestor(w),
        before=lambda w: plan.tune.before_rung(project, w.task, w.model, w.round, w.get("rung")),
        begin=lambda w: plan.tune.begin(project, w.task, w.model, w.round, w.trials, w.get("rung")),
    output:
        result=paths.RESULTS,
        end=[],
    log:
        paths.log(paths.RESULTS),
    priority: FIRST["tune"]
    retries: 3 if workflow.is_main_process else 0  # on a node, again would be within the limits that were too low
    conda:
        "../../envs/gpu.yaml"
    threads: lambda w: project.threads(w.task, w.model)
    resources:
        **needs("tune", gpus=1, works=lambda w: len(plan.tune.trials_of(project, w.task, w.model, w.round, w.trials))),
        attempt=lambda w, attempt: attempt,
    params:
        spec=lambda w: plan.tune.trials(project, w.task, w.model, w.round, w.trials, w.get("rung")),
        checkpoint=placed(paths.checkpoint(paths.RESULTS)),
        provenance=placed(paths.provenance(paths.RESULTS)),
    shell:
        "python -m snakeroot.tune.trials --spec {params.spec:q} --provenance {params.provenance:q}"
        " --proposals {input.proposals:q} --train {input.train:q} --validation {input.validation:q}"
        " --normalisation {input.normalisation:q} --scaling {input.scaling:q}"
        " --reweighting {input.reweighting:q} --initial {input.initial:q}"
        " --mixed {input.mixed:q} --mixed-normalisations {input.mixed_normalisations:q}"
        " --checkpoint {params.checkpoint:q} --before {input.before:q} --begin {input.begin:q}"
        " --result {output.result:q} --end {output.end:q}"
        " --accelerator {resources.accelerator} --gpus {resources.gpu} --attempt {resources.attempt} &> {log:q}"


# the same job as far as a rung that is not the last, with states from which the next one goes on
use rule trials as rung with:
    output:
        result=paths.RUNG,
        end=directory(paths.RUNG_STATES),
    log:
        paths.log(paths.RUNG),
    params:
        spec=lambda w: plan.tune.trials(project, w.task, w.model, w.round, w.trials, w.get("rung")),
        checkpoint=placed(paths.checkpoint(paths.RUNG)),
        provenance=placed(paths.provenance(paths.RUNG)),


rule collect:
    input:
        known(search=True),
        before=lambda w: plan.tune.finished(project, w.task, w.model, int(w.round) - 1),
        results=lambda w: plan.tune.results(project, w.task, w.model, w.round),
    output:
        paths.TUNING_HISTORY,
    log:
        paths.log(paths.TUNING_HISTORY),
    priority: FIRST["tune"]
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("tune"),
    params:
        spec=lambda w: plan.tune.collect(w.round),
        provenance=placed(paths.provenance(paths.TUNING_HISTORY)),
    shell:
        "python -m snakeroot.tune.collect --spec {params.spec:q} --provenance {params.provenance:q}"
        " --before {input.before:q} --results {input.results:q} --history {output:q} &> {log:q}"


rule shortlist:
    input:
        known(search=True),
        history=lambda w: plan.tune.finished(project, w.task, w.model),
    output:
        paths.SHORTLIST,
    log:
        paths.log(paths.SHORTLIST),
    priority: FIRST["tune"]
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("tune"),
    params:
        spec=lambda w: plan.tune.shortlist(project, w.task, w.model),
        provenance=placed(paths.provenance(paths.SHORTLIST)),
    shell:
        "python -m snakeroot.tune.shortlist --spec {params.spec:q} --provenance {params.provenance:q}"
        " --history {input.history:q} --proposals {output:q} &> {log:q}"


# the same job for one trial of the shortlist, with another seed
use rule trials as confirm with:
    input:
        known(search=True),
        proposals=paths.SHORTLIST,
        train=lambda w: project.each_part(w.task, paths.SPLIT, labelled=True, split="train", fold="0"),
        validation=lambda w: project.each_part(w.task, paths.SPLIT, labelled=True, split="validation", fold="0"),
        normalisation=paths.NORMALISATION,
        scaling=paths.fill(paths.SCALING, fold="0"),
        reweighting=lambda w: plan.reweight.of_model(project, w.task, w.model, "0"),
        mixed=lambda w: plan.variations.trained_on(project, w.task, w.model, "0"),
        mixed_normalisations=lambda w: plan.variations.normalisations(project, w.task, w.model),
        initial=lambda w: ancestor(w),
        before=[],
        begin=[],
    output:
        result=paths.CONFIRMED,
        end=[],
    log:
        paths.log(paths.CONFIRMED),
    resources:
        **needs("tune", gpus=1),
        attempt=lambda w, attempt: attempt,
    params:
        spec=lambda w: plan.tune.confirm(project, w.task, w.model, w.place, w.seed),
        checkpoint=placed(paths.checkpoint(paths.CONFIRMED)),
        provenance=placed(paths.provenance(paths.CONFIRMED)),


rule best:
    input:
        known(search=True),
        history=lambda w: plan.tune.finished(project, w.task, w.model),
        shortlist=lambda w: plan.tune.shortlisted(project, w.task, w.model),
        confirmed=lambda w: plan.tune.confirmed(project, w.task, w.model),
    output:
        best=paths.BEST,
        table=paths.TRIALS,
        log=paths.STUDY,
    log:
        paths.log(paths.BEST),
    priority: FIRST["tune"]
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("tune"),
    params:
        spec=lambda w: plan.tune.best(project, w.task, w.model),
        provenance=placed(paths.provenance(paths.BEST)),
    shell:
        "python -m snakeroot.tune.best --spec {params.spec:q} --provenance {params.provenance:q}"
        " --history {input.history:q} --shortlist {input.shortlist:q} --confirmed {input.confirmed:q}"
        " --best {output.best:q} --table {output.table:q} --log {output.log:q} &> {log:q}"
