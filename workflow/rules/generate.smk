"""Generate: config → results/ntuples/<sample>/<part>.root and .json, for samples that are simulated here.

One job is one process, one seed, one file. Tasks that name the same sample share it.
"""


rule generate:
    input:
        known(),
    output:
        ntuple=paths.NTUPLE,
        metadata=paths.NTUPLE_METADATA,
    log:
        paths.log(paths.NTUPLE),
    priority: FIRST["generate"]
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("generate"),
    params:
        spec=lambda w: plan.generate.generate(project, w.sample, w.part),
        provenance=placed(paths.provenance(paths.NTUPLE)),
    shell:
        "python -m snakeroot.generate --spec {params.spec:q} --provenance {params.provenance:q}"
        " --ntuple {output.ntuple:q} --metadata {output.metadata:q} &> {log:q}"
