"""Importance: an exported model and the test split → results/<task>/models/<model>/importance.json: how much worse the model is
when one of its inputs is permuted, and what its predictions are without parts of sequences and images.
"""


rule importance:
    input:
        known(importance=True),
        models=lambda w: plan.export.of_model(project, w.task, w.model),
        rows=lambda w: plan.importance.rows(project, w.task),
        normalisation=paths.NORMALISATION,
    output:
        paths.IMPORTANCE,
    log:
        paths.log(paths.IMPORTANCE),
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("importance"),
    params:
        spec=lambda w: plan.importance.importance(project, w.task),
        provenance=placed(paths.provenance(paths.IMPORTANCE)),
    shell:
        "python -m snakeroot.importance --spec {params.spec:q} --provenance {params.provenance:q}"
        " --models {input.models:q} --rows {input.rows:q} --normalisation {input.normalisation:q}"
        " --importances-file {output:q} &> {log:q}"
