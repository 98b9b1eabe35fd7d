"""Evaluate, for tasks that are not binary: predictions → results/<task>/plots/*, each figure as SVG, PNG and PDF with its
numbers as CSV.
"""


rule class_roc:
    input:
        known("class-roc"),
        predictions=lambda w: project.each_model(w.task, paths.COMBINED, split="test"),
        metrics=paths.METRICS,
    output:
        **figure(paths.figure("class-roc"), "class-roc", "{task}"),
    log:
        paths.log(paths.figure("class-roc")),
    benchmark:
        paths.benchmark(paths.figure("class-roc"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
        in_turn=1,
    params:
        spec=lambda w: project.of_classes(w.task, "roc"),
        provenance=placed(paths.provenance(paths.figure("class-roc"))),
    shell:
        "python -m snakeroot.evaluate.multiclass.roc --spec {params.spec:q} --provenance {params.provenance:q}"
        " --predictions {input.predictions:q} --metrics {input.metrics:q} --figure {output.svg:q} &> {log:q}"


rule confusion:
    input:
        known("confusion-{model}"),
        predictions=paths.fill(paths.COMBINED, split="test"),
    output:
        **figure(paths.figure("confusion-{model}"), "confusion", "{task}"),
    log:
        paths.log(paths.figure("confusion-{model}")),
    benchmark:
        paths.benchmark(paths.figure("confusion-{model}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
        in_turn=1,
    params:
        spec=lambda w: project.of_classes(w.task, "confusion", w.model),
        provenance=placed(paths.provenance(paths.figure("confusion-{model}"))),
    shell:
        "python -m snakeroot.evaluate.multiclass.confusion --spec {params.spec:q} --provenance {params.provenance:q}"
        " --predictions {input.predictions:q} --figure {output.svg:q} &> {log:q}"


rule class_scores:
    input:
        known("class-scores-{model}"),
        train=paths.fill(paths.COMBINED, split="train"),
        test=paths.fill(paths.COMBINED, split="test"),
    output:
        **figure(paths.figure("class-scores-{model}"), "class-scores", "{task}"),
    log:
        paths.log(paths.figure("class-scores-{model}")),
    benchmark:
        paths.benchmark(paths.figure("class-scores-{model}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
        in_turn=1,
    params:
        spec=lambda w: project.of_classes(w.task, "scores", w.model),
        provenance=placed(paths.provenance(paths.figure("class-scores-{model}"))),
    shell:
        "python -m snakeroot.evaluate.multiclass.scores --spec {params.spec:q} --provenance {params.provenance:q}"
        " --train {input.train:q} --test {input.test:q} --figure {output.svg:q} &> {log:q}"


rule prediction:
    input:
        known("prediction-{model}"),
        predictions=paths.fill(paths.COMBINED, split="test"),
    output:
        **figure(paths.figure("prediction-{model}"), "prediction", "{task}"),
    log:
        paths.log(paths.figure("prediction-{model}")),
    benchmark:
        paths.benchmark(paths.figure("prediction-{model}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
        in_turn=1,
    params:
        spec=lambda w: project.prediction(w.task, w.model),
        provenance=placed(paths.provenance(paths.figure("prediction-{model}"))),
    shell:
        "python -m snakeroot.evaluate.regression.prediction --spec {params.spec:q} --provenance {params.provenance:q}"
        " --predictions {input.predictions:q} --figure {output.svg:q} &> {log:q}"


rule residuals:
    input:
        known("residuals"),
        predictions=lambda w: project.each_model(w.task, paths.COMBINED, split="test"),
        features=lambda w: project.measured_features(w.task),
        metrics=paths.METRICS,
    output:
        **figure(paths.figure("residuals"), "residuals", "{task}"),
    log:
        paths.log(paths.figure("residuals")),
    benchmark:
        paths.benchmark(paths.figure("residuals"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
        in_turn=1,
    params:
        spec=lambda w: project.residuals(w.task, "residuals"),
        provenance=placed(paths.provenance(paths.figure("residuals"))),
    shell:
        "python -m snakeroot.evaluate.regression.residuals --spec {params.spec:q} --provenance {params.provenance:q}"
        " --predictions {input.predictions:q} --features {input.features:q} --metrics {input.metrics:q} --figure {output.svg:q} &> {log:q}"


rule response:
    input:
        known("response"),
        predictions=lambda w: project.each_model(w.task, paths.COMBINED, split="test"),
        features=lambda w: project.measured_features(w.task),
        metrics=paths.METRICS,
    output:
        **figure(paths.figure("response"), "response", "{task}"),
    log:
        paths.log(paths.figure("response")),
    benchmark:
        paths.benchmark(paths.figure("response"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
        in_turn=1,
    params:
        spec=lambda w: project.residuals(w.task, "response"),
        provenance=placed(paths.provenance(paths.figure("response"))),
    shell:
        "python -m snakeroot.evaluate.regression.response --spec {params.spec:q} --provenance {params.provenance:q}"
        " --predictions {input.predictions:q} --features {input.features:q} --metrics {input.metrics:q} --figure {output.svg:q} &> {log:q}"


rule errors:
    input:
        known("errors-{model}"),
        predictions=paths.fill(paths.COMBINED, split="test"),
    output:
        **figure(paths.figure("errors-{model}"), "errors", "{task}"),
    log:
        paths.log(paths.figure("errors-{model}")),
    benchmark:
        paths.benchmark(paths.figure("errors-{model}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
        in_turn=1,
    params:
        spec=lambda w: project.described(w.task, w.model, "errors"),
        provenance=placed(paths.provenance(paths.figure("errors-{model}"))),
    shell:
        "python -m snakeroot.evaluate.unsupervised.errors --spec {params.spec:q} --provenance {params.provenance:q}"
        " --predictions {input.predictions:q} --figure {output.svg:q} &> {log:q}"


rule latent:
    input:
        known("latent-{model}"),
        predictions=paths.fill(paths.COMBINED, split="test"),
    output:
        **figure(paths.figure("latent-{model}"), "latent", "{task}"),
    log:
        paths.log(paths.figure("latent-{model}")),
    benchmark:
        paths.benchmark(paths.figure("latent-{model}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
        in_turn=1,
    params:
        spec=lambda w: project.described(w.task, w.model, "latent"),
        provenance=placed(paths.provenance(paths.figure("latent-{model}"))),
    shell:
        "python -m snakeroot.evaluate.unsupervised.latent --spec {params.spec:q} --provenance {params.provenance:q}"
        " --predictions {input.predictions:q} --figure {output.svg:q} &> {log:q}"


rule clusters:
    input:
        known("clusters-{model}"),
        predictions=paths.fill(paths.COMBINED, split="test"),
    output:
        **figure(paths.figure("clusters-{model}"), "clusters", "{task}"),
    log:
        paths.log(paths.figure("clusters-{model}")),
    benchmark:
        paths.benchmark(paths.figure("clusters-{model}"))
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
        in_turn=1,
    params:
        spec=lambda w: project.described(w.task, w.model, "clusters"),
        provenance=placed(paths.provenance(paths.figure("clusters-{model}"))),
    shell:
        "python -m snakeroot.evaluate.unsupervised.clusters --spec {params.spec:q} --provenance {params.provenance:q}"
        " --predictions {input.predictions:q} --figure {output.svg:q} &> {log:q}"
