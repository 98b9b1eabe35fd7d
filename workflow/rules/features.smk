"""Features: ntuple of any kind → results/<task>/features/<sample>/<part>.parquet and .json (cut flow), one job per file,
also where several samples are of one; then results/<task>/normalisation.json, the sums over all parts.
"""


rule features:
    input:
        known(),
        ntuple=lambda w: ntuple(w, w.sample),
        metadata=lambda w: project.ntuple_metadata(w.task, w.sample, w.part),
    output:
        table=paths.FEATURES,
        cut_flow=paths.CUT_FLOW,
    log:
        paths.log(paths.FEATURES),
    priority: FIRST["features"]
    group:
        together("features")
    conda:
        "../../envs/cpu.yaml"
    threads: reading
    resources:
        **needs("features"),
        in_turn=1,
    params:
        spec=lambda w: plan.features.features(project, w.task, w.sample, w.part),
        provenance=placed(paths.provenance(paths.FEATURES)),
    shell:
        "python -m snakeroot.features --spec {params.spec:q} --provenance {params.provenance:q}"
        " --ntuple {input.ntuple:q} --metadata {input.metadata:q}"
        " --table {output.table:q} --cut-flow {output.cut_flow:q}"
        " --threads {threads} &> {log:q}"


for one in plan.features.shared(project):

    rule:
        name:
            one.rule
        input:
            ntuple=lambda w, one=one: ntuple(w, one.samples[0]),
        output:
            tables=one.each(paths.FEATURES),
            cut_flows=one.each(paths.CUT_FLOW),
        log:
            paths.log(one.each(paths.FEATURES)[0]),
        wildcard_constraints:
            **one.constraints,
        priority: FIRST["features"]
        group:
            together("features")
        conda:
            "../../envs/cpu.yaml"
        threads: reading
        resources:
            **needs("features"),
            in_turn=1,
        params:
            spec=lambda w, one=one: plan.features.together(project, w.task, one.samples, w.part),
            provenance=placed(paths.provenance(one.each(paths.FEATURES)[0])),
        shell:
            "python -m snakeroot.features.together --spec {params.spec:q} --provenance {params.provenance:q}"
            " --ntuple {input.ntuple:q} --tables {output.tables:q} --cut-flows {output.cut_flows:q}"
            " --threads {threads} &> {log:q}"

    workflow.ruleorder(one.rule, "features")


rule normalise:
    input:
        known(),
        cut_flows=lambda w: project.each_part(w.task, paths.CUT_FLOW, labelled=False),
    output:
        paths.NORMALISATION,
    log:
        paths.log(paths.NORMALISATION),
    priority: FIRST["features"]
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("features"),
    params:
        spec=lambda w: plan.features.normalise(project, w.task),
        provenance=placed(paths.provenance(paths.NORMALISATION)),
    shell:
        "python -m snakeroot.features.normalise --spec {params.spec:q} --provenance {params.provenance:q}"
        " --cut-flows {input.cut_flows:q} --normalisation {output:q} &> {log:q}"
