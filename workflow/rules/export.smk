"""Export: the networks of a model → results/<task>/models/<model>/model.onnx, or model-fold<f>.onnx of each fold."""


rule export:
    input:
        known(),
        weights=lambda w: plan.export.networks(project, w.task, w.model, w.exported, paths.WEIGHTS),
        metadata=lambda w: plan.export.networks(project, w.task, w.model, w.exported, paths.METADATA),
        calibrations=lambda w: plan.export.calibrations(project, w.task, w.model, w.exported),
        rows=lambda w: plan.export.rows(project, w.task, w.exported),
    output:
        paths.ONNX,
    log:
        paths.log(paths.ONNX),
    conda:
        "../../envs/cpu.yaml"
    threads: lambda w: project.threads(w.task, w.model)
    resources:
        **needs("export"),
    params:
        spec=lambda w: plan.export.export(project, w.task, w.model, w.exported),
        provenance=placed(paths.provenance(paths.ONNX)),
    shell:
        "python -m snakeroot.export --spec {params.spec:q} --provenance {params.provenance:q}"
        " --weights {input.weights:q} --metadata {input.metadata:q} --calibrations {input.calibrations:q}"
        " --rows {input.rows:q} --model {output:q} &> {log:q}"
