"""Evaluate: predictions, histories, features and searches → results/<task>/metrics.json and results/<task>/plots/*,
each figure as SVG, PNG and PDF with its numbers as CSV.
"""


rule metrics:
    input:
        known(),
        predictions=lambda w: [
            paths.COMBINED.format(task=w.task, model=model, split=split)
            for model in project.models[w.task]
            for split in ("train", "validation", "test")
        ],
        facts=lambda w: [
            path for model in project.models[w.task] for path in project.each_network(w.task, model, paths.FACTS)
        ],
        features=lambda w: project.measured_features(w.task),
        scalings=lambda w: project.measured_scalings(w.task),
    output:
        paths.METRICS,
    log:
        paths.log(paths.METRICS),
    benchmark:
        paths.benchmark(paths.METRICS)
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
    params:
        spec=lambda w: project.metrics(w.task),
        provenance=placed(paths.provenance(paths.METRICS)),
    shell:
        "python -m snakeroot.evaluate.metrics --spec {params.spec:q} --provenance {params.provenance:q}"
        " --predictions {input.predictions:q} --facts {input.facts:q}"
        " --features {input.features:q} --scalings {input.scalings:q} --metrics {output:q} &> {log:q}"


rule roc:
    input:
        known("roc"),
        predictions=lambda w: project.each_model(w.task, paths.COMBINED, split="test"),
        metrics=paths.METRICS,
    output:
        **figure(paths.figure("roc"), "roc", "{task}"),
    log:
        paths.log(paths.figure("roc")),
    benchmark:
        paths.benchmark(paths.figure("roc"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
        in_turn=1,
    params:
        spec=lambda w: project.roc(w.task),
        provenance=placed(paths.provenance(paths.figure("roc"))),
    shell:
        "python -m snakeroot.evaluate.roc --spec {params.spec:q} --provenance {params.provenance:q}"
        " --predictions {input.predictions:q} --metrics {input.metrics:q}"
        " --figure {output.svg:q} &> {log:q}"


rule rejection:
    input:
        known("rejection"),
        predictions=lambda w: project.each_model(w.task, paths.COMBINED, split="test"),
        metrics=paths.METRICS,
    output:
        **figure(paths.figure("rejection"), "rejection", "{task}"),
    log:
        paths.log(paths.figure("rejection")),
    benchmark:
        paths.benchmark(paths.figure("rejection"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
        in_turn=1,
    params:
        spec=lambda w: project.rejection(w.task),
        provenance=placed(paths.provenance(paths.figure("rejection"))),
    shell:
        "python -m snakeroot.evaluate.rejection --spec {params.spec:q} --provenance {params.provenance:q}"
        " --predictions {input.predictions:q} --metrics {input.metrics:q}"
        " --figure {output.svg:q} &> {log:q}"


rule history:
    input:
        known("history-{model}"),
        histories=lambda w: project.each_network(w.task, w.model, paths.HISTORY),
        facts=lambda w: project.each_network(w.task, w.model, paths.FACTS),
    output:
        **figure(paths.figure("history-{model}"), "history", "{task}"),
    log:
        paths.log(paths.figure("history-{model}")),
    benchmark:
        paths.benchmark(paths.figure("history-{model}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
    params:
        spec=lambda w: project.history(w.task, w.model),
        provenance=placed(paths.provenance(paths.figure("history-{model}"))),
    shell:
        "python -m snakeroot.evaluate.history --spec {params.spec:q} --provenance {params.provenance:q}"
        " --histories {input.histories:q} --facts {input.facts:q}"
        " --figure {output.svg:q} &> {log:q}"


rule convergence:
    input:
        known("convergence"),
        lambda w: [
            path for model in project.trained(w.task) for path in project.each_network(w.task, model, paths.HISTORY)
        ],
    output:
        **figure(paths.figure("convergence"), "convergence", "{task}"),
    log:
        paths.log(paths.figure("convergence")),
    benchmark:
        paths.benchmark(paths.figure("convergence"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
    params:
        spec=lambda w: project.convergence(w.task),
        provenance=placed(paths.provenance(paths.figure("convergence"))),
    shell:
        "python -m snakeroot.evaluate.convergence --spec {params.spec:q} --provenance {params.provenance:q}"
        " --histories {input:q} --figure {output.svg:q} &> {log:q}"


rule scores:
    input:
        known("scores-{model}"),
        train=paths.fill(paths.COMBINED, split="train"),
        test=paths.fill(paths.COMBINED, split="test"),
    output:
        **figure(paths.figure("scores-{model}"), "scores", "{task}"),
    log:
        paths.log(paths.figure("scores-{model}")),
    benchmark:
        paths.benchmark(paths.figure("scores-{model}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
        in_turn=1,
    params:
        spec=lambda w: project.scores(w.task, w.model),
        provenance=placed(paths.provenance(paths.figure("scores-{model}"))),
    shell:
        "python -m snakeroot.evaluate.scores --spec {params.spec:q} --provenance {params.provenance:q}"
        " --train {input.train:q} --test {input.test:q}"
        " --figure {output.svg:q} &> {log:q}"


rule inputs:
    input:
        known("input-{feature}"),
        features=lambda w: project.each_part(w.task, paths.FEATURES, labelled=False),
        normalisation=paths.NORMALISATION,
    output:
        **figure(paths.figure("input-{feature}"), "input", "{task}"),
    log:
        paths.log(paths.figure("input-{feature}")),
    benchmark:
        paths.benchmark(paths.figure("input-{feature}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
        in_turn=1,
    params:
        spec=lambda w: project.inputs(w.task, w.feature),
        provenance=placed(paths.provenance(paths.figure("input-{feature}"))),
    shell:
        "python -m snakeroot.evaluate.inputs --spec {params.spec:q} --provenance {params.provenance:q}"
        " --features {input.features:q} --normalisation {input.normalisation:q}"
        " --figure {output.svg:q} &> {log:q}"


rule blocks:
    input:
        known("block-{feature}"),
        features=lambda w: project.each_part(w.task, paths.FEATURES, labelled=False),
        normalisation=paths.NORMALISATION,
    output:
        **figure(paths.figure("block-{feature}"), "block", "{task}"),
    log:
        paths.log(paths.figure("block-{feature}")),
    benchmark:
        paths.benchmark(paths.figure("block-{feature}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
        in_turn=1,
    params:
        spec=lambda w: project.blocks(w.task, w.feature),
        provenance=placed(paths.provenance(paths.figure("block-{feature}"))),
    shell:
        "python -m snakeroot.evaluate.blocks --spec {params.spec:q} --provenance {params.provenance:q}"
        " --features {input.features:q} --normalisation {input.normalisation:q}"
        " --figure {output.svg:q} &> {log:q}"


rule decision:
    input:
        known("decision-{model}"),
        weights=paths.fill(paths.WEIGHTS, fold="0", replica="0"),
        facts=paths.fill(paths.FACTS, fold="0", replica="0"),
        events=lambda w: project.each_part(w.task, paths.SPLIT, labelled=True, split="test", fold="0"),
    output:
        **figure(paths.figure("decision-{model}"), "decision", "{task}"),
    log:
        paths.log(paths.figure("decision-{model}")),
    benchmark:
        paths.benchmark(paths.figure("decision-{model}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
        in_turn=1,
    params:
        spec=lambda w: project.decision(w.task, w.model),
        provenance=placed(paths.provenance(paths.figure("decision-{model}"))),
    shell:
        "python -m snakeroot.evaluate.decision --spec {params.spec:q} --provenance {params.provenance:q}"
        " --weights {input.weights:q} --facts {input.facts:q} --events {input.events:q}"
        " --figure {output.svg:q} &> {log:q}"
