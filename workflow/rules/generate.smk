"""Generate: config → results/ntuples/<sample>/<part>.root and .json, for samples that are simulated here.

One job is one process, one seed, one file. Tasks that name the same sample share it.
"""


rule generate:
    input:
        known(),
    output:
        ntuple=paths.NTUPLE,
        facts=paths.NTUPLE_FACTS,
    log:
        paths.log(paths.NTUPLE),
    benchmark:
        paths.benchmark(paths.NTUPLE)
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("generate"),
    params:
        spec=lambda w: project.generate(w.sample, w.part),
        provenance=placed(paths.provenance(paths.NTUPLE)),
    shell:
        "python -m snakeroot.generate --spec {params.spec:q} --provenance {params.provenance:q}"
        " --ntuple {output.ntuple:q} --facts {output.facts:q} &> {log:q}"


rule validate_generation:
    input:
        known(),
        lambda w: [path for _, path in project.validated(w.variable)],
    output:
        **figure(paths.GENERATION, "generation", "generated events"),
    log:
        paths.log(paths.GENERATION),
    benchmark:
        paths.benchmark(paths.GENERATION)
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("generate"),
        in_turn=1,
    params:
        spec=lambda w: project.validate_generation(w.variable),
        provenance=placed(paths.provenance(paths.GENERATION)),
    shell:
        "python -m snakeroot.generate.validation --spec {params.spec:q} --provenance {params.provenance:q}"
        " --ntuples {input:q} --figure {output.svg:q} &> {log:q}"
