"""Templates: predictions → results/<task>/models/<model>/templates/: histograms (ROOT), the pyhf workspace, yields, and what
a fit expects.
"""


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
