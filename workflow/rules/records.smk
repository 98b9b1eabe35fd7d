"""Records: metrics, networks, histories, searches and figures of all tasks → records/<format>, which another tool opens.

A format is a module in snakeroot/records/formats. One that the config does not ask for is made if it is named.
"""

for name in FORMATS.names():

    rule:
        name:
            name
        input:
            metrics=expand(paths.METRICS, task=project.tasks),
            metadata=lambda w: plan.records.networks(project, paths.METADATA),
            histories=lambda w: plan.records.networks(project, paths.HISTORY),
            trials=lambda w: plan.records.searches(project, paths.TUNING_HISTORY),
            figures=lambda w: plan.records.drawn(project),
        output:
            directory(paths.RECORDS.format(format=name)),
        log:
            paths.log(paths.RECORDS.format(format=name)),
        conda:
            "../../envs/records.yaml"
        resources:
            **needs("records"),
        params:
            spec=lambda w, name=name: plan.records.records(project, name),
            provenance=placed(paths.provenance(paths.RECORDS.format(format=name))),
            trained=lambda w, noted=placed(paths.provenance(paths.METADATA)): plan.records.networks(project, noted),
            searched=lambda w, noted=placed(paths.provenances(paths.TUNING)): plan.records.searches(project, noted),
        shell:
            "python -m snakeroot.records --spec {params.spec:q} --provenance {params.provenance:q}"
            " --metrics {input.metrics:q} --metadata {input.metadata:q} --histories {input.histories:q}"
            " --trials {input.trials:q} --figures {input.figures:q}"
            " --trained {params.trained:q} --searched {params.searched:q} --records {output:q} &> {log:q}"
