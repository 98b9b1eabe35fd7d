"""Evaluate searches: figures of the trials of each tuned model, from its last history."""


rule tuning_history:
    input:
        known("tuning-history-{model}"),
        history=lambda w: project.finished(w.task, w.model),
    output:
        **figure(paths.figure("tuning-history-{model}"), "tuning-history", "{task}"),
    log:
        paths.log(paths.figure("tuning-history-{model}")),
    benchmark:
        paths.benchmark(paths.figure("tuning-history-{model}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
    params:
        spec=lambda w: project.search(w.task, w.model, "history"),
        provenance=placed(paths.provenance(paths.figure("tuning-history-{model}"))),
    shell:
        "python -m snakeroot.evaluate.search.history --spec {params.spec:q} --provenance {params.provenance:q}"
        " --history {input.history:q} --figure {output.svg:q} &> {log:q}"


rule tuning_front:
    input:
        known("tuning-front-{model}"),
        history=lambda w: project.finished(w.task, w.model),
        best=paths.BEST,
    output:
        **figure(paths.figure("tuning-front-{model}"), "tuning-front", "{task}"),
    log:
        paths.log(paths.figure("tuning-front-{model}")),
    benchmark:
        paths.benchmark(paths.figure("tuning-front-{model}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
    params:
        spec=lambda w: project.search(w.task, w.model, "front"),
        provenance=placed(paths.provenance(paths.figure("tuning-front-{model}"))),
    shell:
        "python -m snakeroot.evaluate.search.front --spec {params.spec:q} --provenance {params.provenance:q}"
        " --history {input.history:q} --best {input.best:q} --figure {output.svg:q} &> {log:q}"


rule tuning_parallel:
    input:
        known("tuning-parallel-{model}"),
        history=lambda w: project.finished(w.task, w.model),
    output:
        **figure(paths.figure("tuning-parallel-{model}"), "tuning-parallel", "{task}"),
    log:
        paths.log(paths.figure("tuning-parallel-{model}")),
    benchmark:
        paths.benchmark(paths.figure("tuning-parallel-{model}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
    params:
        spec=lambda w: project.search(w.task, w.model, "parallel"),
        provenance=placed(paths.provenance(paths.figure("tuning-parallel-{model}"))),
    shell:
        "python -m snakeroot.evaluate.search.parallel --spec {params.spec:q} --provenance {params.provenance:q}"
        " --history {input.history:q} --figure {output.svg:q} &> {log:q}"


rule tuning_importance:
    input:
        known("tuning-importance-{model}"),
        history=lambda w: project.finished(w.task, w.model),
    output:
        **figure(paths.figure("tuning-importance-{model}"), "tuning-importance", "{task}"),
    log:
        paths.log(paths.figure("tuning-importance-{model}")),
    benchmark:
        paths.benchmark(paths.figure("tuning-importance-{model}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
    params:
        spec=lambda w: project.search(w.task, w.model, "importance"),
        provenance=placed(paths.provenance(paths.figure("tuning-importance-{model}"))),
    shell:
        "python -m snakeroot.evaluate.search.importance --spec {params.spec:q} --provenance {params.provenance:q}"
        " --history {input.history:q} --figure {output.svg:q} &> {log:q}"


rule tuning_slices:
    input:
        known("tuning-slices-{model}"),
        history=lambda w: project.finished(w.task, w.model),
    output:
        **figure(paths.figure("tuning-slices-{model}"), "tuning-slices", "{task}"),
    log:
        paths.log(paths.figure("tuning-slices-{model}")),
    benchmark:
        paths.benchmark(paths.figure("tuning-slices-{model}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
    params:
        spec=lambda w: project.search(w.task, w.model, "slices"),
        provenance=placed(paths.provenance(paths.figure("tuning-slices-{model}"))),
    shell:
        "python -m snakeroot.evaluate.search.slices --spec {params.spec:q} --provenance {params.provenance:q}"
        " --history {input.history:q} --figure {output.svg:q} &> {log:q}"


rule tuning_timeline:
    input:
        known(search=True),
        history=lambda w: project.finished(w.task, w.model),
    output:
        **figure(paths.timed(paths.TIMELINE), "tuning-timeline", "{task}"),
    log:
        paths.log(paths.TIMELINE),
    benchmark:
        paths.benchmark(paths.TIMELINE)
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
    params:
        spec=lambda w: project.timeline(w.task, w.model),
        provenance=placed(paths.provenance(paths.TIMELINE)),
        records=placed(paths.records(paths.TUNING)),
    shell:
        "python -m snakeroot.evaluate.search.timeline --spec {params.spec:q} --provenance {params.provenance:q}"
        " --history {input.history:q} --records {params.records:q} --figure {output.svg:q} &> {log:q}"
