"""Systematics: rows of variations are read, split and scored as the nominal ones are, below
results/<task>/variations/<variation>; an event is in the same split, as its identity is the same. Predictions, nominal and
varied → results/<task>/systematics.json: what becomes of the numbers of each model.
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


rule systematics:
    input:
        known(systematics=True),
        **{
            name: lambda w, name=name: plan.systematics.inputs(project, w.task)[name]
            for name in plan.systematics.INPUTS
        },
    output:
        paths.SYSTEMATICS,
    log:
        paths.log(paths.SYSTEMATICS),
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("systematics"),
    params:
        spec=lambda w: plan.systematics.systematics(project, w.task),
        provenance=placed(paths.provenance(paths.SYSTEMATICS)),
        files=lambda w, input: options({name: input[name] for name in plan.systematics.INPUTS}),
    shell:
        "python -m snakeroot.systematics --spec {params.spec:q} --provenance {params.provenance:q} {params.files:q}"
        " --shifts {output:q} &> {log:q}"
