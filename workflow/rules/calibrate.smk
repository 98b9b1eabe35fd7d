"""Calibrate: a network and the validation split → results/<task>/models/<model>/fold<f>-replica<r>/calibration.json, which
makes probabilities of its scores: of models that have `calibration`.
"""


rule calibrate:
    input:
        known(calibrated=True),
        **rows("validation"),
        normalisation=paths.NORMALISATION,
        weights=paths.WEIGHTS,
        metadata=paths.METADATA,
    output:
        paths.CALIBRATION,
    log:
        paths.log(paths.CALIBRATION),
    priority: FIRST["calibrate"]
    conda:
        "../../envs/cpu.yaml"
    threads: lambda w: project.threads(w.task, w.model)
    resources:
        **needs("calibrate"),
    params:
        spec=lambda w: plan.calibrate.calibrate(project, w.task, w.model),
        provenance=placed(paths.provenance(paths.CALIBRATION)),
    shell:
        "python -m snakeroot.calibrate --spec {params.spec:q} --provenance {params.provenance:q}"
        " --validation {input.validation:q} --normalisation {input.normalisation:q}"
        " --weights {input.weights:q} --metadata {input.metadata:q} --calibration {output:q} &> {log:q}"
