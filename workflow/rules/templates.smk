"""Templates: predictions → results/<task>/models/<model>/templates/: histograms (ROOT), the pyhf workspace, yields, and what
a fit expects. Variations with rows of their own are read, split and scored as the nominal ones are, below
results/<task>/variations/<variation>; an event is in the same split, as its identity is the same.
"""

VARIED_SPLITS = {split: paths.fill(paths.VARIED_SPLIT, split=split) for split in SPLITS}


use rule features as features_varied with:
    input:
        known(),
        ntuple=ntuple_varied,
        metadata=lambda w: plan.variations.metadata(project, w.task, w.variation, w.sample, w.part),
    output:
        table=paths.VARIED_FEATURES,
        cut_flow=paths.VARIED_CUT_FLOW,
    log:
        paths.log(paths.VARIED_FEATURES),
    params:
        spec=lambda w: plan.variations.features(project, w.task, w.variation, w.sample, w.part),
        provenance=placed(paths.provenance(paths.VARIED_FEATURES)),


use rule normalise as normalise_varied with:
    input:
        known(),
        cut_flows=lambda w: plan.variations.each_part(project, w.task, w.variation, paths.VARIED_CUT_FLOW),
    output:
        paths.VARIED_NORMALISATION,
    log:
        paths.log(paths.VARIED_NORMALISATION),
    params:
        spec=lambda w: plan.variations.normalise(project, w.task, w.variation),
        provenance=placed(paths.provenance(paths.VARIED_NORMALISATION)),


use rule split as split_varied with:
    input:
        known(),
        paths.VARIED_FEATURES,
    output:
        **VARIED_SPLITS,
    log:
        paths.log(VARIED_SPLITS["train"]),
    params:
        spec=lambda w: plan.variations.split(project, w.task, w.variation, w.sample, w.part, w.fold),
        provenance=placed(paths.provenance(VARIED_SPLITS["train"])),


use rule predict as predict_varied with:
    input:
        known(),
        test=lambda w: plan.variations.scored(project, w.task, w.variation, w.fold),
        normalisation=paths.VARIED_NORMALISATION,
        weights=paths.WEIGHTS,
        metadata=paths.METADATA,
        calibration=calibration,
    output:
        paths.VARIED_PREDICTIONS,
    log:
        paths.log(paths.VARIED_PREDICTIONS),
    params:
        provenance=placed(paths.provenance(paths.VARIED_PREDICTIONS)),


use rule combine as combine_varied with:
    input:
        known(),
        predictions=lambda w: project.each_network(w.task, w.model, paths.VARIED_PREDICTIONS, variation=w.variation),
    output:
        paths.VARIED_COMBINED,
    log:
        paths.log(paths.VARIED_COMBINED),
    params:
        provenance=placed(paths.provenance(paths.VARIED_COMBINED)),


rule templates:
    input:
        known(templates=True),
        **{
            name: lambda w, name=name: plan.templates.inputs(project, w.task, w.model)[name]
            for name in plan.templates.INPUTS
        },
    output:
        histograms=paths.HISTOGRAMS,
        workspace=paths.WORKSPACE,
        yields=paths.YIELDS,
    log:
        paths.log(paths.HISTOGRAMS),
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("templates"),
    params:
        spec=lambda w: plan.templates.templates(project, w.task, w.model),
        provenance=placed(paths.provenance(paths.HISTOGRAMS)),
        files=lambda w, input: options({name.replace("_", "-"): input[name] for name in plan.templates.INPUTS}),
    shell:
        "python -m snakeroot.templates --spec {params.spec:q} --provenance {params.provenance:q} {params.files:q}"
        " --histograms {output.histograms:q} --workspace-file {output.workspace:q} --yields-file {output.yields:q}"
        " &> {log:q}"


rule fit:
    input:
        known(templates=True),
        workspace=paths.WORKSPACE,
        yields=paths.YIELDS,
    output:
        paths.FIT,
    log:
        paths.log(paths.FIT),
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("templates"),
    params:
        spec=lambda w: plan.templates.fit(w.task, w.model),
        provenance=placed(paths.provenance(paths.FIT)),
    shell:
        "python -m snakeroot.templates.fit --spec {params.spec:q} --provenance {params.provenance:q}"
        " --workspace {input.workspace:q} --yields {input.yields:q} --result {output:q} &> {log:q}"
